package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// bench is one store under test, with a clock and a source of identifiers that
// give the same in every run. Its methods make rows that differ in nothing but
// their identifiers and times; a test changes what it is about.
type bench struct {
	t     *testing.T
	store Store
	now   time.Time
	ids   int
}

func newBench(t *testing.T, s Store) *bench {
	t.Helper()
	return &bench{t: t, store: s, now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}
}

// laptop is the tree that firings start unless a test says otherwise.
var laptop = engine.Title{
	Source: "Kinetic Request CE", Group: "Submissions > services > laptop-request", Name: "Submitted",
}

// tick moves the clock and gives its time.
func (b *bench) tick(d time.Duration) time.Time {
	b.now = b.now.Add(d)
	return b.now
}

// id gives the next UUIDv7, of the bench's time.
func (b *bench) id() string {
	b.ids++
	ms := b.now.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7000-8000-%012x", ms>>16, ms&0xffff, b.ids)
}

func (b *bench) event() event.Event {
	at := b.tick(time.Second)
	return event.Event{
		ID:       b.id(),
		Platform: "kinetic",
		Type:     "Submission",
		Action:   "Submitted",
		Scope:    event.Scope{Kapp: "services", Form: "laptop-request"},
		Path:     "Submissions > services > laptop-request / Submitted",
		Entity:   fmt.Sprintf("submission-%d", b.ids),
		Occurred: at.Add(-time.Second),
		Received: at,
		Data: map[string]any{"values": map[string]any{
			"Model": "X1", "Cost": int64(9007199254740993), "Rate": 0.5, "Items": []any{"a", nil, true},
		}},
		Body:       []byte(`{"values":{"Model":"X1","Cost":9007199254740993,"Rate":0.5,"Items":["a",null,true]}}`),
		Credential: "portal",
	}
}

// acceptance is an event that started one run, which waits for a call.
func (b *bench) acceptance() jobs.Acceptance {
	return b.fired(b.event())
}

func (b *bench) fired(e event.Event) jobs.Acceptance {
	return jobs.Acceptance{
		Event:    e,
		Verdicts: []webhooks.Verdict{{Webhook: "convention", Outcome: webhooks.Fired, Reason: "the path names a tree", Target: laptop.String()}},
		Firings:  []jobs.Firing{b.treeFiring(&e)},
	}
}

func (b *bench) treeFiring(e *event.Event) jobs.Firing {
	job := b.job(e)
	run := b.run(e, &job)
	return jobs.Firing{Job: job, Run: &run, First: b.firstStep(run)}
}

func (b *bench) job(e *event.Event) jobs.Job {
	return jobs.Job{
		ID: b.id(), EventID: e.ID, EventType: e.Type, EventAction: e.Action, Path: e.Path,
		Kapp: e.Scope.Kapp, Form: e.Scope.Form, Entity: e.Entity,
		Webhook: "convention", WebhookHash: "hash of the webhook", Tree: laptop,
		Status: jobs.JobComplete, Created: e.Received, Updated: e.Received, Ended: e.Received,
	}
}

// run makes the run of a job, after a first step that called a handler.
func (b *bench) run(e *event.Event, job *jobs.Job) jobs.Run {
	run := jobs.Run{
		ID: b.id(), Number: b.store.ReserveNumber(), Title: laptop, Hash: "hash of the tree",
		JobID: job.ID, EventID: e.ID, Seed: [32]byte{1, 2, 3}, Inputs: map[string]any{"sku": "A-1"},
		Status: engine.RunRunning, Revision: 1,
		Created: e.Received, Started: e.Received,
	}
	run.Head = engine.Head{
		Semantics: 1, Status: engine.RunRunning, Order: 2, Done: 1, Steps: 1,
		Open: []engine.Execution{{Node: "order", Status: engine.TaskRunning, Attempt: 1}},
	}
	job.Run, job.RunID = run.Number, run.ID
	job.Summary = fmt.Sprintf("Initiated run #%d", run.Number)
	return run
}

// firstStep is a finished node and a call that is to be made.
func (b *bench) firstStep(run jobs.Run) jobs.Step {
	at := run.Started
	return jobs.Step{
		Delta: engine.Delta{
			Head: run.Head, Changed: true,
			Tasks: []engine.Task{
				{Node: "lookup", Status: engine.TaskComplete, Results: map[string]any{"stock": int64(4), "price": 12.5}, Order: 1, Done: 1, Started: at, Ended: at},
				{Node: "order", Status: engine.TaskRunning, Attempt: 1, Inputs: map[string]any{"sku": "A-1"}, Order: 2, Started: at},
			},
		},
		Add: []jobs.Work{b.call(run, "order")},
	}
}

func command(run jobs.Run, node engine.NodeID) engine.CommandID {
	return engine.CommandID(run.ID + "/" + string(node) + "//1")
}

func (b *bench) call(run jobs.Run, node engine.NodeID) jobs.Work {
	id := command(run, node)
	return jobs.Work{
		ID: string(id), Kind: jobs.WorkCall, RunID: run.ID, Due: b.now, Host: "stock.example.com",
		Call: &engine.Call{
			ID: id, Key: run.ID + "/" + string(node), Node: node, Attempt: 1, Handler: "http",
			Params:  map[string]any{"url": "https://stock.example.com/orders", "body": map[string]any{"qty": int64(2)}},
			Seals:   []engine.Seal{{At: "/headers/Authorization", Sealed: engine.Secret("HR_TOKEN")}},
			Timeout: 30 * time.Second,
		},
	}
}

// urlFiring is a job that sends the event to a URL.
func (b *bench) urlFiring(e *event.Event, host string) jobs.Firing {
	job := b.job(e)
	job.Tree = engine.Title{}
	job.Webhook = "notify desk"
	job.URL = "https://" + host + "/hook"
	job.Status = jobs.JobQueued
	job.Ended = time.Time{}
	job.ScheduledAt = e.Received
	job.Request = &jobs.Request{
		Method: "POST", URL: job.URL, Headers: map[string][]string{"X-Desk": {"1"}},
		Auth: webhooks.Auth{Kind: webhooks.AuthBearer, Secret: "DESK_TOKEN"},
	}
	return jobs.Firing{Job: job, Work: []jobs.Work{{ID: job.ID, Kind: jobs.WorkDelivery, JobID: job.ID, Due: e.Received, Host: host}}}
}

func (b *bench) accept(batch ...jobs.Acceptance) []jobs.Receipt {
	b.t.Helper()
	receipts, err := b.store.Accept(b.t.Context(), batch)
	if err != nil {
		b.t.Fatalf("Accept: %v", err)
	}
	if len(receipts) != len(batch) {
		b.t.Fatalf("Accept gave %d receipts for %d events", len(receipts), len(batch))
	}
	return receipts
}

func (b *bench) load(id string, nodes ...engine.NodeID) jobs.Loaded {
	b.t.Helper()
	return need[jobs.Loaded](b)(b.store.Load(b.t.Context(), id, nodes))
}

func (b *bench) due(at time.Time) []jobs.Work {
	b.t.Helper()
	work, _, err := b.store.Due(b.t.Context(), jobs.DueQuery{Now: at, Limit: 1000})
	if err != nil {
		b.t.Fatalf("Due: %v", err)
	}
	return work
}

// end records a step that completes a run, or cancels it.
func (b *bench) end(id string, status engine.RunStatus, tasks ...engine.Task) {
	b.t.Helper()
	run := b.load(id).Run
	run.Status, run.Head.Status = status, status
	run.Head.Open = nil
	run.Ended = b.tick(time.Second)
	run.Head.Ended = run.Ended
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Delta: engine.Delta{Head: run.Head, Tasks: tasks, Changed: true}}})
}

func (b *bench) record(p jobs.Progress) {
	b.t.Helper()
	if err := b.store.Record(b.t.Context(), p); err != nil {
		b.t.Fatalf("Record: %v", err)
	}
}

func (b *bench) same(what string, got, want any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// need gives a function that hands on a value and ends the test on an error.
func need[T any](b *bench) func(T, error) T {
	return func(v T, err error) T {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
		return v
	}
}

// rows is need for a list whose cursor is of no interest.
func rows[T any](b *bench) func([]T, string, error) []T {
	return func(list []T, _ string, err error) []T {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
		return list
	}
}

// openErrors lists the open errors, newest first.
func (b *bench) openErrors() []jobs.ErrorRecord {
	b.t.Helper()
	return rows[jobs.ErrorRecord](b)(b.store.Errors(b.t.Context(), jobs.ErrorFilter{Open: new(true)}))
}

func (b *bench) workIDs(at time.Time) []string {
	b.t.Helper()
	var ids []string
	for _, w := range b.due(at) {
		ids = append(ids, w.ID)
	}
	return ids
}
