package storetest

import (
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

var laneTests = []test{
	{"the second run of a lane is queued without its first step", laneQueues},
	{"the end of a run starts the next of its lane, in order", laneOrder},
	{"a canceled queued run starts nobody", laneCancel},
	{"a run that overtook a lower number holds the lane alone", laneOvertaken},
	{"the holder of a lane may be canceled before it starts", laneCancelHolder},
	{"a run that ends in its first step leaves its lane free", laneAtOnce},
	{"lanes of two trees do not meet", lanePerTitle},
	{"a lane counts within a batch", laneInBatch},
}

func (b *bench) inLane(lane string) jobs.Acceptance {
	a := b.acceptance()
	a.Firings[0].Run.Lane = lane
	return a
}

func runID(a jobs.Acceptance) string { return a.Firings[0].Run.ID }

func laneQueues(t *testing.T, b *bench) {
	b.accept(b.inLane("manager"))
	second := b.inLane("manager")
	r := b.accept(second)[0]
	if len(r.Jobs) != 1 || !r.Jobs[0].Queued {
		t.Fatalf("the receipt's jobs are %+v; want one whose run is queued", r.Jobs)
	}
	b.same("the queued run", b.load(runID(second), "lookup"), jobs.Loaded{
		Run: second.Firings[0].Run.Queued(), Data: second.Event.Data,
	})
	b.same("its tasks", need[[]engine.Task](b)(b.store.Tasks(t.Context(), runID(second))), []engine.Task(nil))
	if n := len(b.due(b.now)); n != 1 {
		t.Errorf("%d pieces of work are due; want that of the first run alone", n)
	}
}

// starts lists the runs that are told to start.
func (b *bench) starts() []string {
	b.t.Helper()
	var ids []string
	for _, w := range b.due(b.now.Add(time.Minute)) {
		if w.Kind == jobs.WorkStart {
			if w.ID != w.RunID {
				b.t.Errorf("the start of run %s has the ID %s; want the run's", w.RunID, w.ID)
			}
			ids = append(ids, w.RunID)
		}
	}
	return ids
}

// start takes the first step of a queued run.
func (b *bench) start(a jobs.Acceptance) {
	b.t.Helper()
	run := *a.Firings[0].Run
	run.Revision = b.load(run.ID).Run.Revision
	step := a.Firings[0].First
	step.Drop = []string{run.ID}
	b.record(jobs.Progress{Run: run, Step: step})
}

func laneOrder(_ *testing.T, b *bench) {
	one, two, three := b.inLane("manager"), b.inLane("manager"), b.inLane("manager")
	b.accept(one)
	b.accept(three) // numbers are reserved before they are committed, so that one may overtake
	b.accept(two)
	b.same("starts before the end", b.starts(), []string(nil))
	b.end(runID(one), engine.RunComplete)
	b.same("starts after the first end", b.starts(), []string{runID(two)})
	b.start(two)
	b.same("starts after the start", b.starts(), []string(nil))
	b.end(runID(two), engine.RunCancelled)
	b.same("starts after the second end", b.starts(), []string{runID(three)})
	b.start(three)
	b.end(runID(three), engine.RunComplete)
	four := b.inLane("manager")
	if b.accept(four)[0].Jobs[0].Queued {
		b.t.Error("the run after an empty lane is queued; want it started")
	}
}

func laneCancel(_ *testing.T, b *bench) {
	one, two, three := b.inLane("manager"), b.inLane("manager"), b.inLane("manager")
	b.accept(one, two, three)
	b.end(runID(two), engine.RunCancelled)
	b.same("starts after the cancel", b.starts(), []string(nil))
	b.end(runID(one), engine.RunComplete)
	b.same("starts after the end", b.starts(), []string{runID(three)})
}

func laneOvertaken(_ *testing.T, b *bench) {
	low, high, last := b.inLane("manager"), b.inLane("manager"), b.inLane("manager")
	b.accept(high)
	b.accept(low, last)
	b.end(runID(last), engine.RunCancelled)
	b.same("starts while the higher number runs", b.starts(), []string(nil))
	b.end(runID(high), engine.RunComplete)
	b.same("starts after its end", b.starts(), []string{runID(low)})
}

func laneCancelHolder(_ *testing.T, b *bench) {
	one, two, three := b.inLane("manager"), b.inLane("manager"), b.inLane("manager")
	b.accept(one, two, three)
	b.end(runID(one), engine.RunComplete)
	b.end(runID(two), engine.RunCancelled)
	b.same("starts after the cancel", b.starts(), []string{runID(three)})
}

func laneAtOnce(t *testing.T, b *bench) {
	one := b.inLane("manager")
	run := one.Firings[0].Run
	run.Status, run.Head.Status, run.Ended = engine.RunComplete, engine.RunComplete, b.now
	one.Firings[0].First.Add = nil
	b.accept(one)
	if b.accept(b.inLane("manager"))[0].Jobs[0].Queued {
		t.Error("the second run is queued; want it started")
	}
}

func lanePerTitle(t *testing.T, b *bench) {
	b.accept(b.inLane("manager"))
	other := b.inLane("manager")
	other.Firings[0].Run.Title.Name = "Updated"
	if b.accept(other)[0].Jobs[0].Queued {
		t.Error("the run of another tree is queued; want it started")
	}
}

func laneInBatch(t *testing.T, b *bench) {
	got := b.accept(b.inLane("manager"), b.inLane("manager"), b.inLane("owner"))
	if got[0].Jobs[0].Queued || !got[1].Jobs[0].Queued || got[2].Jobs[0].Queued {
		t.Errorf("queued are %t, %t, %t; want only the second of the lane",
			got[0].Jobs[0].Queued, got[1].Jobs[0].Queued, got[2].Jobs[0].Queued)
	}
}
