package server

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// The lines of one sentence that a log holds a minute: enough to see who is
// refused and why, and too few to fill a disk.
const (
	quotaTime   = time.Minute
	quotaOfAll  = 60
	quotaOfEach = 5 // for one address or source
)

// Quota bounds the lines of a log that strangers can cause at will. It counts
// those that are left out, and one line tells of them when their minute is
// over. The zero value is ready.
type Quota struct {
	owes atomic.Bool // something was left out, and not told yet

	mu    sync.Mutex
	began time.Time      // of the minute at hand
	lines map[string]int // written in it, by who caused them: at most quotaOfAll
	all   int            // written in it
	left  int            // left out since the last telling
	since time.Time      // when the first of these was
}

// Take reports whether a line that somebody causes may be written now.
func (q *Quota) Take(who string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lines == nil || now.Sub(q.began) >= quotaTime {
		q.began, q.all, q.lines = now, 0, map[string]int{}
	}
	if q.all < quotaOfAll && q.lines[who] < quotaOfEach {
		q.all++
		q.lines[who]++
		return true
	}
	if q.left == 0 {
		q.since = now
		q.owes.Store(true)
	}
	q.left++
	return false
}

// Tell writes how many lines were left out, once their minute is over. It
// costs next to nothing where there is nothing to tell, so that every request
// may ask.
func (q *Quota) Tell(log *slog.Logger, sentence string, now time.Time) {
	if !q.owes.Load() {
		return
	}
	if left, since, ok := q.settle(now); ok {
		log.Warn("lines were left out of the log", "of", sentence, "lines", left, "since", since.UTC().Format(time.RFC3339))
	}
}

// settle gives what is to be told, and forgets it.
func (q *Quota) settle(now time.Time) (left int, since time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left == 0 || now.Sub(q.began) < quotaTime {
		return 0, time.Time{}, false
	}
	left, since, q.left = q.left, q.since, 0
	q.owes.Store(false)
	return left, since, true
}
