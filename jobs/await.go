package jobs

import (
	"context"
	"fmt"
	"sync"

	"hooktree/engine"
)

// Reply is what a run gives to somebody who waits for it: its answer, or the
// status that it ended in.
type Reply struct {
	Answer  *engine.Answer // nil when it ended without one
	Status  engine.RunStatus
	Outputs any
}

// MaxWaiting is how many callers may wait for runs at a time, and how many for
// jobs.
const MaxWaiting = 1024

// waiters holds those who wait for something by its ID.
type waiters[T any] struct {
	mu    sync.Mutex // guards what follows
	count int
	byID  map[string][]chan T
}

func newWaiters[T any]() *waiters[T] { return &waiters[T]{byID: map[string][]chan T{}} }

// Await waits until a run gives its answer or ends. It works as well for a run
// that has done so. It fails with ErrBusy when [MaxWaiting] callers wait, and
// with the context's error when the run takes too long.
func (r *Runner) Await(ctx context.Context, runID string) (Reply, error) {
	answer, leave, err := r.waiters.join(runID)
	if err != nil {
		return Reply{}, err
	}
	defer leave()
	loaded, err := r.Ledger.Load(ctx, runID, nil) // after joining, so that nothing falls between
	if err != nil {
		return Reply{}, fmt.Errorf("wait for run %s: %w", runID, err)
	}
	if reply, ready := replyOf(&loaded.Run); ready {
		return reply, nil
	}
	select {
	case reply := <-answer:
		return reply, nil
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	}
}

func replyOf(r *Run) (Reply, bool) {
	return Reply{Answer: r.Answer, Status: r.Status, Outputs: r.Outputs}, r.Answer != nil || r.Status.Final()
}

// reply gives a run's reply, if it has one, to those who wait for it.
func (r *Runner) reply(run *Run) {
	if reply, ready := replyOf(run); ready {
		r.waiters.tell(run.ID, reply)
	}
}

func (w *waiters[T]) join(id string) (answer chan T, leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == MaxWaiting {
		return nil, nil, fmt.Errorf("%d callers wait: %w", w.count, ErrBusy)
	}
	w.count++
	answer = make(chan T, 1)
	w.byID[id] = append(w.byID[id], answer)
	return answer, func() { w.leave(id, answer) }, nil
}

func (w *waiters[T]) leave(id string, answer chan T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
	rest := w.byID[id]
	for i, a := range rest {
		if a == answer {
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	if len(rest) == 0 {
		delete(w.byID, id)
		return
	}
	w.byID[id] = rest
}

// tell gives what was waited for to those who wait.
func (w *waiters[T]) tell(id string, reply T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, answer := range w.byID[id] {
		select {
		case answer <- reply:
		default: // it has one
		}
	}
}
