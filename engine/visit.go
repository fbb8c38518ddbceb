package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
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

// call has a handler called: at once when it is pure, by the caller otherwise.
func (w *walk) call(e *Execution, t *Task, n *Node) {
	params, err := w.params(e, n)
	if err != nil {
		w.raise(e, t, err)
		return
	}
	if n.Handler.Spec.Pure != nil {
		t.Inputs, _ = w.record(params).(map[string]any)
		results, err := compute(n.Handler.Spec, params)
		if err != nil {
			w.fail(e, t, asFailure(err), FaultHandler)
			return
		}
		w.done(e, t, mapping(results))
		return
	}
	masked, seals := w.part(params)
	t.Inputs, _ = masked.(map[string]any)
	w.command(Call{
		ID: w.run.command(e, errandCall), Key: w.run.Key(e.Node, e.Place),
		Node: e.Node, Place: e.Place, Attempt: e.Attempt,
		Handler: n.Handler.Spec.Name, Params: t.Inputs, Seals: seals, Timeout: n.Timeout,
	})
	w.keep(e, t, TaskRunning)
}

// params evaluates what a node is called with.
func (w *walk) params(e *Execution, n *Node) (map[string]any, error) {
	params := map[string]any{}
	if n.With != nil {
		value, err := w.eval(e, n.With)
		if err != nil {
			return nil, fmt.Errorf("with: %w", err)
		}
		given, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("with: %s is no mapping of parameters", kindOf(value))
		}
		params = given
	}
	if n.Handler == nil {
		return params, nil
	}
	return withDefaults(params, n.Handler.Spec), nil
}

// withDefaults adds the defaults of parameters that were not given.
func withDefaults(params map[string]any, spec *Spec) map[string]any {
	copied := false
	for i := range spec.Params {
		p := &spec.Params[i]
		if _, given := params[p.Name]; given || p.Default == nil {
			continue
		}
		if !copied {
			params, copied = maps.Clone(params), true
		}
		params[p.Name] = p.Default
	}
	return params
}

// compute runs a pure handler. One that panics has failed: a run must not take
// the process with it.
func compute(spec *Spec, params map[string]any) (results map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			results, err = nil, fmt.Errorf("the handler %s broke off: %v", spec.Name, p)
		}
	}()
	return spec.Pure(params)
}

func asFailure(err error) Failure {
	if f, ok := errors.AsType[Failure](err); ok {
		return f
	}
	return Failure{Code: CodeFailed, Message: err.Error()}
}

// pause begins a wait.
func (w *walk) pause(e *Execution, t *Task, wait *Wait) {
	due, err := w.due(e, wait)
	if err != nil {
		w.raise(e, t, err)
		return
	}
	e.Due = due
	w.command(Timer{ID: w.run.command(e, errandWait), Due: due})
	t.Reason = "waits until " + clock(due)
	w.created(e, t)
	w.keep(e, t, TaskWaiting)
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
	i, ok := w.head.find(TaskKey{Node: e.Node, Place: e.Place.Parent()})
	if !ok || w.head.Open[i].Created || !slices.ContainsFunc(outs, func(id int) bool { return w.ix.edges[id].On == OnCreated }) {
		return
	}
	w.head.Open[i].Created = true
	loop := w.head.Open[i]
	w.fire(&loop, w.touch(&loop), outs, OnCreated)
}

// due is the end of a wait; one that lies behind has ended now.
func (w *walk) due(e *Execution, wait *Wait) (time.Time, error) {
	if wait.For != nil {
		value, err := w.eval(e, wait.For)
		if err != nil {
			return time.Time{}, fmt.Errorf("wait: %w", err)
		}
		pause, err := asDuration(value)
		if err != nil {
			return time.Time{}, fmt.Errorf("wait: %w", err)
		}
		return w.now.Add(pause), nil
	}
	value, err := w.eval(e, wait.Until)
	if err != nil {
		return time.Time{}, fmt.Errorf("wait until: %w", err)
	}
	at, err := asTime(value)
	if err != nil {
		return time.Time{}, fmt.Errorf("wait until: %w", err)
	}
	if at.Before(w.now) {
		at = w.now
	}
	return at, nil
}

// give is a return: the first one of a run counts.
func (w *walk) give(e *Execution, t *Task, value Expr) {
	outputs, err := w.eval(e, value)
	if err != nil {
		w.raise(e, t, fmt.Errorf("return: %w", err))
		return
	}
	outputs = w.record(outputs)
	if w.head.Returned {
		t.Warning = "the run has returned before: this value is recorded and ignored"
	} else {
		w.head.Returned, w.outputs = true, outputs
		w.answer(Answer{Body: outputs})
	}
	w.complete(e, t, TaskComplete, outputs)
}

// reply answers a caller that waits on the event.
func (w *walk) reply(e *Execution, t *Task, value Expr) {
	given, err := w.eval(e, value)
	if err != nil {
		w.raise(e, t, fmt.Errorf("reply: %w", err))
		return
	}
	given = w.record(given)
	answer, err := asAnswer(given)
	if err != nil {
		w.raise(e, t, fmt.Errorf("reply: %w", err))
		return
	}
	if w.head.Answered {
		t.Warning = "the run has answered before: this reply is recorded and ignored"
	}
	w.answer(answer)
	w.complete(e, t, TaskComplete, given)
}

func (w *walk) answer(a Answer) {
	if w.head.Answered {
		return
	}
	w.head.Answered = true
	w.command(a)
}
