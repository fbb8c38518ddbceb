package accelo_test

import (
	"testing"
	"time"

	"hooktree/webhooks/accelo"
	"hooktree/webhooks/delivery"
)

// The vendor says that too many time-outs delete a subscription. How many, the
// space says; ten in a row if it says nothing.
func TestPolicy_deletesAtSoManyTimeOutsInARow(t *testing.T) {
	t.Parallel()

	dialect := accelo.Dialect()
	for timeouts, most := range map[string]int{dialect.Defaults()["timeouts"]: 10, "1": 1, "3": 3} {
		settings := dialect.Defaults()
		settings["timeouts"] = timeouts
		t.Run(timeouts, func(t *testing.T) {
			t.Parallel()

			deletesAt(t, dialect.New(settings).Traits().Policy, most)
		})
	}
}

func deletesAt(t *testing.T, policy delivery.Policy, most int) {
	t.Helper()

	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	var health delivery.Health
	var d delivery.Decision
	settle := func(a delivery.Attempt) {
		now = now.Add(time.Hour)
		a.Number, a.Ended = 1, now
		d, health = policy.Settle(health, a)
	}
	for n := 1; n < most; n++ {
		if settle(delivery.Attempt{TimedOut: true}); d.Ending != delivery.Keep {
			t.Fatalf("time-out %d: %+v; want the subscription kept", n, d)
		}
	}
	settle(delivery.Attempt{Status: 200})
	for n := 1; n < most; n++ {
		if settle(delivery.Attempt{TimedOut: true}); d.Ending != delivery.Keep {
			t.Fatalf("time-out %d after a success: %+v; want the subscription kept", n, d)
		}
	}
	if settle(delivery.Attempt{TimedOut: true}); d.Ending != delivery.Delete || d.Step != delivery.GiveUp {
		t.Errorf("time-out %d in a row: %+v; want the subscription deleted", most, d)
	}
}

func TestPolicy_isTheVendorsWhereItSays(t *testing.T) {
	t.Parallel()

	policy := protocol().Traits().Policy
	for _, tt := range []struct {
		name   string
		try    delivery.Attempt
		step   delivery.Step
		ending delivery.Ending
	}{
		{"200", delivery.Attempt{Number: 1, Status: 200}, delivery.Delivered, delivery.Keep},
		{"410 at once", delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, delivery.Delete},
		{"500", delivery.Attempt{Number: 1, Status: 500}, delivery.Retry, delivery.Keep},
		{"a redirect", delivery.Attempt{Number: 1, Status: 302}, delivery.Retry, delivery.Keep},
		{"the sixth failure", delivery.Attempt{Number: 6, Status: 500}, delivery.GiveUp, delivery.Keep},
	} {
		if d, _ := policy.Settle(delivery.Health{}, tt.try); d.Step != tt.step || d.Ending != tt.ending {
			t.Errorf("%s: %s, %q; want %s, %q", tt.name, d.Step, d.Ending, tt.step, tt.ending)
		}
	}
	if policy.Timeout != 10*time.Second {
		t.Errorf("an answer may take %s; the vendor waits 10 s", policy.Timeout)
	}
}
