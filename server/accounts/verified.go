package accounts

import (
	"sync"
	"time"
)

// Noticed is how soon a change of an account by another process, such as
// `hooktree token revoke`, holds in this one: for so long a credential is
// taken without a look at the store.
const Noticed = 5 * time.Second

// How long a password is remembered, while the store still has the hash that
// it was checked against, and how many credentials are. Two generations of this
// many are kept; the older one is dropped whole.
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
	fresh    time.Time // until then the store needs no look
	password string    // hash that it was checked against; empty for tokens and sessions
}

func newVerified(now func() time.Time) *verified {
	return &verified{now: now, young: map[Hash]remembered{}, old: map[Hash]remembered{}}
}

// get gives the identity of a credential that needs no look at the store.
func (v *verified) get(key Hash) (Identity, bool) {
	r, ok := v.find(key)
	return r.identity, ok && v.now().Before(r.fresh)
}

// find gives what is remembered of a credential.
func (v *verified) find(key Hash) (remembered, bool) {
	v.mu.RLock()
	r, ok := v.young[key]
	if !ok {
		r, ok = v.old[key]
	}
	v.mu.RUnlock()
	if !ok || !v.now().Before(r.until) {
		return remembered{}, false
	}
	return r, true
}

// epoch is read before the store is asked; see put.
func (v *verified) epoch() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.changes
}

// put remembers an identity, unless accounts have changed since the epoch was
// read: what the store said may be out of date by then.
func (v *verified) put(epoch uint64, key Hash, r remembered) {
	now := v.now()
	if until := now.Add(rememberFor); r.until.IsZero() || until.Before(r.until) {
		r.until = until
	}
	r.fresh = now.Add(Noticed)
	v.mu.Lock()
	defer v.mu.Unlock()
	if epoch != v.changes {
		return
	}
	if _, known := v.young[key]; !known && len(v.young) >= rememberMax {
		v.young, v.old = map[Hash]remembered{}, v.young
	}
	v.young[key] = r
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
