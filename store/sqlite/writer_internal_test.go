package sqlite

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
)

func openForWrites(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "hooktree.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s
}

const addCounter = `insert into counters (name, value) values (?, 1)`

// together queues writes so that they meet in one transaction: the first one
// holds the writer until all are queued.
func (s *Store) together(t *testing.T, writes ...func(*tx) error) []error {
	t.Helper()
	queued := make(chan struct{})
	results := make([]error, len(writes))
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.writer.insist(t.Context(), func(*tx) error { <-queued; return nil }); err != nil {
			t.Errorf("the first write = %v", err)
		}
	})
	var ops []*op
	for _, do := range writes {
		o := &op{do: do, done: make(chan error, 1)}
		if err := s.writer.enqueue(t.Context(), o, true); err != nil {
			t.Fatal(err)
		}
		ops = append(ops, o)
	}
	close(queued)
	for i, o := range ops {
		results[i] = <-o.done
	}
	all.Wait()
	return results
}

func (s *Store) counters(t *testing.T) map[string]bool {
	t.Helper()
	rows, err := s.readers.QueryContext(t.Context(), `select name from counters`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestWriter_undoesOnlyTheWriteThatFailed(t *testing.T) {
	t.Parallel()
	s := openForWrites(t)
	errBroken := errors.New("broken")
	results := s.together(t,
		func(tx *tx) error { return tx.exec(addCounter, "before") },
		func(tx *tx) error { return errors.Join(tx.exec(addCounter, "half"), errBroken) },
		func(tx *tx) error { return refusal{errBroken} },
		func(tx *tx) error { panic("broken") },
		func(tx *tx) error { return tx.exec(addCounter, "after") },
	)
	if results[0] != nil || !errors.Is(results[1], errBroken) || !errors.Is(results[2], errBroken) || results[3] == nil || results[4] != nil {
		t.Errorf("results = %v; want the second, third and fourth to fail", results)
	}
	names := s.counters(t)
	if !names["before"] || names["half"] || !names["after"] {
		t.Errorf("counters = %v; want before and after, and not half", names)
	}
}

func TestWriter_forgetsInternedRowsThatWereUndone(t *testing.T) {
	t.Parallel()
	s := openForWrites(t)
	intern := func(tx *tx) error {
		_, err := tx.rule(rule{kind: 1, webhook: "w"})
		return err
	}
	add := func(tx *tx) error {
		return tx.exec(`insert or ignore into kinds (id, platform, type, action, kapp, form, datastore, path) values (1, '', '', '', '', '', 0, '')`)
	}
	results := s.together(t, func(tx *tx) error { return errors.Join(add(tx), intern(tx), errors.New("broken")) }, add, intern)
	if results[0] == nil || results[1] != nil || results[2] != nil {
		t.Fatalf("results = %v; want the first alone to fail", results)
	}
	var rules int
	if err := s.readers.QueryRowContext(t.Context(), `select count(*) from rules`).Scan(&rules); err != nil || rules != 1 {
		t.Errorf("%d rules, %v; want the one that was committed", rules, err)
	}
}

func TestWriter_isDeadAfterAFailedCommit(t *testing.T) {
	t.Parallel()
	s := openForWrites(t)
	// A transaction that has ended already makes the commit fail, as a disk
	// that gives an error would.
	err := s.writer.insist(t.Context(), func(tx *tx) error { return tx.script("rollback") })
	if err == nil {
		t.Fatal("a write whose commit failed was acknowledged")
	}
	<-s.Failed()
	if err := s.writer.insist(t.Context(), func(*tx) error { return nil }); err == nil || s.Err() == nil {
		t.Errorf("the next write = %v, Err = %v; want both to say that the store has failed", err, s.Err())
	}
}

func TestOlder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"3.51.3", "3.51.3", false},
		{"3.51.2", "3.51.3", true},
		{"3.9.0", "3.51.3", true},
		{"3.100.0", "3.51.3", false},
		{"3.51", "3.51.3", true},
		{"4.0.0", "3.51.3", false},
	} {
		if got := older(tt.a, tt.b); got != tt.want {
			t.Errorf("older(%s, %s) = %t", tt.a, tt.b, got)
		}
	}
}
