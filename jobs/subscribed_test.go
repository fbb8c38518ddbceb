package jobs_test

import (
	"context"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
)

// TestRunner_Accept_queues_what_is_for_a_subscription looks at what is saved,
// which the store's own tests take from there.
func TestRunner_Accept_queues_what_is_for_a_subscription(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		firing     webhooks.URLFiring
		wantStatus jobs.JobStatus
		wantWork   int
	}{
		{"at once", webhooks.URLFiring{Subscription: subscriber}, jobs.JobQueued, 1},
		{"in order", webhooks.URLFiring{Subscription: subscriber, Ordered: true}, jobs.JobQueued, 1},
		{"after others had time to join", webhooks.URLFiring{Subscription: subscriber, Gather: time.Minute}, jobs.JobQueued, 1},
		{"held", webhooks.URLFiring{Subscription: subscriber, Held: "the subscription keap/12 is disabled"}, jobs.JobHeld, 0},
		{"for a webhook's own URL", webhooks.URLFiring{}, jobs.JobQueued, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			seen := &witness{Ledger: h.store}
			h.config = func(c *jobs.Config) { c.Ledger = seen }
			h.start()
			tt.firing.URL = "https://crm.example.com/hooks"
			h.toURL(tt.firing)
			h.fire()
			f := seen.accepted[0].Firings[0]
			if f.Job.Subscription != tt.firing.Subscription || f.Job.Status != tt.wantStatus || f.Job.Summary != tt.firing.Held || len(f.Work) != tt.wantWork {
				t.Fatalf("saved is %+v with the work %+v; want %s", f.Job, f.Work, tt.wantStatus)
			}
			if tt.wantWork == 0 {
				return
			}
			w, due := f.Work[0], f.Job.Created.Add(tt.firing.Gather)
			if w.Queue != tt.firing.Subscription || w.Ordered != tt.firing.Ordered || !w.Due.Equal(due) || !f.Job.ScheduledAt.Equal(due) {
				t.Errorf("the work is %+v; want it in the queue %q at %v", w, tt.firing.Subscription, due)
			}
			if kept := w.Host != ""; kept != (w.Queue == "") {
				t.Errorf("the work has the host %q and the queue %q; want one of them to count", w.Host, w.Queue)
			}
		})
	}
}

// subscriber is the ID of the subscription that most tests deliver to.
const subscriber = "019ca000-0000-7000-8000-0000000000aa"

// witness remembers what was accepted.
type witness struct {
	jobs.Ledger

	accepted []jobs.Acceptance
}

func (w *witness) Accept(ctx context.Context, batch []jobs.Acceptance) ([]jobs.Receipt, error) {
	w.accepted = append(w.accepted, batch...)
	return w.Ledger.Accept(ctx, batch)
}
