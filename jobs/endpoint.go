package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// endpoint gives the subscription of a job as it is now.
func (r *Runner) endpoint(id string) (*subscription.Endpoint, bool) {
	if r.Endpoints == nil {
		return nil, false
	}
	e, ok := r.Endpoints.Endpoint(id)
	return &e, ok
}

// serve tries a delivery to a subscription once, with others that go along,
// and saves how it went.
func (w *Worker) serve(ctx context.Context, l *LoadedJob) error {
	e, there := w.Runner.endpoint(l.Job.Subscription)
	if !there || e.Status != subscription.Active {
		return w.Runner.putAway(ctx, &l.Job)
	}
	if w.Runner.gathers(l, e) {
		job, err := w.Runner.gather(ctx, l.Job.ID, e)
		if err != nil {
			return fmt.Errorf("gather what goes along with job %s: %w", l.Job.ID, err)
		}
		if l.Job = job; job.Status.Final() {
			return nil // canceled meanwhile
		}
	}
	outcome := w.send(ctx, l, w.asSubscription(e))
	if ctx.Err() != nil {
		return ctx.Err() // given up on our side: it is sent again
	}
	d, err := w.Runner.conclude(ctx, l.Job.ID, &outcome, tending{before: e, jitter: w.Jitter()})
	w.seats.answered(e.ID, &outcome, d.Step == delivery.Delivered)
	return err
}

// brisk is how soon an endpoint answers that may be sent more at a time: a slow
// one holds its slots for long, however well it does.
const brisk = 2 * time.Second

// asSubscription sends to where a subscription is now, signed by its own
// secrets.
func (w *Worker) asSubscription(e *subscription.Endpoint) sending {
	o := newOpening(w.Secrets)
	for i, value := range e.Hidden() {
		o.revealed[fmt.Sprintf("address %d of %s", i+1, e.Name())] = value
	}
	s := sending{url: e.URL, shown: e.Address(), proof: o.proofTo(e, w.Runner.Now()), limit: e.Traits.Policy.Timeout, opening: o}
	if s.limit == 0 {
		s.limit = w.Delivery
	}
	return s
}

// putAway ends a delivery that nobody is there for: it is held for a
// subscription that is not active, and canceled for one that is gone.
func (r *Runner) putAway(ctx context.Context, job *Job) error {
	if r.Endpoints == nil {
		return fmt.Errorf("job %s: this installation knows no subscriptions", job.ID)
	}
	err := r.Endpoints.Settle(ctx, job.Subscription, func(e subscription.Endpoint) (*subscription.Update, error) {
		if e.Status == subscription.Active {
			return nil, nil //nolint:nilnil // it was enabled meanwhile: the delivery is still due
		}
		return nil, r.stow(ctx, job.ID, JobHeld, held(&e))
	})
	if errors.Is(err, subscription.ErrNotFound) {
		return r.stow(ctx, job.ID, JobCancelled, fmt.Sprintf("The subscription %s is gone.", job.Webhook))
	}
	return err
}

// held says why a delivery is kept and not sent.
func held(e *subscription.Endpoint) string {
	text := fmt.Sprintf("The subscription %s is %s", e.Name(), e.Status)
	if e.Reason != "" {
		return text + ": " + e.Reason
	}
	return text + "."
}

// stow saves that a job is not sent.
func (r *Runner) stow(ctx context.Context, id string, as JobStatus, why string) error {
	_, err := r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
		if l.Job.Status.Final() {
			return nil, nil //nolint:nilnil // an operator was here first
		}
		at := r.Now()
		p := &JobProgress{Job: l.Job, Was: l.Job.Status, Drop: []string{id}}
		p.Job.Status, p.Job.Summary, p.Job.Updated = as, why, at
		if as != JobHeld {
			p.Job.Ended = at
		}
		return p, nil
	})
	return err
}

// tending is what besides its outcome decides what becomes of a delivery.
type tending struct {
	before *subscription.Endpoint // the subscription when it was sent
	jitter float64
}

// conclude decides what becomes of a delivery and of its subscription after an
// attempt, and saves both in one transaction.
func (r *Runner) conclude(ctx context.Context, id string, s *sent, t tending) (d delivery.Decision, err error) {
	change := func(e subscription.Endpoint) (*subscription.Update, error) {
		var saved *subscription.Update
		_, err := r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
			var p *JobProgress
			p, d = l.Job.judge(s, &e, t.jitter)
			saved = p.Endpoint
			return p, r.announce(ctx, p, &e)
		})
		return saved, err
	}
	err = r.Endpoints.Settle(ctx, t.before.ID, change)
	if !errors.Is(err, subscription.ErrNotFound) {
		return d, err
	}
	// It was deleted while this was sent: what was delivered is, and nothing
	// else is tried again.
	_, err = r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
		var p *JobProgress
		p, d = l.Job.judge(s, t.before, t.jitter)
		p.Endpoint, p.Add = nil, nil
		if p.Job.Status == JobInProgress {
			p.Drop, p.Job.Ended = []string{id}, s.ended
			p.Job.Status, p.Job.Summary = JobCancelled, fmt.Sprintf("The subscription %s is gone.", l.Job.Webhook)
		}
		return p, nil
	})
	return d, err
}

// judge decides about a delivery and its subscription after an attempt.
func (j *Job) judge(s *sent, e *subscription.Endpoint, jitter float64) (*JobProgress, delivery.Decision) {
	p, tried := j.tried(s, jitter)
	d, health := e.Traits.Policy.Settle(e.Health, tried)
	p.settle(d, s, e.Ordered)
	u := &subscription.Update{ID: e.ID, At: s.ended, Health: health}
	if d.Step == delivery.Delivered {
		u.Fired = max(1, j.Request.Joined)
	}
	switch d.Ending {
	case delivery.Keep:
	case delivery.Delete:
		u.Delete, u.Reason = true, d.Reason
	case delivery.Disable:
		if e.Status == subscription.Active {
			u.Status, u.Reason = subscription.Disabled, d.Reason
		}
		p.keep(d)
	}
	p.Endpoint = u
	return p, d
}

// keep holds a delivery that has attempts left when its endpoint is disabled.
func (p *JobProgress) keep(d delivery.Decision) {
	if d.Step != delivery.Retry || p.Was.Final() {
		return
	}
	p.Add, p.Drop = nil, []string{p.Job.ID}
	p.Job.Status = JobHeld
}
