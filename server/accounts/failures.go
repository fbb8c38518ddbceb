package accounts

import (
	"net/netip"
	"sync"
	"time"
)

// How many logins may fail in one window: for a name from one place, and for
// any names from one place.
const (
	failureWindow   = 5 * time.Minute
	failuresPerName = 10
	failuresPerHost = 100
	failuresMax     = 4096 // places that are remembered, in each of two generations
)

// failures counts failed logins.
type failures struct {
	now func() time.Time

	mu         sync.Mutex
	young, old map[place]tally
}

// place is where logins come from; the name is empty for all of a host.
type place struct {
	host netip.Prefix
	name string
}

type tally struct {
	count int
	until time.Time // end of the window
}

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, young: map[place]tally{}, old: map[place]tally{}}
}

// allow refuses a login where too many have failed before.
func (f *failures) allow(login Login) error {
	byName, byHost := places(login)
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := max(f.waitLocked(byName, failuresPerName), f.waitLocked(byHost, failuresPerHost))
	if wait > 0 {
		return &ThrottledError{RetryAfter: wait}
	}
	return nil
}

func (f *failures) waitLocked(p place, most int) time.Duration {
	if t := f.tallyLocked(p); t.count >= most {
		return t.until.Sub(f.now())
	}
	return 0
}

// tallyLocked gives the count of the window that is open, zero when none is.
func (f *failures) tallyLocked(p place) tally {
	t, ok := f.young[p]
	if !ok {
		t = f.old[p]
	}
	if !f.now().Before(t.until) {
		return tally{until: f.now().Add(failureWindow)}
	}
	return t
}

func (f *failures) count(login Login) {
	byName, byHost := places(login)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range []place{byName, byHost} {
		t := f.tallyLocked(p)
		t.count++
		if len(f.young) >= failuresMax {
			f.young, f.old = map[place]tally{}, f.young
		}
		f.young[p] = t
	}
}

// clear forgets the failures of a name after a login that succeeded; those of
// the host stay, or one good account would open the door to guessing others.
func (f *failures) clear(login Login) {
	byName, _ := places(login)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.young, byName)
	delete(f.old, byName)
}

// places gives what a login is counted under. An IPv6 network of 64 bits is
// one host: its owner has all of its addresses.
func places(login Login) (byName, byHost place) {
	addr := login.Remote.Unmap()
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	host, err := addr.Prefix(bits)
	if err != nil {
		host = netip.Prefix{}
	}
	name, err := CleanName(login.Name)
	if err != nil {
		name = "?"
	}
	return place{host: host, name: name}, place{host: host}
}
