package standard_test

import (
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

// An endpoint is disabled when it failed for five days, and at least ten
// times, without one success between.
func TestPolicy_disablesAfterFiveDaysOfFailures(t *testing.T) {
	t.Parallel()

	policy := protocol().Traits().Policy
	began := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name  string
		every time.Duration
		count int
		want  delivery.Ending // of the last of them
	}{
		{"ten within a day", time.Hour, 10, delivery.Keep},
		{"nine over eight days", day, 9, delivery.Keep},
		{"ten over nine days", day, 10, delivery.Disable},
		{"many, the last short of five days", time.Hour, 120, delivery.Keep},
		{"many, the last at five days", time.Hour, 121, delivery.Disable},
	} {
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
