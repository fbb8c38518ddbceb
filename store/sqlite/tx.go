package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"
)

// tx is the writer's connection with its prepared statements and what it
// remembers between transactions. Only the writer's goroutine uses it.
type tx struct {
	conn  driverConn
	store *Store
	stmts map[string]driver.Stmt
	args  []driver.NamedValue
	names interned
	event int64 // last event sequence given out
	high  int64 // highest run number of this transaction; 0 for none
	jobs  int64 // rows that this transaction adds to jobs, less those it removes
	runs  int64 // the same of runs
	dirty bool  // a counter has changed in this transaction
}

func newTx(conn driverConn, s *Store) *tx {
	return &tx{conn: conn, store: s, stmts: map[string]driver.Stmt{}, names: newInterned()}
}

// start reads the counters in a transaction of its own.
func (t *tx) start() error {
	if err := t.begin(); err != nil {
		return err
	}
	return errors.Join(t.resume(), t.rollback())
}

// resume reads the counters that go on from the last start.
func (t *tx) resume() error {
	const counters = `select
		max((select value from counters where name = 'run'), (select coalesce(max(number), 0) from runs)),
		max((select value from counters where name = 'event'), (select coalesce(max(seq), 0) from events))`
	var run int64
	if err := t.row(counters, nil, &run, &t.event); err != nil {
		return fmt.Errorf("read the counters: %w", err)
	}
	t.store.number.Store(run)
	return nil
}

func (t *tx) begin() error { return t.exec("begin immediate") }

// commit saves the counters and ends the transaction.
func (t *tx) commit() error {
	if t.dirty {
		const save = `update counters set value = case name
			when 'run' then max(value, ?) when 'event' then ? when 'jobs' then value + ? else value + ? end
			where name in ('run', 'event', 'jobs', 'runs')`
		if err := t.exec(save, t.high, t.event, t.jobs, t.runs); err != nil {
			return errors.Join(err, t.rollback())
		}
	}
	if err := t.exec("commit"); err != nil {
		return errors.Join(err, t.rollback())
	}
	t.uncount()
	return nil
}

func (t *tx) rollback() error {
	t.forget()
	t.uncount()
	return t.exec("rollback")
}

// uncount starts the counts of a transaction afresh.
func (t *tx) uncount() { t.high, t.jobs, t.runs, t.dirty = 0, 0, 0, false }

// forget drops what was remembered of rows that may have been undone.
func (t *tx) forget() { t.names = newInterned() }

// close empties the log into the file.
func (t *tx) close() error {
	err := t.script("pragma wal_checkpoint(truncate)")
	for _, s := range t.stmts {
		err = errors.Join(err, s.Close())
	}
	return err
}

// script runs a text of one or more statements without parameters.
func (t *tx) script(text string) error {
	_, err := t.conn.ExecContext(context.Background(), text, nil)
	return err
}

// exec runs a statement, prepared at its first use.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.execCount(query, args...)
	return err
}

// execCount is exec that reports how many rows were changed.
func (t *tx) execCount(query string, args ...any) (int64, error) {
	stmt, err := t.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), t.bind(args))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// errNoRow says that a query gave nothing.
var errNoRow = errors.New("no row")

// row runs a query and scans its first row.
func (t *tx) row(query string, args []any, dest ...any) error {
	found := false
	err := t.each(query, args, func(values []driver.Value) error {
		found = true
		return scan(values, dest)
	}, 1)
	if err == nil && !found {
		return errNoRow
	}
	return err
}

// each runs a query and calls f for at most limit rows; 0 is all. The values
// are valid during the call only.
func (t *tx) each(query string, args []any, f func([]driver.Value) error, limit int) error {
	stmt, err := t.prepare(query)
	if err != nil {
		return err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(context.Background(), t.bind(args))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read to the end or given up
	values := make([]driver.Value, len(rows.Columns()))
	for n := 0; limit == 0 || n < limit; n++ {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := f(values); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) prepare(query string) (driver.Stmt, error) {
	if stmt, ok := t.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := t.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	t.stmts[query] = stmt
	return stmt, nil
}

func (t *tx) bind(args []any) []driver.NamedValue {
	t.args = t.args[:0]
	for i, a := range args {
		t.args = append(t.args, driver.NamedValue{Ordinal: i + 1, Value: value(a)})
	}
	return t.args
}

// value turns what the room's queries pass into what the driver takes.
func value(a any) driver.Value {
	switch v := a.(type) {
	case int:
		return int64(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return millis(v)
	case []byte:
		if v == nil {
			return nil // a nil slice is null, not an empty blob
		}
		return v
	default:
		return a
	}
}

// millis is a time as the tables keep it.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the time that the tables keep as ms.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// scan copies a row's values; blobs are copied, for the driver reuses them.
func scan(values []driver.Value, dest []any) error {
	if len(values) != len(dest) {
		return fmt.Errorf("scan %d columns into %d", len(values), len(dest))
	}
	for i, v := range values {
		var ok bool
		switch d := dest[i].(type) {
		case *int64:
			*d, ok = v.(int64)
		case *string:
			*d, ok = v.(string)
		case *[]byte:
			b, isBytes := v.([]byte)
			*d, ok = append([]byte(nil), b...), isBytes || v == nil
		}
		if !ok {
			return fmt.Errorf("column %d: cannot read a %T into a %T", i, v, dest[i])
		}
	}
	return nil
}
