package jobs

import (
	"slices"
	"sync"
	"time"
)

// seats bounds what is under way, overall and for each host, so that one slow
// endpoint does not keep work from all others.
type seats struct {
	slots, perHost int

	mu    sync.Mutex // guards what follows
	taken map[string]string
	hosts map[string]int
	rest  map[string]time.Time // by ID: when work may be tried again
	left  map[string]bool      // by ID: work that left while a list of due work was read; nil outside of that
}

func newSeats(slots, perHost int) seats {
	return seats{
		slots: slots, perHost: perHost,
		taken: map[string]string{}, hosts: map[string]int{}, rest: map[string]time.Time{},
	}
}

// now begins the reading of a list of due work, which free ends. It tells how
// much of it cannot be begun, which hosts are busy, and when the next piece of
// work has rested.
func (s *seats) now(now time.Time) (taken int, busy []string, rested time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = map[string]bool{}
	for id, until := range s.rest {
		if !until.After(now) {
			delete(s.rest, id)
			continue
		}
		if rested.IsZero() || until.Before(rested) {
			rested = until
		}
	}
	for host, n := range s.hosts {
		if host != "" && n >= s.perHost {
			busy = append(busy, host)
		}
	}
	slices.Sort(busy)
	return len(s.taken) + len(s.rest), busy, rested
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

// take gives work a seat; false when there is none for it.
func (s *seats) take(w *Work) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.taken) >= s.slots || w.Host != "" && s.hosts[w.Host] >= s.perHost {
		return false
	}
	s.taken[w.ID] = w.Host
	s.hosts[w.Host]++
	return true
}

// leave frees a seat. The work may not be begun again until then, if a time is
// given.
func (s *seats) leave(w *Work, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, w.ID)
	if s.left != nil {
		s.left[w.ID] = true
	}
	if s.hosts[w.Host]--; s.hosts[w.Host] <= 0 {
		delete(s.hosts, w.Host)
	}
	if !until.IsZero() {
		s.rest[w.ID] = until
	}
}
