package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/store/sqlite"
	"hooktree/store/storetest"
)

// openAt opens a store that goes with the test.
func openAt(t *testing.T, path string) crashing {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return crashing{s, path}
}

// crashing is a store whose process can end at any moment.
type crashing struct {
	*sqlite.Store
	path string
}

// Reopen opens a copy of the files as they are on disk now. What the abandoned
// process would still write can not reach the copy.
func (c crashing) Reopen(t *testing.T) storetest.Store {
	t.Helper()
	dir := t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(c.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "hooktree.db"+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return openAt(t, filepath.Join(dir, "hooktree.db"))
}

func TestStore(t *testing.T) {
	t.Parallel()

	storetest.Run(t, func(t *testing.T) storetest.Store {
		t.Helper()
		return openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
	})
}

func TestAccounts(t *testing.T) {
	t.Parallel()

	storetest.Accounts(t, func(t *testing.T) storetest.AccountsRoom {
		t.Helper()
		s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
		return storetest.AccountsRoom{Store: s.Accounts(), Audits: auditsOf(s)}
	})
}

func TestClients(t *testing.T) {
	t.Parallel()

	storetest.Clients(t, func(t *testing.T) storetest.AccountsRoom {
		t.Helper()
		s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
		return storetest.AccountsRoom{Store: s.Accounts(), Audits: auditsOf(s)}
	})
}

func TestAccessKeys(t *testing.T) {
	t.Parallel()

	storetest.AccessKeys(t, func(t *testing.T) storetest.AccessKeysRoom {
		t.Helper()
		s := openAt(t, filepath.Join(t.TempDir(), "hooktree.db"))
		return storetest.AccessKeysRoom{Store: s.AccessKeys(), Audits: auditsOf(s)}
	})
}

// auditsOf gives the audit of a store as accounts write it, oldest first.
func auditsOf(s jobs.AuditLog) func(context.Context) ([]accounts.Audit, error) {
	return func(ctx context.Context) ([]accounts.Audit, error) {
		rows, _, err := s.Audits(ctx, jobs.Page{})
		var audits []accounts.Audit
		for _, a := range slices.Backward(rows) {
			audits = append(audits, accounts.Audit{At: a.At, Who: a.Who, Did: a.Did, What: a.What})
		}
		return audits, err
	}
}
