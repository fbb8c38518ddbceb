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
	i, ok := w.head.find(s.key)
	if !ok || w.head.Open[i].Attempt != s.attempt {
		return nil, nil, false
	}
	what, ok := w.awaits(&w.head.Open[i])
	if !ok || what != s.errand || w.run.command(&w.head.Open[i], what) != id {
		return nil, nil, false // the last compares the text: 01 is no way to write 1
	}
	w.now = at
	e, t := w.reopen(i)
	return e, t, true
}

func (w *walk) succeeded(ev Succeeded) bool {
	e, t, ok := w.report(ev.Command, ev.At, errandCall)
	if ok {
		w.done(e, t, mapping(ev.Results))
	}
	return ok
}

func (w *walk) failed(ev Failed) bool {
	e, t, ok := w.report(ev.Command, ev.At, errandCall)
	if ok {
		w.fail(e, t, ev.Failure, FaultHandler)
	}
	return ok
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
