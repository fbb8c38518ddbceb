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

// MaxWaiting is how many callers may wait for runs at a time.
const MaxWaiting = 1024

// waiters holds those who wait for runs.
type waiters struct {
	mu    sync.Mutex // guards what follows
	count int
	byRun map[string][]chan Reply
}

func newWaiters() *waiters {
	return &waiters{byRun: map[string][]chan Reply{}}
}

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

func (w *waiters) join(runID string) (answer chan Reply, leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == MaxWaiting {
		return nil, nil, fmt.Errorf("%d callers wait for runs: %w", w.count, ErrBusy)
	}
	w.count++
	answer = make(chan Reply, 1)
	w.byRun[runID] = append(w.byRun[runID], answer)
	return answer, func() { w.leave(runID, answer) }, nil
}

func (w *waiters) leave(runID string, answer chan Reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
	rest := w.byRun[runID]
	for i, a := range rest {
		if a == answer {
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	if len(rest) == 0 {
		delete(w.byRun, runID)
		return
	}
	w.byRun[runID] = rest
}

// tell gives a run's reply to those who wait for it.
func (w *waiters) tell(r *Run) {
	reply, ready := replyOf(r)
	if !ready {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, answer := range w.byRun[r.ID] {
		select {
		case answer <- reply:
		default: // it has one
		}
	}
}
