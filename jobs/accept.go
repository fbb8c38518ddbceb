package jobs

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// Accept resolves events, takes the first steps of the runs that they start,
// and saves everything in one transaction: all of the events or none. What it
// gives for each may be told to its sender.
func (r *Runner) Accept(ctx context.Context, events []event.Event) ([]Receipt, error) {
	batch := make([]Acceptance, len(events))
	for i, e := range events {
		if err := r.fill(&e); err != nil {
			return nil, err
		}
		a, err := r.acceptance(ctx, e, r.Resolve(e))
		if err != nil {
			return nil, err
		}
		batch[i] = a
	}
	return r.save(ctx, batch)
}

// RunTree starts a tree directly, whatever the event's path says. It is kept
// as an event and a job like any other. A title without a tree makes a job that
// failed with 404.
func (r *Runner) RunTree(ctx context.Context, title engine.Title, e event.Event) (Receipt, error) {
	if err := r.fill(&e); err != nil {
		return Receipt{}, err
	}
	direct := r.Direct
	if direct == nil {
		direct = r.direct
	}
	a, err := r.acceptance(ctx, e, direct(title, e))
	if err != nil {
		return Receipt{}, err
	}
	receipts, err := r.save(ctx, []Acceptance{a})
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], nil
}

func (r *Runner) direct(title engine.Title, _ event.Event) resolve.Resolution {
	hash, _ := r.Trees.Active(title)
	return resolve.Resolution{
		Verdicts: []webhooks.Verdict{{
			Webhook: Direct, Hash: hash, Outcome: webhooks.Fired,
			Reason: "the tree was started by its title", Target: title.String(),
		}},
		Firings: []webhooks.Firing{{
			Webhook: Direct,
			Tree:    &webhooks.TreeFiring{Source: title.Source, Group: title.Group, Name: title.Name, Hash: hash},
		}},
	}
}

// Direct is the webhook's name in the job of a tree that was started directly.
const Direct = "run-tree"

// fill gives an event what only we can give it.
func (r *Runner) fill(e *event.Event) (err error) {
	if e.Received.IsZero() {
		e.Received = r.Now()
	}
	if e.Occurred.IsZero() {
		e.Occurred = e.Received
	}
	if e.ID == "" {
		e.ID, err = r.ID()
	}
	return err
}

// save commits a batch, and then tells everybody.
func (r *Runner) save(ctx context.Context, batch []Acceptance) ([]Receipt, error) {
	receipts, err := r.Ledger.Accept(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("accept %d events: %w", len(batch), err)
	}
	for i := range batch {
		r.tell(&batch[i], &receipts[i])
	}
	return receipts, nil
}

// tell publishes what was saved of an acceptance and wakes the worker if there
// is work.
func (r *Runner) tell(a *Acceptance, receipt *Receipt) {
	if receipt.Duplicate {
		return
	}
	changes := make([]Change, 1, 1+2*len(receipt.Jobs))
	changes[0] = Change{Kind: ChangeEvent, ID: a.Event.ID}
	for i, v := range receipt.Verdicts {
		if _, stands := VerdictFault(v, i, a.Event.Received); stands {
			changes = append(changes, Change{Kind: ChangeError, ID: v.Webhook, Status: openness(true)})
		}
	}
	busy := false
	for i, f := range a.Firings {
		ref, saved := refOf(receipt, &a.Firings[i])
		if !saved {
			continue
		}
		changes = append(changes, Change{Kind: ChangeJob, ID: f.Job.ID, Run: f.Job.Run, Status: string(f.Job.Status)})
		busy = busy || len(f.Work) > 0 || len(f.First.Add) > 0
		if f.Run != nil {
			changes = append(changes, r.begun(&a.Firings[i], ref.Queued, a.Event.Data))
			if !ref.Queued {
				changes = append(changes, errorChanges(f.Run, f.First.Delta.Faults)...)
			}
		}
	}
	r.Feed.Publish(changes...)
	if busy {
		r.Wake()
	}
}

// begun keeps a run at hand that is not at its end, and gives the change that
// it is.
func (r *Runner) begun(f *Firing, queued bool, data map[string]any) Change {
	run := *f.Run
	switch {
	case queued:
		run = run.Queued()
	case run.Status.Final():
		r.reply(&run)
	case run.Head.Semantics == 0: // its first step broke
	default:
		// A tree that cannot be found now is looked for again by the step.
		if tree, err := r.Trees.Tree(context.Background(), run.Hash); err == nil {
			r.hot.admit(begun(f, tree, data))
		}
		r.reply(&run)
	}
	return runChange(&run)
}

// refOf gives the receipt's reference to a firing's job; false when the firing
// was a duplicate.
func refOf(receipt *Receipt, f *Firing) (JobRef, bool) {
	for _, ref := range receipt.Jobs {
		if ref.ID == f.Job.ID {
			return ref, true
		}
	}
	return JobRef{}, false
}

// acceptance turns a resolution into what is to be saved.
func (r *Runner) acceptance(ctx context.Context, e event.Event, res resolve.Resolution) (Acceptance, error) {
	a := Acceptance{Event: e, Verdicts: res.Verdicts, Firings: make([]Firing, len(res.Firings))}
	for i := range res.Firings {
		f := &res.Firings[i]
		made, err := r.firing(ctx, &e, f, &res.Verdicts[f.Verdict], e.Received)
		if err != nil {
			return Acceptance{}, fmt.Errorf("fire %s for event %s: %w", f.Webhook, e.ID, err)
		}
		a.Firings[i] = made
	}
	return a, nil
}

func (r *Runner) firing(ctx context.Context, e *event.Event, f *webhooks.Firing, v *webhooks.Verdict, at time.Time) (Firing, error) {
	id, err := r.ID()
	if err != nil {
		return Firing{}, err
	}
	made := Firing{Verdict: f.Verdict, Job: Job{
		ID: id, EventID: e.ID, EventType: e.Type, EventAction: e.Action, Path: e.Path,
		Kapp: e.Scope.Kapp, Form: e.Scope.Form, Entity: e.Entity,
		Webhook: f.Webhook, WebhookHash: v.Hash,
		ScheduledAt: at, Created: at, Updated: at,
	}}
	if f.URL != nil {
		made.deliver(f.URL)
		return made, nil
	}
	t := f.Tree
	made.Job.Tree = engine.Title{Source: t.Source, Group: t.Group, Name: t.Name}
	run, first, err := r.begin(ctx, &made.Job, t.Hash, e.Data, at)
	if err != nil || run == nil {
		return made, err
	}
	run.Dedupe, run.Lane = t.Dedupe, t.Lane
	made.Run, made.First = run, first
	return made, nil
}

// deliver makes the job one that sends a request, at once or when others had
// time to join it, or that is kept until somebody replays it.
func (f *Firing) deliver(u *webhooks.URLFiring) {
	j := &f.Job
	j.Status, j.URL, j.Subscription = JobQueued, u.URL, u.Subscription
	j.Request = newRequest(u)
	if u.Held != "" {
		j.Status, j.Summary = JobHeld, u.Held
		return
	}
	j.ScheduledAt = j.Created.Add(u.Gather)
	f.Work = []Work{j.delivery(j.ScheduledAt, u.Ordered)}
}

// begin makes the run of a tree job and takes its first step. It gives no run
// when the job failed at once: then the job says why.
func (r *Runner) begin(ctx context.Context, j *Job, hash string, data map[string]any, at time.Time) (*Run, Step, error) {
	if hash == "" {
		j.fail(404, fmt.Sprintf("The %q tree does not exist.", j.Tree.String()), at)
		return nil, Step{}, nil
	}
	tree, err := r.Trees.Tree(ctx, hash)
	if err != nil {
		if ctx.Err() != nil {
			return nil, Step{}, ctx.Err()
		}
		j.fail(500, fmt.Sprintf("The %q tree could not be read: %v", j.Tree.String(), err), at)
		return nil, Step{}, nil
	}
	run, err := r.newRun(j, hash, at)
	if err != nil {
		return nil, Step{}, err
	}
	j.Status, j.Summary, j.Ended = JobComplete, "Initiated run #"+strconv.FormatInt(run.Number, 10), at
	j.Run, j.RunID = run.Number, run.ID
	return run, run.first(tree, data, at), nil
}

func (r *Runner) newRun(j *Job, hash string, at time.Time) (*Run, error) {
	id, err := r.ID()
	if err != nil {
		return nil, err
	}
	run := &Run{
		ID: id, Number: r.Ledger.ReserveNumber(), Title: j.Tree, Hash: hash,
		JobID: j.ID, EventID: j.EventID, Revision: 1, Created: at, Started: at,
	}
	if _, err := io.ReadFull(r.Random, run.Seed[:]); err != nil {
		return nil, fmt.Errorf("seed run #%d: %w", run.Number, err)
	}
	return run, nil
}

// first takes the run's first step, or leaves the run broken.
func (r *Run) first(tree *engine.Tree, data map[string]any, at time.Time) Step {
	d, commands, err := step(tree, r.state(data), engine.Started{At: at})
	if err != nil {
		return r.broken(Work{ID: r.ID, Kind: WorkStart, RunID: r.ID}, err, at)
	}
	return r.apply(d, commands, at)
}

// fail ends a job with an answer of ours.
func (j *Job) fail(status int, text string, at time.Time) {
	j.Status, j.Summary = JobFailed, strconv.Itoa(status)
	j.Response = &Response{Status: status, Body: []byte(text)}
	j.Updated, j.Ended = at, at
}
