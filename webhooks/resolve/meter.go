package resolve

import (
	"sync"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// maxMetered is how many pairs of target and entity a Meter counts in a
// minute. Those beyond it go uncounted: so many different ones are no loop.
const maxMetered = 50_000

// Meter counts firings by target and entity over the last minute, for
// [Guard]. It estimates: the minute that has begun counts in full, the one
// before it in proportion to how much of it is still within sixty seconds.
// The zero value is ready; a Meter is safe for concurrent use.
type Meter struct {
	mu     sync.Mutex
	minute int64 // since 1970, of now
	now    map[metered]int
	before map[metered]int
}

type metered struct{ target, entity string }

// Note counts what an event fired.
func (m *Meter) Note(e event.Event, res Resolution) {
	if e.Entity == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turnLocked(e.Received)
	for _, f := range res.Firings {
		key := metered{target(f), e.Entity}
		if _, known := m.now[key]; known || len(m.now) < maxMetered {
			m.now[key]++
		}
	}
}

// Fired implements [Recent].
func (m *Meter) Fired(target, entity string, at time.Time) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turnLocked(at)
	key := metered{target, entity}
	left := 60 - at.Unix()%60
	return m.now[key] + m.before[key]*int(left)/60
}

// turnLocked begins a new minute when its time has come. A clock that goes
// back does not.
func (m *Meter) turnLocked(at time.Time) {
	minute := at.Unix() / 60
	if m.now != nil && minute <= m.minute {
		return
	}
	m.before = nil
	if minute == m.minute+1 {
		m.before = m.now
	}
	m.minute, m.now = minute, map[metered]int{}
}

// target names what a firing goes to.
func target(f webhooks.Firing) string {
	if f.Tree != nil {
		return title(f.Tree).String()
	}
	return f.URL.URL
}

func title(t *webhooks.TreeFiring) engine.Title {
	return engine.Title{Source: t.Source, Group: t.Group, Name: t.Name}
}
