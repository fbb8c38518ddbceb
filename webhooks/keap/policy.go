package keap

import (
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// policy is the one that the vendor publishes: four attempts, the second 30 to
// 60 seconds after the first failed, the others 5 and 30 minutes after the one
// before; a status from 200 to 399 within 30 seconds is a success; the fourth
// failure, and a 410 at any time, make the subscription Inactive. There is no
// circuit breaker, since the schedule ends an endpoint that fails within the
// hour.
func policy() delivery.Policy {
	return delivery.Policy{
		Waits:         []time.Duration{45 * time.Second, 5 * time.Minute, 30 * time.Minute},
		Stretch:       0.1,
		MaxRetryAfter: time.Hour,
		Timeout:       30 * time.Second,
		Success:       delivery.Range{Low: 200, High: 399},
		Endings:       map[int]delivery.Ending{http.StatusGone: delivery.Disable},
		Exhausted:     delivery.Disable,
	}
}
