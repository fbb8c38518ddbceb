package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/jobs"
	"hooktree/store/sqlite"
)

// alter changes a closed store's file by hand.
func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // the statement has told
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// closedStore makes a store's file that nobody has open.
func closedStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hooktree.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen_refusesANewerSchema(t *testing.T) {
	t.Parallel()
	path := closedStore(t)
	alter(t, path, `insert into migrations (number, name, sha256) values (999, '0999_later.sql', 'x')`)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); !errors.Is(err, sqlite.ErrNewerSchema) {
		t.Errorf("Open = %v; want ErrNewerSchema", err)
	}
}

func TestOpen_refusesAMigrationThatHasChanged(t *testing.T) {
	t.Parallel()
	path := closedStore(t)
	alter(t, path, `update migrations set sha256 = 'x' where number = 1`)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "0001_history.sql") {
		t.Errorf("Open = %v; want an error that names the migration", err)
	}
}

func TestOpen_refusesAFileThatIsNoDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hooktree.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open = %v; want an error that names the file", err)
	}
}

func TestOpen_setsWhatDurabilityNeeds(t *testing.T) {
	t.Parallel()
	path := closedStore(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // only read from
	for pragma, want := range map[string]string{"journal_mode": "wal", "auto_vacuum": "2"} {
		var got string
		if err := db.QueryRow("pragma " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("pragma %s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestClose_emptiesTheLog(t *testing.T) {
	t.Parallel()
	path := closedStore(t)
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		t.Errorf("the log holds %d bytes after Close", info.Size())
	}
}

func TestAccept_refusesWhenTheDiskIsFull(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hooktree.db"), sqlite.Options{MinFree: 1 << 62})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	if _, err := s.Accept(t.Context(), []jobs.Acceptance{acceptance(s)}); !errors.Is(err, jobs.ErrDiskFull) {
		t.Errorf("Accept = %v; want ErrDiskFull", err)
	}
}

func TestAccept_afterCloseIsRefused(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hooktree.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), []jobs.Acceptance{acceptance(s)}); err == nil {
		t.Error("a closed store accepted an event")
	}
}

func TestBackup_holdsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
	a := acceptance(s.Store)
	if _, err := s.Accept(t.Context(), []jobs.Acceptance{a}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second backup to the same file = %v; want that it exists", err)
	}
	copied := openAt(t, path)
	run, err := copied.Run(t.Context(), a.Firings[0].Run.Number)
	if err != nil || run.ID != a.Firings[0].Run.ID {
		t.Errorf("the backup's run = %q, %v; want %q", run.ID, err, a.Firings[0].Run.ID)
	}
}
