package jobs

import (
	"context"
	"fmt"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// Waiting says why a job that is to be sent somewhere waits, or may have to: a
// sentence, empty where there is no reason.
func (w *Worker) Waiting(ctx context.Context, j *Job) (string, error) {
	if j.Status.Final() || j.URL == "" || w.seats.has(j.ID) {
		return "", nil
	}
	if j.Subscription == "" {
		return w.seats.waiting(destination{host: hostOf(j.URL)}, w.Runner.Now()), nil
	}
	e, there := w.Runner.endpoint(j.Subscription)
	if !there || e.Status != subscription.Active {
		return "", nil // it is about to be put away
	}
	if e.Ordered {
		first, err := w.Runner.firstFor(ctx, e, j.ID)
		if err != nil {
			return "", err
		}
		if first != j.ID {
			return fmt.Sprintf("deliveries to the endpoint go in order, and job %s is before this one", first), nil
		}
	}
	now := w.Runner.Now()
	if e.Traits.Batch.Max > 1 && len(j.Attempts) == 0 && j.ScheduledAt.After(now) {
		return "what comes until " + instant(j.ScheduledAt) + " goes along with it", nil
	}
	return w.seats.waitingFor(e, now), nil
}

// firstFor gives the ID of the oldest delivery to a subscription that is not
// over; that of the last one known where all are over by now.
func (r *Runner) firstFor(ctx context.Context, e *subscription.Endpoint, last string) (string, error) {
	found, _, err := r.History.Jobs(ctx, JobFilter{
		Page: Page{Limit: 1}, OldestFirst: true, Subscription: e.ID, Status: []JobStatus{JobQueued, JobInProgress},
	})
	if err != nil || len(found) == 0 {
		return last, err
	}
	return found[0].ID, nil
}

// has reports whether work is under way.
func (s *seats) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, taken := s.taken[id]
	return taken
}

// waiting says why work for a host waits.
func (s *seats) waiting(to destination, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[to]
	switch {
	case l == nil || to == destination{}:
		return ""
	case l.failing:
		return s.shares.failure(to.host+" has not answered", l.health, l.most)
	}
	return s.crowdLocked(l, to.host, now)
}

// waitingFor says why work for a subscription waits that is active.
func (s *seats) waitingFor(e *subscription.Endpoint, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch l := s.lines[destination{queue: e.ID}]; {
	case e.Health.Open(now):
		return fmt.Sprintf("%s: nothing is sent to it until %s", row("the endpoint has taken nothing", e.Health), instant(e.Health.OpenUntil))
	case e.Health.Degraded():
		return s.shares.failure("the endpoint has taken nothing", e.Health, 1)
	case l != nil && e.Rate > 0 && l.ready.After(now):
		return fmt.Sprintf("the endpoint is sent %v a second, and the next one at %s", e.Rate, instant(l.ready))
	case l != nil:
		return s.crowdLocked(l, "the endpoint", now)
	}
	return ""
}

// crowdLocked says why work waits for a destination that does well.
func (s *seats) crowdLocked(l *line, name string, now time.Time) string {
	switch {
	case l.full():
		return fmt.Sprintf("%s has %s under way, as many as it may have now", name, counted(l.under, "request"))
	case !s.shares.allow(l.standing(now), l.under == 0):
		return fmt.Sprintf("%s waits until one of %d requests has ended that are under way elsewhere", name, s.shares.all()-l.under)
	}
	return ""
}

// failure says of a destination that fails, and how, when it is tried: most
// requests at a time where there is room for all such.
func (s *shares) failure(how string, h delivery.Health, most int) string {
	if s.suspects > s.half() {
		return fmt.Sprintf("%s: it is tried in turn with %d others that fail, until it does", row(how, h), s.suspects-1)
	}
	return fmt.Sprintf("%s: at most %s at a time until it does", row(how, h), counted(most, "request"))
}

// row says since when something has failed, and how often.
func row(how string, h delivery.Health) string {
	return fmt.Sprintf("%s since %s (%s in a row)", how, instant(h.Since), counted(h.Failures, "attempt"))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
