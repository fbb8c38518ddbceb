package jobs_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

func TestWorker_Waiting_saysWhatASubscriptionsDeliveryWaitsFor(t *testing.T) {
	t.Parallel()
	failed := delivery.Health{Failures: 6, Since: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	open := failed
	open.OpenUntil = time.Date(2026, 3, 2, 9, 40, 0, 0, time.UTC)
	tests := []struct {
		name   string
		change func(*subscription.Endpoint)
		want   string
	}{
		{"an endpoint that does well", func(*subscription.Endpoint) {}, ""},
		{
			"one that fails", func(e *subscription.Endpoint) { e.Health = failed },
			"the endpoint has taken nothing since 2026-03-02T09:00:00Z (6 attempts in a row): at most 1 request at a time until it does",
		},
		{
			"an open circuit", func(e *subscription.Endpoint) { e.Health = open },
			"the endpoint has taken nothing since 2026-03-02T09:00:00Z (6 attempts in a row): nothing is sent to it until 2026-03-02T09:40:00Z",
		},
		{"a disabled one", func(e *subscription.Endpoint) { e.Health, e.Status = open, subscription.Disabled }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			s := h.subscribe(subscribed(1))
			h.fire()
			s.set(subscriberID(1), tt.change)
			job := h.onlyJob(subscriberID(1))
			if got, err := h.worker.Waiting(t.Context(), &job); err != nil || got != tt.want {
				t.Errorf("it waits since %q, %v; want %q", got, err, tt.want)
			}
			for _, status := range []jobs.JobStatus{jobs.JobComplete, jobs.JobHeld, jobs.JobCancelled} {
				job.Status = status
				if got, err := h.worker.Waiting(t.Context(), &job); err != nil || got != "" {
					t.Errorf("a job that is %s waits since %q, %v; want nothing", status, got, err)
				}
			}
		})
	}
}

func TestWorker_Waiting_saysWhatIsBefore(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Ordered = true
	h.subscribe(sub)
	h.desk.transport = func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }
	h.fire()
	h.fire()
	h.work()
	found, _, err := h.store.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 10}, OldestFirst: true, Subscription: sub.ID})
	if err != nil || len(found) != 2 {
		t.Fatalf("the jobs are %v, %v; want two", found, err)
	}
	const failing = "the endpoint has taken nothing since 2026-03-02T09:30:00Z (1 attempt in a row): at most 1 request at a time until it does"
	for i, want := range []string{failing, "deliveries to the endpoint go in order, and job " + found[0].ID + " is before this one"} {
		if got, err := h.worker.Waiting(t.Context(), &found[i]); err != nil || got != want {
			t.Errorf("job %d waits since %q, %v; want %q", i, got, err, want)
		}
	}
}

func TestWorker_Waiting_saysThatARateIsUsedUp(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Rate = 0.5
	h.subscribe(sub)
	h.fire()
	h.fire()
	h.work()
	found, _, err := h.store.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 10}, OldestFirst: true, Subscription: sub.ID, Status: []jobs.JobStatus{jobs.JobQueued}})
	if err != nil || len(found) != 1 {
		t.Fatalf("the jobs are %v, %v; want one that is left", found, err)
	}
	const want = "the endpoint is sent 0.5 a second, and the next one at 2026-03-02T09:30:02Z"
	if got, err := h.worker.Waiting(t.Context(), &found[0]); err != nil || got != want {
		t.Errorf("it waits since %q, %v; want %q", got, err, want)
	}
}

func TestWorker_Waiting_saysThatOthersGoAlong(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Traits.Batch.Max = 10
	h.subscribe(sub)
	h.fire()
	job := h.onlyJob(sub.ID)
	job.ScheduledAt = h.clock.Now().Add(time.Second)
	const want = "what comes until 2026-03-02T09:30:01Z goes along with it"
	if got, err := h.worker.Waiting(t.Context(), &job); err != nil || got != want {
		t.Errorf("it waits since %q, %v; want %q", got, err, want)
	}
}

// What is under way waits for nothing, and is what others wait for.
func TestWorker_Waiting_saysThatAnEndpointIsBusy(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.subscribe(subscribed(1))
	h.fire()
	h.fire()
	found, _, err := h.store.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 10}, OldestFirst: true, Subscription: subscriberID(1)})
	if err != nil || len(found) != 2 {
		t.Fatalf("the jobs are %v, %v; want two", found, err)
	}
	var seen [2]string
	h.desk.transport = func(req *http.Request) (*http.Response, error) {
		for i := range found {
			if req.Header.Get("Webhook-Id") != found[0].ID {
				break
			}
			if seen[i], err = h.worker.Waiting(t.Context(), &found[i]); err != nil {
				t.Error(err)
			}
		}
		return answer(200, ""), nil
	}
	h.work()
	if want := [2]string{"", "the endpoint has 1 request under way, as many as it may have now"}; seen != want {
		t.Errorf("while the first is under way they wait since %q; want %q", seen, want)
	}
}
