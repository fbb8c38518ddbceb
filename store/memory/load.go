package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

// Load implements [jobs.Ledger].
func (s *Store) Load(ctx context.Context, runID string, nodes []engine.NodeID) (jobs.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return jobs.Loaded{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()

	row := s.runs.byID[runID]
	if row == nil {
		return jobs.Loaded{}, fmt.Errorf("run %s: %w", runID, jobs.ErrNotFound)
	}
	loaded := jobs.Loaded{Run: row.run, Data: row.event.record.Event.Data}
	for _, t := range row.sorted() {
		if !t.Status.Final() || slices.Contains(nodes, t.Node) {
			loaded.Tasks = append(loaded.Tasks, t)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(row.held)) {
		loaded.Held = append(loaded.Held, row.held[id])
	}
	return loaded, nil
}

// sorted gives the tasks of a run in the order in which they began.
func (r *runRow) sorted() []engine.Task {
	return slices.SortedFunc(maps.Values(r.tasks), func(a, b engine.Task) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Place, b.Place))
	})
}

// LoadJob implements [jobs.Ledger].
func (s *Store) LoadJob(ctx context.Context, jobID string) (jobs.LoadedJob, error) {
	if err := ctx.Err(); err != nil {
		return jobs.LoadedJob{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()

	row := s.jobs.byID[jobID]
	if row == nil {
		return jobs.LoadedJob{}, fmt.Errorf("job %s: %w", jobID, jobs.ErrNotFound)
	}
	e := row.event.record.Event
	job := row.job
	job.Attempts = slices.Clone(job.Attempts)
	return jobs.LoadedJob{Job: job, Payload: e.Body, Data: e.Data}, nil
}

// Due implements [jobs.Ledger].
func (s *Store) Due(ctx context.Context, q jobs.DueQuery) ([]jobs.Work, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()

	work, next := s.work.list(q)
	return work, next, nil
}
