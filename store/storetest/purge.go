package storetest

import (
	"errors"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

var purgeTests = []test{
	{"what is too old goes with all that followed from it", purgeAge},
	{"an open run, job, error or key keeps its event", purgeKeeps},
	{"what is held for a disabled subscription goes in its time", purgeHeld},
	{"a run can be removed alone when it is final", runRemoved},
	{"a portion is bounded and takes the oldest", purgePortion},
	{"a bound in bytes takes the oldest first", purgeBytes},
	{"zero retention keeps for ever", purgeNever},
	{"the latest rows of the audit are left", purgeActs},
	{"the key of a purged run is free again", purgeFreesKey},
	{"a purge never gives a number again", purgeNumbers},
}

const month = 30 * 24 * time.Hour

func (b *bench) purge(keep jobs.Retention, limit int) int {
	b.t.Helper()
	return need[int](b)(b.store.Purge(b.t.Context(), keep, b.now, limit))
}

// done accepts an event whose run is complete.
func (b *bench) done() jobs.Acceptance {
	b.t.Helper()
	a := b.acceptance()
	b.accept(a)
	b.end(runID(a), engine.RunComplete)
	return a
}

func (b *bench) eventIDs() []string {
	b.t.Helper()
	var ids []string
	for _, e := range rows[jobs.EventRecord](b)(b.store.Events(b.t.Context(), jobs.EventFilter{})) {
		ids = append(ids, e.Event.ID)
	}
	return ids
}

func purgeActs(_ *testing.T, b *bench) {
	for range 5 {
		b.subscribe(b.subscriber(b.id()))
	}
	all := b.audited()
	if n := b.purge(jobs.Retention{}, 100); n != 0 || len(b.audited()) != 5 {
		b.t.Fatalf("without a bound %d rows of the audit are left; want all 5", len(b.audited()))
	}
	b.purge(jobs.Retention{Acts: 2}, 100)
	b.same("the audit", b.audited(), all[:2]) // the newest first
	b.subscribe(b.subscriber(b.id()))
	b.purge(jobs.Retention{Acts: 2}, 100)
	b.same("the audit", b.audited()[1:], all[:1])
}

func purgeAge(t *testing.T, b *bench) {
	old := b.acceptance()
	b.accept(old)
	b.faulted(runID(old), b.fault("order"))
	b.resolved(b.openErrors()[0])
	b.end(runID(old), engine.RunComplete)
	b.tick(month)
	kept := b.done()
	b.settle()
	if n := b.purge(jobs.Retention{Age: month}, 100); n != 1 {
		t.Errorf("%d events went; want 1", n)
	}
	b.same("the events", b.eventIDs(), []string{kept.Event.ID})
	ctx := t.Context()
	for what, err := range map[string]error{
		"event": second(b.store.Event(ctx, old.Event.ID)),
		"job":   second(b.store.Job(ctx, old.Firings[0].Job.ID)),
		"run":   second(b.store.Run(ctx, old.Firings[0].Run.Number)),
		"tasks": second(b.store.Tasks(ctx, runID(old))),
	} {
		if !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("the %s of the old event gave %v; want ErrNotFound", what, err)
		}
	}
	b.same("the errors", rows[jobs.ErrorRecord](b)(b.store.Errors(ctx, jobs.ErrorFilter{})), []jobs.ErrorRecord(nil))
	if n := len(rows[jobs.Audit](b)(b.store.Audits(ctx, jobs.Page{}))); n != 1 {
		t.Errorf("%d audit rows are left; want 1: audit is not history", n)
	}
}

func second[T any](_ T, err error) error { return err }

func purgeKeeps(t *testing.T, b *bench) {
	open := b.acceptance() // its run waits for a call
	b.accept(open)
	b.delivery()
	b.accept(b.undecided())
	b.tick(12 * month)
	keyed := b.fired(b.keyed("order-1"))
	b.accept(keyed)
	b.end(runID(keyed), engine.RunComplete)
	if n := b.purge(jobs.Retention{Age: month, Bytes: 1}, 100); n != 0 {
		t.Errorf("%d events went; want none", n)
	}
	if n := len(b.eventIDs()); n != 4 {
		t.Errorf("%d events are left; want 4", n)
	}
	b.end(runID(open), engine.RunComplete)
	b.tick(2 * jobs.DedupeWindow)
	if n := b.purge(jobs.Retention{Age: month, Bytes: 1}, 100); n != 2 {
		t.Errorf("%d events went after the run and the key ended; want 2", n)
	}
}

// An endpoint that stays disabled may not fill the disk.
func purgeHeld(_ *testing.T, b *bench) {
	queue := b.id()
	b.hold(queue)
	b.tick(month)
	kept := b.hold(queue)
	b.settle()
	if n := b.purge(jobs.Retention{Age: month}, 100); n != 1 {
		b.t.Errorf("%d events went; want 1", n)
	}
	b.same("what is held", b.filtered(jobs.JobFilter{Subscription: queue}), []string{kept.ID})
	b.tick(time.Minute)
	if n := b.purge(jobs.Retention{Bytes: 1}, 100); n != 1 {
		b.t.Errorf("%d events went under a bound in bytes; want 1", n)
	}
	b.same("the counts", need[jobs.Counts](b)(b.store.Count(b.t.Context())).Jobs[jobs.JobHeld], int64(0))
}

func runRemoved(t *testing.T, b *bench) {
	open, a := b.acceptance(), b.withKey("submission-1")
	b.accept(open, a)
	b.faulted(runID(a), b.fault("order"))
	number := a.Firings[0].Run.Number
	audit := jobs.Audit{At: b.now, Who: "admin", Did: "run.remove", What: "2"}
	for _, refused := range []struct {
		number int64
		want   error
	}{{open.Firings[0].Run.Number, jobs.ErrStale}, {number, jobs.ErrStale}, {4711, jobs.ErrNotFound}} {
		if err := b.store.RemoveRun(t.Context(), refused.number, audit); !errors.Is(err, refused.want) {
			t.Errorf("RemoveRun(%d) = %v; want %v", refused.number, err, refused.want)
		}
	}
	b.end(runID(a), engine.RunCancelled)
	if err := b.store.RemoveRun(t.Context(), number, audit); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Run(t.Context(), number); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the removed run gave %v; want ErrNotFound", err)
	}
	if n := len(b.openErrors()); n != 0 {
		t.Errorf("%d errors of the removed run are left", n)
	}
	if _, err := b.store.Job(t.Context(), a.Firings[0].Job.ID); err != nil {
		t.Errorf("the job of the removed run gave %v; want it kept", err)
	}
	if n := len(rows[jobs.Audit](b)(b.store.Audits(t.Context(), jobs.Page{}))); n != 1 {
		t.Errorf("%d audit rows; want that of the removal alone", n)
	}
	again := b.withKey("submission-1")
	if receipt := b.accept(again)[0]; len(receipt.Jobs) != 1 || receipt.Jobs[0].Run != again.Firings[0].Run.Number {
		t.Errorf("the key of the removed run gave %+v; want a run of its own", receipt)
	}
}

func purgePortion(_ *testing.T, b *bench) {
	var want []string
	for range 5 {
		want = append([]string{b.done().Event.ID}, want...)
	}
	b.tick(2 * month)
	for _, portion := range []struct{ went, left int }{{2, 3}, {2, 1}, {1, 0}, {0, 0}} {
		if n := b.purge(jobs.Retention{Age: month}, 2); n != portion.went {
			b.t.Errorf("a portion took %d events; want %d", n, portion.went)
		}
		b.same("the events", b.eventIDs(), want[:portion.left])
	}
}

func purgeBytes(_ *testing.T, b *bench) {
	b.done()
	b.done()
	last := b.done()
	if n := b.purge(jobs.Retention{Bytes: 1}, 2); n != 2 {
		b.t.Errorf("%d events went; want 2", n)
	}
	b.same("the events", b.eventIDs(), []string{last.Event.ID})
	if n := b.purge(jobs.Retention{Bytes: 1 << 40}, 2); n != 0 {
		b.t.Errorf("%d events went under a bound that is not reached; want none", n)
	}
}

func purgeNever(_ *testing.T, b *bench) {
	b.done()
	b.tick(120 * month)
	if n := b.purge(jobs.Retention{}, 100); n != 0 {
		b.t.Errorf("%d events went; want none", n)
	}
}

func purgeFreesKey(t *testing.T, b *bench) {
	a := b.withKey("submission-1")
	b.accept(a)
	b.end(runID(a), engine.RunComplete)
	b.tick(2 * month)
	b.purge(jobs.Retention{Age: month}, 100)
	again := b.withKey("submission-1")
	if r := b.accept(again)[0]; len(r.Jobs) != 1 || r.Jobs[0].RunID != runID(again) {
		t.Errorf("the receipt's jobs are %+v; want one with a new run", r.Jobs)
	}
}

func purgeNumbers(t *testing.T, b *bench) {
	last := b.done().Firings[0].Run.Number
	b.tick(2 * month)
	b.purge(jobs.Retention{Age: month}, 100)
	if n := b.store.ReserveNumber(); n <= last {
		t.Errorf("after the purge of run #%d the next number is %d", last, n)
	}
}
