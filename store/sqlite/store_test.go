package sqlite_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/store/sqlite"
	"hooktree/store/storetest"
)

// open makes an empty store that goes with the test.
func open(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hooktree.db"), sqlite.Options{})
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

func TestAccounts(t *testing.T) {
	t.Parallel()

	storetest.Accounts(t, func(t *testing.T) storetest.AccountsRoom {
		s := open(t)
		return storetest.AccountsRoom{Store: s.Accounts(), Audits: func(ctx context.Context) ([]accounts.Audit, error) {
			rows, _, err := s.Audits(ctx, jobs.Page{})
			var audits []accounts.Audit
			for _, a := range slices.Backward(rows) {
				audits = append(audits, accounts.Audit{At: a.At, Who: a.Who, Did: a.Did, What: a.What})
			}
			return audits, err
		}}
	})
}
