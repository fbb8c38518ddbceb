package engine

import (
	"slices"
	"time"
)

// report finds the open execution that waits for a command, to be changed with
// its task. False means that nothing waits for it any more.
func (w *walk) report(id CommandID, at time.Time, errands ...errand) (*Execution, *Task, bool) {
	s, ok := w.run.read(id)
	if !ok || !slices.Contains(errands, s.errand) {
		return nil, nil, false
	}
	return w.reportOf(id, at, func(*Execution) bool { return true })
}

// reportOf is report for those executions only that a report of its kind fits.
func (w *walk) reportOf(id CommandID, at time.Time, fits func(*Execution) bool) (*Execution, *Task, bool) {
	s, ok := w.run.read(id)
	if !ok {
		return nil, nil, false
	}
	i, ok := w.find(s.key)
	if !ok || w.head.Open[i].Node == Start {
		return nil, nil, false
	}
	open := &w.head.Open[i]
	what, ok := w.awaits(open)
	if !ok || w.run.command(open, what) != id || !fits(open) {
		return nil, nil, false
	}
	w.now = at
	e, t := w.reopen(i)
	return e, t, true
}

func (w *walk) succeeded(ev Succeeded) bool {
	e, t, ok := w.reportOf(ev.Command, ev.At, func(e *Execution) bool {
		return e.Status == TaskRunning && w.node(e.Node).Handler != nil
	})
	if ok {
		w.done(e, t, mapping(ev.Results))
	}
	return ok
}

func (w *walk) failed(ev Failed) bool {
	e, t, ok := w.report(ev.Command, ev.At, errandCall)
	if !ok {
		return false
	}
	kind := FaultHandler
	if w.node(e.Node).Routine != nil {
		e.Child, kind = 0, FaultRoutine
	}
	w.fail(e, t, ev.Failure, kind)
	return true
}

func (w *walk) elapsed(ev Elapsed) bool {
	e, t, ok := w.report(ev.Command, ev.At, errandRetry, errandWait, errandExpiry)
	switch {
	case !ok:
		return false
	case e.Status == TaskRetrying:
		e.Due, t.Due, e.Max, t.Reason = time.Time{}, time.Time{}, 0, ""
		w.enqueue(*e)
	case e.Token:
		w.expired(e, t)
	default:
		w.complete(e, t, TaskComplete, nil)
	}
	return true
}

// mapping keeps a handler that gave nothing apart from one that gave {}.
func mapping(results map[string]any) any {
	if results == nil {
		return nil
	}
	return results
}
