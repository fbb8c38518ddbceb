package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/delivery"
)

// Handler carries out one attempt of a node's call. It gives results or a
// failure, and neither holds a secret of the call.
type Handler func(ctx context.Context, call HandlerCall) (results map[string]any, failure *engine.Failure)

// HandlerCall is one attempt of a node's call. Its members are those of
// handlers.Call, so that one converts to the other.
type HandlerCall struct {
	Key         string            // idempotency key: the same over every attempt
	Run         string            // UUID of the run
	Number      int64             // of the run, for people
	Node        engine.NodeID     // for people
	Params      map[string]any    // opened: secrets stand in clear
	Secrets     map[string]string // name to value of the secrets in Params
	Timeout     time.Duration     // the node's; zero means the handler's own
	Traceparent string            // W3C trace context; empty for none
}

// WorkerConfig is what a [Worker] works with. Members without a default must
// be given, Client only where there are URL jobs.
type WorkerConfig struct {
	Runner   *Runner
	Handlers map[string]Handler               // by the name that `do:` gives
	Secrets  func(name string) (string, bool) // nil knows none
	Callback func(token string) string        // URL that completes a deferral; nil knows none
	Client   *http.Client                     // guarded
	Policy   delivery.Policy                  // of URL jobs
	Jitter   func() float64                   // in [0, 1); nil is none

	Slots    int           // pieces of work at a time, see [shares] for what exceeds it; 64 when zero
	PerHost  int           // of them for one host or subscription; 8 when zero
	Longest  time.Duration // of a call whose node sets no time-out; 5 min when zero
	Delivery time.Duration // of one delivery whose policy sets no time-out; 15 s when zero
	Results  int           // bytes of JSON that one call may result in; 1 MiB when zero
	Rest     time.Duration // before work is done again whose outcome could not be saved; 5 s when zero
}

// Worker carries out work and reports each outcome to the [Runner]. It decides
// nothing about a run. What it has under way it knows in memory only: after a
// crash the work is found in the store and done again, under the same key.
// Create it with [NewWorker].
type Worker struct {
	WorkerConfig

	seats seats
	stop  stopper
}

// NewWorker makes a worker.
func NewWorker(c WorkerConfig) *Worker {
	setDefault(&c.Slots, 64)
	setDefault(&c.PerHost, 8)
	setDefault(&c.Longest, 5*time.Minute)
	setDefault(&c.Delivery, 15*time.Second)
	setDefault(&c.Results, 1<<20)
	setDefault(&c.Rest, 5*time.Second)
	if c.Jitter == nil {
		c.Jitter = func() float64 { return 0 }
	}
	return &Worker{WorkerConfig: c, seats: newSeats(c.Slots, c.PerHost), stop: newStopper()}
}

func setDefault[T comparable](member *T, value T) {
	var zero T
	if *member == zero {
		*member = value
	}
}

// RunOnce carries out the oldest piece of work that is due, and reports
// whether there was one; if not, next says when there will be (zero for not
// yet known). It starts no goroutine: a simulator calls nothing else.
func (w *Worker) RunOnce(ctx context.Context) (did bool, next time.Time, err error) {
	for {
		work, next, err := w.due(ctx, 1)
		if err != nil || len(work) == 0 {
			return false, next, err
		}
		if !w.take(&work[0]) {
			continue // its queue rests: the next list leaves it out
		}
		err = w.perform(ctx, &work[0])
		w.leave(&work[0], err)
		return true, next, err
	}
}

// due lists work that may be begun now: room of it besides what is under way.
func (w *Worker) due(ctx context.Context, room int) ([]Work, time.Time, error) {
	now := w.Runner.Now()
	r := w.seats.now(now)
	if w.Runner.Endpoints != nil {
		open, next := w.Runner.Endpoints.Resting(now)
		r.resting, r.next = append(r.resting, open...), earlier(r.next, next)
	}
	listed, next, err := w.Runner.Ledger.Due(ctx, DueQuery{Now: now, Limit: r.taken + room, Busy: r.busy, Resting: r.resting})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read due work: %w", err)
	}
	return w.seats.free(listed, room), earlier(r.next, next), nil
}

// take gives work a seat by the terms of its queue; false when there is none.
func (w *Worker) take(work *Work) bool {
	t := terms{most: w.PerHost}
	if work.Queue != "" {
		if e, ok := w.Runner.endpoint(work.Queue); ok {
			t = termsOf(e, w.PerHost)
		}
	}
	return w.seats.take(work, t, w.Runner.Now())
}

// leave frees the seat of a piece of work. One whose outcome could not be saved
// rests before it is done again.
func (w *Worker) leave(work *Work, err error) {
	now := w.Runner.Now()
	var until time.Time
	if err != nil && !errors.Is(err, ErrNotFound) {
		until = now.Add(w.Rest)
	}
	w.seats.leave(work, now, until)
}

// perform carries out one piece of work and reports its outcome.
func (w *Worker) perform(ctx context.Context, work *Work) error {
	r := w.Runner
	switch work.Kind {
	case WorkStart:
		return r.Report(ctx, *work, engine.Started{At: r.Now()})
	case WorkContinue:
		return r.Report(ctx, *work, engine.Continued{Command: engine.CommandID(work.ID), At: r.Now()})
	case WorkTimer:
		return r.Report(ctx, *work, engine.Elapsed{Command: engine.CommandID(work.ID), At: r.Now()})
	case WorkCall:
		begun := r.Now()
		ev, err := w.call(ctx, work)
		if ctx.Err() != nil {
			return ctx.Err() // given up on our side: the work is done again
		}
		w.seats.heard(work.Host, reached(ev), r.Now().Sub(begun))
		if err != nil {
			return err
		}
		return r.Report(ctx, *work, ev)
	case WorkDelivery:
		return w.deliver(ctx, work)
	}
	return fmt.Errorf("work %s is of the unknown kind %q", work.ID, work.Kind)
}
