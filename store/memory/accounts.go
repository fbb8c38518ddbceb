package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"hooktree/server/accounts"
)

// Accounts keeps users, tokens, clients and sessions in memory. Its zero value is ready.
type Accounts struct {
	mu        sync.Mutex
	users     map[string]accounts.User
	tokens    map[string]accounts.Token
	clients   map[string]accounts.Client
	refreshes map[string]accounts.Refresh
	codes     map[string]accounts.Code
	sessions  map[accounts.Hash]accounts.Session
	audits    []accounts.Audit // the latest maxAudits
}

const maxAudits = 1000

var _ accounts.Store = (*Accounts)(nil)

// Audits gives the latest audit rows, oldest first.
func (m *Accounts) Audits() []accounts.Audit {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audits)
}

// Users lists users by name.
func (m *Accounts) Users(_ context.Context, after string, limit int) ([]accounts.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return page(m.users, func(u accounts.User) string { return u.Name }, after, limit), nil
}

// User gives the user of a name.
func (m *Accounts) User(_ context.Context, name string) (accounts.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return found(m.users, name)
}

// SaveUser makes, changes or removes a user.
func (m *Accounts) SaveUser(_ context.Context, c accounts.UserChange) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.checkLocked(c); err != nil {
		return err
	}
	if c.Remove {
		delete(m.users, c.User.Name)
	} else {
		c.User.Revision++
		put(&m.users, c.User.Name, c.User)
	}
	if c.EndSessions {
		m.dropSessionsLocked(func(s accounts.Session) bool { return s.User == c.User.Name })
	}
	m.auditLocked(c.Audit)
	return nil
}

func (m *Accounts) checkLocked(c accounts.UserChange) error {
	if c.First && len(m.users) > 0 {
		return accounts.ErrSetUp
	}
	held, exists := m.users[c.User.Name]
	switch {
	case c.User.Revision == 0 && exists:
		return accounts.ErrExists
	case c.User.Revision != 0 && !exists:
		return accounts.ErrNotFound
	case c.User.Revision != held.Revision:
		return accounts.ErrStale
	}
	if administers(c.User) && !c.Remove || len(m.users) == 0 {
		return nil
	}
	for name, u := range m.users {
		if name != c.User.Name && administers(u) {
			return nil
		}
	}
	return accounts.ErrLastAdmin
}

func administers(u accounts.User) bool {
	return u.Role == accounts.Admin && !u.Disabled && u.Password != ""
}

// Tokens lists tokens by id.
func (m *Accounts) Tokens(_ context.Context, after string, limit int) ([]accounts.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return page(m.tokens, func(t accounts.Token) string { return t.ID }, after, limit), nil
}

// Token gives the token of an id or a hash.
func (m *Accounts) Token(_ context.Context, key accounts.TokenKey) (accounts.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key.ID != "" {
		return found(m.tokens, key.ID)
	}
	for _, t := range m.tokens {
		if t.Hash == key.Hash {
			return t, nil
		}
	}
	return accounts.Token{}, accounts.ErrNotFound
}

// SaveToken makes or changes a token.
func (m *Accounts) SaveToken(_ context.Context, t accounts.Token, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.tokens, t.ID, t)
	m.auditLocked(a)
	return nil
}

// Session gives the session of a hash.
func (m *Accounts) Session(_ context.Context, hash accounts.Hash) (accounts.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return found(m.sessions, hash)
}

// SaveSession keeps a session and drops those that are over.
func (m *Accounts) SaveSession(_ context.Context, s accounts.Session, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropSessionsLocked(func(old accounts.Session) bool { return !s.Created.Before(old.Expires) })
	put(&m.sessions, s.Hash, s)
	m.auditLocked(a)
	return nil
}

// EndSession drops a session.
func (m *Accounts) EndSession(_ context.Context, hash accounts.Hash, a accounts.Audit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[hash]; ok {
		delete(m.sessions, hash)
		m.auditLocked(a)
	}
	return nil
}

func (m *Accounts) dropSessionsLocked(over func(accounts.Session) bool) {
	for hash, s := range m.sessions {
		if over(s) {
			delete(m.sessions, hash)
		}
	}
}

func (m *Accounts) auditLocked(a accounts.Audit) {
	if len(m.audits) == maxAudits {
		m.audits = slices.Delete(m.audits, 0, 1)
	}
	m.audits = append(m.audits, a)
}

func put[K comparable, V any](rows *map[K]V, key K, row V) {
	if *rows == nil {
		*rows = map[K]V{}
	}
	(*rows)[key] = row
}

func found[K comparable, V any](rows map[K]V, key K) (V, error) {
	row, ok := rows[key]
	if !ok {
		return row, accounts.ErrNotFound
	}
	return row, nil
}

func page[V any](rows map[string]V, key func(V) string, after string, limit int) []V {
	kept := []V{}
	for k, row := range rows {
		if k > after {
			kept = append(kept, row)
		}
	}
	slices.SortFunc(kept, func(a, b V) int { return cmp.Compare(key(a), key(b)) })
	return kept[:min(limit, len(kept))]
}
