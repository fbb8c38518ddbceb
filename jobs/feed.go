package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"hooktree/engine"
)

// ChangeKind says what has changed.
type ChangeKind string

// The kinds of changes.
const (
	ChangeEvent ChangeKind = "event"
	ChangeJob   ChangeKind = "job"
	ChangeRun   ChangeKind = "run"
	ChangeError ChangeKind = "error"
	// ChangeSubscription tells of a subscription whose status deliveries
	// changed.
	ChangeSubscription ChangeKind = "subscription"
)

// Change names something that was committed, for a client that watches. It
// carries no data that a client might not be allowed to see.
type Change struct {
	Stream string     `json:"-"` // the change's place in the stream: epoch and sequence
	Kind   ChangeKind `json:"kind"`
	ID     string     `json:"id"`               // of the event, job, run or subscription; the node or webhook of an error
	Run    int64      `json:"run,omitempty"`    // number of the run
	Status string     `json:"status,omitempty"` // of the job, run or subscription (then deleted, too); open or handled for an error
}

func runChange(r *Run) Change {
	return Change{Kind: ChangeRun, ID: r.ID, Run: r.Number, Status: string(r.Status)}
}

func errorChanges(r *Run, faults []engine.Fault) []Change {
	var changes []Change
	for _, f := range faults {
		changes = append(changes, Change{Kind: ChangeError, ID: string(f.Node), Run: r.Number, Status: openness(f.Open)})
	}
	return changes
}

func openness(open bool) string {
	if open {
		return "open"
	}
	return "handled"
}

// Feed hands on changes after their commit. It keeps the latest ones, so that
// a client may come back; one that is too slow or too late is told to start
// over. Publishing never waits. Create it with [NewFeed].
type Feed struct {
	epoch string

	mu   sync.Mutex // guards what follows
	ring []Change
	last uint64 // sequence of the newest change; the first is 1
	subs map[*Subscription]struct{}
}

// NewFeed makes a feed that keeps so many changes. The epoch tells its
// sequences from those of an earlier process; it holds no dot.
func NewFeed(epoch string, size int) *Feed {
	return &Feed{epoch: epoch, ring: make([]Change, size), subs: map[*Subscription]struct{}{}}
}

// Publish hands on changes that have been committed.
func (f *Feed) Publish(changes ...Change) {
	if len(changes) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range changes {
		f.last++
		f.ring[f.last%uint64(len(f.ring))] = c
	}
	for s := range f.subs {
		select {
		case s.bell <- struct{}{}:
		default: // it has been told
		}
	}
}

// Subscribe begins to follow the feed: after the change of the given stream
// id, or from now on when it is empty. Close the subscription after use.
func (f *Feed) Subscribe(after string) *Subscription {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &Subscription{feed: f, bell: make(chan struct{}, 1), seen: f.last}
	if after != "" {
		seen, ok := f.parse(after)
		if ok {
			s.seen = seen
		}
		s.reset = !ok
	}
	s.bell <- struct{}{} // there may be something to read at once
	f.subs[s] = struct{}{}
	return s
}

// parse reads a stream id; false is one of another epoch, or of the future.
func (f *Feed) parse(id string) (uint64, bool) {
	epoch, number, _ := strings.Cut(id, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	return seq, err == nil && epoch == f.epoch && seq <= f.last
}

// oldest is the sequence of the oldest change that is kept.
func (f *Feed) oldestLocked() uint64 {
	if size := uint64(len(f.ring)); f.last > size {
		return f.last - size + 1
	}
	return 1
}

// Subscription follows a feed. It holds no changes of its own: one that is
// slow costs nothing.
type Subscription struct {
	feed  *Feed
	bell  chan struct{}
	seen  uint64 // guarded by the feed's mutex, as is reset
	reset bool
}

// Next waits for changes and gives at most limit of them. Reset says that some
// were missed: whoever watches must read everything again, and what follows
// counts from now.
func (s *Subscription) Next(ctx context.Context, limit int) (changes []Change, reset bool, err error) {
	for {
		if changes, reset = s.read(limit); reset || len(changes) > 0 {
			return changes, reset, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-s.bell:
		}
	}
}

func (s *Subscription) read(limit int) ([]Change, bool) {
	f := s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.reset || s.seen+1 < f.oldestLocked() {
		s.reset, s.seen = false, f.last
		return nil, true
	}
	n := min(f.last-s.seen, uint64(limit))
	changes := make([]Change, n)
	for i := range changes {
		s.seen++
		changes[i] = f.ring[s.seen%uint64(len(f.ring))]
		changes[i].Stream = f.idOf(s.seen)
	}
	return changes, false
}

// Position is the stream id after which the subscription reads on.
func (s *Subscription) Position() string {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.idOf(s.seen)
}

func (f *Feed) idOf(seq uint64) string { return fmt.Sprintf("%s.%d", f.epoch, seq) }

// Close ends the subscription.
func (s *Subscription) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	delete(s.feed.subs, s)
}
