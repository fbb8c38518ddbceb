package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

func (t *tx) addWork(work []jobs.Work) error {
	for i := range work {
		w := &work[i]
		var call []byte
		if w.Call != nil {
			var err error
			if call, err = json.Marshal(w.Call); err != nil {
				return fmt.Errorf("work %s: %w", w.ID, err)
			}
		}
		if err := t.exec(`insert or replace into work (id, kind, run, job, due, host, call, queue, ordered) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.ID, string(w.Kind), w.RunID, w.JobID, w.Due, w.Host, call, w.Queue, w.Ordered); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) dropWork(ids []string) error {
	for _, id := range ids {
		if err := t.exec(`delete from work where id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

const selectWork = `select id, kind, run, job, due, host, call, queue, ordered from work`

// Due lists work whose time has come, and when the next piece falls due.
func (s *Store) Due(ctx context.Context, q jobs.DueQuery) ([]jobs.Work, time.Time, error) {
	due := newQuery(selectWork)
	due.and("due > 0")
	if len(q.Busy) > 0 {
		due.and("host not in (?"+strings.Repeat(", ?", len(q.Busy)-1)+")", anys(q.Busy)...)
	}
	due.order("due, id", q.Limit+1)
	work, err := s.listWork(ctx, due)
	if err != nil {
		return nil, time.Time{}, err
	}
	for i := range work {
		if i == q.Limit || work[i].Due.After(q.Now) {
			return work[:i], work[i].Due, nil
		}
	}
	return work, time.Time{}, nil
}

// heldWork lists what a broken step of a run left.
func (s *Store) heldWork(ctx context.Context, runID string) ([]jobs.Work, error) {
	held := newQuery(selectWork)
	held.and("run = ?", runID)
	held.and("due = 0")
	held.order("id", pageMost)
	return s.listWork(ctx, held)
}

func (s *Store) listWork(ctx context.Context, q *query) ([]jobs.Work, error) {
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var work []jobs.Work
	for rows.Next() {
		w, err := scanWork(rows)
		if err != nil {
			return nil, err
		}
		work = append(work, w)
	}
	return work, rows.Err()
}

func scanWork(row scanner) (jobs.Work, error) {
	var w jobs.Work
	var due int64
	var call []byte
	if err := row.Scan(&w.ID, &w.Kind, &w.RunID, &w.JobID, &due, &w.Host, &call, &w.Queue, &w.Ordered); err != nil {
		return w, err
	}
	w.Due = moment(due)
	if call == nil {
		return w, nil
	}
	w.Call = new(engine.Call)
	if err := decodeCall(call, w.Call); err != nil {
		return w, fmt.Errorf("work %s: %w", w.ID, err)
	}
	return w, nil
}

// decodeCall reads a saved call; its parameters keep their integers.
func decodeCall(data []byte, into *engine.Call) error {
	type plain engine.Call
	call := struct {
		*plain
		Params json.RawMessage
	}{plain: (*plain)(into)}
	if err := json.Unmarshal(data, &call); err != nil {
		return err
	}
	if call.Params == nil {
		return nil
	}
	params, err := engine.DecodeValue(call.Params)
	if err != nil {
		return err
	}
	into.Params, _ = params.(map[string]any)
	return nil
}
