// Package source receives other platforms' webhooks: what `sources:` of
// space.yaml declares, how each kind of provider proves that a delivery is its
// own, and which events a delivery becomes.
//
//	sources, faults := source.ReadAll(files, space)
//	err := s.Verify(request, secrets, now)
//	events, err := s.Events(request, catalogue, now)
//
// A caller verifies first, then answers a [Source.Handshake] where the request
// is one, and only then asks for events. All three are pure: they read no
// clock, no socket and no environment.
//
// The package neither speaks HTTP itself (server/inbound does) nor stores
// events, and it registers nothing at a provider: the key `register:` is kept
// for whoever does.
//
// # What a delivery becomes
//
// An event of the provider's platform, with the body as it came under `data`
// and the source's name as event.source. Where data is not the whole body, as
// of a form, the body's text is kept under `raw`. Only what the kinetic kind
// receives is an event's payload already.
//
// A delivery that comes again is known by the id that its provider gives it.
// Providers without one (Actionstep, Keap, Accelo) are known by a digest of
// what identifies the event, as far as the body says when it happened or it
// can happen only once; else each delivery is an event of its own, because a
// change that comes back to an earlier state would look like a repeat.
package source
