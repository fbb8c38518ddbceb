package jobs

import (
	"time"

	"hooktree/engine"
)

// codeBroken is the code of an error that stands for a step that could not be
// taken: a tree that cannot be read, a state that is not the tree's, a panic.
const codeBroken = "broken_step"

// broken gives what is saved in place of a step that could not be taken: an
// error on the desk, and the work whose outcome it should have recorded, held
// back until somebody retries it. The run never looks as if it went on.
func (r *Run) broken(w Work, cause error, at time.Time) Step {
	if r.Head.Status == "" {
		r.Head.Status = engine.RunError
	}
	r.Status = engine.RunError
	w.Due = time.Time{}
	return Step{
		Delta: engine.Delta{
			Head: r.Head, Changed: true,
			Faults: []engine.Fault{{
				Kind: engine.FaultLimit, Open: true, At: at,
				Failure: engine.Failure{Code: codeBroken, Message: cause.Error()},
			}},
		},
		Add: []Work{w},
	}
}

// release gives what is saved when an operator retries a broken step: the held
// work falls due, and the error is closed.
func (r *Run) release(held []Work, f engine.Fault, at time.Time) Step {
	if r.Head.Semantics == 0 {
		r.Head.Status = ""
	}
	r.Status = r.Head.Status
	if r.Status == "" {
		r.Status = engine.RunRunning
	}
	f.Open, f.Action, f.At = false, engine.ActionRetry, at
	s := Step{Delta: engine.Delta{Head: r.Head, Faults: []engine.Fault{f}, Changed: true}}
	for _, w := range held {
		w.Due = at
		s.Add = append(s.Add, w)
	}
	return s
}

// overtaken closes the error of broken steps of a run that has ended.
func overtaken(at time.Time) engine.Fault {
	return engine.Fault{
		Kind: engine.FaultLimit, Action: engine.ActionCancel, At: at,
		Failure: engine.Failure{Code: codeBroken, Message: "the run ended before the step was retried"},
	}
}
