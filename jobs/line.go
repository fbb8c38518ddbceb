package jobs

import (
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// destination is where work goes: to a subscription, by its queue, or to a
// host. The zero value is nowhere: such work never waits for another side.
type destination struct{ host, queue string }

func destinationOf(w *Work) destination {
	if w.Queue != "" {
		return destination{queue: w.Queue}
	}
	return destination{host: w.Host}
}

// terms are how work of one destination may be begun now, besides the [shares]
// of all:
//
//  1. A subscription begins with one delivery at a time, and earns another with
//     each that it takes within [brisk], up to its bound. It begins anew when
//     it was idle, or failed. So an endpoint that has died holds one slot, not
//     eight; only one that dies while it is busy holds more, until its time is
//     up. One whose last attempt failed has one at a time.
//  2. A queue in order, and one whose deliveries are joined, has one at a time.
//  3. A host has its bound at once: its calls may be slow and well all the same.
//     One whose last attempt got no answer has its part of the shares.
type terms struct {
	most    int       // at a time
	earned  bool      // it begins with one at a time
	rate    float64   // most deliveries a second; zero has no bound
	failing bool      // the last attempt failed
	open    time.Time // until then the circuit is open
}

// termsOf gives the terms of a subscription's queue. One that is gone or not
// active has work only to be put away.
func termsOf(e *subscription.Endpoint, usual int) terms {
	if e.Status != subscription.Active {
		return terms{most: usual, earned: true}
	}
	t := terms{most: usual, earned: true, rate: e.Rate, failing: e.Health.Degraded(), open: e.Health.OpenUntil}
	if e.Concurrency > 0 {
		t.most = min(t.most, e.Concurrency)
	}
	if e.Ordered || e.Traits.Batch.Max > 1 || t.failing {
		t.most = 1
	}
	return t
}

// line is what is known of a destination that was busy lately.
type line struct {
	under   int       // pieces of work under way
	window  int       // how many it has earned
	most    int       // how many its terms allow
	failing bool      // as its terms said, or the attempt since
	ready   time.Time // nothing is begun before: its rate is used up, its circuit is open, or others have their turn
	used    time.Time // when it was last busy
	well    time.Time // when it last answered; zero for not lately
	// health is how a host has answered. That of a subscription is kept with it.
	health delivery.Health
}

const (
	// forgotten is how long a destination is known after it was busy, and how
	// long it is proven after it answered.
	forgotten = 10 * time.Minute
	// idle is when a queue begins anew with one delivery at a time.
	idle = time.Second
	// again is when a queue is looked at again whose circuit is open: somebody
	// may have closed it.
	again = time.Second
	// slowest is the longest time between two deliveries that a rate asks for.
	slowest = 24 * time.Hour
)

// bound takes terms over.
func (l *line) bound(t terms, now time.Time) {
	l.most, l.failing = t.most, t.failing
	switch {
	case !t.earned:
		l.window = t.most
	case l.window == 0 || l.under == 0 && now.Sub(l.used) > idle:
		l.window = 1
	}
	if t.open.After(now) {
		l.ready = now.Add(min(t.open.Sub(now), again))
	}
}

func (l *line) full() bool { return l.under > 0 && l.under >= min(l.window, l.most) }

func (l *line) standing(now time.Time) standing {
	switch {
	case l.failing:
		return failing
	case !l.well.IsZero() && now.Sub(l.well) <= forgotten:
		return proven
	}
	return unheard
}

// begin counts a piece of work in, and keeps the next one for as long as the
// rate asks for.
func (l *line) begin(rate float64, now time.Time) {
	l.under++
	l.used = now
	if rate > 0 {
		l.ready = now.Add(time.Duration(min(float64(time.Second)/rate, float64(slowest))))
	}
}

// yield leaves the next turn to others until then.
func (l *line) yield(until time.Time) {
	if until.After(l.ready) {
		l.ready = until
	}
}
