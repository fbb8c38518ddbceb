package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
)

// errorRow is what the desk's table keeps of a new error.
type errorRow struct {
	run, event, tree int64
	webhook          string
	fault            engine.Fault
}

func (t *tx) insertError(r errorRow) error {
	fault, err := json.Marshal(r.fault)
	if err != nil {
		return err
	}
	const insert = `insert into errors
		(run, event, tree, webhook, node, place, connector, kind, fault, open, action, note, by, created, updated)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', ?, ?)`
	f := &r.fault
	return t.exec(insert, r.run, r.event, orNull(r.tree), r.webhook, string(f.Node), string(f.Place), f.Connector, string(f.Kind),
		fault, f.Open, f.At, f.At)
}

// saveFault changes the open error at a fault's place, or opens one.
func (t *tx) saveFault(seq, tree, run int64, f engine.Fault) error {
	fault, err := json.Marshal(f)
	if err != nil {
		return err
	}
	n, err := t.execCount(`update errors set kind = ?, fault = ?, open = ?, action = ?, updated = ?
		where run = ? and node = ? and place = ? and connector = ? and open = 1`,
		string(f.Kind), fault, f.Open, string(f.Action), f.At, run, string(f.Node), string(f.Place), f.Connector)
	if err != nil || n > 0 || !f.Open {
		return err
	}
	return t.insertError(errorRow{run: run, event: seq, tree: tree, fault: f})
}

// closeError notes who handled an error, how and why.
func (t *tx) closeError(p jobs.ErrorProgress) error {
	n, err := t.execCount(`update errors set open = ?, action = ?, note = ?, by = ?, updated = ? where id = ?`,
		p.Open, string(p.Action), p.Note, p.By, p.At, p.ID)
	if err == nil && n == 0 {
		return fmt.Errorf("error %d: %w", p.ID, jobs.ErrNotFound)
	}
	return err
}

// RecordError saves how an error was handled when no step of a run does.
func (s *Store) RecordError(ctx context.Context, p jobs.ErrorProgress) error {
	return s.writer.insist(ctx, func(t *tx) error {
		var open int64
		err := t.row(`select open from errors where id = ?`, []any{p.ID}, &open)
		if errors.Is(err, errNoRow) {
			return refusal{jobs.ErrNotFound}
		}
		if err != nil {
			return err
		}
		if open == 0 {
			return refusal{jobs.ErrStale}
		}
		if err := t.closeError(p); err != nil {
			return err
		}
		if p.Accept != nil {
			if err := t.acceptMore(&p); err != nil {
				return err
			}
		}
		return t.addAudit(p.Audit)
	})
}

// acceptMore adds what a retried verdict fired to the event it belongs to.
func (t *tx) acceptMore(p *jobs.ErrorProgress) error {
	a := p.Accept
	id, err := idBytes(a.Event.ID)
	if err != nil {
		return err
	}
	var seq, kindID int64
	var stored []byte
	if err := t.row(`select seq, kind, receipt from events where id = ?`, []any{id}, &seq, &kindID, &stored); err != nil {
		return fmt.Errorf("event %s: %w", a.Event.ID, err)
	}
	var r receipt
	if err := json.Unmarshal(stored, &r); err != nil {
		return err
	}
	if err := t.removeOutcomes(seq, r.Verdicts); err != nil {
		return err
	}
	renewed := renewVerdicts(r.Verdicts, p)
	if err := t.verdictErrors(seq, renewed.Verdicts, len(r.Verdicts), p.At); err != nil {
		return err
	}
	r.Verdicts = renewed.Verdicts
	firsts, err := encodeFirsts([]jobs.Acceptance{renewed}) // seldom, and few: here will do
	if err != nil {
		return err
	}
	for i := range renewed.Firings {
		if err := t.fire(seq, kindID, firing{&renewed, &renewed.Firings[i], &firsts[0][i]}, &r); err != nil {
			return err
		}
	}
	if err := t.addOutcomes(seq, r.Verdicts); err != nil {
		return err
	}
	if stored, err = json.Marshal(r); err != nil {
		return err
	}
	keys, err := joinKeys(r.Jobs)
	if err != nil {
		return err
	}
	if err := t.exec(`update events set receipt = ?, jobs = ? where seq = ?`, stored, keys, seq); err != nil {
		return err
	}
	return t.exec(`insert or ignore into search_stale (event) values (?)`, seq)
}

// renewVerdicts puts the verdicts of a retry in their places among an event's
// own, and points its firings at them.
func renewVerdicts(old []webhooks.Verdict, p *jobs.ErrorProgress) jobs.Acceptance {
	a := p.Accept
	renewed := jobs.Acceptance{Event: a.Event, Verdicts: append([]webhooks.Verdict(nil), old...)}
	place := make([]int, len(a.Verdicts))
	for i, v := range a.Verdicts {
		place[i] = p.Places[i]
		if place[i] < 0 || place[i] >= len(old) {
			place[i] = len(renewed.Verdicts)
			renewed.Verdicts = append(renewed.Verdicts, v)
		}
		renewed.Verdicts[place[i]] = v
	}
	for _, f := range a.Firings {
		f.Verdict = place[f.Verdict]
		renewed.Firings = append(renewed.Firings, f)
	}
	return renewed
}

// Errors lists the error desk, newest first.
func (s *Store) Errors(ctx context.Context, f jobs.ErrorFilter) ([]jobs.ErrorRecord, string, error) {
	q := newQuery(`select e.id, e.run, coalesce(r.id, x''), v.id, coalesce(t.source, ''), coalesce(t.grp, ''), coalesce(t.name, ''),
		e.webhook, e.fault, e.open, e.action, e.note, e.by, e.created, e.updated
		from errors e join events v on v.seq = e.event left join runs r on r.number = e.run left join trees t on t.id = e.tree`)
	if f.Open != nil {
		if *f.Open {
			q.and("e.open = 1") // literally, so that the partial index serves
		} else {
			q.and("e.open = 0")
		}
	}
	q.andIn("e.id", anys(f.IDs))
	q.andIf(f.Run != 0, "e.run = ?", f.Run)
	q.andIf(f.Source != "", "t.source = ?", f.Source)
	q.andIf(f.Group != "", "t.grp = ?", f.Group)
	q.andIf(f.Name != "", "t.name = ?", f.Name)
	q.andIf(f.Node != "", "e.node = ?", f.Node)
	q.andIf(f.Kind != "", "e.kind = ?", f.Kind)
	q.between("e.created", f.From, f.To)
	limit := pageLimit(f.Limit)
	before, err := numberCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	q.andIf(before != 0, "e.id < ?", before)
	q.order("e.id desc", limit+1)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var list []jobs.ErrorRecord
	for rows.Next() {
		record, err := scanError(rows)
		if err != nil {
			return nil, "", err
		}
		list = append(list, record)
	}
	if err := rows.Err(); err != nil {
		return nil, "", err
	}
	list, more := cut(list, limit)
	if !more {
		return list, "", nil
	}
	return list, cursorOfNumber(list[len(list)-1].ID), nil
}

func scanError(rows scanner) (jobs.ErrorRecord, error) {
	var r jobs.ErrorRecord
	var runID, eventID, fault []byte
	var open bool
	var created, updated int64
	if err := rows.Scan(&r.ID, &r.Run, &runID, &eventID, &r.Title.Source, &r.Title.Group, &r.Title.Name,
		&r.Webhook, &fault, &open, &r.Action, &r.Note, &r.By, &created, &updated); err != nil {
		return r, err
	}
	if err := json.Unmarshal(fault, &r.Fault); err != nil {
		return r, fmt.Errorf("error %d: %w", r.ID, err)
	}
	r.RunID, r.EventID, r.Open = idText(runID), idText(eventID), open
	r.Fault.Open, r.Fault.Action = open, r.Action
	r.Created, r.Updated = moment(created), moment(updated)
	return r, nil
}
