package accounts

import (
	"sync"
	"time"
)

// How long and how many verified credentials are remembered. Two generations
// of this many are kept; the older one is dropped whole.
const (
	rememberFor = 5 * time.Minute
	rememberMax = 4096
)

// verified remembers identities by the hash of their credential.
type verified struct {
	now func() time.Time

	mu         sync.RWMutex
	changes    uint64 // rises when something is forgotten
	young, old map[Hash]remembered
}

type remembered struct {
	identity Identity
	until    time.Time
}

func newVerified(now func() time.Time) *verified {
	return &verified{now: now, young: map[Hash]remembered{}, old: map[Hash]remembered{}}
}

func (v *verified) get(key Hash) (Identity, bool) {
	v.mu.RLock()
	r, ok := v.young[key]
	if !ok {
		r, ok = v.old[key]
	}
	v.mu.RUnlock()
	if !ok || !v.now().Before(r.until) {
		return Identity{}, false
	}
	return r.identity, true
}

// epoch is read before the store is asked; see put.
func (v *verified) epoch() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.changes
}

// put remembers an identity, unless accounts have changed since the epoch was
// read: what the store said may be out of date by then.
func (v *verified) put(epoch uint64, key Hash, id Identity, expires time.Time) {
	until := v.now().Add(rememberFor)
	if !expires.IsZero() && expires.Before(until) {
		until = expires
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if epoch != v.changes {
		return
	}
	if len(v.young) >= rememberMax {
		v.young, v.old = map[Hash]remembered{}, v.young
	}
	v.young[key] = remembered{identity: id, until: until}
}

// drop forgets one credential, and whatever is being looked up right now.
func (v *verified) drop(key Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.changes++
	delete(v.young, key)
	delete(v.old, key)
}

// forget drops everything: some account has changed.
func (v *verified) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.changes++
	v.young, v.old = map[Hash]remembered{}, map[Hash]remembered{}
}
