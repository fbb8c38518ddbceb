// Package server speaks HTTP: the native API, the live stream, logins,
// metrics, the UI's files, and whatever other API it is handed as a [Mount].
//
// It decides nothing about events, runs or trees: it reads and authenticates a
// request, asks one of the [Services], and writes the answer. It is the only
// room that knows fiber. Every route stands in one table with the role that it
// needs; a route that is not in the table cannot be registered.
//
// # What it keeps to
//
//  1. Nothing of a request outlives its handler: what is kept is copied in one
//     place (newRequest, and the intake of events).
//  2. Path parameters are decoded once, after routing, so that `%2F` in a name
//     stays in the name.
//  3. An answer 202 is written after the commit, never before.
//  4. Secrets, bodies and credentials are never logged.
package server
