package jobs

import (
	"slices"
	"sync"
	"time"

	"hooktree/webhooks/delivery"
)

// seats bounds what is under way, overall and for each destination, so that one
// that is slow or dead does not keep work from all others. How a destination is
// bounded stands at [terms], and how all are together at [shares].
type seats struct {
	perHost int

	mu     sync.Mutex // guards what follows
	shares shares
	taken  map[string]seat
	lines  map[destination]*line // those that were busy lately, at most known
	rest   map[string]time.Time  // by ID: when work may be tried again
	left   map[string]bool       // by ID: work that left while a list of due work was read; nil outside of that
}

// known bounds the destinations that are remembered, besides those that have
// work under way.
const known = 1024

// seat is what a piece of work under way counts for.
type seat struct {
	to destination
	as standing
}

func newSeats(slots, perHost int) seats {
	return seats{
		perHost: perHost, shares: shares{slots: slots},
		taken: map[string]seat{}, lines: map[destination]*line{}, rest: map[string]time.Time{},
	}
}

// reading is what a list of due work leaves out, and how much more it must
// hold so that there is something to begin.
type reading struct {
	taken   int       // pieces of work that may stand in the list and cannot be begun
	busy    []string  // hosts that have enough
	resting []string  // queues that have enough
	next    time.Time // when the first of what rests may be begun; zero for not yet known
}

// now begins the reading of a list of due work, which free ends.
func (s *seats) now(now time.Time) reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = map[string]bool{}
	var r reading
	for id, until := range s.rest {
		if !until.After(now) {
			delete(s.rest, id)
			continue
		}
		r.next = earlier(r.next, until)
	}
	r.taken = len(s.rest)
	s.linesLocked(&r, now)
	slices.Sort(r.busy)
	slices.Sort(r.resting)
	return r
}

// linesLocked lists the destinations of which nothing can be begun now, counts
// those that fail, and forgets those that were idle for long.
func (s *seats) linesLocked(r *reading, now time.Time) {
	s.shares.suspects = 0
	for to, l := range s.lines {
		if l.under == 0 && now.Sub(l.used) > forgotten {
			delete(s.lines, to)
			continue
		}
		if l.failing {
			s.shares.suspects++
		}
		if s.openLocked(to, l, now) {
			r.taken += l.under
			continue
		}
		if l.ready.After(now) {
			r.next = earlier(r.next, l.ready)
		}
		if to.queue != "" {
			r.resting = append(r.resting, to.queue)
		} else {
			r.busy = append(r.busy, to.host)
		}
	}
}

// openLocked reports whether one more piece of work of a destination may begin.
func (s *seats) openLocked(to destination, l *line, now time.Time) bool {
	if l.ready.After(now) || l.full() {
		return false
	}
	if to == (destination{}) { // ours: it keeps a few seats whoever has the others
		return s.shares.allow(proven, l.under < s.perHost)
	}
	return s.shares.allow(l.standing(now), l.under == 0)
}

// earlier gives the first of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// free gives the listed work that nobody does and that does not rest, at most
// room of it. What left since the reading began may be done already and stand
// in the list all the same; if it is still due, the next list has it.
func (s *seats) free(work []Work, room int) []Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Work
	for i := range work {
		_, taken := s.taken[work[i].ID]
		_, rests := s.rest[work[i].ID]
		if !taken && !rests && !s.left[work[i].ID] && len(out) < room {
			out = append(out, work[i])
		}
	}
	s.left = nil
	return out
}

// room is how many more pieces of work may be begun.
func (s *seats) room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shares.room()
}

// take gives work a seat; false when there is none for it. Then the next
// reading leaves its destination out.
func (s *seats) take(w *Work, t terms, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := destinationOf(w)
	l := s.lineLocked(to, now)
	if to.queue == "" {
		t = s.hostTermsLocked(to, l)
	}
	l.bound(t, now)
	if !s.openLocked(to, l, now) {
		return false
	}
	as := l.standing(now)
	if to == (destination{}) {
		as = proven
	}
	s.taken[w.ID] = seat{to: to, as: as}
	s.shares.taken[as]++
	l.begin(t.rate, now)
	return true
}

// hostTermsLocked gives the terms of a host, as it has answered so far.
func (s *seats) hostTermsLocked(to destination, l *line) terms {
	t := terms{most: s.perHost, failing: l.health.Degraded()}
	switch {
	case to == (destination{}):
		t.most = MostUnderWay(s.shares.slots) // the shares bound it
	case t.failing:
		t.most = min(t.most, s.shares.each())
	}
	return t
}

// lineLocked gives the line of a destination. Where too many are known, the one
// that was idle for longest is forgotten.
func (s *seats) lineLocked(to destination, now time.Time) *line {
	l := s.lines[to]
	if l != nil {
		return l
	}
	if len(s.lines) >= known {
		var oldest destination
		var used time.Time
		for other, l := range s.lines {
			if l.under == 0 && (used.IsZero() || l.used.Before(used)) {
				oldest, used = other, l.used
			}
		}
		if !used.IsZero() {
			delete(s.lines, oldest)
		}
	}
	l = &line{used: now}
	s.lines[to] = l
	return l
}

// answered notes how a delivery to a subscription ended.
func (s *seats) answered(queue string, o *sent, delivered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[destination{queue: queue}]
	switch {
	case l == nil:
	case delivered:
		l.well, l.failing = o.ended, false
		if l.window++; o.took() > brisk {
			l.window = 1
		}
	case o.refused:
		l.window = 1
	default:
		l.window, l.failing = 1, true
		l.yield(o.ended.Add(s.shares.turn(o.took())))
	}
}

// reach is by what an attempt tells of its host: any answer is life.
var reach = delivery.Policy{Success: delivery.Range{Low: 1, High: 999}}

// heard notes what an attempt told of its host.
func (s *seats) heard(host string, a delivery.Attempt, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[destination{host: host}]
	if l == nil || host == "" || a.Refused {
		return
	}
	_, l.health = reach.Settle(l.health, a)
	l.failing = l.health.Degraded()
	if !l.failing {
		l.well = a.Ended
		return
	}
	l.yield(a.Ended.Add(s.shares.turn(took)))
}

// leave frees a seat. The work may not be begun again until then, if a time is
// given.
func (s *seats) leave(w *Work, now, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.taken[w.ID]
	delete(s.taken, w.ID)
	if s.left != nil {
		s.left[w.ID] = true
	}
	s.shares.taken[sat.as]--
	if l := s.lines[sat.to]; l != nil {
		l.under--
		l.used = now
	}
	if !until.IsZero() {
		s.rest[w.ID] = until
	}
}
