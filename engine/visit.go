package engine

import (
	"fmt"
	"slices"
)

// visit walks one node: it is passed over, ends within the step, or stays open
// with a command under way.
func (w *walk) visit(e *Execution) {
	n := w.node(e.Node)
	e.Attempt++
	t := w.touch(e)
	t.Attempt, t.Tried, t.Error = e.Attempt, w.now, nil
	if n.When != nil && !e.Item && e.Rounds == nil {
		holds, err := w.holds(e, n.When, "when")
		if err != nil {
			w.raise(e, t, err)
			return
		}
		if !holds {
			w.pass(e, t)
			return
		}
	}
	switch {
	case n.Loop != nil && !e.Item:
		w.each(e, t, n)
	case n.Handler != nil:
		w.call(e, t, n)
	case n.Routine != nil:
		w.callRoutine(e, t, n)
	case n.Wait != nil:
		w.pause(e, t, n.Wait)
	case n.Return != nil:
		w.give(e, t, n.Return)
	case n.Reply != nil:
		w.reply(e, t, n.Reply)
	default:
		w.done(e, t, nil)
	}
}

// done takes what a node did: it is complete, or waits for its token.
func (w *walk) done(e *Execution, t *Task, results any) {
	if d := w.node(e.Node).Defer; d != nil {
		w.hold(e, t, d, results)
		return
	}
	w.complete(e, t, TaskComplete, results)
}

// pass passes over a node: only the line goes on.
func (w *walk) pass(e *Execution, t *Task) {
	t.Status, t.Attempt = TaskPassed, 0
	t.Reason = fmt.Sprintf("passed over: %s is false", w.node(e.Node).When)
	w.leave(e, t)
	w.fire(e, t, w.ix.outs[w.ix.byID[e.Node]], OnComplete)
}

// complete ends a node with its results and lets its connectors fire.
func (w *walk) complete(e *Execution, t *Task, status TaskStatus, results any) {
	n := w.node(e.Node)
	t.Status, t.Error, t.Reason = status, nil, ""
	t.Results = w.record(results)
	w.say(e, t, n.Message.Completed)
	w.leave(e, t)
	if e.Item {
		return // the loop goes on by it, not the line
	}
	w.fire(e, t, w.ix.outs[w.ix.byID[e.Node]], OnComplete)
	if n.End {
		w.stop(RunComplete, fmt.Sprintf("the run ended at %s", n.ID), true)
	}
}

// leave closes an execution: what waits in its place may be decided now.
func (w *walk) leave(e *Execution, t *Task) {
	w.ended(t)
	if len(w.head.Joins) > 0 || e.Place != "" {
		w.stir(e.Place)
	}
}

// say sets what a task shows. A message that raises is a warning, never an error.
func (w *walk) say(e *Execution, t *Task, message Expr) {
	if message == nil {
		return
	}
	value, err := w.eval(e, message)
	if err != nil {
		t.Warning = fmt.Sprintf("the message could not be evaluated: %v", err)
		return
	}
	t.Message = fmt.Sprint(w.record(value))
}

// created tells, once, that the first wait of a node has begun. For a loop that
// is the first wait of any of its items.
func (w *walk) created(e *Execution, t *Task) {
	if e.Created {
		return
	}
	e.Created = true
	w.say(e, t, w.node(e.Node).Message.Created)
	outs := w.ix.outs[w.ix.byID[e.Node]]
	if !e.Item {
		w.fire(e, t, outs, OnCreated)
		return
	}
	i, ok := w.find(TaskKey{Node: e.Node, Place: e.Place.Parent()})
	if !ok || w.head.Open[i].Created || !slices.ContainsFunc(outs, func(id int) bool { return w.ix.edges[id].On == OnCreated }) {
		return
	}
	w.head.Open[i].Created = true
	loop := w.head.Open[i]
	w.fire(&loop, w.touch(&loop), outs, OnCreated)
}
