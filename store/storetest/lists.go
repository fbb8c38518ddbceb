package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

var listTests = []test{
	{"lists are newest first and page to the end", listsPage},
	{"rows that come in between two pages change neither", cursorStable},
	{"a listed event carries no payload", listedEventBare},
	{"a cursor of another kind is refused", foreignCursor},
	{"each filter of jobs selects", jobFilters},
	{"each filter of runs selects", runFilters},
	{"each filter of events selects", eventFilters},
	{"events are told apart by what became of them", eventOutcomes},
	{"what became of an event pages, and follows a retry", outcomePages},
	{"each filter of errors selects", errorFilters},
	{"a time range includes its start and not its end", timeRange},
	{"a filter pages as well", filteredPages},
	{"counts follow what happens", counts},
}

// paged reads a list two rows at a time to its end.
func paged[T any](b *bench, list func(jobs.Page) ([]T, string, error), id func(T) string) []string {
	b.t.Helper()
	var ids []string
	page := jobs.Page{Limit: 2}
	for range 100 {
		got, next, err := list(page)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(got) > page.Limit {
			b.t.Fatalf("a page has %d rows; want at most %d", len(got), page.Limit)
		}
		for _, v := range got {
			ids = append(ids, id(v))
		}
		if next == "" {
			return ids
		}
		page.Cursor = next
	}
	b.t.Fatal("the list does not end")
	return nil
}

func listsPage(t *testing.T, b *bench) {
	ctx := t.Context()
	var events, made, runs []string
	for range 5 {
		a := b.acceptance()
		b.accept(a)
		events = append([]string{a.Event.ID}, events...)
		made = append([]string{a.Firings[0].Job.ID}, made...)
		runs = append([]string{runID(a)}, runs...)
	}
	b.same("the events", paged(b, func(p jobs.Page) ([]jobs.EventRecord, string, error) {
		return b.store.Events(ctx, jobs.EventFilter{Page: p})
	}, func(e jobs.EventRecord) string { return e.Event.ID }), events)
	b.same("the jobs", paged(b, func(p jobs.Page) ([]jobs.Job, string, error) {
		return b.store.Jobs(ctx, jobs.JobFilter{Page: p})
	}, func(j jobs.Job) string { return j.ID }), made)
	b.same("the runs", paged(b, func(p jobs.Page) ([]jobs.Run, string, error) {
		return b.store.Runs(ctx, jobs.RunFilter{Page: p})
	}, func(r jobs.Run) string { return r.ID }), runs)
}

func cursorStable(t *testing.T, b *bench) {
	var want []string
	for range 4 {
		a := b.acceptance()
		b.accept(a)
		want = append([]string{a.Firings[0].Job.ID}, want...)
	}
	first, cursor, err := b.store.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 2}})
	if err != nil {
		t.Fatal(err)
	}
	b.accept(b.acceptance(), b.acceptance())
	second := rows[jobs.Job](b)(b.store.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Limit: 10, Cursor: cursor}}))
	var got []string
	for _, j := range append(first, second...) {
		got = append(got, j.ID)
	}
	b.same("the jobs of both pages", got, want)
}

func listedEventBare(t *testing.T, b *bench) {
	a := b.acceptance()
	b.accept(a)
	got := rows[jobs.EventRecord](b)(b.store.Events(t.Context(), jobs.EventFilter{}))
	want := need[jobs.EventRecord](b)(b.store.Event(t.Context(), a.Event.ID))
	want.Event.Data, want.Event.Body = nil, nil
	b.same("the listed event", got, []jobs.EventRecord{want})
}

func foreignCursor(t *testing.T, b *bench) {
	b.accept(b.acceptance())
	for _, cursor := range []string{"no cursor!", "'; drop table jobs", "\x00"} {
		page := jobs.Page{Cursor: cursor}
		if _, _, err := b.store.Jobs(t.Context(), jobs.JobFilter{Page: page}); !errors.Is(err, jobs.ErrCursor) {
			t.Errorf("Jobs with cursor %q gave %v; want ErrCursor", cursor, err)
		}
		if _, _, err := b.store.Errors(t.Context(), jobs.ErrorFilter{Page: page}); !errors.Is(err, jobs.ErrCursor) {
			t.Errorf("Errors with cursor %q gave %v; want ErrCursor", cursor, err)
		}
	}
}

// odd accepts an event that differs from the usual in everything that a list
// selects by, and gives it with its failed URL job and its completed run.
func (b *bench) odd() jobs.Acceptance {
	b.t.Helper()
	b.tick(time.Hour)
	e := b.event()
	e.Type, e.Action, e.Entity = "Form", "Updated", "odd entity"
	e.Platform, e.Credential = "odd platform", "source:odd"
	e.Scope = event.Scope{Kapp: "odd-kapp", Form: "odd-form"}
	e.Path = "Forms > odd-kapp > odd-form / Updated"
	a := jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{
		{Webhook: "convention", Outcome: webhooks.Fired}, {Webhook: "odd webhook", Outcome: webhooks.Overridden},
	}}
	f := b.treeFiring(&e)
	f.Job.Webhook, f.Job.Status = "odd webhook", jobs.JobFailed
	f.Run.Title = engine.Title{Source: "odd source", Group: "odd group", Name: "odd name"}
	f.Job.Tree = f.Run.Title
	f.Run.Status = engine.RunError
	odd := b.fault("odd node")
	odd.Kind = engine.FaultConnector
	f.First.Delta.Faults = []engine.Fault{odd}
	a.Firings = []jobs.Firing{f}
	b.accept(a)
	return a
}

// crowd accepts an odd event among usual ones, all of which stand in an error.
func (b *bench) crowd() jobs.Acceptance {
	b.t.Helper()
	for range 2 {
		a := b.acceptance()
		a.Firings[0].First.Delta.Faults = []engine.Fault{b.fault("order")}
		b.accept(a)
	}
	odd := b.odd()
	b.tick(time.Hour)
	b.accept(b.acceptance())
	return odd
}

func jobFilters(t *testing.T, b *bench) {
	odd := b.crowd()
	at := odd.Event.Received
	for name, f := range map[string]jobs.JobFilter{
		"status":  {Status: []jobs.JobStatus{jobs.JobFailed, jobs.JobCancelled}},
		"webhook": {Webhook: "odd webhook"},
		"type":    {Type: "Form"},
		"action":  {Action: "Updated"},
		"kapp":    {Kapp: "odd-kapp"},
		"form":    {Form: "odd-form"},
		"entity":  {Entity: "odd entity"},
		"event":   {EventID: odd.Event.ID},
		"run":     {Run: odd.Firings[0].Run.Number},
		"time":    {From: at.Add(-time.Second), To: at.Add(time.Second)},
		"several": {Kapp: "odd-kapp", Status: []jobs.JobStatus{jobs.JobFailed}, From: at.Add(-time.Second)},
	} {
		got := rows[jobs.Job](b)(b.store.Jobs(t.Context(), f))
		if len(got) != 1 || got[0].ID != odd.Firings[0].Job.ID {
			t.Errorf("the filter by %s selects %d jobs; want the odd one alone", name, len(got))
		}
	}
	b.same("no match", rows[jobs.Job](b)(b.store.Jobs(t.Context(), jobs.JobFilter{Kapp: "odd-kapp", Type: "Submission"})), []jobs.Job(nil))
}

func runFilters(t *testing.T, b *bench) {
	odd := b.crowd()
	at := odd.Event.Received
	for name, f := range map[string]jobs.RunFilter{
		"status": {Status: []engine.RunStatus{engine.RunError, engine.RunQueued}},
		"source": {Source: "odd source"},
		"group":  {Group: "odd group"},
		"name":   {Name: "odd name"},
		"job":    {JobID: odd.Firings[0].Job.ID},
		"event":  {EventID: odd.Event.ID},
		"time":   {From: at.Add(-time.Second), To: at.Add(time.Second)},
	} {
		got := rows[jobs.Run](b)(b.store.Runs(t.Context(), f))
		if len(got) != 1 || got[0].ID != runID(odd) {
			t.Errorf("the filter by %s selects %d runs; want the odd one alone", name, len(got))
		}
	}
}

func eventFilters(t *testing.T, b *bench) {
	odd := b.crowd()
	at := odd.Event.Received
	for name, f := range map[string]jobs.EventFilter{
		"platform": {Platform: "odd platform"},
		"type":     {Type: "Form"},
		"action":   {Action: "Updated"},
		"kapp":     {Kapp: "odd-kapp"},
		"form":     {Form: "odd-form"},
		"entity":   {Entity: "odd entity"},
		"path":     {Path: odd.Event.Path},
		"sender":   {Credential: "source:odd"},
		"outcome":  {Outcome: string(webhooks.Overridden)},
		"time":     {From: at.Add(-time.Second), To: at.Add(time.Second)},
	} {
		got := rows[jobs.EventRecord](b)(b.store.Events(t.Context(), f))
		if len(got) != 1 || got[0].Event.ID != odd.Event.ID {
			t.Errorf("the filter by %s selects %d events; want the odd one alone", name, len(got))
		}
	}
}

// became accepts an event of a sender with verdicts of outcomes; those that
// fired make jobs.
func (b *bench) became(sender string, outcomes ...webhooks.Outcome) (id string) {
	b.t.Helper()
	a := jobs.Acceptance{Event: b.event()}
	a.Event.Credential = sender
	for i, o := range outcomes {
		a.Verdicts = append(a.Verdicts, webhooks.Verdict{Webhook: fmt.Sprint("webhook ", i), Outcome: o})
		if o == webhooks.Fired {
			f := b.treeFiring(&a.Event)
			f.Verdict = i
			a.Firings = append(a.Firings, f)
		}
	}
	b.accept(a)
	return a.Event.ID
}

// foundEvents lists the ids of the events that a filter selects.
func (b *bench) foundEvents(f jobs.EventFilter) []string {
	b.t.Helper()
	ids := []string{}
	for _, e := range rows[jobs.EventRecord](b)(b.store.Events(b.t.Context(), f)) {
		ids = append(ids, e.Event.ID)
	}
	return ids
}

func eventOutcomes(_ *testing.T, b *bench) {
	fired := b.became("portal", webhooks.Fired)
	partly := b.became("portal", webhooks.Filtered, webhooks.Fired, webhooks.Filtered)
	none := b.became("portal", webhooks.None)
	filtered := b.became("source:desk", webhooks.Filtered, webhooks.Inactive)
	refused := b.became("source:desk", webhooks.Errored, webhooks.Filtered)
	silent := b.became("portal") // nobody was asked
	b.tick(24 * time.Hour)
	late := b.became("portal", webhooks.None)
	yes, no := true, false
	before := jobs.EventFilter{Fired: &no, To: b.now.Add(-time.Hour)}
	after := jobs.EventFilter{Fired: &no, From: b.now.Add(-time.Hour)}
	for name, tt := range map[string]struct {
		filter jobs.EventFilter
		want   []string
	}{
		"something fired":              {jobs.EventFilter{Fired: &yes}, []string{partly, fired}},
		"the outcome is fired":         {jobs.EventFilter{Outcome: string(webhooks.Fired)}, []string{partly, fired}},
		"nothing fired":                {jobs.EventFilter{Fired: &no}, []string{late, silent, refused, filtered, none}},
		"nothing fired, before a time": {before, []string{silent, refused, filtered, none}},
		"nothing fired, after a time":  {after, []string{late}},
		"a filter said no":             {jobs.EventFilter{Outcome: string(webhooks.Filtered)}, []string{refused, filtered, partly}},
		"one of two was refused":       {jobs.EventFilter{Outcome: string(webhooks.Filtered), Fired: &yes}, []string{partly}},
		"all were refused":             {jobs.EventFilter{Outcome: string(webhooks.Filtered), Fired: &no}, []string{refused, filtered}},
		"an outcome of a sender":       {jobs.EventFilter{Outcome: string(webhooks.Inactive), Credential: "source:desk"}, []string{filtered}},
		"nothing of a kind":            {jobs.EventFilter{Type: "Submission", Fired: &no, Outcome: string(webhooks.Errored)}, []string{refused}},
		"nothing like that":            {jobs.EventFilter{Outcome: string(webhooks.Loop)}, []string{}},
	} {
		b.same(name, b.foundEvents(tt.filter), tt.want)
	}
}

func outcomePages(t *testing.T, b *bench) {
	no := false
	nothing := jobs.EventFilter{Fired: &no}
	a := b.undecided()
	b.accept(a)
	want := []string{a.Event.ID}
	for range 4 {
		b.became("portal", webhooks.Fired)
		want = append([]string{b.became("portal", webhooks.None)}, want...)
	}
	b.same("the pages", paged(b, func(p jobs.Page) ([]jobs.EventRecord, string, error) {
		return b.store.Events(t.Context(), jobs.EventFilter{Page: p, Fired: &no})
	}, func(e jobs.EventRecord) string { return e.Event.ID }), want)

	fired := b.fired(a.Event)
	if err := b.store.RecordError(t.Context(), jobs.ErrorProgress{
		ID: b.openErrors()[0].ID, Action: engine.ActionRetry, By: "manager", At: b.now, Accept: &fired, Places: []int{1},
	}); err != nil {
		t.Fatal(err)
	}
	b.same("nothing fired", b.foundEvents(nothing), want[:4])
	b.same("no error is left", b.foundEvents(jobs.EventFilter{Outcome: string(webhooks.Errored)}), []string{})
	b.same("a filter said no", b.foundEvents(jobs.EventFilter{Outcome: string(webhooks.Filtered)}), want[4:])

	b.end(runID(fired), engine.RunComplete)
	b.tick(month)
	b.purge(jobs.Retention{Age: month - time.Hour}, 100)
	b.same("after all has gone, nothing fired", b.foundEvents(nothing), []string{})
}

func errorFilters(t *testing.T, b *bench) {
	odd := b.crowd()
	at := odd.Firings[0].First.Delta.Faults[0].At
	all := b.openErrors()
	if len(all) != 3 {
		t.Fatalf("%d errors are open; want 3", len(all))
	}
	for name, f := range map[string]jobs.ErrorFilter{
		"id":     {IDs: []int64{all[0].ID, 4711}},
		"run":    {Run: odd.Firings[0].Run.Number},
		"source": {Source: "odd source"},
		"group":  {Group: "odd group"},
		"name":   {Name: "odd name"},
		"node":   {Node: "odd node"},
		"kind":   {Kind: string(engine.FaultConnector)},
		"time":   {From: at.Add(-time.Second), To: at.Add(time.Second)},
	} {
		got := rows[jobs.ErrorRecord](b)(b.store.Errors(t.Context(), f))
		if len(got) != 1 || got[0].RunID != runID(odd) {
			t.Errorf("the filter by %s selects %d errors; want the odd one alone", name, len(got))
		}
	}
	b.resolved(all[0])
	handled := rows[jobs.ErrorRecord](b)(b.store.Errors(t.Context(), jobs.ErrorFilter{Open: new(false)}))
	if len(handled) != 1 || handled[0].ID != all[0].ID || len(b.openErrors()) != 2 {
		t.Errorf("%d errors are handled and %d open; want the odd one handled and 2 open", len(handled), len(b.openErrors()))
	}
}

func timeRange(t *testing.T, b *bench) {
	a, next := b.acceptance(), b.acceptance()
	b.accept(a)
	b.accept(next)
	got := rows[jobs.Job](b)(b.store.Jobs(t.Context(), jobs.JobFilter{From: a.Event.Received, To: next.Event.Received}))
	if len(got) != 1 || got[0].ID != a.Firings[0].Job.ID {
		t.Errorf("the range selects %d jobs; want the first alone", len(got))
	}
}

func filteredPages(t *testing.T, b *bench) {
	var want []string
	for i := range 9 {
		a := b.acceptance()
		a.Event.Scope.Kapp = fmt.Sprintf("kapp-%d", i%2)
		a.Firings[0].Job.Kapp = a.Event.Scope.Kapp
		b.accept(a)
		if i%2 == 0 {
			want = append([]string{a.Firings[0].Job.ID}, want...)
		}
	}
	b.same("the jobs of one kapp", paged(b, func(p jobs.Page) ([]jobs.Job, string, error) {
		return b.store.Jobs(t.Context(), jobs.JobFilter{Page: p, Kapp: "kapp-0"})
	}, func(j jobs.Job) string { return j.ID }), want)
}

func counts(t *testing.T, b *bench) {
	one, two := b.acceptance(), b.acceptance()
	b.accept(one, two)
	b.delivery()
	b.end(runID(one), engine.RunComplete)
	b.faulted(runID(two), b.fault("order"))
	got := need[jobs.Counts](b)(b.store.Count(t.Context()))
	b.same("the counts of jobs", got.Jobs, map[jobs.JobStatus]int64{jobs.JobComplete: 2, jobs.JobQueued: 1})
	b.same("the counts of runs", got.Runs, map[engine.RunStatus]int64{engine.RunComplete: 1, engine.RunError: 1})
	if got.OpenErrors != 1 || got.Work != 2 || got.Bytes <= 0 {
		t.Errorf("%d open errors, %d pieces of work, %d bytes; want 1, 2 and some", got.OpenErrors, got.Work, got.Bytes)
	}
}
