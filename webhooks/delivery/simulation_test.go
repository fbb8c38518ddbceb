package delivery_test

import (
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

// standing is the policy of the simulations: nine attempts in about three days.
var standing = delivery.Policy{
	Waits: []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
		10 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	},
	Timeout: 30 * time.Second,
	Failing: delivery.Failing{Attempts: 20, For: 5 * 24 * time.Hour, Ending: delivery.Disable},
	Breaker: delivery.Breaker{
		Failures: 5, Pauses: []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour},
	},
}

// pending is a delivery that is to be tried.
type pending struct {
	number int
	due    time.Time
}

// endpoint is the other side, and what the caller keeps of it. It hangs while
// it is dead. The clock is virtual: it stands where the last attempt ended.
type endpoint struct {
	deadFrom, deadUntil time.Time
	health              delivery.Health
	queue               []pending
	now                 time.Time
	whileDead           []time.Time // attempts
	delivered           []time.Time
	given, disabled     time.Time // up, and by Failing
}

// take removes the delivery that is due first.
func (e *endpoint) take() pending {
	first := 0
	for i, p := range e.queue {
		if p.due.Before(e.queue[first].due) {
			first = i
		}
	}
	p := e.queue[first]
	e.queue = append(e.queue[:first], e.queue[first+1:]...)
	return p
}

// enough is past the end of both simulations. Waits count as steps.
const enough = 500_000

// run does a caller's duties: it waits for the circuit, has one attempt under
// way at a time and keeps the health.
func (e *endpoint) run(t *testing.T) {
	t.Helper()
	for steps := 0; len(e.queue) > 0 && e.disabled.IsZero(); steps++ {
		if steps == enough {
			t.Fatalf("the simulation does not end: at %v %d deliveries are pending", e.now, len(e.queue))
		}
		p := e.take()
		if e.now.Before(p.due) {
			e.now = p.due
		}
		if e.health.Open(e.now) {
			p.due = e.health.OpenUntil
			e.queue = append(e.queue, p)
			continue
		}
		e.settle(p, e.try(p))
	}
}

func (e *endpoint) try(p pending) delivery.Attempt {
	dead := !e.now.Before(e.deadFrom) && e.now.Before(e.deadUntil)
	if !dead {
		return delivery.Attempt{Number: p.number, Status: 200, Ended: e.now}
	}
	e.whileDead = append(e.whileDead, e.now)
	e.now = e.now.Add(standing.Timeout)
	return delivery.Attempt{Number: p.number, TimedOut: true, Ended: e.now}
}

func (e *endpoint) settle(p pending, a delivery.Attempt) {
	var d delivery.Decision
	d, e.health = standing.Settle(e.health, a)
	switch d.Step {
	case delivery.Delivered:
		e.delivered = append(e.delivered, e.now)
	case delivery.Retry:
		e.queue = append(e.queue, pending{number: p.number + 1, due: d.At})
	case delivery.GiveUp, delivery.Gone:
		e.given = e.now
	}
	if d.Ending == delivery.Disable {
		e.disabled = e.now
	}
}

// fed is an endpoint that an event goes to every ten minutes.
func fed(events int) *endpoint {
	e := &endpoint{now: ended}
	for i := range events {
		e.queue = append(e.queue, pending{number: 1, due: ended.Add(time.Duration(i) * 10 * time.Minute)})
	}
	return e
}

func TestAnEndpointThatIsDeadForADayGetsEverythingAfterwards(t *testing.T) {
	t.Parallel()
	const events = 2 * 24 * 6 // two days
	e := fed(events)
	e.deadFrom, e.deadUntil = ended.Add(6*time.Hour), ended.Add(30*time.Hour)
	e.run(t)

	if len(e.delivered) != events || !e.given.IsZero() || !e.disabled.IsZero() {
		t.Errorf("%d of %d were delivered, given up %v, disabled %v", len(e.delivered), events, e.given, e.disabled)
	}
	if e.health != (delivery.Health{}) {
		t.Errorf("it is left as %+v, want it healthy", e.health)
	}
	// Five open the circuit; then 1, 5 and 30 minutes, and hours.
	if got := len(e.whileDead); got < 24 || got > 32 {
		t.Errorf("%d attempts were made while it was dead, want about one an hour", got)
	}
	for i := 8; i < len(e.whileDead); i++ {
		if gap := e.whileDead[i].Sub(e.whileDead[i-1]); gap < time.Hour {
			t.Errorf("attempts %d and %d lie %v apart, want an hour at least", i, i+1, gap)
		}
	}
	for _, at := range e.delivered {
		if at.Before(e.deadFrom) {
			continue
		}
		if lag := at.Sub(e.deadUntil); lag < 0 || lag > time.Hour+standing.Timeout {
			t.Errorf("the first delivery after it recovered came %v after that, want an hour at most", lag)
		}
		break
	}
}

func TestAnEndpointThatNeverRecoversIsDisabledAfterFiveDays(t *testing.T) {
	t.Parallel()
	e := fed(10 * 24 * 6)
	e.deadFrom, e.deadUntil = ended, ended.Add(1000*24*time.Hour)
	e.run(t)

	firstFailure := ended.Add(standing.Timeout)
	if age := e.disabled.Sub(firstFailure); age < standing.Failing.For || age > standing.Failing.For+time.Hour+standing.Timeout {
		t.Errorf("disabled %v after it failed first, want five days and at most a pause more", age)
	}
	if len(e.delivered) > 0 || len(e.queue) == 0 {
		t.Errorf("%d were delivered and %d are held, want the rest held", len(e.delivered), len(e.queue))
	}
}
