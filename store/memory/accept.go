package memory

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"hooktree/jobs"
	"hooktree/webhooks"
)

// Accept implements [jobs.Ledger].
func (s *Store) Accept(ctx context.Context, batch []jobs.Acceptance) ([]jobs.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	digests, err := s.digestsLocked(batch)
	if err != nil {
		return nil, err
	}
	receipts := make([]jobs.Receipt, len(batch))
	for i := range batch {
		receipts[i] = s.acceptLocked(&batch[i], digests[i])
	}
	return receipts, nil
}

// digestsLocked finds keys that were used for another body before anything is
// saved, so that a batch is refused whole.
func (s *Store) digestsLocked(batch []jobs.Acceptance) ([][32]byte, error) {
	digests := make([][32]byte, len(batch))
	var within map[credential][32]byte
	for i := range batch {
		e := &batch[i].Event
		if e.ExternalID == "" {
			continue
		}
		digests[i] = sha256.Sum256(e.Body)
		c := credential{e.Credential, e.ExternalID}
		first, known := within[c]
		if row := s.firstLocked(&batch[i]); row != nil {
			first, known = row.digest, true
		}
		if known && first != digests[i] {
			return nil, fmt.Errorf("events[%d]: %q: %w", i, e.ExternalID, jobs.ErrKeyReused)
		}
		if within == nil {
			within = map[credential][32]byte{}
		}
		within[c] = digests[i]
	}
	return digests, nil
}

// firstLocked gives the event whose live key the acceptance repeats.
func (s *Store) firstLocked(a *jobs.Acceptance) *eventRow {
	if a.Event.ExternalID == "" {
		return nil
	}
	row := s.dedupe[credential{a.Event.Credential, a.Event.ExternalID}]
	if row == nil || a.Event.Received.Sub(row.record.Event.Received) >= jobs.DedupeWindow {
		return nil
	}
	return row
}

func (s *Store) acceptLocked(a *jobs.Acceptance, digest [32]byte) jobs.Receipt {
	if first := s.firstLocked(a); first != nil {
		return jobs.Receipt{
			EventID:   first.record.Event.ID,
			Path:      first.record.Event.Path,
			Duplicate: true,
			Verdicts:  first.record.Verdicts,
			Jobs:      refs(first.jobs),
		}
	}
	e := &eventRow{digest: digest, record: jobs.EventRecord{Event: a.Event, Verdicts: slices.Clone(a.Verdicts)}}
	s.events.add(s.next(), a.Event.ID, e)
	s.bytes += rough + int64(len(a.Event.Body))
	if a.Event.ExternalID != "" {
		s.dedupe[credential{a.Event.Credential, a.Event.ExternalID}] = e
	}
	made := s.firingsLocked(e, a.Firings, e.record.Verdicts)
	s.verdictErrorsLocked(e, 0, a.Event.Received)
	return jobs.Receipt{EventID: a.Event.ID, Path: a.Event.Path, Verdicts: e.record.Verdicts, Jobs: made}
}

// firingsLocked saves what an event fired, and changes the verdict of each
// firing that turns out to be a duplicate.
func (s *Store) firingsLocked(e *eventRow, firings []jobs.Firing, verdicts []webhooks.Verdict) []jobs.JobRef {
	made := make([]jobs.JobRef, 0, len(firings))
	for i := range firings {
		f := &firings[i]
		if first := s.duplicateLocked(f.Run); first != nil {
			v := &verdicts[f.Verdict]
			v.Outcome = webhooks.Duplicate
			v.Reason = fmt.Sprintf("the key %q started run #%d before", f.Run.Dedupe, first.run.Number)
			if row := s.jobs.byID[first.run.JobID]; row != nil {
				made = append(made, ref(row.job))
			}
			continue
		}
		row := &jobRow{job: f.Job, event: e}
		row.job.Attempts = slices.Clone(f.Job.Attempts)
		s.jobs.add(s.next(), f.Job.ID, row)
		s.bytes += rough
		e.jobs = append(e.jobs, row)
		s.workLocked(jobs.Step{Add: f.Work})
		r := ref(row.job)
		if f.Run != nil {
			r.Queued = s.beginLocked(e, *f.Run, f.First)
		}
		made = append(made, r)
	}
	return made
}

func (s *Store) duplicateLocked(r *jobs.Run) *runRow {
	if r == nil || r.Dedupe == "" {
		return nil
	}
	return s.keys[key{r.Title, r.Dedupe}]
}

func refs(rows []*jobRow) []jobs.JobRef {
	out := make([]jobs.JobRef, len(rows))
	for i, row := range rows {
		out[i] = ref(row.job)
	}
	return out
}

func ref(j jobs.Job) jobs.JobRef {
	r := jobs.JobRef{ID: j.ID, Webhook: j.Webhook, URL: j.URL, Run: j.Run, RunID: j.RunID}
	if j.URL == "" {
		r.Tree = j.Tree.String()
	}
	return r
}
