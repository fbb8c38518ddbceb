package storetest

import (
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

var reopenTests = []test{
	{"what was acknowledged is there after a crash", crashKeeps},
	{"run numbers go on after a crash", crashNumbers},
}

// reopen crashes the store and opens it again.
func (b *bench) reopen() {
	b.t.Helper()
	r, ok := b.store.(Reopener)
	if !ok {
		b.t.Skip("the store ends with its process")
	}
	b.store = r.Reopen(b.t)
}

func crashKeeps(t *testing.T, b *bench) {
	first := b.fired(b.keyed("order-1"))
	receipt := b.accept(first)[0]
	one, two := b.inLane("manager"), b.inLane("manager")
	one.Firings[0].Run.Dedupe = "submission-1"
	b.accept(one, two)
	held := first.Firings[0].First.Add[0]
	held.Due = time.Time{}
	run := b.faulted(runID(first), b.fault("order"))
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Add: []jobs.Work{held}}})
	run.Revision++

	errs, work := b.openErrors(), b.due(b.now)
	b.reopen()

	b.same("the run", b.load(run.ID).Run, run)
	b.same("the held work", b.load(run.ID).Held, []jobs.Work{held})
	b.same("the errors", b.openErrors(), errs)
	b.same("the work", b.due(b.now), work)
	receipt.Duplicate = true
	b.same("the receipt of a repeat", b.accept(b.fired(b.keyed("order-1")))[0], receipt)
	repeat := b.acceptance()
	repeat.Firings[0].Run.Dedupe = "submission-1"
	b.isDuplicate(b.accept(repeat)[0].Verdicts)
	b.end(runID(one), engine.RunComplete)
	b.same("the starts of the lane", b.starts(), []string{runID(two)})
	b.settle()
	found := rows[jobs.Job](b)(b.store.Jobs(t.Context(), jobs.JobFilter{Text: "laptop-request"}))
	if len(found) != 3 {
		t.Errorf("a search finds %d jobs; want 3", len(found))
	}
}

func crashNumbers(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	last := b.store.ReserveNumber()
	b.reopen()
	if n := b.store.ReserveNumber(); n <= a.Firings[0].Run.Number {
		t.Errorf("after run #%d and number %d were given, %d came", a.Firings[0].Run.Number, last, n)
	}
}
