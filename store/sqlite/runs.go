package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hooktree/engine"
	"hooktree/jobs"
)

// selectRuns reads runs as scanRun does.
const selectRuns = `select r.number, r.id, t.source, t.grp, t.name, r.hash, r.job, v.id, r.event, r.parent, r.seed, r.inputs,
	r.status, r.revision, r.head, r.outputs, r.answer, r.dedupe, r.lane, r.created, r.started, r.ended
	from runs r join trees t on t.id = r.tree join events v on v.seq = r.event`

// scanRun reads a run and the sequence of its event.
func scanRun(row scanner) (jobs.Run, int64, error) {
	var r jobs.Run
	var id, job, eventID, seed, inputs, head, outputs, answer []byte
	var seq, created, started, ended int64
	err := row.Scan(&r.Number, &id, &r.Title.Source, &r.Title.Group, &r.Title.Name, &r.Hash, &job, &eventID, &seq, &r.Parent, &seed, &inputs,
		&r.Status, &r.Revision, &head, &outputs, &answer, &r.Dedupe, &r.Lane, &created, &started, &ended)
	if err != nil {
		return r, 0, err
	}
	r.ID, r.JobID, r.EventID = idText(id), idText(job), idText(eventID)
	copy(r.Seed[:], seed)
	r.Created, r.Started, r.Ended = moment(created), moment(started), moment(ended)
	if err := decodeRun(&r, inputs, head, outputs, answer); err != nil {
		return r, 0, fmt.Errorf("run #%d: %w", r.Number, err)
	}
	return r, seq, nil
}

func decodeRun(r *jobs.Run, inputs, head, outputs, answer []byte) error {
	if err := json.Unmarshal(head, &r.Head); err != nil {
		return err
	}
	in, err := decodeAny(inputs)
	if err != nil {
		return err
	}
	r.Inputs, _ = in.(map[string]any)
	if r.Outputs, err = decodeAny(outputs); err != nil {
		return err
	}
	if answer == nil {
		return nil
	}
	r.Answer = new(engine.Answer)
	if err := json.Unmarshal(answer, r.Answer); err != nil {
		return err
	}
	var body struct{ Body json.RawMessage }
	if err := json.Unmarshal(answer, &body); err != nil {
		return err
	}
	r.Answer.Body, err = decodeAny(body.Body)
	return err
}

// decodeAny reads a saved value; null is nil.
func decodeAny(data []byte) (any, error) {
	if data == nil {
		return nil, nil
	}
	return engine.DecodeValue(data)
}

// oneRun gives the run that a condition selects, and its event's sequence.
func (s *Store) oneRun(ctx context.Context, condition string, arg any) (jobs.Run, int64, error) {
	run, seq, err := scanRun(s.readers.QueryRowContext(ctx, selectRuns+" where "+condition, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return jobs.Run{}, 0, jobs.ErrNotFound
	}
	return run, seq, err
}

// Run gives one run by its number.
func (s *Store) Run(ctx context.Context, number int64) (jobs.Run, error) {
	run, _, err := s.oneRun(ctx, "r.number = ?", number)
	return run, err
}

// Tasks lists the tasks of a run in the order of their first touch.
func (s *Store) Tasks(ctx context.Context, runID string) ([]engine.Task, error) {
	id, err := idBytes(runID)
	if err != nil {
		return nil, jobs.ErrNotFound
	}
	var number int64
	err = s.readers.QueryRowContext(ctx, `select number from runs where id = ?`, id).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, jobs.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.tasks(ctx, number, func(*engine.Task) bool { return true })
}

func (s *Store) tasks(ctx context.Context, run int64, keep func(*engine.Task) bool) ([]engine.Task, error) {
	rows, err := s.readers.QueryContext(ctx, `select data from tasks where run = ? order by rank`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []engine.Task
	for rows.Next() {
		var data sql.RawBytes
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		var task engine.Task
		if err := json.Unmarshal(data, &task); err != nil {
			return nil, fmt.Errorf("run #%d: %w", run, err)
		}
		if keep(&task) {
			list = append(list, task)
		}
	}
	return list, rows.Err()
}

// Runs lists runs, newest first.
func (s *Store) Runs(ctx context.Context, f jobs.RunFilter) ([]jobs.Run, string, error) {
	before, err := numberCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(f.Limit)
	list, rest, err := s.findRuns(ctx, &f, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, more := cut(list, limit)
	if !more {
		return list, rest, nil
	}
	return list, cursorOfNumber(list[len(list)-1].Number), nil
}

func (s *Store) findRuns(ctx context.Context, f *jobs.RunFilter, before int64, limit int) ([]jobs.Run, string, error) {
	switch {
	case f.Text != "":
		return s.runsByText(ctx, f, before, limit)
	case f.Source != "" || f.Group != "" || f.Name != "":
		list, err := s.runsByTree(ctx, f, before, limit)
		return list, "", err
	default:
		q, err := s.runQuery(ctx, f, before)
		if err != nil {
			return nil, "", err
		}
		list, err := s.selectRuns(ctx, q, limit)
		return list, "", err
	}
}

// runQuery holds the conditions that stand in the run's own row.
func (s *Store) runQuery(ctx context.Context, f *jobs.RunFilter, before int64) (*query, error) {
	q := newQuery(selectRuns)
	if len(f.Status) > 0 {
		q.andIn("r.status", anys(statusTexts(f.Status)))
		q.andIf(!anyFinal(f.Status), "r.status not in ('Complete', 'Cancelled')") // lets the partial index serve
	}
	if f.JobID != "" {
		numbers, err := s.runsOfJob(ctx, f.JobID)
		if err != nil {
			return nil, err
		}
		q.andIn("r.number", numbers)
	}
	if f.EventID != "" {
		numbers, err := s.runsOfEvent(ctx, f.EventID)
		if err != nil {
			return nil, err
		}
		q.andIn("r.number", numbers)
	}
	q.between("r.created", f.From, f.To)
	q.andIf(before != 0, "r.number < ?", before)
	return q, nil
}

func anyFinal(list []engine.RunStatus) bool {
	for _, s := range list {
		if s.Final() {
			return true
		}
	}
	return false
}

// runsOfJob lists the runs of a job's attempts.
func (s *Store) runsOfJob(ctx context.Context, jobID string) ([]any, error) {
	return s.runsOfJobs(ctx, []any{sought(jobID)})
}

// runsOfEvent lists the runs of an event's jobs.
func (s *Store) runsOfEvent(ctx context.Context, eventID string) ([]any, error) {
	keys, err := s.jobsOfEvent(ctx, eventID)
	if err != nil {
		return nil, err
	}
	return s.runsOfJobs(ctx, keys.jobs)
}

// noRun is the number of no run; a list with it selects nothing.
const noRun = int64(-1)

// runsOfJobs lists the runs of jobs, those of earlier attempts too.
func (s *Store) runsOfJobs(ctx context.Context, keys []any) ([]any, error) {
	if len(keys) == 0 {
		return []any{noRun}, nil
	}
	q := newQuery(runsOfJobs)
	q.andIn("j.id", keys)
	q.order("1", 30_000)
	numbers, err := s.numbers(ctx, q)
	return append(anys(numbers), noRun), err
}

// runsOfJobs reads the numbers of the runs that jobs have started.
const runsOfJobs = `select n.value from jobs j, json_each(json_array(j.run,
	(select json_group_array(a.value ->> '$.run') from json_each(j.detail, '$.attempts') a))) m,
	json_each(case m.type when 'array' then m.value else json_array(m.value) end) n`

func (s *Store) selectRuns(ctx context.Context, q *query, limit int) ([]jobs.Run, error) {
	q.order("r.number desc", limit)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []jobs.Run
	for rows.Next() {
		run, _, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, run)
	}
	return list, rows.Err()
}

// runsByTree asks each tree that meets the filter for its newest runs and
// merges the answers, as jobsByRule does.
func (s *Store) runsByTree(ctx context.Context, f *jobs.RunFilter, before int64, limit int) ([]jobs.Run, error) {
	find := newQuery(`select t.id from trees t`)
	find.andIf(f.Source != "", "t.source = ?", f.Source)
	find.andIf(f.Group != "", "t.grp = ?", f.Group)
	find.andIf(f.Name != "", "t.name = ?", f.Name)
	find.order("t.id desc", 30_000)
	trees, err := s.numbers(ctx, find)
	if err != nil || len(trees) == 0 {
		return nil, err
	}
	if len(trees) > rulesApart {
		q, err := s.runQuery(ctx, f, before)
		if err != nil {
			return nil, err
		}
		q.andIn("+r.tree", anys(trees))
		return s.selectRuns(ctx, q, limit)
	}
	var parts []jobs.Run
	for _, id := range trees {
		q, err := s.runQuery(ctx, f, before)
		if err != nil {
			return nil, err
		}
		q.and("r.tree = ?", id)
		part, err := s.selectRuns(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		parts = newest(append(parts, part...), limit, func(r *jobs.Run) int64 { return r.Number })
	}
	return parts, nil
}
