package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hooktree/engine"
	"hooktree/jobs"
)

// insertRun saves a new run with its first step. A run whose lane is held is
// saved as Queued, as it was before that step; it tells which.
func (t *tx) insertRun(seq int64, r *jobs.Run, first *step) (queued bool, err error) {
	tree, err := t.tree(r.Title)
	if err != nil {
		return false, err
	}
	if r.Lane != "" {
		if queued, err = t.laneHeld(tree, r.Lane); err != nil {
			return false, err
		}
	}
	if !queued {
		if err := t.writeRun(seq, tree, r, first.run); err != nil {
			return false, err
		}
		return false, t.saveStep(seq, tree, r.Number, first)
	}
	waiting := r.Queued()
	columns, err := encodeRun(&waiting)
	if err != nil {
		return false, err
	}
	return true, t.writeRun(seq, tree, &waiting, columns)
}

func (t *tx) laneHeld(tree int64, lane string) (bool, error) {
	var number int64
	err := t.row(`select number from runs where tree = ? and lane = ? and lane <> '' and status not in ('Complete', 'Cancelled') limit 1`,
		[]any{tree, lane}, &number)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

func (t *tx) writeRun(seq, tree int64, r *jobs.Run, c runColumns) error {
	t.high, t.runs, t.dirty = max(t.high, r.Number), t.runs+1, true
	const insert = `insert into runs
		(number, id, tree, hash, job, event, parent, seed, inputs, status, revision, head, outputs, answer, dedupe, lane, created, started, ended)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	return t.exec(insert, r.Number, c.id, tree, r.Hash, c.job, seq, r.Parent, r.Seed[:], c.inputs, string(r.Status), r.Revision,
		c.head, c.outputs, c.answer, r.Dedupe, r.Lane, r.Created, r.Started, r.Ended)
}

// runColumns are the columns of a run that need encoding.
type runColumns struct {
	id, job, inputs, head, outputs, answer []byte
}

func encodeRun(r *jobs.Run) (c runColumns, err error) {
	if c.id, err = idBytes(r.ID); err != nil {
		return c, err
	}
	if c.job, err = idBytes(r.JobID); err != nil {
		return c, err
	}
	if r.Inputs != nil {
		if c.inputs, err = engine.AppendValue(nil, r.Inputs); err != nil {
			return c, err
		}
	}
	if c.head, err = json.Marshal(r.Head); err != nil {
		return c, err
	}
	if c.outputs, err = valueJSON(r.Outputs); err != nil {
		return c, err
	}
	if r.Answer != nil {
		c.answer, err = json.Marshal(r.Answer)
	}
	return c, err
}

// Load gives a run with its event's data, its open tasks and the finished ones of the named nodes.
func (s *Store) Load(ctx context.Context, runID string, nodes []engine.NodeID) (jobs.Loaded, error) {
	id, err := idBytes(runID)
	if err != nil {
		return jobs.Loaded{}, jobs.ErrNotFound
	}
	run, seq, err := s.oneRun(ctx, "r.id = ?", id)
	if err != nil {
		return jobs.Loaded{}, err
	}
	loaded := jobs.Loaded{Run: run}
	if loaded.Data, err = s.eventData(ctx, seq); err != nil {
		return jobs.Loaded{}, err
	}
	wanted := make(map[engine.NodeID]bool, len(nodes))
	for _, n := range nodes {
		wanted[n] = true
	}
	if loaded.Held, err = s.heldWork(ctx, runID); err != nil {
		return jobs.Loaded{}, err
	}
	loaded.Tasks, err = s.tasks(ctx, run.Number, func(task *engine.Task) bool { return wanted[task.Node] || !task.Status.Final() })
	return loaded, err
}

// Record saves one step of a run.
func (s *Store) Record(ctx context.Context, p jobs.Progress) error {
	changed, err := encode(&p.Run, p.Step)
	if err != nil {
		return err
	}
	return s.writer.insist(ctx, func(t *tx) error {
		seq, tree, err := t.updateRun(&p.Run, changed.run)
		if err != nil {
			return err
		}
		if err := t.saveStep(seq, tree, p.Run.Number, &changed); err != nil {
			return err
		}
		if p.Error != nil {
			if err := t.closeError(*p.Error); err != nil {
				return err
			}
		}
		if err := t.addAudit(p.Audit); err != nil {
			return err
		}
		if !p.Run.Status.Final() {
			return nil
		}
		if err := t.exec(`delete from work where run = ?`, p.Run.ID); err != nil {
			return err
		}
		return t.startNext(tree, &p.Run)
	})
}

// updateRun saves the moving columns of a run, if it stands at the revision
// that the step was made from.
func (t *tx) updateRun(r *jobs.Run, c runColumns) (seq, tree int64, err error) {
	const update = `update runs set status = ?, revision = revision + 1, head = ?, outputs = ?, answer = ?, started = ?, ended = ?
		where number = ? and revision = ? returning event, tree`
	err = t.row(update, []any{string(r.Status), c.head, c.outputs, c.answer, r.Started, r.Ended, r.Number, r.Revision}, &seq, &tree)
	if !errors.Is(err, errNoRow) {
		return seq, tree, err
	}
	known, err := t.exists(`select 1 from runs where number = ?`, r.Number)
	if err == nil && !known {
		return 0, 0, refusal{fmt.Errorf("run #%d: %w", r.Number, jobs.ErrNotFound)}
	}
	if err == nil {
		err = refusal{jobs.ErrStale}
	}
	return 0, 0, err
}

// startNext gives the lane of a finished run to the run that now holds it.
func (t *tx) startNext(tree int64, done *jobs.Run) error {
	if done.Lane == "" {
		return nil
	}
	const holder = `select id, status from runs
		where tree = ? and lane = ? and lane <> '' and status not in ('Complete', 'Cancelled') order by status = 'Queued', number limit 1`
	var id []byte
	var status string
	err := t.row(holder, []any{tree, done.Lane}, &id, &status)
	if errors.Is(err, errNoRow) || (err == nil && status != string(engine.RunQueued)) {
		return nil
	}
	if err != nil {
		return err
	}
	runID := idText(id)
	return t.addWork([]jobs.Work{{ID: runID, Kind: jobs.WorkStart, RunID: runID, Due: done.Ended}})
}
