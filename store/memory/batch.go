package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"hooktree/jobs"
)

// checkLocked refuses what a changed job takes along and tells before anything
// is saved; it gives the rows that are taken, and the digest of the notice.
func (s *Store) checkLocked(p *jobs.JobProgress) (taken []*jobRow, digest [32]byte, err error) {
	for _, id := range p.Take {
		row := s.jobs.byID[id]
		if row == nil || row.job.Status != jobs.JobQueued || row.leader != nil {
			return nil, digest, fmt.Errorf("job %s cannot be taken along by job %s: %w", id, p.Job.ID, jobs.ErrStale)
		}
		taken = append(taken, row)
	}
	if p.Notice == nil {
		return taken, digest, nil
	}
	digests, err := s.digestsLocked([]jobs.Acceptance{*p.Notice})
	if err != nil {
		return nil, digest, err
	}
	return taken, digests[0], nil
}

// moveLocked saves a changed job, and lets those that went along follow it. A
// job that comes without its batch has left it.
func (s *Store) moveLocked(row *jobRow, job jobs.Job) {
	row.job = job
	row.job.Attempts = slices.Clone(job.Attempts)
	row.haystack = haystack{}
	if row.leader != nil && job.Batch == "" {
		row.leader.members = slices.DeleteFunc(row.leader.members, func(m *jobRow) bool { return m == row })
		row.leader = nil
	}
	for _, m := range row.members {
		m.follow()
	}
}

// takeLocked lets jobs go along with another.
func (s *Store) takeLocked(row *jobRow, taken []*jobRow) {
	for _, m := range taken {
		m.leader, m.job.Batch = row, row.job.ID
		row.members = append(row.members, m)
		s.work.drop(m.job.ID)
		m.follow()
	}
}

// follow gives a job that went along what the other has come to.
func (r *jobRow) follow() {
	l := &r.leader.job
	r.job.Status, r.job.Summary = l.Status, l.Summary
	r.job.ScheduledAt, r.job.Updated, r.job.Ended = l.ScheduledAt, l.Updated, l.Ended
	r.haystack = haystack{}
}

// Gather implements [jobs.Batches]. It gives no more payloads than one delivery
// has room for.
func (s *Store) Gather(ctx context.Context, queue, but string, limit int) ([]jobs.LoadedJob, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []jobs.LoadedJob
	size := 0
	for _, e := range s.work.lines[queue] {
		if len(list) >= limit || size > jobs.MaxJoined {
			break
		}
		row := s.jobs.byID[e.work.JobID]
		if row == nil || e.work.ID == but || row.job.Status != jobs.JobQueued || row.leader != nil || len(row.job.Attempts) > 0 {
			continue
		}
		event := &row.event.record.Event
		size += len(event.Body)
		list = append(list, jobs.LoadedJob{Job: row.job, Payload: event.Body, Data: event.Data})
	}
	return list, nil
}

// byWork orders a queue by the age of its work.
func byWork(a, b entry) int { return cmp.Compare(a.work.ID, b.work.ID) }
