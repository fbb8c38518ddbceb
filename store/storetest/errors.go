package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

var errorTests = []test{
	{"a fault of a run opens an error", faultOpens},
	{"a fault of the same place changes the open error", faultChanges},
	{"a resolution closes the error with its note and audit", faultResolved},
	{"a place that fails again after a resolution is a new error", faultAgain},
	{"connectors and places keep their errors apart", faultsApart},
	{"a fault in a first step opens an error", faultAtOnce},
	{"a verdict of outcome error opens an error", verdictError},
	{"a held firing opens an error that retention does not wait for", loopHeld},
	{"an application's filter that fails opens an error that retention does not wait for", applicationFails},
	{"a retried verdict fires in the same transaction", verdictRetried},
	{"a verdict that fails again stays open", verdictStays},
	{"an error that was handled cannot be handled again", handledOnce},
	{"audit rows come newest first and page", auditPages},
}

func (b *bench) fault(node engine.NodeID) engine.Fault {
	return engine.Fault{
		Node: node, Kind: engine.FaultHandler, Open: true, At: b.now,
		Failure: engine.Failure{Code: "status", Message: "the answer was 500", Detail: map[string]any{"status": int64(500)}},
	}
}

// faulted records a step of a run that opens or changes errors.
func (b *bench) faulted(runID string, faults ...engine.Fault) jobs.Run {
	b.t.Helper()
	run := b.load(runID).Run
	run.Status = engine.RunError
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Delta: engine.Delta{Faults: faults, Changed: true}}})
	run.Revision++
	return run
}

func faultOpens(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	at := b.tick(time.Second)
	f := b.fault("order")
	run := b.faulted(runID(a), f)
	got := b.openErrors()
	if len(got) != 1 || got[0].ID < 1 {
		b.t.Fatalf("the open errors are %+v; want one with an ID", got)
	}
	b.same("the error", got[0], jobs.ErrorRecord{
		ID: got[0].ID, RunID: run.ID, Run: run.Number, Title: laptop, EventID: a.Event.ID,
		Fault: f, Open: true, Created: at, Updated: at,
	})
}

func faultChanges(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	f := b.fault("order")
	b.faulted(runID(a), f)
	first := b.openErrors()[0]
	f.At = b.tick(time.Second)
	f.Failure.Message = "the answer was 502"
	b.faulted(runID(a), f)
	first.Fault, first.Updated = f, f.At
	b.same("the open errors", b.openErrors(), []jobs.ErrorRecord{first})
}

// resolved records an operator's retry of an open error.
func (b *bench) resolved(r jobs.ErrorRecord) jobs.ErrorRecord {
	b.t.Helper()
	at := b.tick(time.Second)
	r.Fault.Open, r.Fault.Action, r.Fault.At = false, engine.ActionRetry, at
	b.record(jobs.Progress{
		Run:   b.load(r.RunID).Run,
		Step:  jobs.Step{Delta: engine.Delta{Faults: []engine.Fault{r.Fault}, Changed: true}},
		Error: &jobs.ErrorProgress{ID: r.ID, Action: engine.ActionRetry, Note: "stock is back", By: "manager", At: at},
		Audit: &jobs.Audit{At: at, Who: "manager", Did: "error.retry", What: "1", Note: "stock is back", Detail: map[string]any{"run": r.Run}},
	})
	r.Open, r.Action, r.Note, r.By, r.Updated = false, engine.ActionRetry, "stock is back", "manager", at
	return r
}

func faultResolved(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	b.faulted(runID(a), b.fault("order"))
	want := b.resolved(b.openErrors()[0])
	b.same("the open errors", b.openErrors(), []jobs.ErrorRecord(nil))
	b.same("the error", rows[jobs.ErrorRecord](b)(b.store.Errors(t.Context(), jobs.ErrorFilter{IDs: []int64{want.ID}})), []jobs.ErrorRecord{want})
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit{{
		At: want.Updated, Who: "manager", Did: "error.retry", What: "1", Note: "stock is back", Detail: map[string]any{"run": want.Run},
	}})
}

func faultAgain(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	b.faulted(runID(a), b.fault("order"))
	first := b.resolved(b.openErrors()[0])
	b.faulted(runID(a), b.fault("order"))
	again := b.openErrors()
	if len(again) != 1 || again[0].ID <= first.ID {
		b.t.Errorf("the open errors are %+v; want one with an ID above %d", again, first.ID)
	}
}

func faultsApart(_ *testing.T, b *bench) {
	a, other := b.acceptance(), b.acceptance()
	b.accept(a, other)
	inLoop, connector := b.fault("order"), b.fault("order")
	inLoop.Place = "each[2]"
	connector.Connector, connector.Kind = "order>tell#0", engine.FaultConnector
	b.faulted(runID(a), b.fault("order"), inLoop, connector)
	b.faulted(runID(other), b.fault("order"))
	if n := len(b.openErrors()); n != 4 {
		b.t.Errorf("%d errors are open; want 4", n)
	}
}

func faultAtOnce(_ *testing.T, b *bench) {
	a := b.acceptance()
	a.Firings[0].Run.Status = engine.RunError
	a.Firings[0].First.Delta.Faults = []engine.Fault{b.fault("order")}
	b.accept(a)
	if got := b.openErrors(); len(got) != 1 || got[0].RunID != runID(a) {
		b.t.Errorf("the open errors are %+v; want one of run %s", got, runID(a))
	}
}

// undecided is an event with one webhook of two targets, of which one raised.
func (b *bench) undecided() jobs.Acceptance {
	return jobs.Acceptance{Event: b.event(), Verdicts: []webhooks.Verdict{
		{Webhook: "notify desk", Outcome: webhooks.Filtered, Target: "https://desk.example.com/hooks"},
		{Webhook: "notify desk", Outcome: webhooks.Errored, Reason: "values.Cost is not a number", Filter: "values.Cost > 1"},
	}}
}

func verdictError(_ *testing.T, b *bench) {
	a := b.undecided()
	b.accept(a)
	got := b.openErrors()
	if len(got) != 1 {
		b.t.Fatalf("%d errors are open; want 1", len(got))
	}
	b.same("the error", got[0], jobs.ErrorRecord{
		ID: got[0].ID, EventID: a.Event.ID, Webhook: "notify desk", Open: true,
		Fault: engine.Fault{
			Kind: jobs.FaultVerdict, Open: true, At: a.Event.Received,
			Failure: engine.Failure{Code: "verdict", Message: "values.Cost is not a number", Detail: map[string]any{"verdict": int64(1)}},
		},
		Created: a.Event.Received, Updated: a.Event.Received,
	})
}

func loopHeld(_ *testing.T, b *bench) {
	b.passes(webhooks.Verdict{Webhook: "convention", Outcome: webhooks.Loop, Reason: "held: it fired 60 times within a minute"}, jobs.FaultLoop)
}

func applicationFails(_ *testing.T, b *bench) {
	b.passes(webhooks.Verdict{Webhook: "keap/1", Outcome: webhooks.Errored, Reason: "the filter failed", Application: true}, jobs.FaultApplication)
}

// passes wants a verdict to open an error for which retention does not wait.
func (b *bench) passes(v webhooks.Verdict, kind engine.FaultKind) {
	b.t.Helper()
	a := jobs.Acceptance{Event: b.event(), Verdicts: []webhooks.Verdict{v}}
	b.accept(a)
	got := b.openErrors()
	if len(got) != 1 || got[0].Fault.Kind != kind || got[0].Fault.Failure.Message != a.Verdicts[0].Reason {
		b.t.Fatalf("the open errors are %+v; want one of the verdict", got)
	}
	b.tick(48 * time.Hour)
	if n := need[int](b)(b.store.Purge(b.t.Context(), jobs.Retention{Age: time.Hour}, b.now, 10)); n != 1 || len(b.openErrors()) != 0 {
		b.t.Errorf("retention removed %d events and left %d errors; want both gone", n, len(b.openErrors()))
	}
}

func verdictRetried(t *testing.T, b *bench) {
	a := b.undecided()
	b.accept(a)
	r := b.openErrors()[0]
	at := b.tick(time.Minute)
	fired := jobs.Acceptance{
		Event: a.Event,
		Verdicts: []webhooks.Verdict{
			{Webhook: "notify desk", Outcome: webhooks.Fired, Reason: "the filter holds"},
			{Webhook: "notify desk", Outcome: webhooks.Errored, Reason: "no such field", Target: "https://third.example.com/hooks"},
		},
		Firings: []jobs.Firing{b.treeFiring(&a.Event)},
	}
	p := jobs.ErrorProgress{
		ID: r.ID, Action: engine.ActionRetry, Note: "the form is mended", By: "manager", At: at, Accept: &fired, Places: []int{1, -1},
		Audit: &jobs.Audit{At: at, Who: "manager", Did: "error.retry", What: "1"},
	}
	if err := b.store.RecordError(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	open := b.openErrors()
	fault, _ := jobs.VerdictFault(fired.Verdicts[1], 2, at)
	if len(open) != 1 || open[0].ID == r.ID {
		t.Fatalf("the open errors are %+v; want one of the verdict that was added", open)
	}
	b.same("the fault", open[0].Fault, fault)
	record := need[jobs.EventRecord](b)(b.store.Event(t.Context(), a.Event.ID))
	b.same("the verdicts", record.Verdicts, []webhooks.Verdict{a.Verdicts[0], fired.Verdicts[0], fired.Verdicts[1]})
	if len(record.Jobs) != 1 || record.Jobs[0].ID != fired.Firings[0].Job.ID {
		t.Errorf("the event's jobs are %+v; want the one that the retry fired", record.Jobs)
	}
	b.same("the run", b.load(fired.Firings[0].Run.ID).Run, *fired.Firings[0].Run)
	b.same("the work", b.due(b.now), fired.Firings[0].First.Add)
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit{*p.Audit})
}

func verdictStays(t *testing.T, b *bench) {
	a := b.undecided()
	b.accept(a)
	r := b.openErrors()[0]
	p := jobs.ErrorProgress{
		ID: r.ID, Action: engine.ActionRetry, Note: "once more", By: "manager", At: b.tick(time.Minute), Open: true,
		Accept: &jobs.Acceptance{Event: a.Event, Verdicts: a.Verdicts[1:]}, Places: []int{1},
	}
	if err := b.store.RecordError(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got := b.openErrors()
	if len(got) != 1 || got[0].ID != r.ID || got[0].Note != "once more" || !got[0].Updated.Equal(p.At) {
		t.Errorf("the open errors are %+v; want the same one, with the note", got)
	}
}

func handledOnce(t *testing.T, b *bench) {
	b.accept(b.undecided())
	r := b.openErrors()[0]
	p := jobs.ErrorProgress{ID: r.ID, Action: engine.ActionLeave, Note: "known", By: "manager", At: b.now}
	if err := b.store.RecordError(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	p.Audit = &jobs.Audit{At: b.now, Did: "error.leave"}
	if err := b.store.RecordError(t.Context(), p); !errors.Is(err, jobs.ErrStale) {
		t.Errorf("RecordError gave %v; want ErrStale", err)
	}
	p.ID += 1000
	if err := b.store.RecordError(t.Context(), p); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("RecordError gave %v; want ErrNotFound", err)
	}
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit(nil))
}

func auditPages(t *testing.T, b *bench) {
	job := b.delivery()
	var want []string
	for _, did := range []string{"one", "two", "three"} {
		b.recordJob(jobs.JobProgress{Job: job, Was: job.Status, Audit: &jobs.Audit{At: b.tick(time.Second), Did: did}})
		want = append([]string{did}, want...)
	}
	got := paged(b, func(p jobs.Page) ([]jobs.Audit, string, error) { return b.store.Audits(t.Context(), p) },
		func(a jobs.Audit) string { return a.Did })
	b.same("the audit", got, want)
}
