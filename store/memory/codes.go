package memory

import (
	"context"
	"maps"

	"hooktree/server/accounts"
)

// SaveCode keeps a code, and drops those that are over or too many.
func (m *Accounts) SaveCode(_ context.Context, c accounts.Code, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if client, ok := m.clients[c.Client]; !ok || !client.Revoked.IsZero() {
		return accounts.ErrNotFound
	}
	put(&m.codes, c.ID, c)
	over := c.Created.Add(-accounts.CodeKnown)
	maps.DeleteFunc(m.codes, func(_ string, old accounts.Code) bool { return !over.Before(old.Expires) })
	dropOldest(m.codes, func(old accounts.Code) bool { return old.Client == c.Client && old.User == c.User }, accounts.MaxClientCodes)
	m.auditLocked(a)
	return nil
}

// Code gives the code of a hash.
func (m *Accounts) Code(_ context.Context, hash accounts.Hash) (accounts.Code, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.codes {
		if c.Hash == hash {
			return c, nil
		}
	}
	return accounts.Code{}, accounts.ErrNotFound
}

// checkCodeLocked refuses an issue for a code that was used or is gone.
func (m *Accounts) checkCodeLocked(i accounts.Issue) error {
	if held, ok := m.codes[i.Code]; i.Code != "" && (!ok || !held.Used.IsZero()) {
		return accounts.ErrStale
	}
	return nil
}

func (m *Accounts) useCodeLocked(i accounts.Issue) {
	if held, ok := m.codes[i.Code]; ok {
		held.Used = i.Token.Created
		m.codes[i.Code] = held
	}
}
