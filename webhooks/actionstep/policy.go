package actionstep

import (
	"net/http"
	"time"

	"hooktree/webhooks/delivery"
)

// policy: only 200 keeps a subscription active, 401 deletes it, and that
// trouble of the network is tried again are the vendor's. The schedule, which
// is not published, and the time that an answer may take are ours; so is that
// the end of the schedule disables.
func policy() delivery.Policy {
	return delivery.Policy{
		Waits:   []time.Duration{30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour},
		Stretch: 0.1,
		Timeout: 30 * time.Second,
		Success: delivery.Range{Low: http.StatusOK, High: http.StatusOK},
		Once:    true,
		Endings: map[int]delivery.Ending{
			http.StatusUnauthorized: delivery.Delete,
			http.StatusGone:         delivery.Disable, // like any other answer: 410 means nothing of its own here
		},
		Exhausted: delivery.Disable,
	}
}
