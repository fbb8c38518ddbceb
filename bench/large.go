package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/store/sqlite"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// asked is how often each list is asked for.
const asked = 60

// listed is one line: how fast a list answers over a large store.
type listed struct {
	Measure string  `json:"measure"`
	Rows    int     `json:"rows"`
	List    string  `json:"list"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
}

// restarted is one line: how a server starts on a large store.
type restarted struct {
	Measure string  `json:"measure"`
	Rows    int     `json:"rows"`
	Fill    float64 `json:"fill_per_s"` // events that the store took while it was filled
	Settle  float64 `json:"settle_s"`   // until the text search had caught up
	Ready   float64 `json:"ready_ms"`
	Bytes   int64   `json:"bytes"`
}

// lists are what operators ask for.
var lists = []struct{ name, query string }{
	{"newest", "jobs"},
	{"failed", "jobs?status=Failed"},
	{"webhook", "jobs?webhook=" + url.QueryEscape("webhook 7")},
	{"kapp and form", "jobs?kapp=services&form=form-13"},
	{"submission", "jobs?submission=submission-4242"},
	{"an hour long ago", "jobs?from=2026-01-01T02:00:00Z&to=2026-01-01T03:00:00Z"},
	{"a rare word", "jobs?q=needle"},
	{"a common word", "jobs?q=laptop"},
	{"two words", "jobs?q=" + url.QueryEscape("laptop needle")},
	{"a word and a status", "jobs?q=laptop&status=Failed"},
	{"newest events", "events"},
	{"events that fired", "events?fired=true"},
	{"events that fired nothing", "events?fired=false"},
	{"events with a filter that failed", "events?outcome=error"},
	{"events without an outcome", "events?outcome=loop"},
	{"events of a source", "events?source=desk"},
	{"events of a platform that fired nothing", "events?platform=kinetic&fired=false"},
	{"events of an hour long ago", "events?from=2026-01-01T02:00:00Z&to=2026-01-01T03:00:00Z"},
}

// measureLarge fills a store, starts a server on it and asks for lists.
func measureLarge(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "hooktree-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // at worst the system does it
	data := filepath.Join(dir, "data")
	line := restarted{Measure: "large store", Rows: o.rows}
	if err := line.fill(ctx, data); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	s, err := startHooktree(ctx, o, data)
	if err != nil {
		return err
	}
	line.Ready = milliseconds(s.process.ready)
	if err := tell(line); err != nil {
		return err
	}
	for _, l := range lists {
		if err := s.ask(ctx, o.rows, l.name, l.query); err != nil {
			_ = s.process.command.Process.Kill()
			return err
		}
	}
	return s.process.stop()
}

// ask measures one list.
func (s *served) ask(ctx context.Context, rows int, name, query string) error {
	taken := make([]time.Duration, asked)
	for i := range taken {
		var answer any
		began := time.Now()
		if err := s.call(ctx, http.MethodGet, "/api/v1/"+query, "", &answer); err != nil {
			return err
		}
		taken[i] = time.Since(began)
	}
	slices.Sort(taken)
	r := result{latency: taken}
	return tell(listed{"list", rows, name, milliseconds(r.quantile(0.5)), milliseconds(r.quantile(0.95))})
}

// fill writes events with a job and a run each, spread over ninety days, and
// brings the text search up to date.
func (line *restarted) fill(ctx context.Context, data string) (err error) {
	s, err := sqlite.Open(ctx, filepath.Join(data, "hooktree.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	began := time.Now()
	const batch = 500
	for from := 0; from < line.Rows; from += batch {
		var events []jobs.Acceptance
		for i := from; i < min(from+batch, line.Rows); i++ {
			events = append(events, past(s, i, line.Rows))
		}
		if _, err := s.Accept(ctx, events); err != nil {
			return err
		}
	}
	line.Fill = float64(line.Rows) / time.Since(began).Seconds()
	began = time.Now()
	if err := s.Settle(ctx); err != nil {
		return err
	}
	line.Settle = time.Since(began).Seconds()
	counts, err := s.Count(ctx)
	line.Bytes = counts.Bytes
	return err
}

// past is the i-th of so many events.
func past(s *sqlite.Store, i, rows int) jobs.Acceptance {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := first.Add(time.Duration(float64(90*24*time.Hour) * float64(i) / float64(rows)))
	form := fmt.Sprintf("form-%d", i%40)
	title := engine.Title{Source: "Kinetic Request CE", Group: "Submissions > services > " + form, Name: "Submitted"}
	word := "laptop"
	if i%10_000 == 1234 {
		word = "laptop needle"
	}
	e := event.Event{
		ID: idAt(at), Platform: "kinetic", Type: "Submission", Action: "Submitted", Scope: event.Scope{Kapp: "services", Form: form},
		Path: title.Group + " / Submitted", Entity: fmt.Sprintf("submission-%d", i), Occurred: at, Received: at, Credential: "bench",
		Body: fmt.Appendf(nil, `{"submission":{"id":"submission-%d"},"values":{"Model":"%s","Quantity":%d,"Reason":"for work in room %d"}}`, i, word, i%7, i%500),
	}
	run := &jobs.Run{
		ID: idAt(at), Number: s.ReserveNumber(), Title: title, Hash: "0", EventID: e.ID, Status: engine.RunComplete, Created: at, Started: at, Ended: at,
	}
	job := jobs.Job{
		ID: idAt(at), EventID: e.ID, Webhook: fmt.Sprintf("webhook %d", i%50), Tree: title, Entity: e.Entity, Status: jobs.JobComplete,
		Summary: fmt.Sprintf("Initiated run #%d", run.Number), Run: run.Number, RunID: run.ID, ScheduledAt: at, Created: at, Updated: at, Ended: at,
	}
	if i%1000 == 7 {
		job.Status, job.Summary = jobs.JobFailed, "500 Internal Server Error"
	}
	run.JobID = job.ID
	if i%quietShare == 11 {
		return quiet(e, i)
	}
	return jobs.Acceptance{
		Event: e, Verdicts: []webhooks.Verdict{{Webhook: job.Webhook, Outcome: webhooks.Fired, Reason: "fired"}},
		Firings: []jobs.Firing{{Job: job, Run: run, First: jobs.Step{Delta: engine.Delta{
			Changed: true, Tasks: []engine.Task{{Node: "order", Status: engine.TaskComplete, Order: 1, Done: 1, Started: at, Ended: at}},
		}}}},
	}
}

// quietShare is how many events there are to one that fires nothing.
const quietShare = 1000

// quiet is an event by a source that fires nothing; of every tenth a filter
// failed.
func quiet(e event.Event, i int) jobs.Acceptance {
	e.Credential = "source:desk"
	verdict := webhooks.Verdict{Webhook: e.Path, Outcome: webhooks.None, Reason: "no tree is there, and no webhook is for it"}
	if i%(10*quietShare) == 11 {
		verdict.Outcome = webhooks.Errored
	}
	return jobs.Acceptance{Event: e, Verdicts: []webhooks.Verdict{verdict}}
}

// idAt is a version 7 UUID of a time.
func idAt(at time.Time) string {
	id := uuid.New()
	ms := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	return id.String()
}
