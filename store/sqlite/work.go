package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
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
	work, err := s.freeWork(ctx, &q)
	if err != nil {
		return nil, time.Time{}, err
	}
	queued, err := s.queuedWork(ctx, &q)
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(queued) > 0 {
		work = append(work, queued...)
		slices.SortFunc(work, func(a, b jobs.Work) int { return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID)) })
	}
	for i := range work {
		if i == q.Limit || work[i].Due.After(q.Now) {
			return work[:i], work[i].Due, nil
		}
	}
	return work, time.Time{}, nil
}

// firstOfHosts takes the hosts that have enough as JSON, and three times how
// many pieces are wanted.
const firstOfHosts = `with recursive hosts (host) as (
		select host from (select host from work where queue = '' and host >= '' order by host limit 1)
		union all
		select (select host from work w where w.queue = '' and w.host > hosts.host order by w.host limit 1) from hosts where host is not null
	),
	heads (host, head) as (
		select host, (select min(due) from work w where w.queue = '' and w.host = hosts.host and due > 0)
		from hosts where host is not null and host not in (select value from json_each(?))
	),
	begun (host) as (select host from heads where head is not null order by head limit ?)
	select w.id, w.kind, w.run, w.job, w.due, w.host, w.call, w.queue, w.ordered from begun b cross join work w on w.id in (
		select id from work l where l.queue = '' and l.host = b.host and due > 0 order by due, id limit ?)
	order by 5, 1 limit ?`

// freeWork lists the first work that is in no queue and whose host may have
// more, one piece beyond the limit. Like queuedWork it jumps from host to host,
// however much waits for those that have enough.
func (s *Store) freeWork(ctx context.Context, q *jobs.DueQuery) ([]jobs.Work, error) {
	busy, err := json.Marshal(append([]string{}, q.Busy...))
	if err != nil {
		return nil, err
	}
	most := q.Limit + 1
	return listWork(s.hosts.QueryContext(ctx, string(busy), most, most, most))
}

// firstOfQueues takes the queues that rest as JSON, and three times how many
// pieces are wanted.
const firstOfQueues = `with recursive queues (queue) as (
		select queue from (select queue from work where queue > '' and queue <> '' order by queue limit 1)
		union all
		select (select queue from work w where w.queue > queues.queue and w.queue <> '' order by w.queue limit 1) from queues where queue is not null
	),
	heads (queue, loose, head) as (
		select queue,
			(select min(due) from work w where w.queue = queues.queue and w.queue <> '' and ordered = 0 and due > 0),
			(select iif(ordered = 1 and due > 0, due, null) from work w where w.queue = queues.queue and w.queue <> '' order by id limit 1)
		from queues where queue is not null and queue not in (select value from json_each(?))
	),
	begun (queue) as (
		select queue from heads where loose is not null or head is not null
		order by min(coalesce(loose, head), coalesce(head, loose)) limit ?
	)
	select w.id, w.kind, w.run, w.job, w.due, w.host, w.call, w.queue, w.ordered from begun b cross join work w on w.id in (
		select id from work l where l.queue = b.queue and l.queue <> '' and ordered = 0 and due > 0 order by due, id limit ?)
	union all
	select w.id, w.kind, w.run, w.job, w.due, w.host, w.call, w.queue, w.ordered from begun b cross join work w on w.id =
		(select id from work o where o.queue = b.queue and o.queue <> '' order by id limit 1)
	where w.ordered = 1 and w.due > 0
	order by 5, 1 limit ?`

// queuedWork lists the first work of the queues that do not rest, one piece
// beyond the limit. Of ordered work only the oldest of all in its queue counts.
//
// It jumps from queue to queue and looks at the first pieces of each, so that
// its time grows with the number of queues and not with their length. The first
// pieces of all can only be in the queues that begin first: no more of them are
// looked into than pieces are wanted.
func (s *Store) queuedWork(ctx context.Context, q *jobs.DueQuery) ([]jobs.Work, error) {
	resting, err := json.Marshal(append([]string{}, q.Resting...))
	if err != nil {
		return nil, err
	}
	most := q.Limit + 1
	return listWork(s.queues.QueryContext(ctx, string(resting), most, most, most))
}

// heldWork lists what a broken step of a run left.
func (s *Store) heldWork(ctx context.Context, runID string) ([]jobs.Work, error) {
	held := newQuery(selectWork)
	held.and("run = ?", runID)
	held.and("due = 0")
	held.order("id", pageMost)
	return listWork(s.readers.QueryContext(ctx, held.text(), held.args...))
}

func listWork(rows *sql.Rows, err error) ([]jobs.Work, error) {
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
