package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/store/sqlite"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// acceptance is one event of 1 kB with a run of five tasks.
func acceptance(s *sqlite.Store) jobs.Acceptance {
	now := time.Now()
	id := func() string { return uuid.Must(uuid.NewV7()).String() }
	title := engine.Title{Source: "Kinetic Request CE", Group: "Submissions > services > laptop-request", Name: "Submitted"}
	e := event.Event{
		ID: id(), Platform: "kinetic", Type: "Submission", Action: "Submitted", Scope: event.Scope{Kapp: "services", Form: "laptop-request"},
		Path: "Submissions > services > laptop-request / Submitted", Entity: uuid.NewString(), Occurred: now, Received: now,
		Body: []byte(`{"values":{"Note":"` + strings.Repeat("laptop ", 140) + `"}}`), Credential: "bench",
	}
	run := &jobs.Run{
		ID: id(), Number: s.ReserveNumber(), Title: title, Hash: strings.Repeat("ab", 32), EventID: e.ID, Status: engine.RunComplete,
		Head: engine.Head{Semantics: 1, Status: engine.RunComplete, Order: 5, Done: 5, Ended: now}, Created: now, Started: now, Ended: now,
	}
	job := jobs.Job{
		ID: id(), EventID: e.ID, Webhook: title.Group, WebhookHash: run.Hash, Tree: title, Status: jobs.JobComplete, Entity: e.Entity,
		Summary: fmt.Sprintf("Initiated run #%d", run.Number), Run: run.Number, RunID: run.ID, Created: now, Updated: now, Ended: now, ScheduledAt: now,
	}
	run.JobID = job.ID
	var tasks []engine.Task
	for i := range 5 {
		tasks = append(tasks, engine.Task{
			Node: engine.NodeID(fmt.Sprintf("node_%d", i)), Status: engine.TaskComplete, Attempt: 1, Order: int64(i + 1), Done: int64(i + 1),
			Inputs: map[string]any{"a": int64(1), "b": "two"}, Results: map[string]any{"output": "some text of a usual size"}, Started: now, Ended: now,
		})
	}
	return jobs.Acceptance{
		Event:    e,
		Verdicts: []webhooks.Verdict{{Webhook: title.Group, Hash: run.Hash, Outcome: webhooks.Fired, Reason: "fired"}},
		Firings:  []jobs.Firing{{Job: job, Run: run, First: jobs.Step{Delta: engine.Delta{Head: run.Head, Tasks: tasks, Changed: true}}}},
	}
}

func BenchmarkAccept(b *testing.B) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "hooktree.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("Close = %v", err)
		}
	})
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Accept(b.Context(), []jobs.Acceptance{acceptance(s)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
