package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

// Bounds of one purge.
const (
	purgeWalk   = 5_000 // events looked at, kept ones included
	vacuumPages = 2_000 // free pages given back to the disk
)

// Purge removes the oldest events that retention no longer keeps.
func (s *Store) Purge(ctx context.Context, keep jobs.Retention, now time.Time, limit int) (int, error) {
	removed := 0
	err := s.writer.insist(ctx, func(t *tx) error {
		if err := t.purgeActs(keep.Acts); err != nil {
			return err
		}
		before, err := t.purgeBefore(keep, now)
		if err != nil || before.IsZero() {
			return err
		}
		if err := t.exec(`delete from event_keys where expires <= ?`, now); err != nil {
			return err
		}
		removed, err = t.purge(before, now, limit)
		return err
	})
	if err == nil {
		s.writer.shrink()
	}
	return removed, err
}

// purgeActs removes the oldest rows of the audit, so that so many are left; zero
// leaves all.
func (t *tx) purgeActs(keep int64) error {
	if keep == 0 {
		return nil
	}
	return t.exec(`delete from audit where id <= (select max(id) from audit) - ?`, keep) // ids follow one another
}

// purgeBefore is the time before which retention keeps no event; zero when it
// keeps them all.
func (t *tx) purgeBefore(keep jobs.Retention, now time.Time) (time.Time, error) {
	size, err := t.liveBytes()
	switch {
	case err != nil:
		return time.Time{}, err
	case keep.Bytes > 0 && size > keep.Bytes:
		return now, nil // too many bytes: whatever is old enough to go
	case keep.Age > 0:
		return now.Add(-keep.Age), nil
	default:
		return time.Time{}, nil
	}
}

// purge removes up to limit of the oldest events that came before a time, and
// counts them.
func (t *tx) purge(before, now time.Time, limit int) (int, error) {
	old, err := t.sequences(`select seq from events where received < ? order by seq limit ?`, before, purgeWalk)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, seq := range old {
		if removed == limit {
			break
		}
		gone, err := t.removeEvent(seq, now)
		if err != nil {
			return 0, err
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// shrink asks the writer to give free pages back to the disk.
func (w *writer) shrink() { w.vacuum.Store(true) }

// giveBack returns some free pages; it runs outside of any transaction.
func (w *writer) giveBack(t *tx) {
	if !w.vacuum.Swap(false) {
		return
	}
	if err := t.script(fmt.Sprintf("pragma incremental_vacuum(%d)", vacuumPages)); err != nil {
		w.store.options.Logger.Error("give free pages back", "error", err)
	}
}

// liveBytes is the size of what the file holds, without its free pages.
func (t *tx) liveBytes() (int64, error) {
	var pages, free, size int64
	for pragma, into := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := t.row("pragma "+pragma, nil, into); err != nil {
			return 0, err
		}
	}
	return (pages - free) * size, nil
}

// removeEvent removes an event and all that followed from it, unless some of
// it is still alive.
func (t *tx) removeEvent(seq int64, now time.Time) (bool, error) {
	var stored []byte
	if err := t.row(`select jobs from events where seq = ?`, []any{seq}, &stored); err != nil {
		return false, err
	}
	alive, err := t.eventAlive(seq, now)
	if err != nil || alive {
		return false, err
	}
	keys, runs, err := t.descendants(seq, stored)
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		var status string
		err := t.row(`select status from jobs where id = ?`, []any{key}, &status)
		if err == nil && (status == string(jobs.JobQueued) || status == string(jobs.JobInProgress)) {
			return false, nil
		}
		if err != nil && !errors.Is(err, errNoRow) {
			return false, err
		}
	}
	for _, run := range runs {
		if open, err := t.exists(`select 1 from runs where number = ? and status not in ('Complete', 'Cancelled')`, run); err != nil || open {
			return false, err
		}
	}
	return true, t.remove(seq, keys, runs)
}

// eventAlive reports whether an event's dedupe key lives or an error of it is open.
func (t *tx) eventAlive(seq int64, now time.Time) (bool, error) {
	var external, credential string
	if err := t.row(`select external, credential from events where seq = ?`, []any{seq}, &external, &credential); err != nil {
		return false, err
	}
	if external != "" {
		live, err := t.exists(`select 1 from event_keys where credential = ? and key = ? and event = ? and expires > ?`, credential, external, seq, now)
		if err != nil || live {
			return live, err
		}
	}
	return t.exists(`select 1 from errors where open = 1 and event = ? and kind not in (?, ?)`, seq, string(jobs.FaultLoop), string(jobs.FaultApplication))
}

func (t *tx) exists(query string, args ...any) (bool, error) {
	var one int64
	err := t.row(query, args, &one)
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

// descendants lists an event's own jobs and their runs.
func (t *tx) descendants(seq int64, stored []byte) (keys []any, runs []int64, err error) {
	for _, key := range jobKeys(stored) {
		own, err := t.exists(`select 1 from jobs where id = ? and event = ?`, key, seq)
		if err != nil {
			return nil, nil, err
		}
		if own {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, nil, nil
	}
	err = t.each(runsOfJobs+" where j.id in (?"+strings.Repeat(", ?", len(keys)-1)+")", keys, func(v []driver.Value) error {
		if n, ok := v[0].(int64); ok && n > 0 {
			runs = append(runs, n)
		}
		return nil
	}, 0)
	return keys, runs, err
}

// RemoveRun removes a run that is final, with its tasks and errors.
func (s *Store) RemoveRun(ctx context.Context, number int64, audit jobs.Audit) error {
	return s.writer.insist(ctx, func(t *tx) error {
		var status string
		err := t.row(`select status from runs where number = ?`, []any{number}, &status)
		switch {
		case errors.Is(err, errNoRow):
			return refusal{fmt.Errorf("run #%d: %w", number, jobs.ErrNotFound)}
		case err != nil:
			return err
		case !engine.RunStatus(status).Final():
			return refusal{fmt.Errorf("run #%d: %w", number, jobs.ErrStale)}
		}
		if err := t.removeRun(number); err != nil {
			return err
		}
		return t.addAudit(&audit)
	})
}

func (t *tx) removeRun(number int64) error {
	t.runs, t.dirty = t.runs-1, true
	for _, text := range []string{`delete from tasks where run = ?`, `delete from errors where run = ?`, `delete from runs where number = ?`} {
		if err := t.exec(text, number); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) remove(seq int64, keys []any, runs []int64) error {
	t.jobs, t.dirty = t.jobs-int64(len(keys)), true
	for _, run := range runs {
		if err := t.removeRun(run); err != nil {
			return err
		}
	}
	for _, key := range keys {
		for _, text := range []string{`delete from jobs where id = ?`, `delete from deliveries where job = ?`} {
			if err := t.exec(text, key); err != nil {
				return err
			}
		}
	}
	var stored []byte
	if err := t.row(`select receipt from events where seq = ?`, []any{seq}, &stored); err != nil {
		return err
	}
	var r receipt
	if err := json.Unmarshal(stored, &r); err != nil {
		return err
	}
	if err := t.removeOutcomes(seq, r.Verdicts); err != nil {
		return err
	}
	for _, text := range []string{
		`delete from errors where event = ?`, `delete from search where rowid = ?`, `delete from search_stale where event = ?`,
		`delete from event_keys where event = ?`, `delete from events where seq = ?`,
	} {
		if err := t.exec(text, seq); err != nil {
			return err
		}
	}
	return nil
}
