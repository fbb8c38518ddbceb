// Package event knows what can happen on a platform: the catalogue of event
// types and actions with their scopes and paths, and the shape of one event as
// it was received.
//
// It is pure: it neither reads requests nor decides what an event fires; that
// is resolve's work.
package event
