package engine

import (
	"math"
	"time"
)

// Retry is the retry schedule of a node. The zero value never retries.
type Retry struct {
	Max    int           // attempts in all, the first included
	Wait   time.Duration // wait after the first failure
	Factor float64       // growth of the wait; below 1 counts as 1
	Cap    time.Duration // longest wait; zero means no cap
	When   Expr          // asked with `error` in scope; nil retries what the handler classed as retryable
}

// Next reports how long to wait after failed attempt n, counted from one, and
// whether there is an attempt left to wait for.
//
// The wait carries no jitter: Step must give the same one on replay, so
// spreading load is the caller's job. The power is multiplied out because
// [math.Pow] may round differently from one processor to the next.
func (r Retry) Next(n int) (wait time.Duration, ok bool) {
	if n < 1 || n >= r.Max {
		return 0, false
	}
	most := float64(math.MaxInt64)
	if r.Cap > 0 {
		most = float64(r.Cap)
	}
	grown := float64(max(r.Wait, 0))
	for i := 1; i < n && grown > 0 && grown < most && r.Factor > 1; i++ {
		grown *= r.Factor
	}
	if grown < most {
		return time.Duration(grown), true
	}
	if r.Cap > 0 {
		return r.Cap, true
	}
	return math.MaxInt64, true
}
