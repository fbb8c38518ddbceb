// Package inbound puts the sources of a space on HTTP: POST /in/{source} takes
// what other platforms send.
//
//	mount := inbound.New(inbound.Services{...}, inbound.Config{...})
//
// A delivery is verified before anything of it is believed, becomes events, and
// is answered with 200 once these are committed, whether trees want them or
// not. Repeats are answered alike. Whatever was not stored is answered with
// another status, so that the provider sends it again or shows it to somebody.
//
// What a delivery proves and becomes is decided by webhooks/source; here is
// only what is told to whom. The sender of a delivery that is refused learns
// nothing about why; the log and the metrics do, at a bounded rate.
package inbound
