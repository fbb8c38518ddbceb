package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"hooktree/jobs"
)

// Bounds of the text search.
const (
	documentMost  = 16 << 10              // bytes of an event's text that are indexed
	indexAtOnce   = 500                   // documents in one transaction
	indexShare    = 60 * time.Millisecond // most of one turn, so that writes go on
	indexLate     = 3 * time.Second       // from which documents are written though writes wait
	searchWalk    = 4_000                 // matches that one list looks at; its cursor goes on behind them
	searchPortion = 200                   // matches read at a time
	wordsMost     = 16                    // words of one search
)

// searchLag is how late the text search is: the receipt of the oldest event
// that is not indexed, in milliseconds; zero when there is none.
type searchLag struct{ oldest atomic.Int64 }

// index adds documents behind the writes, within its share of the time.
func (w *writer) index(t *tx) {
	if w.failure() != nil {
		return
	}
	if oldest := w.lag.oldest.Load(); len(w.queue) > 0 && w.store.options.Now().Sub(moment(oldest)) < indexLate {
		return // there are writes to do, and the search is not late
	}
	until := time.Now().Add(indexShare)
	for {
		if err := t.begin(); err != nil {
			w.fail(err)
			return
		}
		n, err := t.indexSome(until)
		if err != nil {
			w.store.options.Logger.Error("text search", "error", err)
			_ = t.rollback()
			return
		}
		if err := t.commit(); err != nil {
			w.fail(err)
			return
		}
		if n < indexAtOnce || len(w.queue) > 0 || time.Now().After(until) {
			break
		}
	}
	w.lag.oldest.Store(t.oldestUnindexed())
}

// Settle brings the text search up to date. Events that are accepted meanwhile
// wait for it; it is for tests and for quiet hours.
func (s *Store) Settle(ctx context.Context) error {
	return s.writer.insist(ctx, func(t *tx) error {
		for {
			if n, err := t.indexSome(time.Now().Add(time.Hour)); err != nil || n == 0 {
				return err
			}
		}
	})
}

// indexSome writes the documents of events that have none or an old one.
func (t *tx) indexSome(until time.Time) (int, error) {
	var last int64
	if err := t.row(`select value from counters where name = 'indexed'`, nil, &last); err != nil {
		return 0, err
	}
	fresh, err := t.sequences(`select seq from events where seq > ? order by seq limit ?`, last, indexAtOnce)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, seq := range fresh {
		if err := t.indexEvent(seq, false); err != nil {
			return done, err
		}
		done++
		last = seq
		if time.Now().After(until) {
			break
		}
	}
	if done > 0 {
		if err := t.exec(`update counters set value = ? where name = 'indexed'`, last); err != nil {
			return done, err
		}
	}
	return done, t.reindexStale(last)
}

// reindexStale renews the documents of events whose jobs have moved since.
func (t *tx) reindexStale(last int64) error {
	stale, err := t.sequences(`select event from search_stale where event <= ? limit ?`, last, indexAtOnce)
	if err != nil {
		return err
	}
	for _, seq := range stale {
		if err := t.indexEvent(seq, true); err != nil {
			return err
		}
		if err := t.exec(`delete from search_stale where event = ?`, seq); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) sequences(query string, args ...any) ([]int64, error) {
	var list []int64
	err := t.each(query, args, func(v []driver.Value) error {
		n, _ := v[0].(int64)
		list = append(list, n)
		return nil
	}, 0)
	return list, err
}

// indexEvent writes the document of one event; one that retention has removed
// has none.
func (t *tx) indexEvent(seq int64, replace bool) error {
	var path, entity string
	var packed int64
	var body, stored []byte
	err := t.row(`select k.path, v.entity, v.packed, v.body, v.jobs from events v join kinds k on k.id = v.kind where v.seq = ?`,
		[]any{seq}, &path, &entity, &packed, &body, &stored)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	if body, err = t.store.packer.unpack(body, packed == 1); err != nil {
		return err
	}
	var doc document
	doc.add(path, entity)
	for _, key := range jobKeys(stored) {
		if err := t.jobWords(key, &doc); err != nil {
			return err
		}
	}
	doc.addBytes(body)
	if replace {
		if err := t.exec(`delete from search where rowid = ?`, seq); err != nil {
			return err
		}
	}
	return t.exec(`insert into search (rowid, text) values (?, ?)`, seq, doc.text.String())
}

// jobWords adds what a job sent and got.
func (t *tx) jobWords(key any, doc *document) error {
	var webhook, url, summary string
	var detail []byte
	err := t.row(`select u.webhook, j.url, j.summary, j.detail from jobs j join rules u on u.id = j.rule where j.id = ?`,
		[]any{key}, &webhook, &url, &summary, &detail)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	doc.add(webhook, url, summary)
	if detail == nil {
		return nil
	}
	var d jobDetail
	if err := json.Unmarshal(detail, &d); err != nil {
		return err
	}
	if d.Request != nil {
		doc.addBytes(d.Request.Body)
	}
	if d.Response != nil {
		doc.addBytes(d.Response.Body)
	}
	return nil
}

// document gathers the text of one event, up to its bound.
type document struct{ text strings.Builder }

func (d *document) add(texts ...string) {
	for _, s := range texts {
		room := documentMost - d.text.Len()
		if room <= 0 || s == "" {
			continue
		}
		d.text.WriteString(s[:min(len(s), room)])
		d.text.WriteByte(' ')
	}
}

// addBytes adds a body as far as it is text.
func (d *document) addBytes(body []byte) {
	if bytes.IndexByte(body, 0) >= 0 {
		return
	}
	d.add(string(body[:min(len(body), documentMost)]))
}

func (t *tx) oldestUnindexed() int64 {
	var received int64
	err := t.row(`select received from events where seq > (select value from counters where name = 'indexed') order by seq limit 1`, nil, &received)
	if err != nil {
		return 0
	}
	return received
}

// matchText makes of what a person typed a search for all of its words. They
// are whole words: a search for what they begin with would have to gather all
// that matches before it could give the newest.
func matchText(typed string) string {
	words := strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	words = words[:min(len(words), wordsMost)]
	for i, w := range words {
		words[i] = `"` + w + `"`
	}
	return strings.Join(words, " AND ")
}

// eventFinder builds the query that finds the sequences of events beyond one:
// below it, or above it where the oldest come first. Zero is no bound.
type eventFinder func(beyond int64) *query

// beyond adds the bound and the order of a finder.
func beyond(q *query, column string, bound int64, oldest bool) *query {
	if oldest {
		q.and(column+" > ?", bound)
		q.order(column, searchPortion)
		return q
	}
	q.andIf(bound != 0, column+" < ?", bound)
	q.order(column+" desc", searchPortion)
	return q
}

// matching finds the events whose document has all words of a text. It is nil
// for a text without words, which finds nothing.
func matching(typed string, oldest bool) eventFinder {
	match := matchText(typed)
	if match == "" {
		return nil
	}
	return func(bound int64) *query {
		q := newQuery(`select rowid from search`)
		q.and("search match ?", match)
		return beyond(q, "rowid", bound, oldest)
	}
}

// about finds the events of one entity.
func about(entity string, oldest bool) eventFinder {
	return func(bound int64) *query {
		q := newQuery(`select seq from events`)
		q.and("entity = ? and entity <> ''", entity)
		return beyond(q, "seq", bound, oldest)
	}
}

// walk calls f with the sequences of the events found, in the finder's order, a portion
// at a time, until f has enough. A walk that grows long is cut: then it gives
// the sequence from which the next page goes on.
func (s *Store) walk(ctx context.Context, find eventFinder, bound int64, f func(seqs []int64) (enough bool, err error)) (rest int64, err error) {
	if find == nil {
		return 0, nil
	}
	for walked := 0; walked < searchWalk; walked += searchPortion {
		seqs, err := s.numbers(ctx, find(bound))
		if err != nil {
			return 0, err
		}
		if len(seqs) > 0 {
			if enough, err := f(seqs); err != nil || enough {
				return 0, err
			}
		}
		if len(seqs) < searchPortion {
			return 0, nil
		}
		bound = seqs[len(seqs)-1]
	}
	return bound, nil
}

// eventsByText lists the events whose document matches.
func (s *Store) eventsByText(ctx context.Context, f *jobs.EventFilter, before int64, limit int) ([]listed, string, error) {
	var list []listed
	rest, err := s.walk(ctx, matching(f.Text, false), before, func(seqs []int64) (bool, error) {
		q := eventQuery(f, before)
		kindWords(q, f)
		q.andIn("v.seq", anys(seqs))
		part, err := s.selectEvents(ctx, q, limit-len(list))
		list = append(list, part...)
		return len(list) >= limit, err
	})
	return list, restCursor(rest), err
}

// restCursor is the cursor behind a sequence at which a walk was cut; empty
// for none.
func restCursor(rest int64) string {
	if rest == 0 {
		return ""
	}
	return cursorOfNumber(rest)
}

// jobsOfFound lists the jobs of the events found.
func (s *Store) jobsOfFound(ctx context.Context, find eventFinder, f *jobs.JobFilter, behind []byte, limit int) ([]jobs.Job, string, error) {
	start, err := s.eventAt(ctx, behind, f.OldestFirst)
	if err != nil {
		return nil, "", err
	}
	var list []jobs.Job
	rest, err := s.walk(ctx, find, start, func(seqs []int64) (bool, error) {
		keys, err := s.jobKeysOf(ctx, seqs)
		if err != nil || len(keys) == 0 {
			return false, err
		}
		q := jobQuery(f, behind)
		q.andIn("j.id", keys)
		ruleWords(q, f)
		part, err := s.selectJobs(ctx, q, limit-len(list))
		list = append(list, part...)
		return len(list) >= limit, err
	})
	if err != nil || rest == 0 {
		return list, "", err
	}
	// The ids of an event's jobs are made after its own, so that they sort
	// behind it and before the next one.
	const newer, older = `select id from events where seq > ? order by seq limit 1`, `select id from events where seq = ?`
	edge := older
	if f.OldestFirst {
		edge = newer
	}
	var id []byte
	err = s.readers.QueryRowContext(ctx, edge, rest).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return list, "", nil
	}
	return list, cursorOfID(id), err
}

// eventAt gives the bound that lets the event of a job just through, from
// which a search goes on behind that job; 0 for no job.
func (s *Store) eventAt(ctx context.Context, jobKey []byte, oldest bool) (int64, error) {
	if jobKey == nil {
		return 0, nil
	}
	q, none := newQuery(`select j.event + 1 from jobs j`), int64(1)
	if oldest {
		q, none = newQuery(`select j.event - 1 from jobs j`), math.MaxInt64
		q.and("j.id >= ?", jobKey)
		q.order("j.id", 1)
	} else {
		q.and("j.id <= ?", jobKey)
		q.order("j.id desc", 1)
	}
	seqs, err := s.numbers(ctx, q)
	if err != nil || len(seqs) == 0 {
		return none, err
	}
	return seqs[0], nil
}

// jobKeysOf lists the keys of the jobs of some events.
func (s *Store) jobKeysOf(ctx context.Context, seqs []int64) ([]any, error) {
	q := newQuery(`select jobs from events`)
	q.andIn("seq", anys(seqs))
	rows, err := s.readers.QueryContext(ctx, q.text(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []any
	for rows.Next() {
		var stored []byte
		if err := rows.Scan(&stored); err != nil {
			return nil, err
		}
		keys = append(keys, jobKeys(stored)...)
	}
	return keys, rows.Err()
}

// runsByText lists the runs of matching events.
func (s *Store) runsByText(ctx context.Context, f *jobs.RunFilter, before int64, limit int) ([]jobs.Run, string, error) {
	start := int64(0)
	if before != 0 {
		q := newQuery(`select event + 1 from runs`)
		q.and("number <= ?", before)
		q.order("number desc", 1)
		seqs, err := s.numbers(ctx, q)
		if err != nil || len(seqs) == 0 {
			return nil, "", err
		}
		start = seqs[0]
	}
	var list []jobs.Run
	var least int64 // number of the runs looked at
	rest, err := s.walk(ctx, matching(f.Text, false), start, func(seqs []int64) (bool, error) {
		keys, err := s.jobKeysOf(ctx, seqs)
		if err != nil || len(keys) == 0 {
			return false, err
		}
		q, err := s.runQuery(ctx, f, before)
		if err != nil {
			return false, err
		}
		numbers, err := s.runsOfJobs(ctx, keys)
		if err != nil {
			return false, err
		}
		least = leastRun(least, numbers)
		q.andIn("r.number", numbers)
		q.andIf(f.Source != "", "t.source = ?", f.Source)
		q.andIf(f.Group != "", "t.grp = ?", f.Group)
		q.andIf(f.Name != "", "t.name = ?", f.Name)
		part, err := s.selectRuns(ctx, q, limit-len(list))
		list = append(list, part...)
		return len(list) >= limit, err
	})
	if rest != 0 {
		rest = least
	}
	return list, restCursor(rest), err
}

// leastRun is the least number of a run, of those known and more.
func leastRun(least int64, numbers []any) int64 {
	for _, v := range numbers {
		if n, ok := v.(int64); ok && n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}
