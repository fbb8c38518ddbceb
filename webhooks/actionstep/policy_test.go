package actionstep_test

import (
	"testing"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
)

func TestPolicy_isTheVendors(t *testing.T) {
	t.Parallel()

	dialecttest.Settles(t, protocol("number", "resource").Traits().Policy, []dialecttest.Try{
		{Name: "200 is a success", Attempt: delivery.Attempt{Number: 1, Status: 200}, Step: delivery.Delivered, Ending: delivery.Keep},
		{Name: "201 disables", Attempt: delivery.Attempt{Number: 1, Status: 201}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "204 disables", Attempt: delivery.Attempt{Number: 1, Status: 204}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "a redirect disables", Attempt: delivery.Attempt{Number: 1, Status: 302}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "401 deletes", Attempt: delivery.Attempt{Number: 1, Status: 401}, Step: delivery.Gone, Ending: delivery.Delete},
		{Name: "401 deletes at any time", Attempt: delivery.Attempt{Number: 3, Status: 401}, Step: delivery.Gone, Ending: delivery.Delete},
		{Name: "403 disables", Attempt: delivery.Attempt{Number: 1, Status: 403}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "410 is like any other", Attempt: delivery.Attempt{Number: 1, Status: 410}, Step: delivery.Gone, Ending: delivery.Disable},
		{Name: "503 disables, whenever it asks us to come back", Attempt: delivery.Attempt{Number: 1, Status: 503, RetryAfter: "5"}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "no connection is tried again", Attempt: delivery.Attempt{Number: 1, Err: "connection refused"}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "no answer in time is tried again", Attempt: delivery.Attempt{Number: 4, TimedOut: true}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "the last of them disables", Attempt: delivery.Attempt{Number: 5, TimedOut: true}, Step: delivery.GiveUp, Ending: delivery.Disable},
		{Name: "an address that may not be dialed disables nothing", Attempt: delivery.Attempt{Number: 1, Refused: true, Err: "a private address"}, Step: delivery.GiveUp, Ending: delivery.Keep},
	})
}

// TestTraits_areTheVendors: nothing is signed or confirmed, each event is a
// delivery of its own, and to register again enables.
func TestTraits_areTheVendors(t *testing.T) {
	t.Parallel()

	got := protocol("number", "resource").Traits()
	if !got.Renews || got.Handshake || got.NewSecret || got.Auth.Kind != webhooks.AuthNone || got.Batch.Max > 1 {
		t.Errorf("traits = %+v", got)
	}
}
