package jobs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// resolveOnly resolves the one open error.
func (h *house) resolveOnly(action engine.Action) {
	h.t.Helper()
	e := h.onlyError()
	outcomes, err := h.runner.ResolveErrors(h.t.Context(), jobs.Resolution{
		IDs: []int64{e.ID}, Action: action, Note: "seen to", By: "manager",
	})
	if err != nil || len(outcomes) != 1 || outcomes[0].Err != nil {
		h.t.Fatalf("ResolveErrors = %+v, %v; want it resolved", outcomes, err)
	}
}

const conditionTree = `tree: Submissions > services > laptop-request / Submitted
nodes:
  - {id: look, do: set, with: {list: []}}
  - {id: out, after: {node: look, when: "nodes.look.list[3] == 1"}, return: done}
`

func TestRunner_ResolveErrors(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name       string
		tree       string
		action     engine.Action
		results    any
		wantRun    engine.RunStatus
		wantOpen   int
		wantTasks  string
		wantAction engine.Action
	}{
		{"retry calls once more under the same key", callTree, engine.ActionRetry, nil, engine.RunComplete, 0, "order Complete, out Complete", engine.ActionRetry},
		{"skip goes on with the given results", callTree, engine.ActionSkip, map[string]any{"status": int64(7)}, engine.RunComplete, 0, "order Skipped, out Complete", engine.ActionSkip},
		{"leave changes nothing in the run", callTree, engine.ActionLeave, nil, engine.RunError, 1, "order Error", engine.ActionLeave},
		{"continue takes the connector", conditionTree, engine.ActionContinue, nil, engine.RunComplete, 0, "look Complete, out Complete", engine.ActionContinue},
		{"cancel drops the connector", conditionTree, engine.ActionCancel, nil, engine.RunComplete, 0, "look Complete", engine.ActionCancel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, tt.tree)
			h.desk.answer = failing("refused", false)
			run := h.fired()
			h.drain()
			h.wantRun(1, engine.RunError)
			e := h.onlyError()

			h.desk.answer = nil
			outcomes, err := h.runner.ResolveErrors(t.Context(), jobs.Resolution{
				IDs: []int64{e.ID, e.ID}, Action: tt.action, Results: tt.results, Note: "seen to", By: "manager",
			})
			if err != nil || len(outcomes) != 1 || outcomes[0].Err != nil {
				t.Fatalf("ResolveErrors = %+v, %v; want one resolved", outcomes, err)
			}
			h.drain()

			h.wantRun(1, tt.wantRun)
			var tasks []string
			for node, status := range h.tasks(run) {
				tasks = append(tasks, string(node)+" "+string(status))
			}
			slices.Sort(tasks)
			if got := strings.Join(tasks, ", "); got != tt.wantTasks {
				t.Errorf("the tasks are %s; want %s", got, tt.wantTasks)
			}
			if n := len(h.openErrors()); n != tt.wantOpen {
				t.Errorf("%d errors are open; want %d", n, tt.wantOpen)
			}
			list, _, err := h.store.Errors(t.Context(), jobs.ErrorFilter{IDs: []int64{e.ID}})
			if err != nil || list[0].Action != tt.wantAction || list[0].Note != "seen to" || list[0].By != "manager" {
				t.Errorf("the error is %+v, %v; want who did what and why", list, err)
			}
			if got := h.audits(); len(got) != 1 || got[0] != "manager error."+string(tt.action)+" seen to" {
				t.Errorf("the audit is %v; want the %s", got, tt.action)
			}
		})
	}
}

func TestRunner_ResolveErrors_canCancelTheRunOfALeftError(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.desk.answer = failing("refused", false)
	h.fired()
	h.drain()
	h.resolveOnly(engine.ActionLeave)
	h.desk.answer = nil
	h.resolveOnly(engine.ActionRetry) // an error that was left can be seen to later
	h.drain()
	h.wantRun(1, engine.RunComplete)
}

func TestRunner_ResolveErrors_refuses(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.desk.answer = failing("refused", false)
	h.fired()
	h.drain()
	id := h.onlyError().ID

	tests := []struct {
		name     string
		res      jobs.Resolution
		want     error
		wantText string
	}{
		{"no note", jobs.Resolution{IDs: []int64{id}, Action: engine.ActionRetry, Note: " "}, jobs.ErrInvalid, "a note is missing"},
		{"no error", jobs.Resolution{Action: engine.ActionRetry, Note: "n"}, jobs.ErrInvalid, "no error is named"},
		{"too many", jobs.Resolution{IDs: make([]int64, 1001), Action: engine.ActionRetry, Note: "n"}, jobs.ErrInvalid, "at most 1000"},
		{"results of a retry", jobs.Resolution{IDs: []int64{id}, Action: engine.ActionRetry, Results: 1, Note: "n"}, jobs.ErrInvalid, "results go with skip"},
		{"an action of another kind", jobs.Resolution{IDs: []int64{id}, Action: engine.ActionContinue, Note: "n"}, jobs.ErrInvalid, "use one of [retry skip leave]"},
		{"an unknown action", jobs.Resolution{IDs: []int64{id}, Action: "explode", Note: "n"}, jobs.ErrInvalid, `"explode" is no action`},
		{"an unknown error", jobs.Resolution{IDs: []int64{4711}, Action: engine.ActionRetry, Note: "n"}, jobs.ErrNotFound, "error 4711"},
	}
	for _, tt := range tests {
		outcomes, err := h.runner.ResolveErrors(t.Context(), tt.res)
		if err == nil && len(outcomes) == 1 {
			err = outcomes[0].Err
		}
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.wantText) {
			t.Errorf("%s gave %v; want %v with %q", tt.name, err, tt.want, tt.wantText)
		}
	}
	if e := h.onlyError(); e.Action != "" || len(h.audits()) != 0 {
		t.Errorf("a refusal left the action %q and the audit %v; want no trace", e.Action, h.audits())
	}

	h.desk.answer = nil
	h.resolveOnly(engine.ActionRetry)
	outcomes, err := h.runner.ResolveErrors(t.Context(), jobs.Resolution{IDs: []int64{id}, Action: engine.ActionRetry, Note: "n"})
	if err != nil || !errors.Is(outcomes[0].Err, jobs.ErrFinal) {
		t.Errorf("a second resolution gave %+v, %v; want ErrFinal", outcomes, err)
	}
}

// undecided makes the first resolution of each event an error.
func (h *house) undecided() *bool {
	mended := false
	whole := h.resolution
	h.resolve = func(e event.Event) resolve.Resolution {
		if mended {
			h2 := h.resolve
			h.resolve = nil
			defer func() { h.resolve = h2 }()
			return whole(e)
		}
		return resolve.Resolution{Verdicts: []webhooks.Verdict{{
			Webhook: "convention", Outcome: webhooks.Errored, Reason: "values.Cost is not a number",
		}}}
	}
	return &mended
}

func TestRunner_ResolveErrors_resolvesTheStoredEventAgain(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	mended := h.undecided()
	r := h.fire()
	e := h.onlyError()
	if e.Fault.Kind != jobs.FaultVerdict || e.Webhook != "convention" || len(r.Jobs) != 0 {
		t.Fatalf("the error is %+v; want one of the verdict, and no job", e)
	}

	h.resolveOnly(engine.ActionRetry)
	if again := h.onlyError(); again.ID != e.ID || again.Note != "seen to" {
		t.Errorf("a retry in vain left %+v; want the same error with the note", again)
	}

	*mended = true
	h.resolveOnly(engine.ActionRetry)
	h.drain()
	h.wantRun(1, engine.RunComplete)
	record, err := h.store.Event(t.Context(), r.EventID)
	if err != nil || len(record.Jobs) != 1 || record.Verdicts[0].Outcome != webhooks.Fired {
		t.Errorf("the event is %+v, %v; want it fired with one job", record, err)
	}
	if got := h.audits(); len(got) != 2 || len(h.openErrors()) != 0 {
		t.Errorf("the audit is %v, %d errors are open; want two rows and none", got, len(h.openErrors()))
	}
}

func TestRunner_ResolveErrors_releasesWhatTheLoopGuardHolds(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.resolve = func(event.Event) resolve.Resolution {
		return resolve.Resolution{Verdicts: []webhooks.Verdict{{Webhook: "convention", Outcome: webhooks.Loop, Reason: "held"}}}
	}
	r := h.fire()
	if e := h.onlyError(); e.Fault.Kind != jobs.FaultLoop || len(r.Jobs) != 0 {
		t.Fatalf("the error is %+v; want one that stands for the held firing", e)
	}
	h.resolveOnly(engine.ActionRetry)
	h.drain()
	h.wantRun(1, engine.RunComplete)
	if n := len(h.openErrors()); n != 0 {
		t.Errorf("%d errors are open after the release; want none", n)
	}
}

// An application's filter that failed is decided again like an admin's.
func TestRunner_ResolveErrors_decidesAgainAboutASubscription(t *testing.T) {
	t.Parallel()
	h := build(t)
	v := webhooks.Verdict{Webhook: "keap/1", Outcome: webhooks.Errored, Reason: "the filter failed", Application: true}
	h.resolve = func(event.Event) resolve.Resolution { return resolve.Resolution{Verdicts: []webhooks.Verdict{v}} }
	r := h.fire()
	if e := h.onlyError(); e.Fault.Kind != jobs.FaultApplication {
		t.Fatalf("the error is %+v; want one of an application's", e)
	}
	v.Outcome, v.Reason = webhooks.Filtered, "the filter is false"
	h.resolveOnly(engine.ActionRetry)
	record, err := h.store.Event(t.Context(), r.EventID)
	if err != nil || len(record.Verdicts) != 1 || record.Verdicts[0].Outcome != webhooks.Filtered || len(h.openErrors()) != 0 {
		t.Errorf("the verdicts are %+v, %v, with %d errors open; want the new one and none", record.Verdicts, err, len(h.openErrors()))
	}
}

// targets is a webhook of URLs of which those named fail.
func (h *house) targets(failing *map[string]string, hosts ...string) {
	h.resolve = func(event.Event) resolve.Resolution {
		var res resolve.Resolution
		for _, host := range hosts {
			v := webhooks.Verdict{Webhook: "mirror", Outcome: webhooks.Fired, Target: "https://" + host + ".example.com"}
			if reason, fails := (*failing)[host]; fails {
				v.Outcome, v.Reason, v.Target = webhooks.Errored, reason, ""
			} else {
				res.Firings = append(res.Firings, webhooks.Firing{
					Verdict: len(res.Verdicts), Webhook: v.Webhook, URL: &webhooks.URLFiring{Method: "POST", URL: v.Target},
				})
			}
			res.Verdicts = append(res.Verdicts, v)
		}
		return res
	}
}

func TestRunner_ResolveErrors_firesTheFailedTargetAlone(t *testing.T) {
	t.Parallel()
	h := build(t)
	reason := map[string]string{"b": "the URL failed", "c": "the URL failed"} // the same words for both
	h.targets(&reason, "a", "b", "c")
	r := h.fire()
	open := h.openErrors()
	if len(open) != 2 || len(r.Jobs) != 1 {
		t.Fatalf("%d errors are open and %d jobs made; want 2 and 1", len(open), len(r.Jobs))
	}
	delete(reason, "b")
	delete(reason, "c")
	slices.SortFunc(open, func(x, y jobs.ErrorRecord) int { return int(x.ID - y.ID) })
	for i, want := range []string{"b", "c"} {
		outcomes, err := h.runner.ResolveErrors(t.Context(), jobs.Resolution{IDs: []int64{open[i].ID}, Action: engine.ActionRetry, Note: "mended"})
		if err != nil || outcomes[0].Err != nil {
			t.Fatalf("ResolveErrors gave %+v, %v", outcomes, err)
		}
		record, err := h.store.Event(t.Context(), r.EventID)
		if err != nil || len(record.Jobs) != i+2 || record.Jobs[i+1].URL != "https://"+want+".example.com" {
			t.Fatalf("the event's jobs are %+v, %v; want one more, to %s", record.Jobs, err, want)
		}
		if v := record.Verdicts[i+1]; v.Outcome != webhooks.Fired || len(record.Verdicts) != 3 {
			t.Errorf("the verdicts are %+v; want the one of %s fired in its place", record.Verdicts, want)
		}
	}
}

func TestRunner_ResolveErrors_firesEveryTargetBehindAMendedFilter(t *testing.T) {
	t.Parallel()
	h := build(t)
	reason := map[string]string{"a": "the filter failed"}
	h.targets(&reason, "a") // a filter that fails gives one verdict for all targets
	r := h.fire()
	reason = map[string]string{"b": "the URL failed"}
	h.targets(&reason, "a", "b", "c")
	first := h.onlyError().ID
	h.resolveOnly(engine.ActionRetry)
	if again := h.onlyError(); again.ID == first || again.Fault.Failure.Message != "the URL failed" {
		t.Errorf("the open error is %+v; want one of the target that failed", again)
	}
	clear(reason)
	h.resolveOnly(engine.ActionRetry)
	record, err := h.store.Event(t.Context(), r.EventID)
	if err != nil || len(record.Jobs) != 3 || len(record.Verdicts) != 3 || len(h.openErrors()) != 0 {
		t.Errorf("the event is %+v, %v; want each target fired once", record, err)
	}
}

func TestRunner_ResolveErrors_refusesAWebhookWithOtherTargets(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.targets(&map[string]string{"b": "the URL failed"}, "a", "b")
	h.fire()
	h.targets(&map[string]string{}, "a", "b", "c")
	id := h.onlyError().ID
	outcomes, err := h.runner.ResolveErrors(t.Context(), jobs.Resolution{IDs: []int64{id}, Action: engine.ActionRetry, Note: "mended"})
	if err != nil || !errors.Is(outcomes[0].Err, jobs.ErrFinal) || h.work() != 1 {
		t.Errorf("ResolveErrors gave %+v, %v and %d pieces of work; want a refusal, and the first delivery alone", outcomes, err, h.work())
	}
}

func TestRunner_ResolveErrors_leavesAVerdict(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.undecided()
	h.fire()
	h.resolveOnly(engine.ActionLeave)
	if n := len(h.openErrors()); n != 0 {
		t.Errorf("%d errors are open; want none: no run stands there", n)
	}
}

func TestRunner_publishesErrors(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	mended := h.undecided()
	sub := h.feed.Subscribe("")
	defer sub.Close()
	h.fire()
	*mended = true
	h.desk.answer = failing("refused", false)
	h.fired()
	h.drain()
	h.desk.answer = nil
	for _, e := range h.openErrors() {
		if e.Fault.Kind != jobs.FaultVerdict {
			h.see(e)
		}
	}

	changes, _, err := sub.Next(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		if c.Kind == jobs.ChangeError {
			got = append(got, c.ID+" "+c.Status)
		}
	}
	if text := strings.Join(got, ", "); text != "convention open, order open, order handled" {
		t.Errorf("the changes of errors are %s; want the verdict's, and the node's twice", text)
	}
}

// see retries an error.
func (h *house) see(e jobs.ErrorRecord) {
	h.t.Helper()
	outcomes, err := h.runner.ResolveErrors(h.t.Context(), jobs.Resolution{
		IDs: []int64{e.ID}, Action: engine.ActionRetry, Note: "seen to", By: "manager",
	})
	if err != nil || outcomes[0].Err != nil {
		h.t.Fatalf("ResolveErrors = %+v, %v; want it resolved", outcomes, err)
	}
}
