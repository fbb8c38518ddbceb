package delivery_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hooktree/webhooks/delivery"
)

// outcome is what an endpoint may do to an attempt.
type outcome string

const (
	succeeds outcome = "success"
	answers  outcome = "another answer"
	breaks   outcome = "network error"
	hangs    outcome = "time-out"
	refused  outcome = "refused by the guard"
)

func (o outcome) attempt(number int, at time.Time) delivery.Attempt {
	a := delivery.Attempt{Number: number, Ended: at}
	switch o {
	case succeeds:
		a.Status = 200
	case answers:
		a.Status = 500
	case breaks:
		a.Err = "connection reset"
	case hangs:
		a.TimedOut = true
	case refused:
		a.Refused, a.Err = true, "the address is private"
	}
	return a
}

var outcomes = rapid.SampledFrom([]outcome{succeeds, answers, answers, breaks, hangs, hangs, refused})

// history is what an endpoint did, told without Health: the ends of the failed
// attempts since the last success, and how many of the latest were time-outs.
type history struct {
	failed   []time.Time
	timeouts int
}

func (s *history) note(o outcome, at time.Time) {
	switch o {
	case refused:
	case succeeds:
		*s = history{}
	default:
		s.failed = append(s.failed, at)
		if o != hangs {
			s.timeouts = 0
			return
		}
		s.timeouts++
	}
}

// durations draws a list of waits, each at least as long as the one before.
func durations(t *rapid.T, name string) []time.Duration {
	seconds := rapid.SliceOfN(rapid.IntRange(1, 3600), 1, 5).Draw(t, name)
	slices.Sort(seconds)
	var all []time.Duration
	for _, s := range seconds {
		all = append(all, time.Duration(s)*time.Second)
	}
	return all
}

func TestHealthCountsWhatHappenedSinceTheLastSuccess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policy := delivery.Policy{
			Waits:   durations(t, "waits"),
			Breaker: delivery.Breaker{Failures: rapid.IntRange(0, 5).Draw(t, "threshold"), Pauses: durations(t, "pauses")},
		}
		var h delivery.Health
		var told history
		now := ended
		for range rapid.IntRange(1, 40).Draw(t, "attempts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "later")) * time.Second)
			o := outcomes.Draw(t, "outcome")
			_, h = policy.Settle(h, o.attempt(1, now))
			told.note(o, now)
			if h.Failures != len(told.failed) || h.Timeouts != told.timeouts {
				t.Fatalf("%s: %+v, want %d failures and %d time-outs", o, h, len(told.failed), told.timeouts)
			}
			if len(told.failed) > 0 && !h.Since.Equal(told.failed[0]) {
				t.Fatalf("failing since %v, want %v", h.Since, told.failed[0])
			}
			if o == succeeds && h != (delivery.Health{}) {
				t.Fatalf("%+v after a success, want the zero value", h)
			}
			if h.Degraded() != (len(told.failed) > 0) {
				t.Fatalf("degraded is %t after %d failures", h.Degraded(), len(told.failed))
			}
		}
	})
}

func TestTheCircuitOpensExactlyAtItsThresholdAndNeverTooLong(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := delivery.Breaker{Failures: rapid.IntRange(1, 6).Draw(t, "threshold"), Pauses: durations(t, "pauses")}
		policy := delivery.Policy{Breaker: b}
		var h delivery.Health
		var told history
		now := ended
		for range rapid.IntRange(1, 40).Draw(t, "attempts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "later")) * time.Second)
			before, o := h, outcomes.Draw(t, "outcome")
			_, h = policy.Settle(h, o.attempt(1, now))
			told.note(o, now)
			if o == refused || o == succeeds {
				continue
			}
			due := len(told.failed) >= b.Failures && !before.Open(now)
			if opened := h.Trips > before.Trips; opened != due {
				t.Fatalf("failure %d of %d: opened is %t, want %t", len(told.failed), b.Failures, opened, due)
			}
			if want := now.Add(b.Pauses[min(before.Trips, len(b.Pauses)-1)]); due && !h.OpenUntil.Equal(want) {
				t.Fatalf("trip %d: open until %v, want %v", h.Trips, h.OpenUntil, want)
			}
			if longest := b.Pauses[len(b.Pauses)-1]; h.OpenUntil.Sub(now) > longest {
				t.Fatalf("open for %v, want at most %v", h.OpenUntil.Sub(now), longest)
			}
		}
	})
}

func TestEndingsFireExactlyAtTheirThreshold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policy := delivery.Policy{
			Waits:    []time.Duration{time.Second},
			Timeouts: rapid.IntRange(0, 4).Draw(t, "time-outs"), TimedOut: delivery.Delete,
			Failing: delivery.Failing{
				Attempts: rapid.IntRange(0, 6).Draw(t, "attempts in a row"),
				For:      time.Duration(rapid.IntRange(0, 5).Draw(t, "hours")) * time.Hour,
				Ending:   delivery.Disable,
			},
		}
		var h delivery.Health
		var told history
		now := ended
		for range rapid.IntRange(1, 30).Draw(t, "attempts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "later")) * time.Minute)
			o := outcomes.Draw(t, "outcome")
			var d delivery.Decision
			d, h = policy.Settle(h, o.attempt(1, now))
			told.note(o, now)
			want := delivery.Keep
			f := policy.Failing
			if n := len(told.failed); o != refused && f.Attempts > 0 && n >= f.Attempts && now.Sub(told.failed[0]) >= f.For {
				want = delivery.Disable
			}
			if o != refused && policy.Timeouts > 0 && told.timeouts >= policy.Timeouts {
				want = delivery.Delete
			}
			if d.Ending != want {
				t.Fatalf("%s: ends with %q (%s), want %q", o, d.Ending, d.Reason, want)
			}
		}
	})
}

func TestAnySequenceOfFailuresFollowsTheSchedule(t *testing.T) {
	t.Parallel()
	failures := rapid.SampledFrom([]outcome{answers, breaks, hangs})
	rapid.Check(t, func(t *rapid.T) {
		policy := delivery.Policy{Waits: durations(t, "waits"), Exhausted: delivery.Disable}
		var h delivery.Health
		var waits []time.Duration
		now := ended
		for number := 1; ; number++ {
			var d delivery.Decision
			d, h = policy.Settle(h, failures.Draw(t, "outcome").attempt(number, now))
			if d.Step == delivery.GiveUp {
				if d.Ending != delivery.Disable {
					t.Fatalf("ends with %q, want %q", d.Ending, delivery.Disable)
				}
				break
			}
			waits = append(waits, d.At.Sub(now))
			now = d.At
		}
		if !slices.Equal(waits, policy.Waits) {
			t.Fatalf("waited %v, want %v", waits, policy.Waits)
		}
	})
}
