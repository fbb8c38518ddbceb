package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

func TestRunner_Accept_runsAPureTreeToItsEnd(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)

	r := h.fire()

	job := h.job(r.Jobs[0].ID)
	if job.Status != jobs.JobComplete || job.Summary != "Initiated run #1" || job.Run != 1 {
		t.Errorf("the job is %s, %q, run %d; want Complete, \"Initiated run #1\", 1", job.Status, job.Summary, job.Run)
	}
	run := h.wantRun(1, engine.RunComplete)
	if got := members(run.Outputs.(map[string]any)); got != "map[cost:1200]" { //nolint:forcetypeassert // a panic fails too
		t.Errorf("the outputs are %s; want the cost", got)
	}
	if run.Answer == nil || run.Ended.IsZero() || run.Seed == ([32]byte{}) {
		t.Errorf("the run has the answer %v, the end %v, the seed %x; want all of them", run.Answer, run.Ended, run.Seed)
	}
	if n := h.work(); n != 0 {
		t.Errorf("%d pieces of work are due; want none", n)
	}
}

func TestRunner_Accept_failsTheJobOfATreeThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := build(t)

	job := h.job(h.fire().Jobs[0].ID)

	const want = `The "Kinetic Request CE :: Submissions > services > laptop-request :: Submitted" tree does not exist.`
	if job.Status != jobs.JobFailed || job.Summary != "404" || job.Response.Status != 404 || string(job.Response.Body) != want {
		t.Errorf("the job is %s, %q, with the answer %d %s; want Failed, 404, %s",
			job.Status, job.Summary, job.Response.Status, job.Response.Body, want)
	}
	if job.Run != 0 || job.Ended.IsZero() {
		t.Errorf("the job has run %d and the end %v; want no run and an end", job.Run, job.Ended)
	}
}

func TestRunner_Accept_failsTheJobOfAVersionThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	h.trees.lose(errLost)

	job := h.job(h.fire().Jobs[0].ID)

	if job.Status != jobs.JobFailed || job.Summary != "500" || !strings.Contains(string(job.Response.Body), errLost.Error()) {
		t.Errorf("the job is %s, %q, %s; want Failed, 500 and the reason", job.Status, job.Summary, job.Response.Body)
	}
}

func TestRunner_Accept_savesNothingWhenTheCallerLeft(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := h.runner.Accept(ctx, []event.Event{h.event()}); !errors.Is(err, context.Canceled) {
		t.Errorf("Accept gave %v; want context.Canceled", err)
	}
	if list, _, _ := h.store.Events(t.Context(), jobs.EventFilter{}); len(list) != 0 {
		t.Errorf("%d events are stored; want none", len(list))
	}
}

func TestRunner_Accept_answersARepeatWithTheFirstReceipt(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	e := h.event()
	e.ExternalID = "order-1"

	first, err := h.runner.Accept(t.Context(), []event.Event{e})
	if err != nil {
		t.Fatal(err)
	}
	sub := h.feed.Subscribe("")
	again, err := h.runner.Accept(t.Context(), []event.Event{e})
	if err != nil {
		t.Fatal(err)
	}

	if !again[0].Duplicate || again[0].EventID != first[0].EventID || again[0].Jobs[0].Run != 1 {
		t.Errorf("the second receipt is %+v; want a duplicate of %+v", again[0], first[0])
	}
	if pos := sub.Position(); pos != "e.3" {
		t.Errorf("the feed stands at %s; want e.3: a repeat changes nothing", pos)
	}
}

func TestRunner_Accept_keepsAnEventThatFiresNothing(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.resolve = func(event.Event) resolve.Resolution {
		return resolve.Resolution{Verdicts: []webhooks.Verdict{{Outcome: webhooks.None, Reason: "nothing wants it"}}}
	}

	r := h.fire()

	if len(r.Jobs) != 0 || len(r.Verdicts) != 1 || r.Verdicts[0].Outcome != webhooks.None {
		t.Errorf("the receipt is %+v; want one verdict none and no job", r)
	}
	if _, err := h.store.Event(t.Context(), r.EventID); err != nil {
		t.Errorf("the event gave %v; want it stored", err)
	}
}

func TestRunner_Accept_publishesWhatWasCommitted(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	sub := h.feed.Subscribe("")
	defer sub.Close()

	r := h.fire()

	got, _, err := sub.Next(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []jobs.Change{
		{Stream: "e.1", Kind: jobs.ChangeEvent, ID: r.EventID},
		{Stream: "e.2", Kind: jobs.ChangeJob, ID: r.Jobs[0].ID, Run: 1, Status: "Complete"},
		{Stream: "e.3", Kind: jobs.ChangeRun, ID: r.Jobs[0].RunID, Run: 1, Status: "Complete"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d changes came: %+v; want %d", len(got), got, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("change %d is %+v; want %+v", i, got[i], want[i])
		}
	}
}

func TestRunner_Accept_queuesTheSecondRunOfALane(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}
	h.trees.lane = map[engine.Title]string{title: "manager"}

	first, second := h.fire(), h.fire()

	if first.Jobs[0].Queued || !second.Jobs[0].Queued {
		t.Fatalf("queued are %t and %t; want only the second", first.Jobs[0].Queued, second.Jobs[0].Queued)
	}
	h.wantRun(2, engine.RunQueued)
	h.drain()
	one, two := h.wantRun(1, engine.RunComplete), h.wantRun(2, engine.RunComplete)
	if two.Started.Before(one.Ended) {
		t.Errorf("run #2 started at %v, before run #1 ended at %v", two.Started, one.Ended)
	}
}

func TestRunner_RunTree_isStoredAsAnEventAndAJob(t *testing.T) {
	t.Parallel()
	h := build(t, pureTree)
	e := h.event()
	e.Path, e.Type, e.Action = "", "Tree", "Run"
	title := engine.Title{Source: source, Group: "Submissions > services > laptop-request", Name: "Submitted"}

	r, err := h.runner.RunTree(t.Context(), title, e)
	if err != nil {
		t.Fatal(err)
	}

	job := h.job(r.Jobs[0].ID)
	if job.Webhook != jobs.Direct || job.Tree != title || job.EventID != r.EventID || job.Run != 1 {
		t.Errorf("the job is %+v; want one of %s for the tree", job, jobs.Direct)
	}
	h.wantRun(1, engine.RunComplete)

	title.Name = "Nowhere"
	r, err = h.runner.RunTree(t.Context(), title, e)
	if err != nil {
		t.Fatal(err)
	}
	if job := h.job(r.Jobs[0].ID); job.Status != jobs.JobFailed || job.Summary != "404" {
		t.Errorf("the job of a tree that is not there is %s, %q; want Failed, 404", job.Status, job.Summary)
	}
}
