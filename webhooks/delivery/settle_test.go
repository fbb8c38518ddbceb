package delivery_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

// The vendors' rules, as their dialects may write them.
var (
	keap = delivery.Policy{
		Waits:     []time.Duration{30 * time.Second, 5 * time.Minute, 30 * time.Minute},
		Success:   delivery.Range{Low: 200, High: 399},
		Endings:   map[int]delivery.Ending{410: delivery.Disable},
		Exhausted: delivery.Disable,
	}
	actionstep = delivery.Policy{
		Waits:     []time.Duration{time.Minute, time.Hour},
		Success:   delivery.Range{Low: 200, High: 200},
		Once:      true,
		Endings:   map[int]delivery.Ending{401: delivery.Delete},
		Exhausted: delivery.Disable,
	}
	accelo = delivery.Policy{
		Waits:    []time.Duration{time.Minute, time.Hour},
		Endings:  map[int]delivery.Ending{410: delivery.Delete, 404: delivery.Keep},
		Timeouts: 3, TimedOut: delivery.Delete,
	}
)

func TestEachPolicyEndsWhatItsVendorEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		policy  delivery.Policy
		attempt delivery.Attempt
		step    delivery.Step
		ending  delivery.Ending
		reason  string
	}{
		{"a redirect that counts", keap, delivery.Attempt{Number: 1, Status: 302}, delivery.Delivered, delivery.Keep, "answered 302 Found"},
		{"a status past the range", keap, delivery.Attempt{Number: 1, Status: 400}, delivery.Retry, delivery.Keep, "attempt 1 of 4 failed"},
		{"the fourth failure", keap, delivery.Attempt{Number: 4, Status: 500}, delivery.GiveUp, delivery.Disable, "attempt 4 was the last: the endpoint answered 500 Internal Server Error; the endpoint is disabled"},
		{"410 that disables", keap, delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, delivery.Disable, "410 Gone: it is not tried again; the endpoint is disabled"},
		{"a delivery that is refused ends no endpoint", keap, delivery.Attempt{Number: 1, Refused: true, Err: "private"}, delivery.GiveUp, delivery.Keep, "private"},
		{"the one status that counts", actionstep, delivery.Attempt{Number: 1, Status: 200}, delivery.Delivered, delivery.Keep, "answered 200 OK"},
		{"another success", actionstep, delivery.Attempt{Number: 1, Status: 201}, delivery.GiveUp, delivery.Disable, "201 Created: it is not tried again; the endpoint is disabled"},
		{"any other status", actionstep, delivery.Attempt{Number: 1, Status: 503, RetryAfter: "5"}, delivery.GiveUp, delivery.Disable, "503"},
		{"a status that deletes", actionstep, delivery.Attempt{Number: 1, Status: 401}, delivery.Gone, delivery.Delete, "401 Unauthorized: it is not tried again; the endpoint is deleted"},
		{"410 without an entry", actionstep, delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, delivery.Keep, "410 Gone: it is not tried again"},
		{"a network error", actionstep, delivery.Attempt{Number: 1, Err: "connection refused"}, delivery.Retry, delivery.Keep, "connection refused"},
		{"a time-out", actionstep, delivery.Attempt{Number: 2, TimedOut: true}, delivery.Retry, delivery.Keep, "no answer came in time"},
		{"the last network error", actionstep, delivery.Attempt{Number: 3, Err: "connection refused"}, delivery.GiveUp, delivery.Disable, "the endpoint is disabled"},
		{"410 that deletes", accelo, delivery.Attempt{Number: 1, Status: 410}, delivery.Gone, delivery.Delete, "the endpoint is deleted"},
		{"a status that only ends the delivery", accelo, delivery.Attempt{Number: 1, Status: 404}, delivery.Gone, delivery.Keep, "404 Not Found: it is not tried again"},
		{"no answer is no status", delivery.Policy{Waits: accelo.Waits, Endings: map[int]delivery.Ending{0: delivery.Delete}, Success: delivery.Range{High: 299}}, delivery.Attempt{Number: 1}, delivery.Retry, delivery.Keep, "no answer came"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.attempt.Ended = ended
			next := tt.policy.Next(tt.attempt)
			if next.Step != tt.step || next.Ending != tt.ending || !strings.Contains(next.Reason, tt.reason) {
				t.Errorf("got %q, %q (%s); want %q, %q (%s)", next.Step, next.Ending, next.Reason, tt.step, tt.ending, tt.reason)
			}
			if settled, _ := tt.policy.Settle(delivery.Health{}, tt.attempt); settled != next {
				t.Errorf("a healthy endpoint settles as %+v, want %+v", settled, next)
			}
		})
	}
}

func TestTimeoutsInARowDeleteTheEndpoint(t *testing.T) {
	t.Parallel()
	timedOut := delivery.Attempt{Number: 1, Ended: ended, TimedOut: true}
	tests := []struct {
		name     string
		attempts []delivery.Attempt
		want     delivery.Ending
	}{
		{"two", []delivery.Attempt{timedOut, timedOut}, delivery.Keep},
		{"three", []delivery.Attempt{timedOut, timedOut, timedOut}, delivery.Delete},
		{"three with an answer between", []delivery.Attempt{timedOut, timedOut, {Number: 1, Ended: ended, Status: 500}, timedOut}, delivery.Keep},
		{"three with another failure between", []delivery.Attempt{timedOut, timedOut, {Number: 1, Ended: ended, Err: "refused"}, timedOut}, delivery.Keep},
		{"three with a delivery between", []delivery.Attempt{timedOut, timedOut, {Number: 1, Ended: ended, Status: 200}, timedOut}, delivery.Keep},
		{"three with one that the guard refused between", []delivery.Attempt{timedOut, timedOut, {Number: 1, Ended: ended, Refused: true}, timedOut}, delivery.Delete},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d delivery.Decision
			var h delivery.Health
			for _, a := range tt.attempts {
				d, h = accelo.Settle(h, a)
			}
			if d.Ending != tt.want {
				t.Errorf("got %q (%s), want %q", d.Ending, d.Reason, tt.want)
			}
			if deleted := d.Ending == delivery.Delete; deleted && (d.Step != delivery.GiveUp || !d.At.IsZero() || !strings.Contains(d.Reason, "the endpoint is deleted: it timed out 3 times in a row")) {
				t.Errorf("got %+v, want to give up, since the endpoint is deleted", d)
			}
		})
	}
}

func TestTheStrongestEndingWins(t *testing.T) {
	t.Parallel()
	policy := delivery.Policy{
		Exhausted: delivery.Disable,
		Timeouts:  2, TimedOut: delivery.Delete,
		Failing: delivery.Failing{Attempts: 2, Ending: delivery.Disable},
	}
	before := delivery.Health{Failures: 1, Timeouts: 1, Since: ended}
	d, _ := policy.Settle(before, delivery.Attempt{Number: 1, Ended: ended, TimedOut: true})
	want := "attempt 1 was the last: no answer came in time; the endpoint is disabled; the endpoint is deleted: it timed out 2 times in a row"
	if d.Ending != delivery.Delete || d.Step != delivery.GiveUp || d.Reason != want {
		t.Errorf("got %+v, want to delete with the reason\n%s", d, want)
	}
}

func TestADisabledEndpointKeepsTheRetryOfItsDelivery(t *testing.T) {
	t.Parallel()
	policy := delivery.Policy{Waits: []time.Duration{time.Minute}, Failing: delivery.Failing{Attempts: 2, Ending: delivery.Disable}}
	before := delivery.Health{Failures: 1, Since: ended}
	d, _ := policy.Settle(before, delivery.Attempt{Number: 1, Ended: ended, Status: 500})
	if d.Step != delivery.Retry || !d.At.Equal(ended.Add(time.Minute)) || d.Ending != delivery.Disable {
		t.Errorf("got %+v, want a retry that is held while the endpoint is disabled", d)
	}
	if !strings.Contains(d.Reason, "the endpoint is disabled: 2 attempts in a row failed since 2030-01-31T12:00:00Z") {
		t.Errorf("the reason is %q", d.Reason)
	}
}

func TestTheCircuitOpensClosesAndOpensLonger(t *testing.T) {
	t.Parallel()
	policy := delivery.Policy{
		Waits:   []time.Duration{time.Second},
		Breaker: delivery.Breaker{Failures: 2, Pauses: []time.Duration{time.Minute, time.Hour}},
	}
	type step struct {
		after  time.Duration // since the step before
		status int
		open   time.Duration // from the attempt's end; zero is closed
		trips  int
	}
	steps := []step{
		{0, 500, 0, 0},
		{time.Second, 500, time.Minute, 1},
		{time.Second, 500, 59 * time.Second, 1}, // it was under way when the circuit opened
		{59 * time.Second, 500, time.Hour, 2},   // the one that is let through
		{time.Hour, 500, time.Hour, 3},          // the last pause repeats
		{time.Hour, 200, 0, 0},
		{time.Second, 500, 0, 0},
		{time.Second, 500, time.Minute, 1},
		{time.Second, 204, 0, 0}, // under way, and a success closes
	}
	var h delivery.Health
	var d delivery.Decision
	now := ended
	for i, s := range steps {
		now = now.Add(s.after)
		d, h = policy.Settle(h, delivery.Attempt{Number: 1, Ended: now, Status: s.status})
		if open := s.open > 0; h.Open(now) != open || open && !h.OpenUntil.Equal(now.Add(s.open)) || h.Trips != s.trips {
			t.Errorf("step %d: open until %v after %d trips, want %v after now and %d", i, h.OpenUntil, h.Trips, s.open, s.trips)
		}
		if h.Open(now) && h.Open(h.OpenUntil) {
			t.Errorf("step %d: the circuit is open past its end", i)
		}
		if h.Degraded() != (s.status == 500) {
			t.Errorf("step %d: degraded is %t after a %d", i, h.Degraded(), s.status)
		}
		if opened := i == 1; opened && !strings.Contains(d.Reason, "after 2 failures in a row nothing is sent there until 2030-01-31T12:01:01Z") {
			t.Errorf("step %d: the reason is %q", i, d.Reason)
		}
	}
}

func TestAnAttemptThatWasRefusedSaysNothingOfTheEndpoint(t *testing.T) {
	t.Parallel()
	before := delivery.Health{Failures: 4, Timeouts: 2, Trips: 1, Since: ended, OpenUntil: ended.Add(time.Minute)}
	policy := delivery.Policy{
		Exhausted: delivery.Delete, Failing: delivery.Failing{Attempts: 1, Ending: delivery.Delete},
		Breaker: delivery.Breaker{Failures: 1, Pauses: []time.Duration{time.Hour}},
	}
	d, after := policy.Settle(before, delivery.Attempt{Number: 1, Ended: ended.Add(time.Hour), Refused: true, Err: "private"})
	if after != before || d.Ending != delivery.Keep || d.Step != delivery.GiveUp {
		t.Errorf("got %+v and %+v, want to give up and %+v", d, after, before)
	}
}

func TestHealthIsKeptAsJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		health delivery.Health
		want   string
	}{
		{delivery.Health{}, `{}`},
		{
			delivery.Health{Failures: 3, Timeouts: 2, Trips: 1, Since: ended, OpenUntil: ended.Add(time.Minute)},
			`{"failures":3,"timeouts":2,"trips":1,"since":"2030-01-31T12:00:00Z","openUntil":"2030-01-31T12:01:00Z"}`,
		},
	}
	for _, tt := range tests {
		text, err := json.Marshal(tt.health)
		if err != nil || string(text) != tt.want {
			t.Errorf("kept as %s, %v; want %s", text, err, tt.want)
		}
		var back delivery.Health
		if err := json.Unmarshal(text, &back); err != nil || back != tt.health {
			t.Errorf("read back as %+v, %v; want %+v", back, err, tt.health)
		}
	}
}
