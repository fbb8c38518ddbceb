package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// plan gives the steps by which SQLite would answer a query.
func plan(t *testing.T, s *Store, query string, args ...any) []string {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), "explain query plan "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

func openPlain(tb testing.TB) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "hooktree.db"), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("Close = %v", err)
		}
	})
	return s
}

// However long a queue is, and however much waits for a host, no statement of Due walks through it, nor sorts it.
func TestDue_jumpsFromQueueToQueueAndFromHostToHost(t *testing.T) {
	t.Parallel()
	s := openPlain(t)
	for _, query := range []string{firstOfQueues, firstOfHosts} {
		steps := plan(t, s, query, "[]", 10, 10, 10)
		if len(steps) < 5 {
			t.Fatalf("the plan has %d steps", len(steps))
		}
		for _, step := range steps {
			for _, table := range []string{"work", "w", "l", "o"} {
				if strings.HasPrefix(step, "SCAN "+table+" ") || step == "SCAN "+table {
					t.Errorf("Due reads all work: %s; the plan is\n%s", step, strings.Join(steps, "\n"))
				}
			}
		}
	}
}

// BenchmarkDue measures Due beside one long queue.
func BenchmarkDue(b *testing.B) {
	for _, ordered := range []bool{true, false} {
		for _, resting := range []bool{false, true} {
			b.Run(fmt.Sprintf("ordered=%t/resting=%t", ordered, resting), func(b *testing.B) {
				benchmarkDue(b, ordered, resting)
			})
		}
	}
}

func benchmarkDue(b *testing.B, ordered, resting bool) {
	b.Helper()
	const length = 100_000
	s := openPlain(b)
	now := time.UnixMilli(1_800_000_000_000)
	err := s.writer.insist(b.Context(), func(t *tx) error {
		for i := range length {
			w := jobs.Work{ID: fmt.Sprintf("%08d", i), Kind: jobs.WorkDelivery, JobID: "j", Due: now, Queue: "long", Ordered: ordered}
			if err := t.addWork([]jobs.Work{w}); err != nil {
				return err
			}
		}
		return t.addWork([]jobs.Work{{ID: "free", Kind: jobs.WorkTimer, Due: now}, {ID: "other", Kind: jobs.WorkDelivery, Queue: "short", Due: now}})
	})
	if err != nil {
		b.Fatal(err)
	}
	q := jobs.DueQuery{Now: now, Limit: 64}
	if resting {
		q.Resting = []string{"long"}
	}
	for b.Loop() {
		work, _, err := s.Due(b.Context(), q)
		if err != nil || len(work) < 2 {
			b.Fatalf("Due = %d pieces, %v", len(work), err)
		}
	}
}

// A purged delivery leaves no row behind that nobody would ever find.
func TestPurge_leavesNoDelivery(t *testing.T) {
	t.Parallel()
	s := openPlain(t)
	at := time.UnixMilli(1_700_000_000_000)
	e := event.Event{ID: "00000000-0000-7000-8000-000000000001", Body: []byte("{}"), Received: at}
	job := jobs.Job{ID: "00000000-0000-7000-8000-000000000002", EventID: e.ID, Status: jobs.JobHeld, Subscription: e.ID, Created: at}
	if _, err := s.Accept(t.Context(), []jobs.Acceptance{{Event: e, Verdicts: []webhooks.Verdict{{}}, Firings: []jobs.Firing{{Job: job}}}}); err != nil {
		t.Fatal(err)
	}
	n, err := s.Purge(t.Context(), jobs.Retention{Age: time.Hour}, at.Add(2*time.Hour), 10)
	var left int
	if scan := s.readers.QueryRowContext(t.Context(), `select count(*) from deliveries`).Scan(&left); err != nil || scan != nil || n != 1 || left != 0 {
		t.Errorf("Purge = %d, %v; %d deliveries are left, %v; want one gone and none left", n, err, left, scan)
	}
}
