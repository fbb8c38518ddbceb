package memory_test

import (
	"context"
	"testing"

	"hooktree/server/accounts"
	"hooktree/store/memory"
	"hooktree/store/storetest"
)

func TestAccounts(t *testing.T) {
	t.Parallel()

	storetest.Accounts(t, func(*testing.T) storetest.AccountsRoom {
		m := &memory.Accounts{}
		return storetest.AccountsRoom{
			Store:  m,
			Audits: func(context.Context) ([]accounts.Audit, error) { return m.Audits(), nil },
		}
	})
}

func TestClients(t *testing.T) {
	t.Parallel()

	storetest.Clients(t, func(*testing.T) storetest.AccountsRoom {
		m := &memory.Accounts{}
		return storetest.AccountsRoom{
			Store:  m,
			Audits: func(context.Context) ([]accounts.Audit, error) { return m.Audits(), nil },
		}
	})
}

func TestAccessKeys(t *testing.T) {
	t.Parallel()

	storetest.AccessKeys(t, func(*testing.T) storetest.AccessKeysRoom {
		m := &memory.AccessKeys{}
		return storetest.AccessKeysRoom{
			Store:  m,
			Audits: func(context.Context) ([]accounts.Audit, error) { return m.Audits(), nil },
		}
	})
}
