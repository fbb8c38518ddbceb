package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"hooktree/engine"
)

// Act is who does something, and why.
type Act struct {
	By   string
	Note string
}

func (a Act) audit(did, what string, at time.Time) *Audit {
	return &Audit{At: at, Who: a.By, Did: did, What: what, Note: a.Note}
}

// RetryJob tries a job again. A tree job gets a run of its own, of the version
// that the title stands for now; a URL job is delivered again under the same
// webhook-id, and with all that went along. One that went along with another
// is tried again with it, and the other is given.
func (r *Runner) RetryJob(ctx context.Context, id string, act Act) (Job, error) {
	return r.retry(ctx, id, nil, act)
}

// retry tries a job again that is still of one of the given statuses; nil is
// any.
func (r *Runner) retry(ctx context.Context, id string, still []JobStatus, act Act) (Job, error) {
	leader := ""
	job, err := r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
		if leader = l.Job.Batch; leader != "" {
			return nil, nil //nolint:nilnil // the leader's to change
		}
		if still != nil && !slices.Contains(still, l.Job.Status) {
			return nil, refuse(ErrInvalid, "job %s is %s by now: somebody else tried it again at this moment", id, l.Job.Status)
		}
		at := r.Now()
		p := &JobProgress{Job: l.Job, Was: l.Job.Status, Audit: act.audit("job.retry", id, at)}
		p.Job.Updated, p.Job.ScheduledAt = at, at
		if l.Job.Request != nil {
			return p, r.redeliver(p)
		}
		return p, r.restart(ctx, p, l, at)
	})
	if leader != "" && err == nil {
		return r.retry(ctx, leader, still, act)
	}
	return job, err
}

// restart makes the retry of a tree job. The run takes the lane of the one
// before it.
func (r *Runner) restart(ctx context.Context, p *JobProgress, l *LoadedJob, at time.Time) error {
	lane, err := r.laneOf(ctx, l.Job.RunID)
	if err != nil {
		return err
	}
	j := &p.Job
	j.Attempts = attemptsOf(&l.Job)
	j.Response = nil
	hash, _ := r.Trees.Active(j.Tree)
	run, first, err := r.begin(ctx, j, hash, l.Data, at)
	if err != nil {
		return err
	}
	last := Attempt{Number: j.Attempts[len(j.Attempts)-1].Number + 1, At: at, Response: j.Response}
	if run != nil {
		run.Lane, last.Run = lane, run.Number
	}
	if j.Response != nil {
		last.Status, last.Error = j.Response.Status, string(j.Response.Body)
	}
	j.attempted(last)
	p.Run, p.First = run, first
	return nil
}

func (r *Runner) laneOf(ctx context.Context, runID string) (string, error) {
	if runID == "" {
		return "", nil
	}
	loaded, err := r.Ledger.Load(ctx, runID, nil)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("load run %s: %w", runID, err)
	}
	return loaded.Run.Lane, nil
}

// attemptsOf lists the attempts of a job so far. The first one of a tree job is
// not stored: the job itself tells it.
func attemptsOf(j *Job) []Attempt {
	if len(j.Attempts) > 0 || j.Request != nil {
		return slices.Clone(j.Attempts)
	}
	first := Attempt{Number: 1, At: j.Created, Run: j.Run, Response: j.Response}
	if j.Response != nil {
		first.Status, first.Error = j.Response.Status, string(j.Response.Body)
	}
	return []Attempt{first}
}

// attempted adds an attempt, and drops the oldest one above [MaxAttempts].
func (j *Job) attempted(a Attempt) {
	j.Attempts = append(j.Attempts, a)
	j.RetryCount = a.Number - 1
	if extra := len(j.Attempts) - MaxAttempts; extra > 0 {
		j.Attempts = j.Attempts[extra:]
	}
}

// CancelJob stops a URL job from being delivered, or cancels the run of a tree
// job.
func (r *Runner) CancelJob(ctx context.Context, id string, act Act) (Job, error) {
	loaded, err := r.Ledger.LoadJob(ctx, id)
	if err != nil {
		return Job{}, err
	}
	if loaded.Job.RunID != "" {
		audit := act.audit("job.cancel", id, r.Now())
		return loaded.Job, r.cancel(ctx, loaded.Job.RunID, act, audit)
	}
	return r.changeJob(ctx, id, func(l *LoadedJob) (*JobProgress, error) {
		switch {
		case l.Job.Status.Final() && l.Job.Status != JobHeld:
			return nil, refuse(ErrFinal, "job %s is %s: there is nothing to cancel", id, l.Job.Status)
		case l.Job.Batch != "":
			return nil, refuse(ErrInvalid, "job %s goes along with job %s: cancel that one, and with it all that it takes along", id, l.Job.Batch)
		}
		at := r.Now()
		p := &JobProgress{Job: l.Job, Was: l.Job.Status, Drop: []string{id}, Audit: act.audit("job.cancel", id, at)}
		p.Job.Status, p.Job.Updated, p.Job.Ended = JobCancelled, at, at
		p.Job.Summary = cmp.Or(act.Note, "Cancelled")
		return p, nil
	})
}

// changeJob brings a job from one saved state to the next, once more if it has
// moved meanwhile. Nothing is saved when decide gives nothing.
func (r *Runner) changeJob(ctx context.Context, id string, decide func(*LoadedJob) (*JobProgress, error)) (Job, error) {
	for try := 1; ; try++ {
		loaded, err := r.Ledger.LoadJob(ctx, id)
		if err != nil {
			return Job{}, err
		}
		p, err := decide(&loaded)
		if err != nil || p == nil {
			return loaded.Job, err
		}
		err = r.Ledger.RecordJob(ctx, *p)
		if errors.Is(err, ErrStale) && try < maxStale {
			continue
		}
		if err != nil {
			return Job{}, fmt.Errorf("record job %s: %w", id, err)
		}
		r.jobMoved(p)
		return p.Job, nil
	}
}

// jobMoved tells everybody of a saved job.
func (r *Runner) jobMoved(p *JobProgress) {
	changes := []Change{{Kind: ChangeJob, ID: p.Job.ID, Run: p.Job.Run, Status: string(p.Job.Status)}}
	if p.Run != nil {
		changes = append(changes, runChange(p.Run))
		if p.Run.Lane == "" {
			r.reply(p.Run) // in a lane it may not have begun
		}
	}
	if u := p.Endpoint; u != nil && (u.Delete || u.Status != "") {
		changes = append(changes, Change{Kind: ChangeSubscription, ID: u.ID, Status: standingOf(u)})
	}
	for _, id := range p.Take {
		changes = append(changes, Change{Kind: ChangeJob, ID: id, Status: string(p.Job.Status)})
	}
	if p.Notice != nil {
		changes = append(changes, Change{Kind: ChangeEvent, ID: p.Notice.Event.ID})
	}
	r.Feed.Publish(changes...)
	if len(p.Job.Attempts) > 0 || p.Was.Final() || p.Job.Status.Final() {
		r.tried.tell(p.Job.ID, p.Job)
	}
	r.Wake()
}

// RemoveRun removes the record of a run that has ended.
func (r *Runner) RemoveRun(ctx context.Context, number int64, act Act) error {
	err := r.Remover.RemoveRun(ctx, number, *act.audit("run.remove", strconv.FormatInt(number, 10), r.Now()))
	if errors.Is(err, ErrStale) {
		return refuse(ErrInvalid, "run #%d has not ended; cancel it first", number)
	}
	return err
}

// CancelRun ends a run: what waits or is queued in it is canceled, the result
// of what is under way is dropped.
func (r *Runner) CancelRun(ctx context.Context, number int64, act Act) error {
	run, err := r.History.Run(ctx, number)
	if err != nil {
		return err
	}
	return r.cancel(ctx, run.ID, act, act.audit("run.cancel", strconv.FormatInt(number, 10), r.Now()))
}

func (r *Runner) cancel(ctx context.Context, runID string, act Act, audit *Audit) error {
	return r.advance(ctx, runID, func(h *hotRun) (*Progress, error) {
		if h.run.Status.Final() {
			return nil, refuse(ErrFinal, "run #%d is %s: there is nothing to cancel", h.run.Number, h.run.Status)
		}
		ev := engine.Cancelled{Reason: reason(act), At: audit.At}
		if h.run.Head.Semantics > 0 {
			p, err := h.take(ev)
			if err == nil && p != nil {
				p.Audit = audit
				return p, nil
			}
			r.Log.Warn("a run is canceled by force", "run", h.run.Number, "error", err)
		}
		p, err := r.force(ctx, h, ev)
		if err != nil {
			return nil, err
		}
		p.Audit = audit
		return p, nil
	})
}

func reason(act Act) string {
	text := "cancelled"
	if act.By != "" {
		text += " by " + act.By
	}
	if act.Note != "" {
		text += ": " + act.Note
	}
	return text
}

// force cancels a run that cannot be stepped: one that has not begun, or whose
// step breaks. Nobody may be left with a run that does not end.
func (r *Runner) force(ctx context.Context, h *hotRun, ev engine.Cancelled) (*Progress, error) {
	p := &Progress{Run: h.run}
	head := h.run.Head
	head.Status, head.Reason, head.Ended = engine.RunCancelled, ev.Reason, ev.At
	head.Open, head.Joins = nil, nil
	p.Run.Head, p.Run.Status, p.Run.Ended = head, head.Status, ev.At
	p.Step.Delta = engine.Delta{Head: head, Changed: true}
	tasks, err := r.History.Tasks(ctx, h.run.ID)
	if err != nil {
		return nil, fmt.Errorf("cancel run #%d: %w", h.run.Number, err)
	}
	for _, t := range tasks {
		if !t.Status.Final() {
			t.Status, t.Reason, t.Ended = engine.TaskCancelled, ev.Reason, ev.At
			p.Step.Delta.Tasks = append(p.Step.Delta.Tasks, t)
		}
	}
	open := true
	errs, _, err := r.History.Errors(ctx, ErrorFilter{Page: Page{Limit: 1000}, Run: h.run.Number, Open: &open})
	if err != nil {
		return nil, fmt.Errorf("cancel run #%d: %w", h.run.Number, err)
	}
	for i := range errs {
		f := errs[i].Fault
		f.Open, f.Action, f.At = false, engine.ActionCancel, ev.At
		p.Step.Delta.Faults = append(p.Step.Delta.Faults, f)
	}
	return p, nil
}
