// Package resolve decides what an event fires, and says why for every
// candidate. It is pure: given the same event, webhooks and trees it gives the
// same verdicts, so the operator's question "why did it not fire?" is answered
// by asking again.
package resolve
