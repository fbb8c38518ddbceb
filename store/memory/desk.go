package memory

import (
	"context"
	"slices"
	"strconv"

	"hooktree/engine"
	"hooktree/jobs"
)

// Errors implements [jobs.History].
func (s *Store) Errors(_ context.Context, f jobs.ErrorFilter) ([]jobs.ErrorRecord, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	before, limit, err := bounds(f.Page)
	if err != nil {
		return nil, "", err
	}
	var out []jobs.ErrorRecord
	for _, row := range slices.Backward(s.errors) {
		r := &row.record
		if before > 0 && r.ID >= before || !selected(f, r) {
			continue
		}
		if len(out) == limit {
			return out, strconv.FormatInt(r.ID+1, 36), nil
		}
		out = append(out, *r)
	}
	return out, "", nil
}

func selected(f jobs.ErrorFilter, r *jobs.ErrorRecord) bool {
	return among(f.IDs, r.ID) && (f.Open == nil || *f.Open == r.Open) && either(f.Run, r.Run) &&
		named(r.Title, f.Source, f.Group, f.Name) && either(f.Node, string(r.Fault.Node)) &&
		either(f.Kind, string(r.Fault.Kind)) && within(r.Created, f.From, f.To)
}

// Audits implements [jobs.AuditLog].
func (s *Store) Audits(_ context.Context, p jobs.Page) ([]jobs.Audit, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	before, limit, err := bounds(p)
	if err != nil {
		return nil, "", err
	}
	var out []jobs.Audit
	for _, row := range slices.Backward(s.audits) {
		if before > 0 && row.seq >= before {
			continue
		}
		if len(out) == limit {
			return out, strconv.FormatInt(row.seq+1, 36), nil
		}
		out = append(out, row.audit)
	}
	return out, "", nil
}

// Count implements [jobs.History].
func (s *Store) Count(_ context.Context) (jobs.Counts, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := jobs.Counts{
		Jobs:  map[jobs.JobStatus]int64{},
		Runs:  map[engine.RunStatus]int64{},
		Work:  int64(len(s.work.byID)),
		Bytes: s.bytes,
	}
	for _, p := range s.jobs.order {
		c.Jobs[p.row.job.Status]++
	}
	for _, p := range s.runs.order {
		c.Runs[p.row.run.Status]++
		c.Work += int64(len(p.row.held))
	}
	for _, row := range s.errors {
		if row.record.Open {
			c.OpenErrors++
		}
	}
	return c, nil
}
