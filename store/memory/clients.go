package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"hooktree/server/accounts"
)

var _ accounts.ClientStore = (*Accounts)(nil)

// Clients lists clients by id.
func (m *Accounts) Clients(_ context.Context, after string, limit int) ([]accounts.Client, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return page(m.clients, func(c accounts.Client) string { return c.ID }, after, limit), nil
}

// Client gives the client of an id.
func (m *Accounts) Client(_ context.Context, id string) (accounts.Client, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return found(m.clients, id)
}

// CreateClient keeps a new client.
func (m *Accounts) CreateClient(_ context.Context, c accounts.ClientChange) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.clients) >= accounts.MaxClients {
		over := slices.DeleteFunc(slices.Collect(maps.Values(m.clients)), func(c accounts.Client) bool { return c.Revoked.IsZero() })
		if len(over) == 0 {
			return accounts.ErrFull
		}
		first := slices.MinFunc(over, func(a, b accounts.Client) int { return cmp.Or(a.Revoked.Compare(b.Revoked), cmp.Compare(a.ID, b.ID)) })
		delete(m.clients, first.ID)
	}
	put(&m.clients, c.Client.ID, c.Client)
	if c.Refresh != nil {
		put(&m.refreshes, c.Refresh.ID, *c.Refresh)
	}
	m.auditLocked(c.Audit)
	return nil
}

// RevokeClient ends a client and drops its tokens.
func (m *Accounts) RevokeClient(_ context.Context, id string, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	client, err := found(m.clients, id)
	if err != nil || !client.Revoked.IsZero() {
		return err
	}
	client.Revoked = a.At
	m.clients[id] = client
	maps.DeleteFunc(m.tokens, func(_ string, t accounts.Token) bool { return t.Client == id })
	maps.DeleteFunc(m.refreshes, func(_ string, r accounts.Refresh) bool { return r.Client == id })
	maps.DeleteFunc(m.codes, func(_ string, c accounts.Code) bool { return c.Client == id })
	m.auditLocked(a)
	return nil
}

// Refresh gives the refresh token of a hash.
func (m *Accounts) Refresh(_ context.Context, hash accounts.Hash) (accounts.Refresh, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.refreshes {
		if r.Hash == hash {
			return r, nil
		}
	}
	return accounts.Refresh{}, accounts.ErrNotFound
}

// Issue keeps what a token call gives.
func (m *Accounts) Issue(_ context.Context, i accounts.Issue) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if client, ok := m.clients[i.Token.Client]; !ok || !client.Revoked.IsZero() {
		return accounts.ErrNotFound
	}
	if err := m.checkCodeLocked(i); err != nil {
		return err
	}
	if i.Spent.ID != "" {
		if err := m.spendLocked(i); err != nil {
			return err
		}
	}
	m.useCodeLocked(i)
	put(&m.tokens, i.Token.ID, i.Token)
	if i.Refresh != nil {
		put(&m.refreshes, i.Refresh.ID, *i.Refresh)
	}
	m.tidyLocked(i)
	return nil
}

func (m *Accounts) spendLocked(i accounts.Issue) error {
	held, ok := m.refreshes[i.Spent.ID]
	if !ok || held.Uses != i.Spent.Uses {
		return accounts.ErrStale
	}
	if held.Uses == 0 {
		held.Used = i.Token.Created
	}
	held.Uses++
	m.refreshes[held.ID] = held
	return nil
}

// tidyLocked drops what is over, and what is too much of one client.
func (m *Accounts) tidyLocked(i accounts.Issue) {
	now, ours := i.Token.Created, func(t accounts.Token) bool { return t.Client == i.Token.Client }
	same := func(client, user string) bool { return client == i.Token.Client && user == i.Token.User }
	maps.DeleteFunc(m.tokens, func(_ string, t accounts.Token) bool {
		return t.Client != "" && !now.Before(t.Expires) || ours(t) && !t.Revoked.IsZero()
	})
	maps.DeleteFunc(m.refreshes, func(_ string, r accounts.Refresh) bool { return !now.Before(r.Expires) })
	dropOldest(m.tokens, func(t accounts.Token) bool { return same(t.Client, t.User) }, accounts.MaxClientTokens)
	dropOldest(m.refreshes, func(r accounts.Refresh) bool { return same(r.Client, r.User) }, accounts.MaxClientRefreshes)
}

// dropOldest keeps the last rows by id of those that are meant, at most most.
func dropOldest[V any](rows map[string]V, meant func(V) bool, most int) {
	var ids []string
	for id, row := range rows {
		if meant(row) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids[:max(0, len(ids)-most)] {
		delete(rows, id)
	}
}

// EndFamily drops the tokens of a family.
func (m *Accounts) EndFamily(_ context.Context, family string, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.tokens) + len(m.refreshes)
	maps.DeleteFunc(m.tokens, func(_ string, t accounts.Token) bool { return t.Family == family && t.Client != "" })
	maps.DeleteFunc(m.refreshes, func(_ string, r accounts.Refresh) bool { return r.Family == family })
	if len(m.tokens)+len(m.refreshes) < before {
		m.auditLocked(a)
	}
	return nil
}
