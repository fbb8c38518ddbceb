package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

var recordTests = []test{
	{"a step is read back whole", stepReadBack},
	{"a stale revision changes nothing", staleRevision},
	{"a run that is not there is not found", unknownRun},
	{"open tasks and the finished ones of the named nodes are loaded", loadsNamed},
	{"the executions of one node are told apart by place", placesApart},
	{"a task is replaced whole", taskReplaced},
	{"a final run keeps no work", finalKeepsNoWork},
	{"work with a known ID takes the place of the old", workReplaced},
	{"outputs and answer are kept", outputsKept},
	{"values keep their kinds", valuesKeepKinds},
}

func stepReadBack(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	run := *a.Firings[0].Run
	at := b.tick(time.Second)
	run.Status = engine.RunWaiting
	run.Head = engine.Head{
		Semantics: 1, Status: engine.RunWaiting, Order: 3, Done: 2, Steps: 2,
		Open:  []engine.Execution{{Node: "pause", Status: engine.TaskWaiting, Due: at.Add(time.Hour)}},
		Joins: []engine.Tally{{Node: "both", Arrived: []int{1}, Visits: 1}},
	}
	order := engine.Task{
		Node: "order", Status: engine.TaskComplete, Attempt: 1, Inputs: map[string]any{"sku": "A-1"},
		Results: map[string]any{"status": int64(201)}, Order: 2, Done: 2, Started: run.Started, Ended: at,
		Attempts: []engine.Attempt{{Number: 1, Started: run.Started, Ended: at, Error: engine.Failure{Code: "status", Message: "503", Retryable: true}}},
		Fired:    []engine.Decision{{To: "pause", On: engine.OnComplete, Fired: true}},
	}
	pause := engine.Task{Node: "pause", Status: engine.TaskWaiting, Reason: "until 10:30", Due: at.Add(time.Hour), Order: 3, Started: at}
	timer := jobs.Work{ID: string(command(run, "pause")), Kind: jobs.WorkTimer, RunID: run.ID, Due: at.Add(time.Hour)}
	b.record(jobs.Progress{Run: run, Step: jobs.Step{
		Delta: engine.Delta{Head: run.Head, Tasks: []engine.Task{order, pause}, Changed: true},
		Add:   []jobs.Work{timer},
		Drop:  []string{string(command(run, "order"))},
	}})

	run.Revision++
	loaded := b.load(run.ID, "order", "pause")
	b.same("the run", loaded.Run, run)
	b.same("the tasks that a step needs", loaded.Tasks, []engine.Task{order, pause})
	tasks := need[[]engine.Task](b)(b.store.Tasks(t.Context(), run.ID))
	b.same("the tasks", tasks, []engine.Task{a.Firings[0].First.Delta.Tasks[0], order, pause})
	b.same("the work now", b.due(at), []jobs.Work(nil))
	b.same("the work in an hour", b.due(at.Add(time.Hour)), []jobs.Work{timer})
}

func staleRevision(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	before := b.load(runID(a), "lookup", "order")
	run := before.Run
	run.Revision--
	run.Status = engine.RunComplete
	p := jobs.Progress{
		Run: run,
		Step: jobs.Step{
			Delta: engine.Delta{
				Tasks: []engine.Task{{Node: "order", Status: engine.TaskComplete, Order: 2}}, Changed: true,
				Faults: []engine.Fault{{Node: "order", Kind: engine.FaultHandler, Open: true, At: b.now}},
			},
			Drop: []string{string(command(run, "order"))},
		},
		Audit: &jobs.Audit{At: b.now, Did: "run.cancel"},
	}
	if err := b.store.Record(t.Context(), p); !errors.Is(err, jobs.ErrStale) {
		t.Errorf("Record gave %v; want ErrStale", err)
	}
	b.same("the run", b.load(runID(a), "lookup", "order"), before)
	b.same("the work", b.due(b.now), a.Firings[0].First.Add)
	b.same("the errors", b.openErrors(), []jobs.ErrorRecord(nil))
	b.same("the audit", rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{})), []jobs.Audit(nil))
}

func unknownRun(t *testing.T, b *bench) {
	id := b.id()
	if _, err := b.store.Load(t.Context(), id, nil); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Load gave %v; want ErrNotFound", err)
	}
	if err := b.store.Record(t.Context(), jobs.Progress{Run: jobs.Run{ID: id}}); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Record gave %v; want ErrNotFound", err)
	}
	if _, err := b.store.Run(t.Context(), 4711); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Run gave %v; want ErrNotFound", err)
	}
	if _, err := b.store.Tasks(t.Context(), id); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Tasks gave %v; want ErrNotFound", err)
	}
}

func loadsNamed(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	tasks := a.Firings[0].First.Delta.Tasks
	b.same("no node", b.load(runID(a)).Tasks, tasks[1:])
	b.same("a node that never ran", b.load(runID(a), "elsewhere").Tasks, tasks[1:])
	b.same("a finished node", b.load(runID(a), "lookup").Tasks, tasks)
	b.end(runID(a), engine.RunComplete, engine.Task{Node: "order", Status: engine.TaskCancelled, Order: 2, Done: 2})
	b.same("no node of a finished run", b.load(runID(a)).Tasks, []engine.Task(nil))
}

func placesApart(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	run := b.load(runID(a)).Run
	var items []engine.Task
	for i, place := range []engine.Place{"each[0]", "each[1]", "each[10]"} {
		items = append(items, engine.Task{Node: "send", Place: place, Status: engine.TaskComplete, Results: int64(i), Order: int64(3 + i), Done: int64(3 + i)})
	}
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Delta: engine.Delta{Tasks: items, Changed: true}}})
	b.same("the items", b.load(runID(a), "send").Tasks[1:], items)
	if n := len(need[[]engine.Task](b)(b.store.Tasks(t.Context(), runID(a)))); n != 5 {
		t.Errorf("the run has %d tasks; want 5", n)
	}
}

func taskReplaced(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	bare := engine.Task{Node: "lookup", Status: engine.TaskSkipped, Order: 1, Done: 3}
	b.record(jobs.Progress{Run: b.load(runID(a)).Run, Step: jobs.Step{Delta: engine.Delta{Tasks: []engine.Task{bare}, Changed: true}}})
	b.same("the task", b.load(runID(a), "lookup").Tasks[0], bare)
}

func finalKeepsNoWork(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	b.end(runID(a), engine.RunCancelled)
	b.same("the work", b.due(b.now.Add(time.Hour)), []jobs.Work(nil))
}

func workReplaced(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	w := a.Firings[0].First.Add[0]
	w.Due = b.now.Add(time.Hour)
	b.record(jobs.Progress{Run: b.load(runID(a)).Run, Step: jobs.Step{Add: []jobs.Work{w}}})
	b.same("the work now", b.due(b.now), []jobs.Work(nil))
	b.same("the work in an hour", b.due(w.Due), []jobs.Work{w})
}

func outputsKept(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	run := b.load(runID(a)).Run
	run.Outputs = map[string]any{"approved": true, "count": int64(3)}
	run.Answer = &engine.Answer{Status: 201, Headers: map[string]string{"X-Order": "7"}, Body: map[string]any{"ok": true}}
	b.record(jobs.Progress{Run: run})
	run.Revision++
	b.same("the loaded run", b.load(run.ID).Run, run)
	b.same("the run by number", need[jobs.Run](b)(b.store.Run(t.Context(), run.Number)), run)
}

func valuesKeepKinds(_ *testing.T, b *bench) {
	a := b.acceptance()
	a.Firings[0].First.Delta.Tasks[0].Results = map[string]any{
		"big": int64(9007199254740993), "half": 0.5, "text": "é ✓ \u0000", "none": nil, "list": []any{int64(1), "2", false},
	}
	b.accept(a)
	b.same("the results", b.load(runID(a), "lookup").Tasks, a.Firings[0].First.Delta.Tasks)
}
