package jobs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"hooktree/webhooks/subscription"
)

// Replay chooses jobs that are to be tried again: those named, or those that a
// filter finds.
type Replay struct {
	IDs []string
	// Filter finds the jobs where no IDs are given, the oldest first; its limit
	// and its order are ours. Without a status it finds those that are Held or
	// Failed.
	Filter JobFilter
}

// MaxReplayed is how many jobs one call tries again.
const MaxReplayed = 1000

// Retried is what became of one job of a replay.
type Retried struct {
	ID  string
	Err error // nil when it is tried again
}

// RetryJobs tries jobs again, one by one in the order of their events, each as
// [Runner.RetryJob] does: one that cannot be tried keeps none of the others
// from it. What a filter found is tried only while it is as it was found: two
// replays at a time send nothing twice. Next is where a filter goes on: put it into its cursor for those
// that are beyond [MaxReplayed]; it is empty at the end. It fails as a whole
// only when the choice makes no sense.
func (r *Runner) RetryJobs(ctx context.Context, p Replay, act Act) (outcomes []Retried, next string, err error) {
	ids := p.IDs
	var still []JobStatus // in which a job must be when its turn comes; nil for any
	switch {
	case len(ids) > MaxReplayed:
		return nil, "", refuse(ErrInvalid, "%d jobs are too many at a time: name at most %d", len(ids), MaxReplayed)
	case len(ids) == 0:
		if p.Filter, err = r.replayable(p.Filter); err != nil {
			return nil, "", err
		}
		if ids, next, err = r.chosen(ctx, p.Filter); err != nil {
			return nil, "", err
		}
		still = p.Filter.Status
	}
	ids = slices.Clone(ids)
	slices.Sort(ids) // an ID begins with the time at which it was made
	once := retrying{still: still, act: act, done: map[string]error{}}
	for _, id := range slices.Compact(ids) {
		err := r.retryOnce(ctx, id, &once)
		if ctx.Err() != nil {
			return outcomes, next, ctx.Err()
		}
		outcomes = append(outcomes, Retried{ID: id, Err: err})
	}
	return outcomes, next, nil
}

// retrying is what is known in the middle of a replay.
type retrying struct {
	still []JobStatus // as in [Runner.retry]
	act   Act
	done  map[string]error // what became of the jobs so far, by ID
}

// retryOnce tries a job again, or the one that took it along, unless that was
// done before.
func (r *Runner) retryOnce(ctx context.Context, id string, once *retrying) error {
	loaded, err := r.Ledger.LoadJob(ctx, id)
	if err != nil {
		return err
	}
	id = cmp.Or(loaded.Job.Batch, id)
	if _, known := once.done[id]; !known {
		_, once.done[id] = r.retry(ctx, id, once.still, once.act)
	}
	return once.done[id]
}

// replayable refuses a filter whose jobs cannot be tried again, and fills in
// the statuses that it leaves out.
func (r *Runner) replayable(f JobFilter) (JobFilter, error) {
	if len(f.Status) == 0 {
		f.Status = []JobStatus{JobHeld, JobFailed}
	}
	for _, s := range f.Status {
		if !s.Final() {
			return f, refuse(ErrInvalid, "jobs that are %s are on their way: choose those that are Held, Failed, Cancelled or Complete", s)
		}
	}
	if f.Subscription == "" {
		return f, nil
	}
	return f, r.deliverable(f.Subscription)
}

// chosen finds the jobs that a filter means.
func (r *Runner) chosen(ctx context.Context, f JobFilter) (ids []string, next string, err error) {
	f.Limit, f.OldestFirst = MaxReplayed, true
	found, next, err := r.History.Jobs(ctx, f)
	for i := range found {
		ids = append(ids, found[i].ID)
	}
	return ids, next, err
}

// deliverable says why nothing can be sent to a subscription; nil when it can.
func (r *Runner) deliverable(id string) error {
	e, there := r.endpoint(id)
	switch {
	case !there:
		return refuse(ErrInvalid, "the subscription %s is gone: there is nobody to send it to", id)
	case e.Status == subscription.Pending:
		return refuse(ErrInvalid, "the subscription %s is not confirmed by its endpoint yet; ask for that first, by POST /api/v1/subscriptions/%s/verify or in its own dialect, then retry", e.Name(), id)
	case e.Status != subscription.Active:
		return refuse(ErrInvalid, "the subscription %s is disabled%s; enable it first, by POST /api/v1/subscriptions/%s/enable or in its own dialect, then retry", e.Name(), because(e.Reason), id)
	}
	return nil
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(reason, ".") + ")"
}

// redeliver makes what is saved when a URL job is tried again.
func (r *Runner) redeliver(p *JobProgress) error {
	j := &p.Job
	ordered := false
	if j.Subscription != "" {
		if err := r.deliverable(j.Subscription); err != nil {
			return err
		}
		e, there := r.endpoint(j.Subscription)
		ordered = there && e.Ordered
	}
	if p.Was == JobHeld {
		j.Summary = "" // why it was held
	}
	j.Status, j.Ended = JobQueued, time.Time{}
	p.Add = []Work{j.delivery(j.ScheduledAt, ordered)}
	return nil
}
