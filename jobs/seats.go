package jobs

import (
	"slices"
	"sync"
	"time"
)

// seats bounds what is under way, overall, for each host and for each queue, so
// that one slow endpoint does not keep work from all others. How a queue is
// bounded stands at [terms].
type seats struct {
	slots, perHost int

	mu      sync.Mutex // guards what follows
	taken   map[string]seat
	hosts   map[string]int
	lines   map[string]*line     // by queue: those that were busy lately
	failing int                  // seats of endpoints that fail
	rest    map[string]time.Time // by ID: when work may be tried again
	left    map[string]bool      // by ID: work that left while a list of due work was read; nil outside of that
}

// seat is what a piece of work under way counts for.
type seat struct {
	host, queue string
	failing     bool
}

func newSeats(slots, perHost int) seats {
	return seats{
		slots: slots, perHost: perHost,
		taken: map[string]seat{}, hosts: map[string]int{}, lines: map[string]*line{}, rest: map[string]time.Time{},
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
	for host, n := range s.hosts {
		if n >= s.perHost {
			r.busy = append(r.busy, host)
		}
	}
	s.restingLocked(&r, now)
	slices.Sort(r.busy)
	slices.Sort(r.resting)
	r.taken = len(s.taken) + len(s.rest)
	return r
}

// restingLocked lists the queues of which nothing can be begun now, and forgets
// those that were idle for long.
func (s *seats) restingLocked(r *reading, now time.Time) {
	crowded := s.failing >= s.half()
	for queue, l := range s.lines {
		switch {
		case l.ready.After(now):
			r.next = earlier(r.next, l.ready)
			r.resting = append(r.resting, queue)
		case l.full() || l.failing && crowded:
			r.resting = append(r.resting, queue)
		case l.under == 0 && now.Sub(l.used) > forgotten:
			delete(s.lines, queue)
		}
	}
}

// half is how many seats the endpoints that fail may have altogether.
func (s *seats) half() int { return max(1, s.slots/2) }

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
	return s.slots - len(s.taken)
}

// take gives work a seat; false when there is none for it. Then the next
// reading leaves its host or queue out.
func (s *seats) take(w *Work, t terms, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.taken) >= s.slots || w.Host != "" && s.hosts[w.Host] >= s.perHost {
		return false
	}
	if w.Queue != "" && !s.admitLocked(w.Queue, t, now) {
		return false
	}
	s.taken[w.ID] = seat{host: w.Host, queue: w.Queue, failing: t.failing}
	if w.Host != "" {
		s.hosts[w.Host]++
	}
	return true
}

// admitLocked lets one more delivery of a queue begin, if its terms allow it.
func (s *seats) admitLocked(queue string, t terms, now time.Time) bool {
	l := s.lines[queue]
	if l == nil {
		l = &line{window: 1}
		s.lines[queue] = l
	}
	l.bound(t, min(t.most, s.perHost), now)
	if l.ready.After(now) || l.full() || t.failing && s.failing >= s.half() {
		return false
	}
	if t.failing {
		s.failing++
	}
	l.begin(t.rate, now)
	return true
}

// answered notes how an endpoint did: one that takes what it is sent may be
// sent more at a time.
func (s *seats) answered(queue string, well bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[queue]
	switch {
	case l == nil:
	case well:
		l.window = min(l.window+1, s.perHost)
	default:
		l.window = 1
	}
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
	if sat.host != "" {
		if s.hosts[sat.host]--; s.hosts[sat.host] <= 0 {
			delete(s.hosts, sat.host)
		}
	}
	if l := s.lines[sat.queue]; l != nil {
		l.under--
		l.used = now
	}
	if sat.failing {
		s.failing--
	}
	if !until.IsZero() {
		s.rest[w.ID] = until
	}
}
