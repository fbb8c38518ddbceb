package inbound

import (
	"maps"
	"sync"
	"time"

	"hooktree/jobs"
)

// What is counted, by its name in the metrics.
const (
	countEvents     = "hooktree_inbound_events_total"     // stored
	countRepeats    = "hooktree_inbound_repeats_total"    // came before
	countHandshakes = "hooktree_inbound_handshakes_total" // answered
	countUnknown    = "hooktree_inbound_unknown_total"    // for no source
	countUnverified = "hooktree_inbound_unverified_total" // refused for want of a proof
	countUnready    = "hooktree_inbound_unready_total"    // refused for want of a secret's value
	countRefused    = "hooktree_inbound_refused_total"    // verified, and no event
	countFailed     = "hooktree_inbound_failed_total"     // could not be stored
)

// tally counts what becomes of deliveries, and says when it may be logged.
type tally struct {
	mu      sync.Mutex
	numbers map[string]float64
	notices map[string]*notice // by source and sentence
}

// notice is a sentence that was logged.
type notice struct {
	at   time.Time
	more int // times that it was not, since then
}

const (
	quiet      = time.Minute // between two of the same sentence
	maxNotices = 1000        // sentences that are remembered
)

func newTally() *tally {
	t := &tally{numbers: map[string]float64{}, notices: map[string]*notice{}}
	for _, name := range []string{
		countEvents, countRepeats, countHandshakes, countUnknown, countUnverified, countUnready, countRefused, countFailed,
	} {
		t.numbers[name] = 0
	}
	return t
}

func (t *tally) count(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.numbers[name]++
}

// accepted counts the events of one delivery.
func (t *tally) accepted(receipts []jobs.Receipt) {
	for _, r := range receipts {
		if r.Duplicate {
			t.count(countRepeats)
		} else {
			t.count(countEvents)
		}
	}
}

// counts gives the numbers for the metrics.
func (t *tally) counts() map[string]float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.numbers)
}

// due reports whether a sentence may be logged now, and how often it was not
// since it was the last time.
func (t *tally) due(sentence string, now time.Time) (more int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.notices[sentence]
	if n != nil && now.Sub(n.at) < quiet {
		n.more++
		return 0, false
	}
	if n == nil {
		if len(t.notices) >= maxNotices { // names of sources that have gone
			clear(t.notices)
		}
		n = &notice{}
		t.notices[sentence] = n
	}
	more, n.more, n.at = n.more, 0, now
	return more, true
}
