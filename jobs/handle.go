package jobs

import (
	"context"
	"errors"
	"fmt"

	"hooktree/engine"
)

// maxStale is how often a step is taken again because its run had moved. Only
// another process can move it, so that once is enough by far.
const maxStale = 3

// Handle tells a run what happened. A repeated or late report changes nothing.
func (r *Runner) Handle(ctx context.Context, runID string, ev engine.Event) error {
	return r.advance(ctx, runID, func(h *hotRun) (*Progress, error) {
		p, err := h.take(ev)
		if err != nil {
			return nil, fmt.Errorf("run #%d: %w", h.run.Number, err)
		}
		return p, nil
	})
}

// Report tells a run the outcome of work. A step that cannot be taken leaves
// an error on the desk and the work held back.
func (r *Runner) Report(ctx context.Context, w Work, ev engine.Event) error {
	return r.advance(ctx, w.RunID, func(h *hotRun) (*Progress, error) {
		p, err := h.take(ev)
		if err != nil {
			at, _ := when(ev)
			r.Log.Error("a step broke", "run", h.run.Number, "work", w.ID, "error", err)
			p = &Progress{Run: h.run}
			p.Step = p.Run.broken(w, err, at)
			h.tree = nil // whatever is mended, it is read again
			return p, nil
		}
		if p == nil && !h.run.Status.Final() {
			p = &Progress{Run: h.run} // late: nothing changes, and the work is done
		}
		if p != nil {
			p.Step.Drop = append(p.Step.Drop, w.ID)
		}
		return p, nil
	})
}

// take lets the run take one step. It gives nothing when nothing changes.
func (h *hotRun) take(ev engine.Event) (*Progress, error) {
	if h.run.Status.Final() {
		return nil, nil //nolint:nilnil // a finished run does not move, and that is no error
	}
	at, _ := when(ev)
	p := &Progress{Run: h.run}
	state := h.state
	if _, starts := ev.(engine.Started); starts && p.Run.Started.IsZero() {
		p.Run.Started, state.Run.Started = at, at
	}
	if h.tree == nil {
		return nil, fmt.Errorf("the version %s of the tree %s cannot be read", h.run.Hash, h.run.Title)
	}
	d, commands, err := step(h.tree, state, ev)
	if err != nil {
		return nil, err
	}
	if !d.Changed {
		return nil, nil //nolint:nilnil // as above
	}
	p.Step = p.Run.apply(d, commands, at)
	switch {
	case !h.brokenStill(ev):
	case p.Run.Status.Final():
		p.Step.Delta.Faults = append(p.Step.Delta.Faults, overtaken(at))
	default:
		p.Run.Status = engine.RunError
	}
	return p, nil
}

// brokenStill reports whether a step of the run besides this one waits for an
// operator.
func (h *hotRun) brokenStill(ev engine.Event) bool {
	_, command := when(ev)
	for _, w := range h.held {
		if w.ID != string(command) {
			return true
		}
	}
	return false
}

// advance brings a run from one saved state to the next: it loads, lets decide
// say what is to be saved, saves that, and tells everybody. Nothing is saved
// when decide gives nothing.
func (r *Runner) advance(ctx context.Context, id string, decide func(*hotRun) (*Progress, error)) error {
	unlock := r.hot.lock(id)
	defer unlock()
	for try := 1; ; try++ {
		h, err := r.load(ctx, id)
		if err != nil {
			return err
		}
		p, err := decide(h)
		if err != nil || p == nil {
			r.keep(h)
			return err
		}
		err = r.Ledger.Record(ctx, *p)
		if errors.Is(err, ErrStale) && try < maxStale {
			continue // what was at hand is old: load again
		}
		if err != nil {
			return fmt.Errorf("record run #%d: %w", h.run.Number, err)
		}
		h.saved(p)
		r.keep(h)
		r.moved(p, &h.run)
		return nil
	}
}

// keep puts a run back that may be needed soon. One without its tree is broken
// and is read again.
func (r *Runner) keep(h *hotRun) {
	if !h.run.Status.Final() && h.tree != nil {
		r.hot.put(h)
	}
}

// moved tells everybody of a saved step.
func (r *Runner) moved(p *Progress, run *Run) {
	r.Feed.Publish(append([]Change{runChange(run)}, errorChanges(run, p.Step.Delta.Faults)...)...)
	r.reply(run)
	if len(p.Step.Add) > 0 || run.Lane != "" && run.Status.Final() {
		r.Wake()
	}
}
