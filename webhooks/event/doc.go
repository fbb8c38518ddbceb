// Package event knows what can happen on a platform: the catalogue of event
// types and actions with their scopes and paths, and the shape of one event as
// it was received.
//
//	e, err := event.Parse(body, catalogue, received)
//
// What comes in is a stranger's: the parser is strict and bounded, and what it
// refuses it refuses with a code, a JSON Pointer and a hint.
//
// The package neither reads requests nor decides what an event fires; that is
// resolve's work. It makes no identifiers: the caller adds ID, Credential and
// Cause to what was parsed.
package event
