package delivery

import "time"

// Health is how an endpoint has done lately. It is kept with what the endpoint
// belongs to. The zero value is healthy.
type Health struct {
	Failures  int       `json:"failures,omitempty"` // failed attempts in a row
	Timeouts  int       `json:"timeouts,omitempty"` // time-outs in a row
	Trips     int       `json:"trips,omitempty"`    // how often in a row the circuit opened
	Since     time.Time `json:"since,omitzero"`     // when the first of Failures ended
	OpenUntil time.Time `json:"openUntil,omitzero"` // until then nothing is sent; zero is a closed circuit
}

// Open reports whether nothing may be sent at now, since the circuit is open.
func (h Health) Open(now time.Time) bool { return now.Before(h.OpenUntil) }

// Degraded reports whether the endpoint is failing: then only one attempt at a
// time may be under way, so that it holds up no more than one sender.
func (h Health) Degraded() bool { return h.Failures > 0 }

// failed is the health after one more failed attempt.
func (h Health) failed(a Attempt) Health {
	if h.Failures == 0 {
		h.Since = a.Ended
	}
	h.Failures++
	h.Timeouts++
	if !a.TimedOut {
		h.Timeouts = 0
	}
	return h
}
