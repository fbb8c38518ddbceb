package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// stuckLedger takes nothing before its caller gives up.
type stuckLedger struct{ jobs.Ledger }

func (stuckLedger) Accept(ctx context.Context, _ []jobs.Acceptance) ([]jobs.Receipt, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A client that is told no answer believes that its event is on its way.
func TestDispatchHook_fails_when_the_event_is_not_accepted_in_time(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		runner := jobs.NewRunner(jobs.Config{
			Ledger: stuckLedger{}, Feed: jobs.NewFeed("e", 1), Now: time.Now, ID: newID,
			Resolve: func(event.Event) resolve.Resolution {
				return resolve.Resolution{
					Verdicts: []webhooks.Verdict{{Webhook: "accelo/1", Outcome: webhooks.Fired}},
					Firings:  []webhooks.Firing{{Webhook: "accelo/1", URL: &webhooks.URLFiring{URL: "https://example.com", Subscription: "1"}}},
				}
			},
		})
		status, err := (&app{runner: runner}).dispatchHook(t.Context(), event.Event{})
		if status != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dispatchHook() = %d, %v; want the deadline that passed", status, err)
		}
	})
}
