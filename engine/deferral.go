package engine

import (
	"fmt"
	"maps"
	"time"
)

// hold makes a node wait for its token, after its handler gave its results.
func (w *walk) hold(e *Execution, t *Task, d *Defer, results any) {
	if e.Early {
		w.yield(e, t, overlay(results, t.Results))
		return
	}
	t.Results = w.record(results)
	e.Due = time.Time{}
	if d.Timeout != nil {
		value, err := w.eval(e, d.Timeout)
		if err != nil {
			w.raise(e, t, fmt.Errorf("defer.timeout: %w", err))
			return
		}
		pause, err := asDuration(value)
		if err != nil {
			w.raise(e, t, fmt.Errorf("defer.timeout: %w", err))
			return
		}
		e.Due = w.now.Add(pause)
		w.command(Timer{ID: w.run.command(e, errandExpiry), Due: e.Due})
	}
	e.Token = true
	t.Status, t.Reason = TaskWaiting, e.tokenReason()
	w.created(e, t)
	w.keep(e, t, TaskWaiting)
}

func (e *Execution) tokenReason() string {
	if e.Due.IsZero() {
		return fmt.Sprintf("%s waits for its token", e.Node)
	}
	return fmt.Sprintf("%s waits for its token until %s", e.Node, clock(e.Due))
}

// deferred finds the open execution that a token belongs to. The token is known
// outside as soon as the handler is called, so it may come before the report
// that the call succeeded.
func (w *walk) deferred(key TaskKey) (int, bool) {
	i, ok := w.find(key)
	if !ok || w.head.Open[i].Early {
		return 0, false
	}
	e := &w.head.Open[i]
	n := w.node(e.Node)
	called := e.Status == TaskRunning || e.Status == TaskRetrying
	return i, e.Token || called && n.Defer != nil && (n.Loop == nil || e.Item)
}

// completed lets the first completion win; a later one finds nothing. One that
// comes while the handler's call is under way waits for its outcome.
func (w *walk) completed(ev Completed) bool {
	i, ok := w.deferred(TaskKey{Node: ev.Node, Place: ev.Place})
	if !ok {
		return false
	}
	w.now = ev.At
	e, t := w.reopen(i)
	t.Message = clip(ev.Message, maxMessage)
	if e.Status == TaskRunning {
		e.Early, t.Results = true, w.record(ev.Results)
		w.keep(e, t, TaskRunning)
		return true
	}
	if what, ok := w.awaits(e); ok {
		w.command(Drop{ID: w.run.command(e, what)})
	}
	w.yield(e, t, overlay(t.Results, ev.Results))
	return true
}

// expired is a token that nobody completed in time.
func (w *walk) expired(e *Execution, t *Task) {
	d := w.node(e.Node).Defer
	e.Token = false
	if d.Else == nil {
		w.refuse(e, t, Failure{
			Code: CodeTimeout, Message: "its token was not completed by " + clock(e.Due),
		}, FaultHandler)
		return
	}
	results, err := w.eval(e, d.Else)
	if err != nil {
		w.raise(e, t, fmt.Errorf("defer.else: %w", err))
		return
	}
	w.yield(e, t, overlay(t.Results, results))
}

// yield completes a deferral.
func (w *walk) yield(e *Execution, t *Task, results any) {
	e.Token, e.Early = false, false
	w.complete(e, t, TaskComplete, results)
}

// overlay lays what came with a token over what the handler gave.
func overlay(under, over any) any {
	below, ok := under.(map[string]any)
	if !ok {
		return over
	}
	switch above := over.(type) {
	case nil:
		return under
	case map[string]any:
		both := maps.Clone(below)
		maps.Copy(both, above)
		return both
	default:
		return over
	}
}

// updated records an update of a deferral, and begins its branches in a place
// of their own.
func (w *walk) updated(ev Updated) bool {
	i, ok := w.deferred(TaskKey{Node: ev.Node, Place: ev.Place})
	if !ok {
		return false
	}
	w.now = ev.At
	open := &w.head.Open[i]
	open.Updates++
	e := &Execution{
		Node: ev.Node, Place: ev.Place.Update(ev.Node, open.Updates), Attempt: open.Attempt, Cause: open.Cause,
	}
	node := w.ix.byID[ev.Node]
	w.moved(node, ev.Place)
	task, update := w.touch(open), w.touch(e)
	update.Status = TaskComplete
	update.Results, update.Message = w.record(ev.Results), clip(ev.Message, maxMessage)
	task.Message = update.Message
	w.say(e, task, w.tree.Nodes[node].Message.Updated)
	w.leave(e, update)
	w.fire(e, update, w.ix.outs[node], OnUpdated)
	w.stir(e.Place)
	return true
}
