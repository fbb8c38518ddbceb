package jobs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// Trees finds versions of trees.
type Trees interface {
	// Tree gives a version by its hash; it is there while a run of it is open.
	Tree(ctx context.Context, hash string) (*engine.Tree, error)
	// Active gives the hash of the version that a title stands for now, and
	// false when there is no such tree.
	Active(title engine.Title) (hash string, ok bool)
}

// Config is what a [Runner] works with. Members without a default must be given.
type Config struct {
	Ledger  Ledger
	History History
	Remover Remover // nil where nobody removes runs
	Trees   Trees
	Resolve func(event.Event) resolve.Resolution
	Release func(event.Event) resolve.Resolution // Resolve without the loop guard; Resolve when nil
	// Endpoints and Batches are nil where there are no subscriptions.
	Endpoints Endpoints
	Batches   Batches

	Feed   *Feed
	Now    func() time.Time
	ID     func() (string, error) // a new UUIDv7
	Random io.Reader              // where seeds of runs come from
	Log    *slog.Logger           // nil is silent
	// Direct gives what a direct start of a tree fires. Nil starts the active
	// version, without a dedupe key and a lane.
	Direct func(engine.Title, event.Event) resolve.Resolution
	Memory int // bytes, roughly, of runs that are kept at hand; zero is 32 MiB
}

// Runner turns what happened into saved state. It is the only caller of
// [engine.Step]; it carries nothing out. Create it with [NewRunner]; it is safe
// for concurrent use.
//
// An event's first steps are taken before the store's transaction, so that a
// tree without outside effects runs from its event to its end in it.
type Runner struct {
	Config

	hot     *hotRuns
	waiters *waiters[Reply] // by run
	tried   *waiters[Job]   // by job
	bell    chan struct{}   // rung when there may be work; holds one ring
}

// NewRunner makes a runner.
func NewRunner(c Config) *Runner {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Release == nil {
		c.Release = c.Resolve
	}
	if c.Memory == 0 {
		c.Memory = 32 << 20
	}
	return &Runner{Config: c, hot: newHotRuns(c.Memory), waiters: newWaiters[Reply](), tried: newWaiters[Job](), bell: make(chan struct{}, 1)}
}

// Wake tells the worker that there may be work.
func (r *Runner) Wake() {
	select {
	case r.bell <- struct{}{}:
	default: // it is ringing
	}
}

// step takes one step of a run. A panic of the engine is an error: one run may
// not take the others down. So is a call of a routine: the language refuses
// routines as long as nobody carries such a call out, and none may be lost.
func step(tree *engine.Tree, state engine.State, ev engine.Event) (d engine.Delta, commands []engine.Command, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the step panicked: %v", p)
		}
	}()
	d, commands, err = engine.Step(tree, state, ev)
	for _, c := range commands {
		if call, ok := c.(engine.CallRoutine); ok {
			return engine.Delta{}, nil, fmt.Errorf("%s calls the routine %s, and routines are not run yet", call.Node, call.Title)
		}
	}
	return d, commands, err
}
