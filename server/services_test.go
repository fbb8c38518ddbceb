package server_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// fakeIntake keeps what it is given, and answers as a test says.
type fakeIntake struct {
	mu       sync.Mutex
	events   []event.Event
	err      error
	receipts func([]event.Event) []jobs.Receipt
	firings  []webhooks.Firing // what every event would fire
	await    func(context.Context, string) (jobs.Reply, error)
}

func (f *fakeIntake) Accept(_ context.Context, events []event.Event) ([]jobs.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.events = append(f.events, events...)
	if f.receipts != nil {
		return f.receipts(events), nil
	}
	receipts := make([]jobs.Receipt, len(events))
	for i, e := range events {
		receipts[i] = jobs.Receipt{EventID: e.ExternalID, Path: e.Path, Verdicts: []webhooks.Verdict{{Outcome: webhooks.None, Reason: "nothing wants it"}}}
	}
	return receipts, nil
}

func (f *fakeIntake) Await(ctx context.Context, runID string) (jobs.Reply, error) {
	return f.await(ctx, runID)
}

func (f *fakeIntake) resolve(event.Event) resolve.Resolution {
	return resolve.Resolution{Firings: f.firings}
}

// take gives what was stored, and forgets it.
func (f *fakeIntake) take() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	taken := f.events
	f.events = nil
	return taken
}

func (f *fakeIntake) stored() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// fakeHistory answers from fixed rows and remembers what it was asked.
type fakeHistory struct {
	mu     sync.Mutex
	jobs   map[string]jobs.Job
	runs   map[int64]jobs.Run
	tasks  map[string][]engine.Task
	events map[string]jobs.EventRecord
	latest []jobs.EventRecord // for lists
	errs   []jobs.ErrorRecord
	err    error
	asked  any
}

func newFakeHistory() *fakeHistory {
	return &fakeHistory{
		jobs: map[string]jobs.Job{}, runs: map[int64]jobs.Run{}, tasks: map[string][]engine.Task{}, events: map[string]jobs.EventRecord{},
	}
}

func (f *fakeHistory) note(filter any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = filter
	return f.err
}

func (f *fakeHistory) lastAsked() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fakeHistory) Jobs(_ context.Context, filter jobs.JobFilter) ([]jobs.Job, string, error) {
	var all []jobs.Job
	for _, j := range f.jobs {
		all = append(all, j)
	}
	return all, "more", f.note(filter)
}

func (f *fakeHistory) Job(_ context.Context, id string) (jobs.Job, error) { return one(f.jobs, id) }

func (f *fakeHistory) Runs(_ context.Context, filter jobs.RunFilter) ([]jobs.Run, string, error) {
	var all []jobs.Run
	for _, r := range f.runs {
		all = append(all, r)
	}
	return all, "", f.note(filter)
}

func (f *fakeHistory) Run(_ context.Context, number int64) (jobs.Run, error) {
	return one(f.runs, number)
}

func (f *fakeHistory) Tasks(_ context.Context, runID string) ([]engine.Task, error) {
	return f.tasks[runID], nil
}

func (f *fakeHistory) Events(_ context.Context, filter jobs.EventFilter) ([]jobs.EventRecord, string, error) {
	var found []jobs.EventRecord
	for _, r := range f.latest {
		if r.Event.Type == filter.Type && len(found) < filter.Limit {
			found = append(found, r)
		}
	}
	return found, "", f.note(filter)
}

func (f *fakeHistory) Event(_ context.Context, id string) (jobs.EventRecord, error) {
	return one(f.events, id)
}

func (f *fakeHistory) Errors(_ context.Context, filter jobs.ErrorFilter) ([]jobs.ErrorRecord, string, error) {
	return f.errs, "", f.note(filter)
}

func (f *fakeHistory) Audits(_ context.Context, p jobs.Page) ([]jobs.Audit, string, error) {
	return []jobs.Audit{
		{At: noon, Who: "grace", Did: "job.retry", What: "j1", Note: "the desk is back", Detail: map[string]any{"attempt": 3}},
		{At: noon, Who: "hooktree", Did: "subscription.disable", What: "keap/1"},
	}, "older", f.note(p)
}

func (f *fakeHistory) Count(context.Context) (jobs.Counts, error) {
	return jobs.Counts{
		Jobs: map[jobs.JobStatus]int64{jobs.JobComplete: 3}, Runs: map[engine.RunStatus]int64{engine.RunError: 2}, OpenErrors: 2, Work: 5, Bytes: 4096,
	}, f.err
}

func one[K comparable, V any](rows map[K]V, key K) (V, error) {
	row, ok := rows[key]
	if !ok {
		return row, jobs.ErrNotFound
	}
	return row, nil
}

// fakeDesk remembers the acts.
type fakeDesk struct {
	mu       sync.Mutex
	acts     []string
	err      error
	asked    jobs.Resolution
	resolved []jobs.Resolved
	replay   jobs.Replay
	retried  []jobs.Retried
	next     string
}

func (f *fakeDesk) act(did, what string, by jobs.Act) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acts = append(f.acts, did+" "+what+" by "+by.By+": "+by.Note)
	return f.err
}

func (f *fakeDesk) RetryJob(_ context.Context, id string, by jobs.Act) (jobs.Job, error) {
	return jobs.Job{}, f.act("retry job", id, by)
}

func (f *fakeDesk) RetryJobs(_ context.Context, r jobs.Replay, by jobs.Act) ([]jobs.Retried, string, error) {
	f.replay = r
	return f.retried, f.next, f.act("retry jobs", fmt.Sprint(r.IDs), by)
}

func (f *fakeDesk) CancelJob(_ context.Context, id string, by jobs.Act) (jobs.Job, error) {
	return jobs.Job{}, f.act("cancel job", id, by)
}

func (f *fakeDesk) CancelRun(_ context.Context, number int64, by jobs.Act) error {
	return f.act("cancel run", strconv.FormatInt(number, 10), by)
}

func (f *fakeDesk) ResolveErrors(_ context.Context, r jobs.Resolution) ([]jobs.Resolved, error) {
	f.asked = r
	return f.resolved, f.act(string(r.Action), fmt.Sprint(r.IDs), jobs.Act{By: r.By, Note: r.Note})
}

// fakeTrees is a library that a test gives.
type fakeTrees struct {
	library  *trees.Library
	versions []trees.Version
	edits    []trees.Edit
	err      error
}

func (f *fakeTrees) Library() *trees.Library { return f.library }

func (f *fakeTrees) Version(_ context.Context, hash string) (*trees.Tree, error) {
	for _, t := range f.library.All() {
		if t.Hash == hash {
			return t, nil
		}
	}
	return nil, trees.ErrNotFound
}

func (f *fakeTrees) History(context.Context, string, int) ([]trees.Version, error) {
	return f.versions, nil
}

func (f *fakeTrees) Put(_ context.Context, edit trees.Edit) (*trees.Tree, error) {
	f.edits = append(f.edits, edit)
	if f.err != nil {
		return nil, f.err
	}
	return &trees.Tree{Tree: &engine.Tree{Title: edit.Title, Hash: "h1"}, YAML: edit.YAML}, nil
}

func (f *fakeTrees) Delete(_ context.Context, edit trees.Edit) error {
	f.edits = append(f.edits, edit)
	return f.err
}

func (f *fakeTrees) Try(yaml []byte) (*trees.Tree, trees.Faults) {
	return trees.Parse("tree.yaml", yaml, trees.Environment{Handlers: specs})
}

var specs = map[string]*engine.Spec{"echo": {Name: "echo", Help: "Gives back what it gets.", Params: []engine.Param{
	{Name: "text", Type: engine.Type{Kind: engine.KindAny}, Help: "What to give back."},
}}}

// fakeWebhooks keeps webhooks in a list.
type fakeWebhooks struct {
	mu   sync.Mutex
	list []webhooks.Webhook
}

func (f *fakeWebhooks) List(context.Context) ([]webhooks.Webhook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]webhooks.Webhook(nil), f.list...), nil
}

func (f *fakeWebhooks) Put(_ context.Context, edit server.WebhookEdit) (webhooks.Webhook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := webhooks.Webhook{Name: edit.Name, Kapp: edit.Kapp, Source: string(edit.Definition), Hash: edit.Was + "+", Origin: "api"}
	f.list = append(f.without(edit), w)
	return w, nil
}

func (f *fakeWebhooks) Delete(_ context.Context, edit server.WebhookEdit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = f.without(edit)
	return nil
}

func (f *fakeWebhooks) without(edit server.WebhookEdit) []webhooks.Webhook {
	var rest []webhooks.Webhook
	for _, w := range f.list {
		if w.Name != edit.Name || w.Kapp != edit.Kapp {
			rest = append(rest, w)
		}
	}
	return rest
}

type fakeExplainer struct{}

func (fakeExplainer) Verdict(_ context.Context, _ jobs.EventRecord, v webhooks.Verdict) ([]expression.Seen, error) {
	return []expression.Seen{{Text: v.Filter, Shown: "0 > 1", Value: false, Evaluated: true}}, nil
}

func (fakeExplainer) Connector(context.Context, jobs.Run, []engine.Task, engine.Task, engine.Decision) ([]expression.Seen, error) {
	return nil, jobs.ErrNotFound
}

type fakeHealth struct{ troubles, warnings []string }

func (f *fakeHealth) Ready(context.Context) (troubles, warnings []string) {
	return f.troubles, f.warnings
}

func (*fakeHealth) Gauges(context.Context) map[string]float64 {
	return map[string]float64{"hooktree_store_writes_waiting": 12}
}
