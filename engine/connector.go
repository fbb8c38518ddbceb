package engine

import (
	"fmt"
	"slices"
)

// fire tries the connectors of one moment, in the order of the text.
func (w *walk) fire(e *Execution, t *Task, outs []int, on On) {
	for _, id := range outs {
		c := &w.ix.edges[id]
		if c.On != on || t != nil && t.Status == TaskPassed && !c.Line {
			continue
		}
		w.try(e, t, c)
	}
}

// try decides one connector.
func (w *walk) try(e *Execution, t *Task, c *edge) {
	fired := true
	if c.When != nil {
		beyond := *e
		beyond.Cause = causeOf(e, c)
		holds, err := w.holds(&beyond, c.When, "condition")
		if err != nil {
			w.stand(e, t, c, err)
			return
		}
		fired = holds
	}
	d := Decision{To: w.tree.Nodes[c.to].ID, In: c.in, On: c.On, Fired: fired}
	if fired {
		d.Late = w.arrive(c, e.Place, causeOf(e, c))
	}
	if t != nil {
		t.Fired = append(t.Fired, d)
	}
}

// causeOf is the failed node that `error` speaks of beyond a connector.
func causeOf(e *Execution, c *edge) NodeID {
	if c.On == OnFailed {
		return e.Node
	}
	return e.Cause
}

// stand leaves a connector whose condition raised for somebody to decide.
func (w *walk) stand(e *Execution, t *Task, c *edge, err error) {
	failure := Failure{Code: CodeExpression, Message: clip(err.Error(), maxReason)}
	name := c.name(w.tree)
	w.head.Open = append(w.head.Open, Execution{
		Node: e.Node, Place: e.Place, Status: TaskError, Attempt: e.Attempt,
		Cause: e.Cause, Connector: name, Kind: FaultConnector,
	})
	w.stir(e.Place)
	w.faults = append(w.faults, Fault{
		Node: e.Node, Place: e.Place, Connector: name,
		Kind: FaultConnector, Failure: failure, Open: true, At: w.now,
	})
	if t != nil {
		t.Fired = append(t.Fired, Decision{To: w.tree.Nodes[c.to].ID, In: c.in, On: c.On, Error: failure.Message})
	}
}

// decide is an operator's word on a connector that raised.
func (w *walk) decide(i int, action Action) {
	e, t := w.reopen(i)
	c := &w.ix.edges[w.ix.named(w.tree, e)]
	t.Fired = slices.Clone(t.Fired)
	d := t.decision(w.tree.Nodes[c.to].ID, c.in)
	w.settleConnector(e, action)
	if action == ActionContinue {
		d.Fired = true
		d.Late = w.arrive(c, e.Place, causeOf(e, c))
	}
	w.stir(e.Place)
}

// settleConnector records how the error of a connector was resolved.
func (w *walk) settleConnector(e *Execution, action Action) {
	failure := Failure{Code: CodeExpression}
	if t, ok := w.task(e.Key()); ok {
		c := &w.ix.edges[w.ix.named(w.tree, e)]
		failure.Message = t.decision(w.tree.Nodes[c.to].ID, c.in).Error
	}
	w.settleFault(e, failure, action)
}

// decision finds what became of a connector out of the task.
func (t *Task) decision(to NodeID, in int) *Decision {
	for i := range t.Fired {
		if d := &t.Fired[i]; d.To == to && d.In == in {
			return d
		}
	}
	return &Decision{}
}

// holds evaluates a condition, which must be true or false.
func (w *walk) holds(e *Execution, x Expr, what string) (bool, error) {
	value, err := w.eval(e, x)
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	holds, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("%s: %s gave %s and not true or false", what, x, kindOf(value))
	}
	return holds, nil
}
