package delivery

import (
	"fmt"
	"net/http"
	"time"
)

// Policy is the schedule of deliveries to a URL. The zero value tries once.
type Policy struct {
	Waits         []time.Duration // after the first failed attempt, the second, ...
	Stretch       float64         // share of a wait that jitter may add; 0.1 is a tenth
	MaxRetryAfter time.Duration   // the longest wait that an answer may ask for
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

// Attempt is one try of a delivery, as it ended.
type Attempt struct {
	Number     int       // counted from one
	Ended      time.Time // waits count from here
	Status     int       // of the answer; zero when none came
	RetryAfter string    // header of the answer, as it came
	Refused    bool      // by the address guard: nothing was sent
	Err        string    // what went wrong when no answer came, for people
	Jitter     float64   // in [0, 1): how much of Stretch is added
}

// Step is what becomes of a delivery after an attempt.
type Step string

// The steps.
const (
	Delivered Step = "delivered"
	Retry     Step = "retry"   // at Decision.At
	GiveUp    Step = "give up" // the last attempt failed, or no further one can succeed
	Gone      Step = "gone"    // the endpoint wants nothing any more: stop sending it anything
)

// Decision is what to do next, and why.
type Decision struct {
	Step   Step
	At     time.Time // of the next attempt, for Retry
	Reason string    // a sentence for the operator
}

// Next decides what becomes of a delivery after an attempt.
func (p Policy) Next(a Attempt) Decision {
	switch {
	case a.Status >= 200 && a.Status <= 299:
		return Decision{Step: Delivered, Reason: "the endpoint answered " + statusText(a.Status)}
	case a.Status == http.StatusGone:
		return Decision{Step: Gone, Reason: "the endpoint answered 410 Gone: it is not tried again"}
	case a.Refused:
		return Decision{Step: GiveUp, Reason: a.Err}
	case a.Number < 1 || a.Number > len(p.Waits):
		return Decision{Step: GiveUp, Reason: fmt.Sprintf("attempt %d was the last: %s", a.Number, a.trouble())}
	}
	wait := p.wait(a)
	return Decision{
		Step:   Retry,
		At:     a.Ended.Add(wait),
		Reason: fmt.Sprintf("attempt %d of %d failed: %s", a.Number, len(p.Waits)+1, a.trouble()),
	}
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

func (a Attempt) trouble() string {
	if a.Status != 0 {
		return "the endpoint answered " + statusText(a.Status)
	}
	if a.Err != "" {
		return a.Err
	}
	return "no answer came"
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}
