package jobs

import (
	"context"
	"fmt"

	"hooktree/webhooks/event"
)

// Dispatch accepts an event that is for one subscription and waits for the
// first attempt of its delivery. It gives the job as it is then, or as it was
// accepted together with the context's error when that takes too long: the
// delivery goes on. A job without an ID was not accepted. It fails with
// ErrInvalid when nothing is to be delivered, and with ErrBusy when [MaxWaiting]
// callers wait.
func (r *Runner) Dispatch(ctx context.Context, e event.Event) (Job, error) {
	if err := r.fill(&e); err != nil {
		return Job{}, err
	}
	a, err := r.acceptance(ctx, e, r.Resolve(e))
	if err != nil {
		return Job{}, err
	}
	if len(a.Firings) != 1 || a.Firings[0].Job.Subscription == "" {
		return Job{}, refuse(ErrInvalid, "the event %s makes %d deliveries, and one to a subscription can be waited for%s", e.Path, len(a.Firings), whyNot(&a))
	}
	job := a.Firings[0].Job
	tried, leave, err := r.tried.join(job.ID) // before it is saved, so that nothing falls between
	if err != nil {
		return Job{}, err
	}
	defer leave()
	receipts, err := r.save(ctx, []Acceptance{a})
	switch {
	case err != nil:
		return Job{}, err
	case receipts[0].Duplicate:
		return Job{}, refuse(ErrInvalid, "the event %q was accepted before: its delivery was made then", e.ExternalID)
	case job.Status.Final(): // held
		return job, nil
	}
	select {
	case job = <-tried:
		return job, nil
	case <-ctx.Done():
		return job, fmt.Errorf("wait for the first attempt of job %s: %w", job.ID, ctx.Err())
	}
}

// whyNot says why the only subscription that an event is for is not sent it.
func whyNot(a *Acceptance) string {
	if len(a.Firings) > 0 || len(a.Verdicts) != 1 {
		return ""
	}
	return ": " + a.Verdicts[0].Reason
}
