package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

// beginLocked saves a new run with its first step, or as Queued when another
// run holds its lane, and reports which.
func (s *Store) beginLocked(e *eventRow, r jobs.Run, first jobs.Step) (queued bool) {
	row := &runRow{run: r, event: e}
	s.runs.add(s.next(), r.ID, row)
	s.bytes += rough
	s.number = max(s.number, r.Number)
	e.runs = append(e.runs, row)
	if r.Dedupe != "" {
		s.keys[key{r.Title, r.Dedupe}] = row
	}
	lane := key{r.Title, r.Lane}
	if r.Lane != "" && len(s.lanes[lane]) > 0 {
		s.lanes[lane] = append(s.lanes[lane], row)
		row.run = r.Queued()
		return true
	}
	if r.Lane != "" && !r.Status.Final() {
		s.lanes[lane] = append(s.lanes[lane], row)
	}
	s.stepLocked(row, first)
	return false
}

// stepLocked saves what a step changed besides the run itself.
func (s *Store) stepLocked(row *runRow, step jobs.Step) {
	if row.tasks == nil && len(step.Delta.Tasks) > 0 {
		row.tasks = make(map[engine.TaskKey]engine.Task, len(step.Delta.Tasks))
	}
	for _, t := range step.Delta.Tasks {
		row.tasks[engine.TaskKey{Node: t.Node, Place: t.Place}] = t
	}
	for _, f := range step.Delta.Faults {
		s.faultLocked(row, f)
	}
	s.workLocked(step)
}

// workLocked adds and drops work, held work with its run.
func (s *Store) workLocked(step jobs.Step) {
	for _, id := range step.Drop {
		s.work.drop(id)
	}
	for _, w := range step.Add {
		if w.Due.IsZero() {
			s.work.drop(w.ID)
			s.holdLocked(w)
			continue
		}
		if row := s.runs.byID[w.RunID]; row != nil {
			delete(row.held, w.ID)
		}
		s.work.put(w)
	}
}

func (s *Store) holdLocked(w jobs.Work) {
	row := s.runs.byID[w.RunID]
	if row == nil {
		return
	}
	if row.held == nil {
		row.held = map[string]jobs.Work{}
	}
	row.held[w.ID] = w
}

func (s *Store) faultLocked(row *runRow, f engine.Fault) {
	at := fault{row.run.ID, f.Node, f.Place, f.Connector}
	known := s.open[at]
	if known == nil {
		known = s.addErrorLocked(row.event, jobs.ErrorRecord{
			RunID: row.run.ID, Run: row.run.Number, Title: row.run.Title,
			EventID: row.run.EventID, Created: f.At,
		})
		s.open[at] = known
	}
	known.record.Fault = f
	known.record.Open = f.Open
	known.record.Action = f.Action
	known.record.Updated = f.At
	if !f.Open {
		delete(s.open, at)
	}
}

// Record implements [jobs.Ledger].
func (s *Store) Record(ctx context.Context, p jobs.Progress) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	row := s.runs.byID[p.Run.ID]
	if row == nil {
		return fmt.Errorf("run %s: %w", p.Run.ID, jobs.ErrNotFound)
	}
	if row.run.Revision != p.Run.Revision {
		return fmt.Errorf("run #%d: %w", row.run.Number, jobs.ErrStale)
	}
	if p.Error != nil {
		if _, err := s.errorLocked(p.Error.ID); err != nil {
			return err
		}
	}
	row.run = p.Run
	row.run.Revision++
	s.stepLocked(row, p.Step)
	if p.Error != nil {
		s.handledLocked(*p.Error)
	}
	s.auditLocked(p.Audit)
	if row.run.Status.Final() {
		s.endLocked(row)
	}
	return nil
}

// endLocked lets go of what a finished run held.
func (s *Store) endLocked(row *runRow) {
	s.work.dropRun(row.run.ID)
	row.held = nil
	if row.run.Lane == "" {
		return
	}
	lane := key{row.run.Title, row.run.Lane}
	rest := slices.DeleteFunc(s.lanes[lane], func(r *runRow) bool { return r == row })
	if len(rest) == 0 {
		delete(s.lanes, lane)
		return
	}
	s.lanes[lane] = rest
	queued := func(r *runRow) bool { return r.run.Status == engine.RunQueued }
	if slices.ContainsFunc(rest, func(r *runRow) bool { return !queued(r) }) {
		return
	}
	next := slices.MinFunc(rest, func(a, b *runRow) int { return cmp.Compare(a.run.Number, b.run.Number) })
	s.work.put(jobs.Work{ID: next.run.ID, Kind: jobs.WorkStart, RunID: next.run.ID, Due: row.run.Ended})
}

// handledLocked notes who handled an error, and how.
func (s *Store) handledLocked(p jobs.ErrorProgress) {
	row, err := s.errorLocked(p.ID)
	if err != nil {
		return
	}
	row.record.Action = p.Action
	row.record.Note = p.Note
	row.record.By = p.By
	row.record.Updated = p.At
}

// RecordJob implements [jobs.Ledger].
func (s *Store) RecordJob(ctx context.Context, p jobs.JobProgress) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	row := s.jobs.byID[p.Job.ID]
	if row == nil {
		return fmt.Errorf("job %s: %w", p.Job.ID, jobs.ErrNotFound)
	}
	if row.job.Status != p.Was {
		return fmt.Errorf("job %s is %s, not %s: %w", p.Job.ID, row.job.Status, p.Was, jobs.ErrStale)
	}
	taken, digest, err := s.checkLocked(&p)
	if err != nil {
		return err
	}
	s.moveLocked(row, p.Job)
	s.takeLocked(row, taken)
	s.workLocked(jobs.Step{Add: p.Add, Drop: p.Drop})
	if p.Run != nil {
		run := *p.Run
		run.Dedupe = "" // the key stays with the run that it started
		s.beginLocked(row.event, run, p.First)
	}
	s.settleLocked(p.Endpoint)
	if p.Notice != nil {
		s.acceptLocked(p.Notice, digest)
	}
	s.auditLocked(p.Audit)
	return nil
}

// RecordError implements [jobs.Ledger].
func (s *Store) RecordError(ctx context.Context, p jobs.ErrorProgress) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()

	row, err := s.errorLocked(p.ID)
	if err != nil {
		return err
	}
	if !row.record.Open {
		return fmt.Errorf("error %d was handled before: %w", p.ID, jobs.ErrStale)
	}
	s.handledLocked(p)
	row.record.Open = p.Open
	row.record.Fault.Open = p.Open
	row.record.Fault.Action = p.Action
	if p.Accept != nil {
		verdicts := slices.Clone(p.Accept.Verdicts)
		s.firingsLocked(row.event, p.Accept.Firings, verdicts)
		known := len(row.event.record.Verdicts)
		row.event.record.Verdicts = replaced(row.event.record.Verdicts, verdicts, p.Places)
		s.verdictErrorsLocked(row.event, known, p.At)
	}
	s.auditLocked(p.Audit)
	return nil
}

// replaced puts new verdicts in their places among the old ones.
func replaced(old, fresh []webhooks.Verdict, places []int) []webhooks.Verdict {
	out := slices.Clone(old)
	for i, v := range fresh {
		if at := places[i]; at >= 0 && at < len(old) {
			out[at] = v
			continue
		}
		out = append(out, v)
	}
	return out
}
