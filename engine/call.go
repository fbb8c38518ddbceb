package engine

import (
	"errors"
	"fmt"
	"maps"
)

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
