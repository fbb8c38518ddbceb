package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/subscription"
)

// subscribers are the subscriptions of a house: they stand in for the service,
// which keeps the same promises.
type subscribers struct {
	mu       sync.Mutex // guards what follows
	byID     map[string]subscription.Endpoint
	order    []string
	updates  []subscription.Update // that were saved
	settling sync.Mutex            // one change at a time
}

func (s *subscribers) Endpoint(id string) (subscription.Endpoint, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byID[id]
	return e, ok
}

func (s *subscribers) Resting(now time.Time) (queues []string, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.order {
		e, ok := s.byID[id]
		if until := e.Health.OpenUntil; ok && e.Health.Open(now) {
			queues = append(queues, id)
			if next.IsZero() || until.Before(next) {
				next = until
			}
		}
	}
	return queues, next
}

func (s *subscribers) Settle(_ context.Context, id string, change func(subscription.Endpoint) (*subscription.Update, error)) error {
	s.settling.Lock()
	defer s.settling.Unlock()
	e, ok := s.Endpoint(id)
	if !ok {
		return subscription.ErrNotFound
	}
	u, err := change(e)
	if err != nil || u == nil {
		return err
	}
	s.apply(*u)
	return nil
}

// apply takes up what was saved.
func (s *subscribers) apply(u subscription.Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates = append(s.updates, u)
	e, ok := s.byID[u.ID]
	switch {
	case !ok:
		return
	case u.Delete:
		delete(s.byID, u.ID)
		return
	}
	e.Health = u.Health
	if e.Triggered += int64(u.Fired); u.Fired > 0 {
		e.LastTriggered = u.At
	}
	if u.Status != "" && u.Status != e.Status {
		e.Status, e.Reason = u.Status, u.Reason
		e.Revision++
	}
	s.byID[u.ID] = e
}

// set makes or changes a subscription.
func (s *subscribers) set(id string, change func(*subscription.Endpoint)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, known := s.byID[id]
	if !known {
		s.order = append(s.order, id)
	}
	change(&e)
	s.byID[id] = e
}

func (s *subscribers) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// subscribe gives a house subscriptions, of which each event of the house
// fires those that want its type.
func (h *house) subscribe(all ...subscription.Endpoint) *subscribers {
	h.t.Helper()
	s := &subscribers{byID: map[string]subscription.Endpoint{}}
	for _, e := range all {
		s.set(e.ID, func(into *subscription.Endpoint) { *into = e })
	}
	h.resolve = s.resolution
	configured := h.config
	h.config = func(c *jobs.Config) {
		c.Endpoints, c.Batches = s, h.store
		if configured != nil {
			configured(c)
		}
	}
	h.start()
	return s
}

// resolution fires the subscriptions to an event, as resolve does.
func (s *subscribers) resolution(e event.Event) (out resolve.Resolution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.order {
		sub, ok := s.byID[id]
		if !ok || sub.Event != e.Action || sub.Status == subscription.Pending {
			continue
		}
		f := webhooks.URLFiring{
			URL: sub.URL, Headers: map[string]string{"Content-Type": "application/json"}, Body: e.Body,
			Subscription: id, Ordered: sub.Ordered, Gather: sub.Traits.Batch.Window,
		}
		if sub.Status == subscription.Disabled {
			f.Held = "The subscription " + sub.Name() + " is disabled."
		}
		out.Firings = append(out.Firings, webhooks.Firing{Verdict: len(out.Verdicts), Webhook: sub.Name(), URL: &f})
		out.Verdicts = append(out.Verdicts, webhooks.Verdict{Webhook: sub.Name(), Outcome: webhooks.Fired, Reason: "it wants all", Target: sub.URL})
	}
	if out.Verdicts == nil {
		out.Verdicts = []webhooks.Verdict{{Webhook: e.Path, Outcome: webhooks.None, Reason: "nobody wants it"}}
	}
	return out
}

// subscriberID gives the ID of a house's nth subscription.
func subscriberID(n int) string { return fmt.Sprintf("019ca000-0000-7000-8000-%012d", n) }

// subscribed is the nth active subscription to the usual event.
func subscribed(n int) subscription.Endpoint {
	return subscription.Endpoint{
		Subscription: subscription.Subscription{
			ID: subscriberID(n), External: fmt.Sprint(n), Dialect: "keap", Event: "Submitted", Status: subscription.Active,
			URL: fmt.Sprintf("https://crm%d.example.com/hooks", n), Owner: subscription.Owner{ID: 7, Name: "manager", Email: "manager@example.com"},
		},
		Traits: subscription.Traits{Policy: delivery.Policy{
			Waits: []time.Duration{30 * time.Second, 5 * time.Minute, 30 * time.Minute}, Timeout: 30 * time.Second,
			MaxRetryAfter: 24 * time.Hour,
		}},
	}
}

// keep puts subscriptions into the house's store, from which reload takes them.
func (s *subscribers) keep(h *house) {
	h.t.Helper()
	for _, id := range s.order {
		e, _ := s.Endpoint(id)
		number := func(n int64, _ string) string { return fmt.Sprint(n) }
		if _, err := h.store.Subscriptions().Create(h.t.Context(), []subscription.Subscription{e.Subscription}, number, subscription.Audit{}); err != nil {
			h.t.Fatal(err)
		}
	}
}

// reload forgets what is not stored, as a process does that starts.
func (s *subscribers) reload(h *house) {
	h.t.Helper()
	stored, err := h.store.Subscriptions().Subscriptions(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.byID
	s.byID = map[string]subscription.Endpoint{}
	for _, sub := range stored {
		s.byID[sub.ID] = subscription.Endpoint{Subscription: sub, Traits: before[sub.ID].Traits}
	}
}

// jobsOf lists the jobs of a subscription, the oldest first.
func (h *house) jobsOf(id string) []jobs.Job {
	h.t.Helper()
	list, _, err := h.store.Jobs(h.t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 1000}, Subscription: id})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(list)
	for i := range list {
		list[i] = h.job(list[i].ID)
	}
	return list
}

// onlyJob gives the one job of a subscription.
func (h *house) onlyJob(id string) jobs.Job {
	h.t.Helper()
	list := h.jobsOf(id)
	if len(list) != 1 {
		h.t.Fatalf("there are %d jobs of %s; want one", len(list), id)
	}
	return list[0]
}

// wantJob looks at where a job stands.
func (h *house) wantJob(id string, want jobs.JobStatus, summary string) jobs.Job {
	h.t.Helper()
	job := h.job(id)
	if job.Status != want || summary != "" && job.Summary != summary {
		h.t.Fatalf("the job is %s, %q; want %s, %q", job.Status, job.Summary, want, summary)
	}
	return job
}

// saved gives the updates of subscriptions so far.
func (s *subscribers) saved() []subscription.Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.updates)
}
