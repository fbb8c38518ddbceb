package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"hooktree/server/accounts"
)

// AccessKeys keeps access keys in memory. Its zero value is ready.
type AccessKeys struct {
	mu     sync.Mutex
	keys   []accounts.AccessKey // by identifier
	audits []accounts.Audit     // the latest maxAudits
}

var _ accounts.AccessKeys = (*AccessKeys)(nil)

// AccessKeys lists all by identifier.
func (m *AccessKeys) AccessKeys(context.Context) ([]accounts.AccessKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.keys), nil
}

// AccessKey gives the key of an identifier.
func (m *AccessKeys) AccessKey(_ context.Context, identifier string) (accounts.AccessKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.findLocked(identifier)
	if !ok {
		return accounts.AccessKey{}, accounts.ErrNotFound
	}
	return m.keys[at], nil
}

// SaveAccessKey carries a change out.
func (m *AccessKeys) SaveAccessKey(_ context.Context, c accounts.AccessKeyChange) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, known := m.findLocked(c.Was)
	if c.Was != "" && !known {
		return accounts.ErrNotFound
	}
	if _, taken := m.findLocked(c.Key.Identifier); !c.Remove && taken && c.Key.Identifier != c.Was {
		return accounts.ErrExists
	}
	if known {
		m.keys = slices.Delete(m.keys, old, old+1)
	}
	if !c.Remove {
		at, _ := m.findLocked(c.Key.Identifier)
		m.keys = slices.Insert(m.keys, at, c.Key)
	}
	m.audits = append(m.audits, c.Audit)
	if extra := len(m.audits) - maxAudits; extra > 0 {
		m.audits = slices.Delete(m.audits, 0, extra)
	}
	return nil
}

func (m *AccessKeys) findLocked(identifier string) (int, bool) {
	return slices.BinarySearchFunc(m.keys, identifier, func(k accounts.AccessKey, id string) int { return cmp.Compare(k.Identifier, id) })
}

// Audits gives the latest audit rows of access keys, oldest first.
func (m *AccessKeys) Audits() []accounts.Audit {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audits)
}
