package engine

import (
	"fmt"
	"time"
)

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
