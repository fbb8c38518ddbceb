package engine

import "time"

// report finds the open execution that waits for a command, to be changed with
// its task. False means that nothing waits for it any more.
func (w *walk) report(id CommandID, at time.Time, status TaskStatus, what errand) (*Execution, *Task, bool) {
	s, ok := w.run.read(id)
	if !ok || s.errand != what {
		return nil, nil, false
	}
	i, ok := w.head.find(s.key)
	if !ok {
		return nil, nil, false
	}
	if e := &w.head.Open[i]; e.Status != status || e.Attempt != s.attempt {
		return nil, nil, false
	}
	w.now = at
	e, t := w.reopen(i)
	return e, t, true
}

func (w *walk) succeeded(ev Succeeded) bool {
	e, t, ok := w.report(ev.Command, ev.At, TaskRunning, errandCall)
	if ok {
		w.complete(e, t, TaskComplete, mapping(ev.Results))
	}
	return ok
}

func (w *walk) failed(ev Failed) bool {
	e, t, ok := w.report(ev.Command, ev.At, TaskRunning, errandCall)
	if ok {
		w.fail(e, t, ev.Failure, FaultHandler)
	}
	return ok
}

func (w *walk) elapsed(ev Elapsed) bool {
	if e, t, ok := w.report(ev.Command, ev.At, TaskRetrying, errandRetry); ok {
		e.Due, t.Due, e.Max, t.Reason = time.Time{}, time.Time{}, 0, ""
		w.enqueue(*e)
		return true
	}
	if e, t, ok := w.report(ev.Command, ev.At, TaskWaiting, errandWait); ok {
		w.complete(e, t, TaskComplete, nil)
		return true
	}
	return false
}

// mapping keeps a handler that gave nothing apart from one that gave {}.
func mapping(results map[string]any) any {
	if results == nil {
		return nil
	}
	return results
}
