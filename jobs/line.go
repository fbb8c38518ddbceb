package jobs

import (
	"time"

	"hooktree/webhooks/subscription"
)

// terms are how deliveries of one queue may be begun now. A slot is free for
// the endpoints that answer, however many others do not:
//
//  1. An endpoint begins with one delivery at a time, and earns another with
//     each that it takes within [brisk], up to its bound. It begins anew when
//     it was idle, or failed. So an endpoint that has died holds one slot, not
//     eight; only one that dies while it is busy holds more, until its time is
//     up.
//  2. Endpoints whose last attempt failed have one delivery at a time, and
//     share half of the slots.
//  3. A queue in order, and one whose deliveries are joined, has one at a time.
//
// Only when more endpoints than there are slots die at the same moment do the
// others wait, once, for the first time-out: until then nobody can know.
type terms struct {
	most    int       // deliveries at a time
	rate    float64   // most deliveries a second; zero has no bound
	failing bool      // the last attempt failed
	open    time.Time // until then the circuit is open
}

// termsOf gives the terms of a subscription's queue. One that is gone or not
// active has work only to be put away.
func termsOf(e *subscription.Endpoint, usual int) terms {
	if e.Status != subscription.Active {
		return terms{most: usual}
	}
	t := terms{most: usual, rate: e.Rate, failing: e.Health.Degraded(), open: e.Health.OpenUntil}
	if e.Concurrency > 0 {
		t.most = min(t.most, e.Concurrency)
	}
	if e.Ordered || e.Traits.Batch.Max > 1 || t.failing {
		t.most = 1
	}
	return t
}

// line is what is known of a queue that was busy lately.
type line struct {
	under   int       // deliveries under way
	window  int       // how many it has earned
	most    int       // how many its terms allow
	failing bool      // as its terms said
	ready   time.Time // nothing is begun before: its rate is used up, or its circuit is open
	used    time.Time // when it was last busy
}

const (
	// forgotten is how long a queue is known after it was busy.
	forgotten = time.Minute
	// idle is when a queue begins anew with one delivery at a time.
	idle = time.Second
	// again is when a queue is looked at again whose circuit is open: somebody
	// may have closed it.
	again = time.Second
	// slowest is the longest time between two deliveries that a rate asks for.
	slowest = 24 * time.Hour
)

// bound takes terms over.
func (l *line) bound(t terms, most int, now time.Time) {
	l.most, l.failing = most, t.failing
	if l.under == 0 && now.Sub(l.used) > idle {
		l.window = 1
	}
	if t.open.After(now) {
		l.ready = now.Add(min(t.open.Sub(now), again))
	}
}

func (l *line) full() bool { return l.under > 0 && l.under >= min(l.window, l.most) }

// begin counts a delivery in, and keeps the next one for as long as the rate
// asks for.
func (l *line) begin(rate float64, now time.Time) {
	l.under++
	l.used = now
	if rate > 0 {
		l.ready = now.Add(time.Duration(min(float64(time.Second)/rate, float64(slowest))))
	}
}
