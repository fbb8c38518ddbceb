// Package resthooks puts the REST-hooks dialects on HTTP: it finds a client's
// token where the dialect's clients carry it, hands the request to the
// dialect's protocol and the operation to the one service, and sends what the
// protocol renders.
//
//	mounts := resthooks.New(services, dialects)
//	srv, err := server.New(serverConfig, serverServices, mounts...)
//
// It knows no dialect. Everything that a client of one can see, refusals by
// the server included, is rendered by the dialect's own protocol.
package resthooks
