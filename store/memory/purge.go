package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hooktree/jobs"
)

// Purge implements [jobs.Ledger].
func (s *Store) Purge(ctx context.Context, keep jobs.Retention, now time.Time, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	if extra := int64(len(s.audits)) - keep.Acts; keep.Acts > 0 && extra > 0 {
		s.audits = s.audits[extra:]
	}
	gone := removal{events: map[string]bool{}, jobs: map[string]bool{}, runs: map[string]bool{}, errors: map[int64]bool{}}
	for _, p := range s.events.order {
		if len(gone.events) == limit || !s.expiredLocked(p.row, keep, now) {
			break
		}
		if p.row.settled(now) {
			s.forgetLocked(p.row, gone)
		}
	}
	s.events.remove(gone.events)
	s.jobs.remove(gone.jobs)
	s.runs.remove(gone.runs)
	s.errors = slices.DeleteFunc(s.errors, func(r *errorRow) bool { return gone.errors[r.record.ID] })
	return len(gone.events), nil
}

// RemoveRun implements [jobs.Remover].
func (s *Store) RemoveRun(_ context.Context, number int64, audit jobs.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.runs.order, func(p placed[runRow]) bool { return p.row.run.Number == number })
	if at < 0 {
		return fmt.Errorf("run #%d: %w", number, jobs.ErrNotFound)
	}
	r := s.runs.order[at].row
	if !r.run.Status.Final() {
		return fmt.Errorf("run #%d: %w", number, jobs.ErrStale)
	}
	s.freeKeyLocked(r)
	s.bytes -= rough
	of := func(e *errorRow) bool { return e.record.RunID == r.run.ID }
	r.event.runs = slices.DeleteFunc(r.event.runs, func(o *runRow) bool { return o == r })
	r.event.desk = slices.DeleteFunc(r.event.desk, of)
	s.errors = slices.DeleteFunc(s.errors, of)
	s.runs.remove(map[string]bool{r.run.ID: true})
	s.auditLocked(&audit)
	return nil
}

// freeKeyLocked gives up the dedupe key of a run that goes.
func (s *Store) freeKeyLocked(r *runRow) {
	if k := (key{r.run.Title, r.run.Dedupe}); s.keys[k] == r {
		delete(s.keys, k)
	}
}

// removal collects the IDs of rows that go.
type removal struct {
	events, jobs, runs map[string]bool
	errors             map[int64]bool
}

func (s *Store) expiredLocked(e *eventRow, keep jobs.Retention, now time.Time) bool {
	old := keep.Age > 0 && now.Sub(e.record.Event.Received) > keep.Age
	return old || keep.Bytes > 0 && s.bytes > keep.Bytes
}

// settled reports whether nothing of an event is open any more.
func (e *eventRow) settled(now time.Time) bool {
	ev := &e.record.Event
	if ev.ExternalID != "" && now.Sub(ev.Received) < jobs.DedupeWindow {
		return false
	}
	openRun := func(r *runRow) bool { return !r.run.Status.Final() }
	openJob := func(j *jobRow) bool { return !j.job.Status.Final() }
	openError := func(r *errorRow) bool {
		return r.record.Open && r.record.Fault.Kind != jobs.FaultLoop && r.record.Fault.Kind != jobs.FaultApplication
	}
	return !slices.ContainsFunc(e.runs, openRun) &&
		!slices.ContainsFunc(e.jobs, openJob) &&
		!slices.ContainsFunc(e.desk, openError)
}

func (s *Store) forgetLocked(e *eventRow, gone removal) {
	ev := &e.record.Event
	gone.events[ev.ID] = true
	s.bytes -= rough + int64(len(ev.Body))
	if c := (credential{ev.Credential, ev.ExternalID}); s.dedupe[c] == e {
		delete(s.dedupe, c)
	}
	for _, j := range e.jobs {
		gone.jobs[j.job.ID] = true
		s.bytes -= rough
	}
	for _, r := range e.runs {
		gone.runs[r.run.ID] = true
		s.bytes -= rough
		s.freeKeyLocked(r)
	}
	for _, d := range e.desk {
		gone.errors[d.record.ID] = true
	}
}
