package dialecttest

import (
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

// Try is an attempt of a delivery, and what a policy makes of it.
type Try struct {
	Name    string
	Attempt delivery.Attempt
	Step    delivery.Step
	Ending  delivery.Ending
}

// Settles holds a policy against tries, each of an endpoint that did well so
// far.
func Settles(t *testing.T, policy delivery.Policy, tries []Try) {
	t.Helper()

	for _, try := range tries {
		try.Attempt.Ended = time.Unix(0, 0)
		d, _ := policy.Settle(delivery.Health{}, try.Attempt)
		if d.Step != try.Step || d.Ending != try.Ending {
			t.Errorf("%s: it ends in %q, %q (%s); want %q, %q", try.Name, d.Step, d.Ending, d.Reason, try.Step, try.Ending)
		}
	}
}
