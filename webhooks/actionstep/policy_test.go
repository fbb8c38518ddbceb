package actionstep_test

import (
	"testing"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

func TestPolicy_isTheVendors(t *testing.T) {
	t.Parallel()

	p := protocol("number", "resource").Traits().Policy
	for _, tt := range []struct {
		name    string
		attempt delivery.Attempt
		step    delivery.Step
		ending  delivery.Ending
	}{
		{"200 is a success", delivery.Attempt{Number: 1, Status: 200}, delivery.Delivered, delivery.Keep},
		{"201 disables", delivery.Attempt{Number: 1, Status: 201}, delivery.GiveUp, delivery.Disable},
		{"204 disables", delivery.Attempt{Number: 1, Status: 204}, delivery.GiveUp, delivery.Disable},
		{"a redirect disables", delivery.Attempt{Number: 1, Status: 302}, delivery.GiveUp, delivery.Disable},
		{"401 deletes", delivery.Attempt{Number: 1, Status: 401}, delivery.Gone, delivery.Delete},
		{"401 deletes at any time", delivery.Attempt{Number: 3, Status: 401}, delivery.Gone, delivery.Delete},
		{"403 disables", delivery.Attempt{Number: 1, Status: 403}, delivery.GiveUp, delivery.Disable},
		{"410 is like any other", delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, delivery.Disable},
		{"503 disables, whenever it asks us to come back", delivery.Attempt{Number: 1, Status: 503, RetryAfter: "5"}, delivery.GiveUp, delivery.Disable},
		{"no connection is tried again", delivery.Attempt{Number: 1, Err: "connection refused"}, delivery.Retry, delivery.Keep},
		{"no answer in time is tried again", delivery.Attempt{Number: 4, TimedOut: true}, delivery.Retry, delivery.Keep},
		{"the last of them disables", delivery.Attempt{Number: 5, TimedOut: true}, delivery.GiveUp, delivery.Disable},
		{"an address that may not be dialed disables nothing", delivery.Attempt{Number: 1, Refused: true, Err: "a private address"}, delivery.GiveUp, delivery.Keep},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			tt.attempt.Ended = time.Unix(0, 0)
			got, _ := p.Settle(delivery.Health{}, tt.attempt)
			if got.Step != tt.step || got.Ending != tt.ending {
				t.Errorf("it ends in %q, %q (%s); want %q, %q", got.Step, got.Ending, got.Reason, tt.step, tt.ending)
			}
		})
	}
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
