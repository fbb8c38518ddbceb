// Package handlers is what nodes do: one file a handler, with its spec beside
// its work.
//
// A handler either computes (echo, set): its spec's Pure is walked inside the
// step. Or it acts (http, log): the Worker calls its Act after the command has
// been committed, as often as it takes, each time with the same key:
//
//	results, err := handler.Act(ctx, handlers.Call{Key: key, Params: opened})
//	if err != nil {
//		failure := handlers.FailureOf(err) // reported to the run as engine.Failed
//	}
//
// Whatever a handler needs of the outside is handed to its constructor. None
// dials by itself, reads the environment, or registers itself: wiring is a map
// literal of the program's. The package does not retry and does not store.
//
// # Secrets
//
// Parameters come with their secrets in clear, and Call.Secrets says which
// texts those are. An acting handler gives back neither results nor a failure
// that hold one: an endpoint that echoes its request tells nobody anything.
package handlers
