package subscription

import (
	"slices"
	"sync"
	"time"
)

// roster holds the subscriptions as they are now, and what an event is
// resolved by.
type roster struct {
	mu    sync.RWMutex // guards what follows, and each row's now
	rows  map[string]*row
	names map[[2]string]*row   // by dialect and the id that it shows
	order []*row               // in which they were made
	open  map[string]time.Time // until when a circuit is open, by ID
	usage *usage
	set   *Set
}

// row is one subscription.
type row struct {
	changing sync.Mutex // held over a change and its save; taken before the roster's
	now      Subscription
	gone     bool
}

func newRoster(u *usage) roster {
	return roster{
		rows: map[string]*row{}, names: map[[2]string]*row{}, open: map[string]time.Time{}, usage: u, set: NewSet(nil),
	}
}

// load takes the place of all that was there.
func (r *roster) load(all []Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.rows)
	clear(r.names)
	clear(r.open)
	r.order = nil
	for _, sub := range all {
		r.enterLocked(sub)
	}
	r.compileLocked()
}

// use takes another usage up.
func (r *roster) use(u *usage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.usage = u
	r.compileLocked()
}

// compileLocked makes the snapshot anew.
func (r *roster) compileLocked() {
	var entries []*Entry
	for _, row := range r.order {
		if e := r.usage.entry(row.now); e != nil {
			entries = append(entries, e)
		}
	}
	r.set = NewSet(entries)
}

func (r *roster) enterLocked(sub Subscription) {
	row := &row{now: sub}
	r.rows[sub.ID] = row
	r.names[[2]string{sub.Dialect, sub.External}] = row
	r.order = append(r.order, row)
	r.noteLocked(&sub)
}

// noteLocked remembers whether a circuit is open.
func (r *roster) noteLocked(sub *Subscription) {
	if sub.Health.OpenUntil.IsZero() {
		delete(r.open, sub.ID)
		return
	}
	r.open[sub.ID] = sub.Health.OpenUntil
}

// add enters new subscriptions.
func (r *roster) add(all []Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sub := range all {
		r.enterLocked(sub)
		if e := r.usage.entry(sub); e != nil {
			r.set = r.set.With(e)
		}
	}
}

// put takes a changed subscription up. The caller holds its row's lock.
func (r *roster) put(sub Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.rows[sub.ID]
	resolved := row.now.Revision != sub.Revision || row.now.Status != sub.Status // else only a delivery's counts changed
	row.now = sub
	r.noteLocked(&sub)
	if !resolved {
		return
	}
	if e := r.usage.entry(sub); e != nil {
		r.set = r.set.With(e)
	} else {
		r.set = r.set.Without(sub.ID)
	}
}

// drop removes subscriptions. The caller holds their rows' locks.
func (r *roster) drop(ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		row := r.rows[id]
		row.gone = true
		delete(r.rows, id)
		delete(r.names, [2]string{row.now.Dialect, row.now.External})
		delete(r.open, id)
		r.set = r.set.Without(id)
	}
	r.order = slices.DeleteFunc(r.order, func(row *row) bool { return row.gone })
}

// lock gives a subscription as it is now, and keeps others from changing it
// until it is unlocked; false when there is none.
func (r *roster) lock(id string) (now Subscription, unlock func(), ok bool) {
	r.mu.RLock()
	row := r.rows[id]
	r.mu.RUnlock()
	if row == nil {
		return Subscription{}, nil, false
	}
	row.changing.Lock()
	r.mu.RLock()
	now, gone := row.now, row.gone
	r.mu.RUnlock()
	if gone {
		row.changing.Unlock()
		return Subscription{}, nil, false
	}
	return now, row.changing.Unlock, true
}

// get gives a subscription by its ID.
func (r *roster) get(id string) (Subscription, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if row := r.rows[id]; row != nil {
		return row.now, true
	}
	return Subscription{}, false
}

// named gives a subscription by the id that its dialect shows.
func (r *roster) named(dialect, external string) (Subscription, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if row := r.names[[2]string{dialect, external}]; row != nil {
		return row.now, true
	}
	return Subscription{}, false
}

// each visits the subscriptions in the order in which they were made, until
// visit says false. It may keep no pointer, and call nothing of the service.
func (r *roster) each(visit func(*Subscription) bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, row := range r.order {
		if !visit(&row.now) {
			return
		}
	}
}

// count says how many there are, and how many of them are a caller's own.
func (r *roster) count(who Caller) (all, owned int) {
	r.each(func(sub *Subscription) bool {
		if sub.Dialect == who.Dialect && sub.Owner.Same(who.Owner) {
			owned++
		}
		all++
		return true
	})
	return all, owned
}

func (r *roster) current() *usage {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.usage
}

func (r *roster) snapshot() *Set {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.set
}

// resting lists the open circuits, and the first time at which one may close.
func (r *roster) resting(now time.Time) (ids []string, next time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for id, until := range r.open {
		if !until.After(now) {
			continue
		}
		ids = append(ids, id)
		if next.IsZero() || until.Before(next) {
			next = until
		}
	}
	slices.Sort(ids)
	return ids, next
}
