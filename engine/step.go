package engine

import (
	"errors"
	"fmt"
	"slices"
)

// Semantics counts the changes that made a run behave otherwise. A run keeps
// the number that it started with, and Step keeps the branches of old numbers.
const Semantics = 1

// The bounds of one step. What is left when one is reached waits for the
// Continue that the step gives.
const (
	MaxWalked  = 200     // nodes that one step walks
	MaxWritten = 1 << 20 // bytes of results, roughly, that one step writes
)

// Step decides what a run does next. See the package documentation for the
// contract. It fails only on a caller's mistake: a state that is not of this
// tree, or a first event that is not Started.
func Step(tree *Tree, state State, event Event) (Delta, []Command, error) {
	if err := check(tree, &state, event); err != nil {
		return Delta{}, nil, fmt.Errorf("step run %s: %w", state.Run.ID, err)
	}
	if state.Head.Status.Final() {
		return Delta{Head: state.Head}, nil, nil
	}
	w := newWalk(tree, &state)
	took, err := w.take(event)
	if err != nil {
		return Delta{}, nil, fmt.Errorf("step run %s: %w", state.Run.ID, err)
	}
	if !took {
		return Delta{Head: state.Head}, nil, nil
	}
	if w.head.Continue == "" {
		w.walk()
	}
	return w.delta(), w.commands, nil
}

func check(tree *Tree, state *State, event Event) error {
	_, starts := event.(Started)
	switch {
	case tree == nil || tree.index == nil:
		return errors.New("the tree was not made by NewTree")
	case event == nil:
		return errors.New("there is no event")
	case state.Head.Semantics == 0 && !starts:
		return fmt.Errorf("the first event is %T and not Started", event)
	case state.Head.Semantics > Semantics:
		return fmt.Errorf("it was started by a newer engine (semantics %d, this one knows %d)", state.Head.Semantics, Semantics)
	}
	for i := range state.Head.Open {
		e := &state.Head.Open[i]
		if _, known := tree.index.byID[e.Node]; !known && e.Node != Start {
			return fmt.Errorf("the open node %q is not in the tree %s: the run was started with another version", e.Node, tree.Title)
		}
		if _, loaded := state.Tasks[e.Key()]; !loaded && e.hasTask() {
			return fmt.Errorf("the task of the open node %q at place %q is not loaded (duty 5)", e.Node, e.Place)
		}
	}
	return nil
}

// take lets one event change the state. False is a repeat or comes too late.
func (w *walk) take(event Event) (bool, error) {
	switch ev := event.(type) {
	case Started:
		return w.start(ev), nil
	case Continued:
		return w.goOn(ev), nil
	case Succeeded:
		return w.succeeded(ev), nil
	case Failed:
		return w.failed(ev), nil
	case Elapsed:
		return w.elapsed(ev), nil
	case Began:
		return w.began(ev), nil
	case Returned:
		return w.returned(ev), nil
	case Completed:
		return w.completed(ev), nil
	case Updated:
		return w.updated(ev), nil
	case Resolved:
		return w.resolved(ev)
	case Cancelled:
		return w.cancelled(ev), nil
	}
	return false, fmt.Errorf("the event %T is unknown", event)
}

func (w *walk) start(ev Started) bool {
	if w.head.Semantics != 0 {
		return false
	}
	w.now = ev.At
	w.head.Semantics = Semantics
	w.begin("", "", "")
	return true
}

func (w *walk) goOn(ev Continued) bool {
	if w.head.Continue == "" || w.head.Continue != ev.Command {
		return false
	}
	w.now = ev.At
	w.head.Continue = ""
	w.resume()
	return true
}

// delta closes the step.
func (w *walk) delta() Delta {
	h := &w.head
	h.Steps++
	for _, e := range w.queue[w.next:] {
		e.Status = TaskNew
		h.Open = append(h.Open, e)
	}
	if len(w.queue) > w.next && h.Continue == "" {
		h.Continue = w.run.continueID(h.Steps)
		w.command(Continue{ID: h.Continue})
	}
	if !h.Status.Final() {
		h.Status = h.status()
	}
	d := Delta{Head: *h, Faults: w.faults, Outputs: w.outputs, Changed: true}
	d.Head.Open = slices.Clip(h.Open)
	if len(w.touched) == len(w.space) {
		d.Tasks = slices.Clip(w.space) // all of them, in the order of touch
		return d
	}
	d.Tasks = make([]Task, len(w.touched))
	for i, t := range w.touched {
		d.Tasks[i] = *t
	}
	return d
}
