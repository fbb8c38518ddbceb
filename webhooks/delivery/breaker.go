package delivery

import "time"

// Breaker holds deliveries back from an endpoint that fails. The zero value
// never does.
//
// After Failures failed attempts in a row the circuit opens for Pauses[0].
// Then one attempt is let through: its success closes the circuit, its failure
// opens it for Pauses[1], and so on; the last pause repeats. An attempt that
// was under way when the circuit opened does not open it further, so a burst
// counts once; for that, no pause should be shorter than an attempt may take.
type Breaker struct {
	Failures int
	Pauses   []time.Duration
}

// opens reports until when an endpoint that just failed is left alone.
func (b Breaker) opens(h Health, failed time.Time) (time.Time, bool) {
	if b.Failures < 1 || len(b.Pauses) == 0 || h.Failures < b.Failures || h.Open(failed) {
		return time.Time{}, false
	}
	return failed.Add(b.Pauses[min(h.Trips, len(b.Pauses)-1)]), true
}

// Failing is when an endpoint has failed for so long that it comes to an end:
// Attempts failed in a row, over at least For. The zero value never is.
type Failing struct {
	Attempts int
	For      time.Duration // from the end of the first to the end of the last
	Ending   Ending
}

// reached reports whether an endpoint that just failed comes to its end.
func (f Failing) reached(h Health, failed time.Time) bool {
	return f.Attempts > 0 && h.Failures >= f.Attempts && failed.Sub(h.Since) >= f.For
}
