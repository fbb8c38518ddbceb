package engine

import (
	"fmt"
	"maps"
	"slices"
)

// finish ends the run when nothing in it is open.
func (w *walk) finish() {
	if len(w.head.Open) > 0 || !w.conclude() {
		return
	}
	w.close(RunComplete, "")
}

// conclude gives the declared outputs of a run that did not return, and tells a
// caller that nothing else will come. False is an output that could not be
// evaluated: the run stands in an error at its start.
func (w *walk) conclude() bool {
	valued := slices.ContainsFunc(w.tree.Outputs, func(o Output) bool { return o.Value != nil })
	if valued && !w.head.Returned {
		e := &Execution{Node: Start, Attempt: 1}
		outputs, err := w.declared(e)
		if err != nil {
			w.standAtStart(e, err)
			return false
		}
		w.head.Returned, w.outputs = true, outputs
	}
	if w.tree.Routine {
		w.answer(Answer{Body: w.outputs})
	}
	return true
}

func (w *walk) declared(e *Execution) (any, error) {
	outputs := make(map[string]any, len(w.tree.Outputs))
	for _, o := range w.tree.Outputs {
		if o.Value == nil {
			continue
		}
		value, err := w.eval(e, o.Value)
		if err != nil {
			return nil, fmt.Errorf("outputs: %s: %w", o.Name, err)
		}
		outputs[o.Name] = value
	}
	return w.record(outputs), nil
}

func (w *walk) standAtStart(e *Execution, err error) {
	t := w.touch(e)
	failure := Failure{Code: CodeExpression, Message: err.Error()}
	t.Error = &failure
	w.faults = append(w.faults, Fault{Node: Start, Kind: FaultParameter, Failure: failure, Open: true, At: w.now})
	e.Kind = FaultParameter
	w.keep(e, t, TaskError)
}

// resolveStart takes an operator's answer to an output that raised: the outputs
// are evaluated again, or are what was given.
func (w *walk) resolveStart(t *Task, ev Resolved) {
	t.Status, t.Error = TaskComplete, nil
	w.ended(t)
	if ev.Action == ActionSkip {
		w.head.Returned, w.outputs = true, w.record(ev.Results)
	}
}

// Bind makes the inputs of a run of t from what its caller gives: defaults are
// added, and names that t does not declare or that are missing are refused.
func (t *Tree) Bind(given map[string]any, scope Scope) (map[string]any, error) {
	inputs := make(map[string]any, len(t.Inputs))
	for _, in := range t.Inputs {
		value, ok := given[in.Name]
		switch {
		case ok:
			inputs[in.Name] = value
		case in.Required:
			return nil, fmt.Errorf("%s: the input %q is required", t.Title, in.Name)
		case in.Default == nil:
			inputs[in.Name] = nil
		default:
			var err error
			if inputs[in.Name], err = in.Default.Eval(scope); err != nil {
				return nil, fmt.Errorf("%s: the default of the input %q: %w", t.Title, in.Name, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := inputs[name]; !ok {
			return nil, fmt.Errorf("%s has no input %q", t.Title, name)
		}
	}
	return inputs, nil
}
