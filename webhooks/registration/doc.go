// Package registration keeps hooktree's own subscriptions at real platforms in
// step with what a space's sources want: it lists what a platform has, takes
// the difference, and carries that out.
//
//	plan, err := registration.New(source, secrets, client)
//	report, err := plan.Reconcile(ctx)
//
// [Difference] is pure and says what is to be done. A vendor's client
// (Actionstep, Keap, Accelo) lists, makes, renews and removes. A subscription
// is ours when it delivers to the address of our source, whatever stands in
// the query; no other is ever touched. Nothing is remembered here: what the
// platform lists is the truth, so that a lost reply or a platform that drops a
// subscription is mended by the next round.
package registration
