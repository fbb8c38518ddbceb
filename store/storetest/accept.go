package storetest

import (
	"context"
	"errors"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

var acceptTests = []test{
	{"what was accepted is read back whole", readBack},
	{"a receipt names jobs and runs", receiptNames},
	{"an event that fires nothing is kept with its verdicts", firesNothing},
	{"a batch keeps its order and fires each event", batchOrder},
	{"a job of a tree that does not exist has no run", missingTree},
	{"a canceled context saves nothing", canceledAccept},
	{"a refused batch leaves nothing behind", refusedBatch},
	{"run numbers rise and never repeat", numbersRise},
}

func readBack(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	want := a.Firings[0]

	loaded := b.load(want.Run.ID, "lookup")
	b.same("the run", loaded.Run, *want.Run)
	b.same("the event's data", loaded.Data, a.Event.Data)
	b.same("the tasks that a step needs", loaded.Tasks, want.First.Delta.Tasks)

	b.same("the run by its number", need[jobs.Run](b)(b.store.Run(t.Context(), want.Run.Number)), *want.Run)
	b.same("the tasks", need[[]engine.Task](b)(b.store.Tasks(t.Context(), want.Run.ID)), want.First.Delta.Tasks)
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), want.Job.ID)), want.Job)
	b.same("the work", b.due(b.now), want.First.Add)

	record := need[jobs.EventRecord](b)(b.store.Event(t.Context(), a.Event.ID))
	b.same("the event", record.Event, a.Event)
	b.same("the verdicts", record.Verdicts, a.Verdicts)
	b.same("the event's jobs", record.Jobs, []jobs.JobRef{{
		ID: want.Job.ID, Webhook: "convention", Tree: laptop.String(), Run: want.Run.Number, RunID: want.Run.ID,
	}})
}

func receiptNames(_ *testing.T, b *bench) {
	a := b.acceptance()
	url := b.urlFiring(&a.Event, "desk.example.com")
	a.Verdicts = append(a.Verdicts, webhooks.Verdict{Webhook: "notify desk", Outcome: webhooks.Fired})
	url.Verdict = 1
	a.Firings = append(a.Firings, url)

	got := b.accept(a)[0]
	b.same("the receipt", got, jobs.Receipt{
		EventID: a.Event.ID, Path: a.Event.Path, Verdicts: a.Verdicts,
		Jobs: []jobs.JobRef{
			{ID: a.Firings[0].Job.ID, Webhook: "convention", Tree: laptop.String(), Run: a.Firings[0].Run.Number, RunID: a.Firings[0].Run.ID},
			{ID: url.Job.ID, Webhook: "notify desk", URL: "https://desk.example.com/hook"},
		},
	})
	b.same("the delivery's job", need[jobs.LoadedJob](b)(b.store.LoadJob(b.t.Context(), url.Job.ID)),
		jobs.LoadedJob{Job: url.Job, Payload: a.Event.Body, Data: a.Event.Data})
}

func firesNothing(t *testing.T, b *bench) {
	a := jobs.Acceptance{Event: b.event(), Verdicts: []webhooks.Verdict{{Outcome: webhooks.None, Reason: "nothing wants it"}}}
	b.accept(a)
	record := need[jobs.EventRecord](b)(b.store.Event(t.Context(), a.Event.ID))
	b.same("the verdicts", record.Verdicts, a.Verdicts)
	b.same("the jobs", record.Jobs, []jobs.JobRef(nil))
}

func batchOrder(_ *testing.T, b *bench) {
	batch := []jobs.Acceptance{b.acceptance(), b.acceptance(), b.acceptance()}
	for i, r := range b.accept(batch...) {
		if r.EventID != batch[i].Event.ID || len(r.Jobs) != 1 || r.Jobs[0].ID != batch[i].Firings[0].Job.ID {
			b.t.Errorf("receipt %d is %+v; want that of event %s", i, r, batch[i].Event.ID)
		}
	}
}

func missingTree(t *testing.T, b *bench) {
	e := b.event()
	job := b.job(&e)
	job.Status = jobs.JobFailed
	job.Summary = "404"
	job.Response = &jobs.Response{Status: 404, Body: []byte(`The tree does not exist.`)}
	b.accept(jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{{Outcome: webhooks.Fired}}, Firings: []jobs.Firing{{Job: job}}})
	b.same("the job", need[jobs.Job](b)(b.store.Job(t.Context(), job.ID)), job)
	b.same("the runs", rows[jobs.Run](b)(b.store.Runs(t.Context(), jobs.RunFilter{})), []jobs.Run(nil))
	b.same("the work", b.due(b.now), []jobs.Work(nil))
}

func canceledAccept(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.store.Accept(ctx, []jobs.Acceptance{b.acceptance()}); !errors.Is(err, context.Canceled) {
		t.Errorf("Accept with a canceled context gave %v; want context.Canceled", err)
	}
	b.isEmpty()
}

func refusedBatch(t *testing.T, b *bench) {
	first := b.event()
	first.ExternalID = "order-1"
	other := b.event()
	other.ExternalID = "order-1"
	other.Body = []byte(`{"another":"body"}`)
	_, err := b.store.Accept(t.Context(), []jobs.Acceptance{b.acceptance(), b.fired(first), b.fired(other)})
	if !errors.Is(err, jobs.ErrKeyReused) {
		t.Errorf("Accept gave %v; want ErrKeyReused", err)
	}
	b.isEmpty()
}

func (b *bench) isEmpty() {
	b.t.Helper()
	ctx := b.t.Context()
	b.same("the events", rows[jobs.EventRecord](b)(b.store.Events(ctx, jobs.EventFilter{})), []jobs.EventRecord(nil))
	b.same("the jobs", rows[jobs.Job](b)(b.store.Jobs(ctx, jobs.JobFilter{})), []jobs.Job(nil))
	b.same("the runs", rows[jobs.Run](b)(b.store.Runs(ctx, jobs.RunFilter{})), []jobs.Run(nil))
	b.same("the work", b.due(b.now), []jobs.Work(nil))
	b.same("the errors", b.openErrors(), []jobs.ErrorRecord(nil))
}

func numbersRise(_ *testing.T, b *bench) {
	last := b.store.ReserveNumber()
	if last < 1 {
		b.t.Fatalf("the first number is %d; want at least 1", last)
	}
	for range 100 {
		n := b.store.ReserveNumber()
		if n <= last {
			b.t.Fatalf("%d came after %d", n, last)
		}
		last = n
	}
}
