package delivery

import (
	"fmt"
	"net/http"
	"time"
)

// Policy is how deliveries to a URL are tried, and what their outcomes do to
// the endpoint. The zero value tries once and leaves the endpoint alone.
type Policy struct {
	Waits         []time.Duration // after the first failed attempt, the second, ...
	Stretch       float64         // share of a wait that jitter may add; 0.1 is a tenth
	MaxRetryAfter time.Duration   // the longest wait that an answer may ask for
	Timeout       time.Duration   // of one attempt; zero leaves it to the caller
	Success       Range           // statuses that count as delivered

	// Once says that a status which is no success is not tried again: only
	// attempts that no answer came to are.
	Once bool
	// Endings are what a status does to the endpoint at once. A status that is
	// listed ends the delivery, too, even one that is listed with Keep.
	Endings map[int]Ending
	// Exhausted is what a delivery that was given up does to the endpoint. A
	// delivery that the address guard refused does nothing to it.
	Exhausted Ending
	// Timeouts in a row bring TimedOut on the endpoint; zero never does.
	Timeouts int
	TimedOut Ending

	Failing Failing
	Breaker Breaker
}

// Range is a range of statuses, both ends included. The zero value is 200 to
// 299.
type Range struct{ Low, High int }

func (r Range) holds(status int) bool {
	if r == (Range{}) {
		r = Range{Low: 200, High: 299}
	}
	return status != 0 && status >= r.Low && status <= r.High
}

// Schedule is the policy of URL webhooks. See the package documentation.
func Schedule() Policy {
	return Policy{
		Waits: []time.Duration{
			5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
			time.Hour, 6 * time.Hour, 24 * time.Hour,
		},
		Stretch:       0.1,
		MaxRetryAfter: 24 * time.Hour,
	}
}

// Step is what becomes of a delivery after an attempt.
type Step string

// The steps.
const (
	Delivered Step = "delivered"
	Retry     Step = "retry"   // at Decision.At, or when the circuit closes
	GiveUp    Step = "give up" // the last attempt failed, or no further one can succeed
	Gone      Step = "gone"    // the endpoint wants nothing any more: stop sending it anything
)

// Decision is what to do next, and why.
type Decision struct {
	Step   Step
	At     time.Time // of the next attempt, for Retry
	Reason string    // a sentence for the operator
	Ending Ending    // what becomes of the endpoint
}

// Next decides what becomes of a delivery after an attempt, by that delivery
// alone. [Policy.Settle] also looks at how the endpoint did before.
func (p Policy) Next(a Attempt) Decision {
	ending, listed := p.Endings[a.Status]
	switch {
	case listed && a.Status != 0:
		return p.gone(a, ending)
	case p.Success.holds(a.Status):
		return Decision{Step: Delivered, Reason: "the endpoint answered " + statusText(a.Status)}
	case a.Status == http.StatusGone:
		return p.gone(a, Keep)
	case a.Refused:
		return Decision{Step: GiveUp, Reason: a.Err}
	case p.Once && a.Status != 0:
		return p.giveUp(a.trouble() + ": it is not tried again")
	case a.Number < 1 || a.Number > len(p.Waits):
		return p.giveUp(fmt.Sprintf("attempt %d was the last: %s", a.Number, a.trouble()))
	}
	wait := p.wait(a)
	return Decision{
		Step:   Retry,
		At:     a.Ended.Add(wait),
		Reason: fmt.Sprintf("attempt %d of %d failed: %s", a.Number, len(p.Waits)+1, a.trouble()),
	}
}

func (p Policy) gone(a Attempt, ending Ending) Decision {
	d := Decision{Step: Gone, Reason: a.trouble() + ": it is not tried again"}
	return d.ends(ending, "")
}

func (p Policy) giveUp(reason string) Decision {
	d := Decision{Step: GiveUp, Reason: reason}
	return d.ends(p.Exhausted, "")
}

// ends adds what becomes of the endpoint, and why if the reason does not say
// so yet. A weaker ending than the one at hand changes nothing. A delivery to
// an endpoint that is deleted has no further attempt.
func (d Decision) ends(ending Ending, why string) Decision {
	if d.Ending.stronger(ending) == d.Ending {
		return d
	}
	d.Ending = ending
	d.Reason += "; " + ending.clause()
	if why != "" {
		d.Reason += ": " + why
	}
	if ending == Delete && d.Step == Retry {
		d.Step, d.At = GiveUp, time.Time{}
	}
	return d
}

// wait is that of the schedule, or longer when the answer asked for it; never
// shorter, since an eager endpoint may not make us hammer it.
func (p Policy) wait(a Attempt) time.Duration {
	wait := p.Waits[a.Number-1]
	if asked, ok := ParseRetryAfter(a.RetryAfter, a.Ended); ok {
		wait = max(wait, min(asked, p.MaxRetryAfter))
	}
	jitter := min(max(a.Jitter, 0), 1)
	return wait + time.Duration(float64(wait)*p.Stretch*jitter)
}
