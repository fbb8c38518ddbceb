// Package resolve decides what an event fires, and says why for every
// candidate. It is pure: given the same event, webhooks and trees it gives the
// same verdicts, so the operator's question "why did it not fire?" is answered
// by asking again.
//
//	res := resolve.Resolve(event, rules)
//	meter.Note(event, res)
//	seen, err := resolve.Explain(event, res.Verdicts[0], rules)
//
// It saves, starts and sends nothing, and does not know what became of a
// firing. The only state near it is a [Meter], which its caller keeps.
//
// # Duties of the caller
//
//  1. Give [Rules] of one moment: a webhook set, a library and a catalogue that
//     were read together.
//  2. Note in the meter what was accepted, if the guard is to count.
//  3. Release what the guard held by resolving again with the zero [Guard].
//  4. Store verdicts without the values that they saw; [Explain] computes those
//     from the stored event.
package resolve
