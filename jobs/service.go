package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// stopper joins the end of a worker with whoever asks for it.
type stopper struct {
	once  sync.Once
	asked chan struct{} // closed when no more work is to be begun
	ended chan struct{} // closed when nothing is under way any more
	abort context.CancelFunc
	under context.Context //nolint:containedctx // ends all that is under way, at the deadline of Stop
}

func newStopper() stopper {
	under, abort := context.WithCancel(context.Background())
	return stopper{asked: make(chan struct{}), ended: make(chan struct{}), abort: abort, under: under}
}

// pause is how long the worker waits before it asks a store again that failed.
const pause = time.Second

// Run carries out work as it falls due, until Stop is called or the context
// ends. It waits for what it has begun. It may be called once.
func (w *Worker) Run(ctx context.Context) {
	defer close(w.stop.ended)
	var under sync.WaitGroup
	defer under.Wait()
	done := make(chan struct{}, 1)
	for {
		next, full := w.begin(ctx, &under, done)
		if !w.wait(ctx, next, full, done) {
			return
		}
	}
}

// inVain is how many lists in a row are read that hold nothing but work of hosts
// that may have no more. Each teaches the next which hosts to leave out; where
// there are more hosts than can be remembered, that would not end.
const inVain = 16

// begin begins what is due, as far as there are seats. Full says that there is
// none left, so that new work is of no interest before one ends.
func (w *Worker) begin(ctx context.Context, under *sync.WaitGroup, done chan struct{}) (next time.Time, full bool) {
	for vain := 0; ; {
		room := w.seats.room()
		if room == 0 || ctx.Err() != nil || w.stop.isAsked() {
			return time.Time{}, true
		}
		work, next, err := w.due(ctx, room)
		if err != nil {
			w.Runner.Log.Error("the worker cannot read its work", "error", err)
			return w.Runner.Now().Add(pause), false
		}
		begun := 0
		for i := range work {
			if w.take(&work[i]) {
				begun++
				under.Go(func() { w.finish(&work[i], done) })
			}
		}
		if begun == len(work) && len(work) < room {
			return next, false // there is no more
		}
		if begun > 0 {
			vain = 0
		} else if vain++; vain == inVain {
			return w.Runner.Now().Add(pause), false
		}
	}
}

// finish carries out one piece of work and frees its seat.
func (w *Worker) finish(work *Work, done chan struct{}) {
	err := w.guard(work)
	if err != nil && w.stop.under.Err() == nil {
		w.Runner.Log.Error("work is to be done again", "work", work.ID, "kind", work.Kind, "error", err)
	}
	w.leave(work, err)
	select {
	case done <- struct{}{}:
	default: // a seat is known to be free
	}
}

// guard keeps a panic of ours within one piece of work.
func (w *Worker) guard(work *Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the worker panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return w.perform(w.stop.under, work)
}

// wait waits for something to do; false is the end.
func (w *Worker) wait(ctx context.Context, next time.Time, full bool, done <-chan struct{}) bool {
	var due <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(max(next.Sub(w.Runner.Now()), time.Millisecond))
		defer timer.Stop()
		due = timer.C
	}
	bell := w.Runner.bell
	if full {
		bell = nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-w.stop.asked:
		return false
	case <-bell:
	case <-done:
	case <-due:
	}
	return true
}

func (s *stopper) isAsked() bool {
	select {
	case <-s.asked:
		return true
	default:
		return false
	}
}

// Stop begins no more work and waits for what is under way. At the context's
// end that is given up: it stands in the store and is done again after the next
// start.
func (w *Worker) Stop(ctx context.Context) error {
	w.stop.once.Do(func() { close(w.stop.asked) })
	select {
	case <-w.stop.ended:
		w.stop.abort()
		return nil
	case <-ctx.Done():
		w.stop.abort()
		return ctx.Err()
	}
}
