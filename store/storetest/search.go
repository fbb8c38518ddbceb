package storetest

import (
	"testing"
	"time"

	"hooktree/jobs"
)

var searchTests = []test{
	{"words of payload, path, webhook, summary and answer find a job", findJob},
	{"words of payload and path find an event and its run", findEvent},
	{"every word must occur", everyWord},
	{"nothing in a text is syntax", noSyntax},
	{"a changed job is found by its new words", findChanged},
	{"a search keeps to its filters", searchFilters},
}

// settle waits for a text search that lags behind.
func (b *bench) settle() {
	b.t.Helper()
	if s, ok := b.store.(Settler); ok {
		if err := s.Settle(b.t.Context()); err != nil {
			b.t.Fatalf("Settle: %v", err)
		}
	}
}

// findable accepts an event whose words are its own, among others.
func (b *bench) findable() jobs.Acceptance {
	b.t.Helper()
	b.accept(b.acceptance())
	e := b.event()
	e.Body = []byte(`{"values":{"Model":"Thunderbird 900","Owner":"manager@example.com","City":"Zürich"}}`)
	e.Path = "Submissions > services > garden-shed / Submitted"
	a := b.fired(e)
	a.Firings[0].Job.Webhook = "tell gardeners"
	b.accept(a)
	b.accept(b.acceptance())
	return a
}

func (b *bench) found(text string) []string {
	b.t.Helper()
	b.settle()
	var ids []string
	for _, j := range rows[jobs.Job](b)(b.store.Jobs(b.t.Context(), jobs.JobFilter{Text: text})) {
		ids = append(ids, j.ID)
	}
	return ids
}

func findJob(_ *testing.T, b *bench) {
	a := b.findable()
	for _, text := range []string{"thunderbird", "THUNDERBIRD 900", "manager@example.com", "zürich", "gardeners", "garden-shed"} {
		b.same("jobs found by "+text, b.found(text), []string{a.Firings[0].Job.ID})
	}
	b.same("jobs found by a word that is nowhere", b.found("submarine"), []string(nil))
}

func findEvent(t *testing.T, b *bench) {
	a := b.findable()
	b.settle()
	events := rows[jobs.EventRecord](b)(b.store.Events(t.Context(), jobs.EventFilter{Text: "thunderbird garden"}))
	if len(events) != 1 || events[0].Event.ID != a.Event.ID {
		t.Errorf("%d events found; want one", len(events))
	}
	runs := rows[jobs.Run](b)(b.store.Runs(t.Context(), jobs.RunFilter{Text: "thunderbird"}))
	if len(runs) != 1 || runs[0].ID != runID(a) {
		t.Errorf("%d runs found; want one", len(runs))
	}
}

func everyWord(_ *testing.T, b *bench) {
	a := b.findable()
	b.same("jobs found by two of its words", b.found("thunderbird gardeners"), []string{a.Firings[0].Job.ID})
	b.same("jobs found by words of two jobs", b.found("thunderbird X1"), []string(nil))
}

func noSyntax(t *testing.T, b *bench) {
	b.findable()
	b.settle()
	for _, text := range []string{`"`, `thunder"bird`, `(`, `*`, `a AND (`, `NEAR/2`, `-x`, `col:x`, `'; drop table jobs; --`, "\x00", `{}`, `^`} {
		if _, _, err := b.store.Jobs(t.Context(), jobs.JobFilter{Text: text}); err != nil {
			t.Errorf("the text %q gave %v; want rows or none", text, err)
		}
	}
	b.same("jobs found by a negated word", b.found("thunderbird -gardeners-nowhere"), []string(nil))
}

func findChanged(_ *testing.T, b *bench) {
	job := b.delivery()
	b.settle()
	job.Status, job.Summary, job.Ended = jobs.JobFailed, "503 Service Unavailable", b.tick(time.Second)
	job.Response = &jobs.Response{Status: 503, Body: []byte("the kettle is boiling")}
	b.recordJob(jobs.JobProgress{Job: job, Was: jobs.JobQueued, Drop: []string{job.ID}})
	b.same("jobs found by the answer", b.found("kettle"), []string{job.ID})
	b.same("jobs found by the summary", b.found("unavailable"), []string{job.ID})
}

func searchFilters(t *testing.T, b *bench) {
	b.findable()
	b.settle()
	got := rows[jobs.Job](b)(b.store.Jobs(t.Context(), jobs.JobFilter{Text: "thunderbird", Status: []jobs.JobStatus{jobs.JobFailed}}))
	b.same("failed jobs found by the word", got, []jobs.Job(nil))
}
