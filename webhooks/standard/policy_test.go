package standard_test

import (
	"testing"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

// An endpoint is disabled when it failed for as long as the space says, five
// days if it says nothing, and at least ten times, without one success between.
func TestPolicy_disablesAnEndpointThatOnlyFails(t *testing.T) {
	t.Parallel()

	began := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	dialect := standard.Dialect()
	usual := dialect.Defaults()["disable_after"]
	for _, tt := range []struct {
		name  string
		after string
		every time.Duration
		count int
		want  delivery.Ending // of the last of them
	}{
		{"ten within a day", usual, time.Hour, 10, delivery.Keep},
		{"nine over eight days", usual, day, 9, delivery.Keep},
		{"ten over nine days", usual, day, 10, delivery.Disable},
		{"many, the last short of five days", usual, time.Hour, 120, delivery.Keep},
		{"many, the last at five days", usual, time.Hour, 121, delivery.Disable},
		{"many, the last short of an hour", "1h", time.Minute, 60, delivery.Keep},
		{"many, the last at an hour", "1h", time.Minute, 61, delivery.Disable},
		{"nine at once", "0", 0, 9, delivery.Keep},
		{"ten at once", "0", 0, 10, delivery.Disable},
	} {
		policy := dialect.New(subscription.Settings{"source": "urn:example", "disable_after": tt.after}).Traits().Policy
		var health delivery.Health
		var d delivery.Decision
		for n := range tt.count {
			d, health = policy.Settle(health, delivery.Attempt{Number: 1, Status: 500, Ended: began.Add(time.Duration(n) * tt.every)})
		}
		if d.Ending != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, d.Ending, tt.want)
		}
	}
}

func TestPolicy_isTriedTenTimesAndEndsAt410(t *testing.T) {
	t.Parallel()

	policy := protocol().Traits().Policy
	for number := 1; number <= 10; number++ {
		want := delivery.Retry
		if number == 10 {
			want = delivery.GiveUp
		}
		if d, _ := policy.Settle(delivery.Health{}, delivery.Attempt{Number: number, Status: 503}); d.Step != want || d.Ending != delivery.Keep {
			t.Errorf("attempt %d: %+v; want %s", number, d, want)
		}
	}
	if d, _ := policy.Settle(delivery.Health{}, delivery.Attempt{Number: 1, Status: 410}); d.Step != delivery.Gone || d.Ending != delivery.Delete {
		t.Errorf("410: %+v; want the hook deleted", d)
	}
}
