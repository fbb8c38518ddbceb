package standard

import (
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// policy is that of Standard Webhooks' recommendation: ten attempts in about
// three days, 15 s each. An endpoint that fails for as long as patience lasts
// is disabled.
func policy(patience time.Duration) delivery.Policy {
	return delivery.Policy{
		Waits: []time.Duration{
			5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
			10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
		},
		Stretch:       0.1,
		MaxRetryAfter: 24 * time.Hour,
		Timeout:       15 * time.Second,
		Endings:       map[int]delivery.Ending{http.StatusGone: delivery.Delete},
		Failing:       delivery.Failing{Attempts: 10, For: patience, Ending: delivery.Disable},
		Breaker: delivery.Breaker{
			Failures: 5,
			Pauses:   []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute},
		},
	}
}
