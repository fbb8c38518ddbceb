// Package webhooks holds the rules by which events reach targets: webhooks as
// admins define them, in webhooks.yaml or by the API, and the verdict on each
// of them for an event.
//
//	webhooks, faults := webhooks.Reader{Catalogue: c, Space: space}.ReadFile(name, content)
//	set, err := webhooks.NewSet(webhooks)
//
// It also reads the own event types of a space (events/*.yaml) and declares
// what a [Store] of webhooks must do.
//
// Its sub-rooms do the parts: event knows what can happen, resolve decides
// what an event fires, delivery decides how a URL target is tried again and
// signs what is sent, egress is the one place that dials out. A dialect
// (kinetic, ...) translates between a vendor's words and these types; dialects
// never meet. The package itself neither dials nor saves.
package webhooks
