package storetest

import (
	"errors"
	"sync"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
)

var concurrentTests = []test{
	{"of many equal events one is new", raceForKey},
	{"of many runs with one key one starts", raceForTreeKey},
	{"of many runs in one lane one starts", raceForLane},
	{"of many steps from one revision one is saved", raceForRevision},
	{"of many changes of one job one is saved", raceForJob},
	{"of many who handle an error one does", raceForError},
	{"numbers are given once", raceForNumbers},
}

// racers is how many callers race in each test.
const racers = 16

// race calls f from many goroutines at once and gives their errors.
func race(f func(i int) error) []error {
	errs := make([]error, racers)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errs
}

// one wants exactly one racer to win, and all others to be told want.
func (b *bench) one(errs []error, want error) {
	b.t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, want):
			b.t.Errorf("a racer got %v; want nil or %v", err, want)
		}
	}
	if won != 1 {
		b.t.Errorf("%d racers won; want 1", won)
	}
}

// raced accepts one acceptance a racer, and gives the receipts.
func (b *bench) raced(draw func() jobs.Acceptance) []jobs.Receipt {
	b.t.Helper()
	var batch [racers]jobs.Acceptance
	for i := range batch {
		batch[i] = draw()
	}
	receipts := [racers]jobs.Receipt{}
	for _, err := range race(func(i int) error {
		got, err := b.store.Accept(b.t.Context(), batch[i:i+1])
		if err == nil {
			receipts[i] = got[0]
		}
		return err
	}) {
		if err != nil {
			b.t.Fatalf("Accept: %v", err)
		}
	}
	return receipts[:]
}

func raceForKey(t *testing.T, b *bench) {
	fresh, ids := 0, map[string]bool{}
	for _, r := range b.raced(func() jobs.Acceptance { return b.fired(b.keyed("order-1")) }) {
		ids[r.EventID] = true
		if !r.Duplicate {
			fresh++
		}
	}
	if fresh != 1 || len(ids) != 1 {
		t.Errorf("%d events are new, under %d ids; want one", fresh, len(ids))
	}
}

func raceForTreeKey(t *testing.T, b *bench) {
	b.raced(func() jobs.Acceptance { return b.withKey("submission-1") })
	if n := len(rows[jobs.Run](b)(b.store.Runs(t.Context(), jobs.RunFilter{}))); n != 1 {
		t.Errorf("%d runs were started; want 1", n)
	}
}

func raceForLane(t *testing.T, b *bench) {
	started := 0
	for _, r := range b.raced(func() jobs.Acceptance { return b.inLane("manager") }) {
		if !r.Jobs[0].Queued {
			started++
		}
	}
	if started != 1 {
		t.Errorf("%d runs of one lane are started; want 1", started)
	}
}

func raceForRevision(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	run := b.load(runID(a)).Run
	b.one(race(func(int) error { return b.store.Record(t.Context(), jobs.Progress{Run: run}) }), jobs.ErrStale)
	if got := b.load(run.ID).Run.Revision; got != run.Revision+1 {
		t.Errorf("the revision is %d; want %d", got, run.Revision+1)
	}
}

func raceForJob(t *testing.T, b *bench) {
	job := b.delivery()
	changed := job
	changed.Status = jobs.JobCancelled
	b.one(race(func(int) error {
		return b.store.RecordJob(t.Context(), jobs.JobProgress{Job: changed, Was: job.Status})
	}), jobs.ErrStale)
}

func raceForError(t *testing.T, b *bench) {
	b.accept(b.undecided())
	p := jobs.ErrorProgress{ID: b.openErrors()[0].ID, Action: engine.ActionLeave, Note: "known", By: "manager", At: b.now}
	b.one(race(func(int) error { return b.store.RecordError(t.Context(), p) }), jobs.ErrStale)
}

func raceForNumbers(t *testing.T, b *bench) {
	var mu sync.Mutex
	seen := map[int64]bool{}
	race(func(int) error {
		for range 100 {
			n := b.store.ReserveNumber()
			mu.Lock()
			seen[n] = true
			mu.Unlock()
		}
		return nil
	})
	if len(seen) != racers*100 {
		t.Errorf("%d numbers were given for %d calls", len(seen), racers*100)
	}
}
