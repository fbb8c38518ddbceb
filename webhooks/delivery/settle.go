package delivery

import (
	"fmt"
	"time"
)

// Settle is [Policy.Next] plus what the attempt does to the endpoint's health.
// The decision's Ending is the strongest that is due. A success makes the
// endpoint healthy; an attempt that the address guard refused says nothing
// about it.
func (p Policy) Settle(h Health, a Attempt) (Decision, Health) {
	d := p.Next(a)
	switch {
	case d.Step == Delivered:
		return d, Health{}
	case a.Refused:
		return d, h
	}
	h = h.failed(a)
	if p.Timeouts > 0 && h.Timeouts >= p.Timeouts {
		d = d.ends(p.TimedOut, fmt.Sprintf("it timed out %d times in a row", h.Timeouts))
	}
	if p.Failing.reached(h, a.Ended) {
		d = d.ends(p.Failing.Ending, fmt.Sprintf("%d attempts in a row failed since %s", h.Failures, clock(h.Since)))
	}
	if until, ok := p.Breaker.opens(h, a.Ended); ok {
		h.OpenUntil = until
		h.Trips++
		if d.Ending == Keep {
			d.Reason += fmt.Sprintf("; after %d failures in a row nothing is sent there until %s", h.Failures, clock(until))
		}
	}
	return d, h
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
