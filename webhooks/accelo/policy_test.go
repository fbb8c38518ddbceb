package accelo_test

import (
	"testing"
	"time"

	"hooktree/webhooks/accelo"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
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
	dialecttest.Settles(t, policy, []dialecttest.Try{
		{Name: "200", Attempt: delivery.Attempt{Number: 1, Status: 200}, Step: delivery.Delivered, Ending: delivery.Keep},
		{Name: "410 at once", Attempt: delivery.Attempt{Number: 1, Status: 410}, Step: delivery.Gone, Ending: delivery.Delete},
		{Name: "500", Attempt: delivery.Attempt{Number: 1, Status: 500}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "a redirect", Attempt: delivery.Attempt{Number: 1, Status: 302}, Step: delivery.Retry, Ending: delivery.Keep},
		{Name: "the sixth failure", Attempt: delivery.Attempt{Number: 6, Status: 500}, Step: delivery.GiveUp, Ending: delivery.Keep},
	})
	if policy.Timeout != 10*time.Second {
		t.Errorf("an answer may take %s; the vendor waits 10 s", policy.Timeout)
	}
}
