// Package subscription holds the webhooks that outside applications make
// through a REST-hooks dialect: what a [Subscription] is, the [Operation]s on
// it, the one [Service] that carries them out, and the [Set] by which an event
// finds its subscribers.
//
// A [Dialect] (actionstep, keap, accelo, standard) translates between a
// vendor's words and these types. Its [Protocol] is pure: Parse makes an
// operation of a request, Render makes a response of an outcome, Compose makes
// the message that tells one subscriber of one event. Nothing of a vendor is
// known here, and dialects never meet.
//
// The package stores nothing itself ([Store]) and delivers nothing: a firing
// for a subscriber is a webhook job like any other.
package subscription
