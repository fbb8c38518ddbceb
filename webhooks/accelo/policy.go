package accelo

import (
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// policy: the 10 seconds, 410 and the end by time-outs are the vendor's. That
// an answer of 2xx is a success, and the schedule after any other, are ours.
func policy(timeouts int) delivery.Policy {
	return delivery.Policy{
		Waits: []time.Duration{
			30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
		},
		Stretch:       0.1,
		MaxRetryAfter: 24 * time.Hour,
		Timeout:       10 * time.Second,
		Endings:       map[int]delivery.Ending{http.StatusGone: delivery.Delete},
		Timeouts:      timeouts,
		TimedOut:      delivery.Delete,
		Breaker: delivery.Breaker{
			Failures: 5,
			Pauses:   []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute},
		},
	}
}
