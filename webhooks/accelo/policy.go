package accelo

import (
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// maxTimeouts is how many time-outs in a row delete a subscription. The vendor
// says "too many" and no number.
const maxTimeouts = 10

// policy: the 10 seconds, 410 and the end by time-outs are the vendor's. That
// an answer of 2xx is a success, and the schedule after any other, are ours.
func policy() delivery.Policy {
	return delivery.Policy{
		Waits: []time.Duration{
			30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
		},
		Stretch:       0.1,
		MaxRetryAfter: 24 * time.Hour,
		Timeout:       10 * time.Second,
		Endings:       map[int]delivery.Ending{http.StatusGone: delivery.Delete},
		Timeouts:      maxTimeouts,
		TimedOut:      delivery.Delete,
		Breaker: delivery.Breaker{
			Failures: 5,
			Pauses:   []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute},
		},
	}
}
