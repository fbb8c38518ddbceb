package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"hooktree/engine"
	"hooktree/jobs"
)

// The columns of an event as scanEvent reads them.
const (
	eventColumns = `v.seq, v.id, k.platform, k.type, k.action, k.kapp, k.form, k.datastore, k.path,
		v.external, v.credential, v.entity, v.occurred, v.received, v.cause_run, v.depth, v.receipt`
	eventTables  = ` from events v join kinds k on k.id = v.kind`
	selectEvents = "select " + eventColumns + eventTables
)

// scanEvent reads an event without its payload, and its sequence.
func scanEvent(row scanner, more ...any) (jobs.EventRecord, int64, error) {
	var r jobs.EventRecord
	var seq, occurred, received int64
	var id, stored []byte
	e := &r.Event
	dest := append([]any{
		&seq, &id, &e.Platform, &e.Type, &e.Action, &e.Scope.Kapp, &e.Scope.Form, &e.Scope.Datastore, &e.Path,
		&e.ExternalID, &e.Credential, &e.Entity, &occurred, &received, &e.Cause.Run, &e.Cause.Depth, &stored,
	}, more...)
	if err := row.Scan(dest...); err != nil {
		return r, 0, err
	}
	e.ID, e.Occurred, e.Received = idText(id), moment(occurred), moment(received)
	var rest receipt
	if err := json.Unmarshal(stored, &rest); err != nil {
		return r, 0, fmt.Errorf("event %s: %w", e.ID, err)
	}
	r.Verdicts, r.Jobs = rest.Verdicts, rest.Jobs
	return r, seq, nil
}

// Event gives one event whole.
func (s *Store) Event(ctx context.Context, id string) (jobs.EventRecord, error) {
	key, err := idBytes(id)
	if err != nil {
		return jobs.EventRecord{}, jobs.ErrNotFound
	}
	var packed bool
	var stored []byte
	const one = "select " + eventColumns + ", v.packed, v.body" + eventTables + " where v.id = ?"
	record, _, err := scanEvent(s.readers.QueryRowContext(ctx, one, key), &packed, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return jobs.EventRecord{}, jobs.ErrNotFound
	}
	if err != nil {
		return jobs.EventRecord{}, err
	}
	if record.Event.Body, record.Event.Data, err = s.payload(stored, packed); err != nil {
		return record, err
	}
	return record, s.latestRuns(ctx, []listed{{record: record}})
}

// eventData gives the data of one event by its sequence.
func (s *Store) eventData(ctx context.Context, seq int64) (map[string]any, error) {
	var packed bool
	var stored []byte
	if err := s.readers.QueryRowContext(ctx, `select packed, body from events where seq = ?`, seq).Scan(&packed, &stored); err != nil {
		return nil, fmt.Errorf("load an event's data: %w", err)
	}
	_, data, err := s.payload(stored, packed)
	return data, err
}

// payload restores an event's body and reads its data out of it.
func (s *Store) payload(stored []byte, packed bool) ([]byte, map[string]any, error) {
	body, err := s.packer.unpack(stored, packed)
	if err != nil || len(body) == 0 {
		return body, nil, err
	}
	v, err := engine.DecodeValue(body)
	if err != nil {
		return nil, nil, fmt.Errorf("read a payload: %w", err)
	}
	data, _ := v.(map[string]any)
	return body, data, nil
}

// Events lists events without their payloads, newest first.
func (s *Store) Events(ctx context.Context, f jobs.EventFilter) ([]jobs.EventRecord, string, error) {
	before, err := numberCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(f.Limit)
	list, rest, err := s.findEvents(ctx, &f, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	list, more := cut(list, limit)
	if err := s.latestRuns(ctx, list); err != nil {
		return nil, "", err
	}
	records := make([]jobs.EventRecord, len(list))
	for i := range list {
		records[i] = list[i].record
	}
	if !more {
		return records, rest, nil
	}
	return records, cursorOfNumber(list[len(list)-1].seq), nil
}

// listed is an event with the key of its place in a list.
type listed struct {
	seq    int64
	record jobs.EventRecord
}

func (s *Store) findEvents(ctx context.Context, f *jobs.EventFilter, before int64, limit int) ([]listed, string, error) {
	switch {
	case f.Text != "":
		return s.eventsByText(ctx, f, before, limit)
	case f.Platform != "" || f.Type != "" || f.Action != "" || f.Kapp != "" || f.Form != "" || f.Path != "":
		list, err := s.eventsByKind(ctx, f, before, limit)
		return list, "", err
	default:
		list, err := s.selectEvents(ctx, walkOf(f, before), limit)
		return list, "", err
	}
}

// walkOf walks along what narrows a filter most, where its kinds do not: few
// events are of a rare outcome, and fewer of one entity or source.
func walkOf(f *jobs.EventFilter, before int64) *query {
	if f.Entity == "" && f.Credential == "" && seldom(f) {
		return eventsByOutcome(f, before)
	}
	return eventQuery(f, before)
}

// eventQuery holds the conditions that stand in the event's own row.
func eventQuery(f *jobs.EventFilter, before int64) *query {
	q := newQuery(selectEvents)
	q.by = "v.seq"
	narrowEvents(q, f, before)
	return q
}

// narrowEvents adds the conditions that are on a single event. The bounds of
// its place are those of what the query walks along.
func narrowEvents(q *query, f *jobs.EventFilter, before int64) {
	q.andIf(f.Entity != "", "v.entity = ? and v.entity <> ''", f.Entity)
	q.andIf(f.Credential != "", "v.credential = ?", f.Credential)
	if strings.HasPrefix(f.Credential, "source:") {
		q.and("v.credential >= 'source:' and v.credential < 'source;'") // as the index says
	}
	outcomeWords(q, f)
	q.between("v.received", f.From, f.To)
	// Ids hold the time of receipt, and sequences follow them but for those
	// that were committed together: so a stretch of time is one of sequences.
	if !f.From.IsZero() {
		q.and(q.by+" >= (select seq from events where id >= ? order by id limit 1)", idFloor(f.From.Add(-idSlack)))
	}
	if !f.To.IsZero() {
		q.and(q.by+" <= (select seq from events where id < ? order by id desc limit 1)", idFloor(f.To.Add(idSlack)))
	}
	q.andIf(before != 0, q.by+" < ?", before)
}

// kindWords adds the conditions on the event's kind.
func kindWords(q *query, f *jobs.EventFilter) {
	q.andIf(f.Platform != "", "k.platform = ?", f.Platform)
	q.andIf(f.Type != "", "k.type = ?", f.Type)
	q.andIf(f.Action != "", "k.action = ?", f.Action)
	q.andIf(f.Kapp != "", "k.kapp = ?", f.Kapp)
	q.andIf(f.Form != "", "k.form = ?", f.Form)
	q.andIf(f.Path != "", "k.path = ?", f.Path)
}

func (s *Store) selectEvents(ctx context.Context, q *query, limit int) ([]listed, error) {
	q.order(q.by+" desc", limit)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []listed
	for rows.Next() {
		record, seq, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, listed{seq, record})
	}
	return list, rows.Err()
}

// eventsByKind asks each kind that meets the filter for its newest events and
// merges the answers, as jobsByRule does. Where few events are of an outcome
// that is asked for, those are looked at instead, of whatever kind they are.
func (s *Store) eventsByKind(ctx context.Context, f *jobs.EventFilter, before int64, limit int) ([]listed, error) {
	rare, err := s.rare(ctx, f)
	if err != nil {
		return nil, err
	}
	if rare {
		q := eventsByOutcome(f, before)
		kindWords(q, f)
		return s.selectEvents(ctx, q, limit)
	}
	find := newQuery(`select k.id from kinds k`)
	kindWords(find, f)
	find.order("k.id desc", 30_000)
	kinds, err := s.numbers(ctx, find)
	if err != nil || len(kinds) == 0 {
		return nil, err
	}
	if len(kinds) > rulesApart {
		q := walkOf(f, before)
		q.andIn("+v.kind", anys(kinds))
		return s.selectEvents(ctx, q, limit)
	}
	var parts []listed
	for _, id := range kinds {
		q := eventQuery(f, before)
		q.and("v.kind = ?", id)
		part, err := s.selectEvents(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		parts = newest(append(parts, part...), limit, func(l *listed) int64 { return l.seq })
	}
	return parts, nil
}

// latestRuns puts the latest run of each job into the references that the
// events' receipts hold.
func (s *Store) latestRuns(ctx context.Context, list []listed) error {
	refs := map[string][]*jobs.JobRef{}
	var keys []any
	for i := range list {
		for j := range list[i].record.Jobs {
			ref := &list[i].record.Jobs[j]
			key, err := idBytes(ref.ID)
			if err != nil {
				return err
			}
			refs[ref.ID] = append(refs[ref.ID], ref)
			keys = append(keys, key)
			ref.Queued = false
		}
	}
	if len(keys) == 0 {
		return nil
	}
	q := newQuery(`select id, run, run_id from jobs`)
	q.andIn("id", keys)
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, runID []byte
		var run int64
		if err := rows.Scan(&id, &run, &runID); err != nil {
			return err
		}
		for _, ref := range refs[idText(id)] {
			ref.Run, ref.RunID = run, idText(runID)
		}
	}
	return rows.Err()
}
