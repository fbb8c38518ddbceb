package storetest

import (
	"testing"
	"time"

	"hooktree/jobs"
)

var dueTests = []test{
	{"the oldest work comes first", dueOrder},
	{"work that is not due is named by its time", dueNext},
	{"reading work changes nothing", duePure},
	{"a limit takes the oldest", dueLimit},
	{"busy hosts are left out", dueBusy},
	{"held work is loaded with its run and never due", dueHeld},
}

// timers adds one timer to a new run for each wait.
func (b *bench) timers(waits ...time.Duration) (from time.Time, ids []string) {
	b.t.Helper()
	a := b.acceptance()
	from = b.now
	a.Firings[0].First.Add = nil
	for _, wait := range waits {
		w := jobs.Work{ID: runID(a) + "/" + wait.String(), Kind: jobs.WorkTimer, RunID: runID(a), Due: from.Add(wait)}
		a.Firings[0].First.Add = append(a.Firings[0].First.Add, w)
		ids = append(ids, w.ID)
	}
	b.accept(a)
	return from, ids
}

func dueOrder(_ *testing.T, b *bench) {
	from, ids := b.timers(3*time.Second, time.Second, 2*time.Second, time.Minute)
	b.same("the work", b.workIDs(from.Add(3*time.Second)), []string{ids[1], ids[2], ids[0]})
}

func dueNext(t *testing.T, b *bench) {
	if _, next, err := b.store.Due(t.Context(), jobs.DueQuery{Now: b.now, Limit: 10}); err != nil || !next.IsZero() {
		t.Errorf("an empty store names %v, %v; want no time", next, err)
	}
	from, _ := b.timers(time.Second, time.Hour, time.Minute)
	work, next, err := b.store.Due(t.Context(), jobs.DueQuery{Now: from.Add(time.Second), Limit: 10})
	if err != nil || len(work) != 1 || !next.Equal(from.Add(time.Minute)) {
		t.Errorf("Due = %d pieces, next %v, %v; want one, next %v", len(work), next, err, from.Add(time.Minute))
	}
}

func duePure(_ *testing.T, b *bench) {
	from, ids := b.timers(time.Second, 2*time.Second)
	for range 2 {
		b.same("the work", b.workIDs(from.Add(time.Minute)), ids)
	}
}

func dueLimit(t *testing.T, b *bench) {
	from, ids := b.timers(3*time.Second, 2*time.Second, time.Second)
	work, _, err := b.store.Due(t.Context(), jobs.DueQuery{Now: from.Add(time.Minute), Limit: 2})
	if err != nil || len(work) != 2 || work[0].ID != ids[2] || work[1].ID != ids[1] {
		t.Errorf("Due = %+v, %v; want the two oldest", work, err)
	}
}

func dueBusy(t *testing.T, b *bench) {
	var want []string
	for _, host := range []string{"slow.example.com", "slow.example.com", "quick.example.com", "other.example.com"} {
		e := b.event()
		a := jobs.Acceptance{Event: e, Verdicts: b.fired(e).Verdicts}
		a.Firings = []jobs.Firing{b.urlFiring(&e, host)}
		b.accept(a)
		if host == "other.example.com" {
			want = append(want, a.Firings[0].Job.ID)
		}
	}
	work, _, err := b.store.Due(t.Context(), jobs.DueQuery{Now: b.now, Limit: 2, Busy: []string{"slow.example.com", "quick.example.com"}})
	if err != nil || len(work) != 1 || work[0].ID != want[0] {
		t.Errorf("Due = %+v, %v; want only %v", work, err, want)
	}
}

func dueHeld(_ *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	held := a.Firings[0].First.Add[0]
	due := held.Due
	held.Due = time.Time{}
	run := b.load(runID(a)).Run
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Add: []jobs.Work{held}}})
	b.same("the work", b.due(b.now.Add(time.Hour)), []jobs.Work(nil))
	b.same("the held work", b.load(run.ID).Held, []jobs.Work{held})

	run.Revision++
	held.Due = due
	b.record(jobs.Progress{Run: run, Step: jobs.Step{Add: []jobs.Work{held}}})
	b.same("the work after its release", b.due(b.now), []jobs.Work{held})
	b.same("the held work after its release", b.load(run.ID).Held, []jobs.Work(nil))
}
