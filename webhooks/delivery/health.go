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
