package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks/event"
)

func TestRunner_Handle_ignoresRepeatedAndLateReports(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	run := h.fired()
	order := engine.CommandID(run.ID + "/order//1")
	done := engine.Succeeded{Command: order, At: h.clock.Now(), Results: map[string]any{"status": int64(200)}}
	for range 3 {
		if err := h.runner.Handle(t.Context(), run.ID, done); err != nil {
			t.Fatal(err)
		}
	}
	late := engine.Failed{Command: order, At: h.clock.Now(), Failure: engine.Failure{Code: "status"}}
	if err := h.runner.Handle(t.Context(), run.ID, late); err != nil {
		t.Fatal(err)
	}
	if got := h.wantRun(1, engine.RunComplete); got.Revision != 2 {
		t.Errorf("the run has revision %d; want 2: the first step and one report", got.Revision)
	}
	if n := h.work(); n != 0 {
		t.Errorf("%d pieces of work are due after the report; want none", n)
	}
}

func TestRunner_Handle_takesAStaleStepAgain(t *testing.T) {
	t.Parallel()
	h := build(t, `tree: Submissions > services > laptop-request / Submitted
nodes:
  - {id: a, after: start, do: http, with: {url: "https://stock.example.com/a"}}
  - {id: b, after: start, do: http, with: {url: "https://stock.example.com/b"}}
  - {id: c, after: [a, b], join: all, return: done}
`)
	run := h.fired()
	first := h.runner
	report := func(r *jobs.Runner, node string) {
		t.Helper()
		ev := engine.Succeeded{Command: engine.CommandID(run.ID + "/" + node + "//1"), At: h.clock.Now()}
		if err := r.Handle(t.Context(), run.ID, ev); err != nil {
			t.Fatal(err)
		}
	}
	// The first runner has the run at hand when another one moves it.
	if err := first.Handle(t.Context(), run.ID, engine.Elapsed{Command: "other", At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	h.start()
	report(h.runner, "a")
	report(first, "b")
	h.wantRun(1, engine.RunComplete)
}

func TestRunner_Handle_readsARunInProgressOnce(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	ledger := &refusing{Store: h.store}
	h.config = func(c *jobs.Config) { c.Ledger = ledger }
	h.start()
	h.desk.answer = failing("status", true)
	h.fired()
	h.drain()
	if ledger.loads > 0 {
		t.Errorf("the run was read %d times over its %d calls; want it at hand from its start", ledger.loads, len(h.desk.calls))
	}

	ledger.loads = 0
	h.config = func(c *jobs.Config) { c.Ledger, c.Memory = ledger, 1 }
	h.start()
	h.fired()
	h.drain()
	if ledger.loads < 4 {
		t.Errorf("without room for a run it was read %d times; want it read for each step", ledger.loads)
	}
}

func TestRunner_Handle_doesNotKnowTheRun(t *testing.T) {
	t.Parallel()
	h := build(t)
	if err := h.runner.Handle(t.Context(), "none", engine.Started{}); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("Handle gave %v; want ErrNotFound", err)
	}
}

func TestRunner_brokenStepStandsOnTheDeskUntilItIsRetried(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		tree string
		ruin func(h *house) // before the step that breaks
		want engine.RunStatus
	}{
		{"at a call's outcome", callTree, func(h *house) { h.fired(); h.trees.lose(errLost) }, engine.RunRunning},
		{"at a timer", waitTree, func(h *house) { h.fired(); h.trees.lose(errLost) }, engine.RunWaiting},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, tt.tree)
			h.config = func(c *jobs.Config) { c.Memory = 1 } // so that the tree is looked up for each step
			h.start()
			tt.ruin(h)
			h.wantRun(1, tt.want)
			h.drain()

			h.wantRun(1, engine.RunError)
			e := h.onlyError()
			if e.Fault.Kind != engine.FaultLimit || !strings.Contains(e.Fault.Failure.Message, "cannot be read") {
				t.Errorf("the error is %+v; want a limit that says what cannot be read", e.Fault)
			}
			h.resolveOnly(engine.ActionRetry)
			h.drain()
			h.wantRun(1, engine.RunError) // it is still lost
			again := h.onlyError()
			if again.ID == e.ID {
				t.Error("after a retry that broke again the error is the same; want a new one")
			}
			h.trees.lose(nil)
			h.resolveOnly(engine.ActionRetry)
			h.drain()
			h.wantRun(1, engine.RunComplete)
			if n := len(h.openErrors()); n != 0 {
				t.Errorf("%d errors are open in the end; want none", n)
			}
		})
	}
}

func TestRunner_brokenRunStaysInErrorWhileOtherBranchesGoOn(t *testing.T) {
	t.Parallel()
	h := build(t, `tree: Submissions > services > laptop-request / Submitted
nodes:
  - {id: a, after: start, do: http, with: {url: "https://stock.example.com/a"}}
  - {id: b, after: start, wait: 1h}
  - {id: c, after: [a, b], join: all, wait: 1h}
`)
	h.config = func(c *jobs.Config) { c.Memory = 1 }
	h.start()
	run := h.fired()
	h.trees.lose(errLost)
	h.work()
	h.wantRun(1, engine.RunError)

	h.trees.lose(nil)
	h.clock.move(time.Hour)
	h.work()
	if s := h.tasks(run)["b"]; s != engine.TaskComplete {
		t.Fatalf("the other branch is %s; want Complete", s)
	}
	h.wantRun(1, engine.RunError)

	if err := h.runner.CancelRun(t.Context(), 1, jobs.Act{By: "manager"}); err != nil {
		t.Fatal(err)
	}
	h.wantRun(1, engine.RunCancelled)
	if n := len(h.openErrors()); n != 0 {
		t.Errorf("%d errors are open after the end; want none", n)
	}
}

func TestRunner_brokenRunCanBeCanceled(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.config = func(c *jobs.Config) { c.Memory = 1 }
	h.start()
	run := h.fired()
	h.trees.lose(errLost)
	h.drain()
	h.wantRun(1, engine.RunError)

	if err := h.runner.CancelRun(t.Context(), 1, jobs.Act{By: "manager", Note: "the tree is gone"}); err != nil {
		t.Fatal(err)
	}

	got := h.wantRun(1, engine.RunCancelled)
	if got.Head.Reason != "cancelled by manager: the tree is gone" || got.Ended.IsZero() {
		t.Errorf("the run ended at %v with the reason %q; want who and why", got.Ended, got.Head.Reason)
	}
	if s := h.tasks(run)["order"]; s != engine.TaskCancelled {
		t.Errorf("the task is %s; want Cancelled", s)
	}
	if n := len(h.openErrors()); n != 0 {
		t.Errorf("%d errors are open; want none", n)
	}
}

func TestRunner_firstStepThatPanicsLeavesATrace(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}
	hash := h.trees.active[title]
	whole := h.trees.byHash[hash]
	h.trees.byHash[hash] = &engine.Tree{Title: title, Hash: hash} // was not made by NewTree: Step refuses it

	h.fired()
	h.wantRun(1, engine.RunError)
	h.drain()
	if n := len(h.openErrors()); n != 1 {
		t.Fatalf("%d errors are open; want 1", n)
	}
	h.trees.byHash[hash] = whole
	h.resolveOnly(engine.ActionRetry)
	h.drain()
	h.wantRun(1, engine.RunComplete)
}

func TestRunner_callOfARoutineIsNotLost(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}
	tree, err := engine.NewTree(engine.Tree{Title: title, Nodes: []engine.Node{{
		ID: "call", In: []engine.Connector{{From: engine.Start, On: engine.OnComplete}},
		Routine: &engine.Routine{Title: engine.Title{Source: "-", Group: "-", Name: "order one item"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	h.trees.byHash[h.trees.active[title]] = tree

	h.fired()

	h.wantRun(1, engine.RunError)
	const want = "call calls the routine - :: - :: order one item, and routines are not run yet"
	if e := h.onlyError(); e.Fault.Failure.Message != want {
		t.Errorf("the error is %q; want %q", e.Fault.Failure.Message, want)
	}
}

func TestRunner_Handle_refusesWhatBreaksForItsCaller(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	run := h.fired()
	if err := h.runner.Handle(t.Context(), run.ID, nil); err == nil {
		t.Error("an event that is none gave no error")
	}
	h.wantRun(1, engine.RunRunning)
	h.drain()
	h.wantRun(1, engine.RunComplete)
}

func TestRunner_Await(t *testing.T) {
	t.Parallel()

	t.Run("a run that has ended", func(t *testing.T) {
		t.Parallel()
		h := build(t, pureTree)
		run := h.fired()
		reply, err := h.runner.Await(t.Context(), run.ID)
		if err != nil || reply.Status != engine.RunComplete || reply.Answer == nil {
			t.Errorf("Await = %+v, %v; want the answer of a complete run", reply, err)
		}
	})
	t.Run("a run in progress", func(t *testing.T) {
		t.Parallel()
		h := build(t, callTree)
		run := h.fired()
		waits := make(chan struct{})
		got := make(chan jobs.Reply, 1)
		h.config = func(c *jobs.Config) { c.Ledger = &watched{Store: h.store, loaded: waits} }
		h.start()
		go func() {
			reply, err := h.runner.Await(t.Context(), run.ID)
			if err != nil {
				t.Error(err)
			}
			got <- reply
		}()
		<-waits
		h.drain()
		if reply := <-got; reply.Answer == nil {
			t.Errorf("Await gave %+v; want the answer", reply)
		}
	})
	t.Run("a run that is canceled", func(t *testing.T) {
		t.Parallel()
		h := build(t, waitTree)
		run := h.fired()
		if err := h.runner.CancelRun(t.Context(), 1, jobs.Act{By: "manager"}); err != nil {
			t.Fatal(err)
		}
		reply, err := h.runner.Await(t.Context(), run.ID)
		if err != nil || reply.Status != engine.RunCancelled || reply.Answer != nil {
			t.Errorf("Await = %+v, %v; want a canceled run without an answer", reply, err)
		}
	})
	t.Run("a run that takes too long", func(t *testing.T) {
		t.Parallel()
		h := build(t, waitTree)
		run := h.fired()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.runner.Await(ctx, run.ID); !errors.Is(err, context.Canceled) {
			t.Errorf("Await gave %v; want context.Canceled", err)
		}
	})
	t.Run("no such run", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		if _, err := h.runner.Await(t.Context(), "none"); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("Await gave %v; want ErrNotFound", err)
		}
	})
}

func TestRunner_Await_isBounded(t *testing.T) {
	t.Parallel()
	h := build(t, waitTree)
	run := h.fired()
	ctx, cancel := context.WithCancel(t.Context())
	failures := make(chan error, jobs.MaxWaiting+1)
	for range jobs.MaxWaiting + 1 {
		go func() {
			_, err := h.runner.Await(ctx, run.ID)
			failures <- err
		}()
	}
	if err := <-failures; !errors.Is(err, jobs.ErrBusy) {
		t.Errorf("one caller too many got %v; want ErrBusy", err)
	}
	cancel()
	for range jobs.MaxWaiting {
		if err := <-failures; !errors.Is(err, context.Canceled) {
			t.Errorf("a caller that left got %v; want context.Canceled", err)
		}
	}
	if _, err := h.runner.Await(ctx, run.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("after all have left one gets %v; want a place", err)
	}
}

func TestRunner_acceptsAndHandlesConcurrently(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	done := make(chan error)
	const callers, each = 8, 20
	for range callers {
		go func() {
			for range each {
				if _, err := h.runner.Accept(context.Background(), []event.Event{h.event()}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go h.worker.Run(ctx)
	for range callers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	sub := h.feed.Subscribe("")
	defer sub.Close()
	for {
		counts, err := h.store.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts.Runs[engine.RunComplete] == callers*each {
			break
		}
		if _, _, err := sub.Next(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.worker.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
