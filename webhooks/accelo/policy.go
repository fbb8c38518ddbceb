package accelo

import (
	"time"

	"hooktree/webhooks/delivery"
)

// policy: the 10 seconds, 410 and the end by time-outs are the vendor's. That
// an answer of 2xx is a success, and the schedule after any other, are ours.
func policy() delivery.Policy {
	return delivery.Policy{
		Waits: []time.Duration{
			30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
		},
		Stretch:       0.1,
		MaxRetryAfter: 24 * time.Hour,
	}
}
