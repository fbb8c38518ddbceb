package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/resolve"
)

// story is what became of a rehearsal, for people and programs.
type story struct {
	Event    string           `json:"event"` // path
	At       time.Time        `json:"at"`
	Tree     string           `json:"tree"` // title
	Version  string           `json:"version"`
	Live     bool             `json:"live"`
	Webhook  string           `json:"webhook,omitempty"` // that fires the tree; empty when the tree was started directly
	Outcome  webhooks.Outcome `json:"outcome,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Filter   *told            `json:"filter,omitempty"`
	Status   engine.RunStatus `json:"status,omitempty"` // empty when nothing was run
	Took     string           `json:"took,omitempty"`   // on the virtual clock
	Tasks    []toldTask       `json:"tasks,omitempty"`
	Returned any              `json:"returned,omitempty"`
	Answer   *engine.Answer   `json:"answer,omitempty"`
}

// told is an expression with what it saw.
type told struct {
	Key   string           `json:"key"` // of the tree language: when, with, each, ...
	Text  string           `json:"text"`
	Seen  []seenExpression `json:"seen,omitempty"` // outer ones before those inside them
	Error string           `json:"error,omitempty"`
}

// seenExpression is one sub-expression and what it was worth.
type seenExpression struct {
	Text      string `json:"text"`
	Shown     string `json:"shown"` // with values in place of names
	Value     any    `json:"value"`
	Evaluated bool   `json:"evaluated"`

	offset int
}

// toldTask is one execution of a node.
type toldTask struct {
	Node        engine.NodeID     `json:"node"`
	Place       engine.Place      `json:"place,omitempty"`
	Name        string            `json:"name,omitempty"`
	Does        string            `json:"does"`
	Line        int               `json:"line,omitempty"` // in the file
	Status      engine.TaskStatus `json:"status"`
	NotCalled   bool              `json:"notCalled,omitempty"` // its handler acts, and the results are empty ones
	Attempt     int               `json:"attempt,omitempty"`
	Took        string            `json:"took,omitempty"`
	Message     string            `json:"message,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Warning     string            `json:"warning,omitempty"`
	Error       *engine.Failure   `json:"error,omitempty"`
	Inputs      map[string]any    `json:"inputs,omitempty"`
	Results     any               `json:"results,omitempty"`
	Expressions []told            `json:"expressions,omitempty"`
	Connectors  []toldConnector   `json:"connectors,omitempty"`
}

// toldConnector is what became of one way out of a task.
type toldConnector struct {
	To    engine.NodeID `json:"to"`
	On    engine.On     `json:"on"`
	Label string        `json:"label,omitempty"`
	Fired bool          `json:"fired"`
	Late  bool          `json:"late,omitempty"`
	Error string        `json:"error,omitempty"`
	When  *told         `json:"when,omitempty"`
}

// complete reports whether the tree was run to its end.
func (s *story) complete() bool { return s.Status == engine.RunComplete }

// tell gives the story of a rehearsal that was played.
func (r *rehearsal) tell(ctx context.Context) (*story, error) {
	s := &story{
		Event: r.event.Path, At: r.event.Occurred, Tree: r.tree.Title.String(), Version: r.tree.Hash, Live: r.live,
		Webhook: r.verdict.Webhook, Outcome: r.verdict.Outcome, Reason: r.verdict.Reason,
	}
	if r.verdict.Filter != "" {
		seen, err := resolve.Explain(r.event, r.verdict, r.rules)
		s.Filter = newTold("when", r.verdict.Filter, seen, err)
	}
	if r.run == 0 {
		return s, nil
	}
	run, err := r.store.Run(ctx, r.run)
	if err != nil {
		return nil, err
	}
	tasks, err := r.store.Tasks(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	s.Status, s.Returned, s.Answer = run.Status, run.Outputs, run.Answer
	s.Took = took(run.Started, cmp.Or(run.Ended, r.clock.now()))
	sorted := slices.SortedFunc(slices.Values(tasks), func(a, b engine.Task) int { return cmp.Compare(a.Order, b.Order) })
	for _, t := range sorted {
		s.Tasks = append(s.Tasks, r.task(run, sorted, t))
	}
	return s, nil
}

// took writes a span of the virtual clock; empty for none.
func took(from, to time.Time) string {
	if from.IsZero() || !to.After(from) {
		return ""
	}
	return to.Sub(from).Round(time.Millisecond).String()
}

// task tells of one execution of a node.
func (r *rehearsal) task(run jobs.Run, all []engine.Task, t engine.Task) toldTask {
	tree := r.tree.Tree
	told := toldTask{
		Node: t.Node, Place: t.Place, Line: r.tree.Line(t.Node), Status: t.Status, Attempt: t.Attempt,
		Took: took(t.Started, t.Ended), Message: t.Message, Reason: t.Reason, Warning: t.Warning, Error: t.Error,
		Inputs: t.Inputs, Results: t.Results, Does: "start",
	}
	if node, ok := tree.Node(t.Node); ok && t.Node != engine.Start {
		told.Name, told.Does = node.Name, doing(node)
		told.NotCalled = !r.live && t.Status == engine.TaskComplete && node.Handler != nil && node.Handler.Spec.Pure == nil
		before := stateOf(run, r.event.Data, asBegun(all, &t))
		for _, x := range expressionsOf(node, &t) {
			seen, err := webhooks.Explain(x.expr, engine.View(tree, before, t, engine.OnComplete, x.expr))
			if said := newTold(x.key, x.expr.String(), seen, err); len(said.Seen) > 0 || said.Error != "" {
				told.Expressions = append(told.Expressions, *said)
			}
		}
	}
	after := stateOf(run, r.event.Data, all)
	for _, d := range t.Fired {
		told.Connectors = append(told.Connectors, r.connector(after, t, d))
	}
	return told
}

// asBegun lists the tasks around a task as they stood when it began: without
// itself, and without the results of those that ended later.
func asBegun(all []engine.Task, t *engine.Task) []engine.Task {
	var before []engine.Task
	for _, other := range all {
		if other.Order >= t.Order {
			continue
		}
		if !t.Started.IsZero() && other.Ended.After(t.Started) {
			other.Status, other.Results = engine.TaskRunning, nil
		}
		before = append(before, other)
	}
	return before
}

// connector tells of one way out of a task.
func (r *rehearsal) connector(state engine.State, t engine.Task, d engine.Decision) toldConnector {
	tree := r.tree.Tree
	c := toldConnector{To: d.To, On: d.On, Fired: d.Fired, Late: d.Late, Error: d.Error}
	if node, ok := tree.Node(d.To); ok && d.In < len(node.In) {
		c.Label = node.In[d.In].Label
	}
	if when := condition(tree, d); when != nil {
		seen, err := webhooks.Explain(when, engine.View(tree, state, t, d.On, when))
		c.When = newTold("when", when.String(), seen, err)
	}
	return c
}

// keyed is an expression under its key of the tree language.
type keyed struct {
	key  string
	expr engine.Expr
}

// expressionsOf lists the expressions that a task has evaluated, in the order
// in which it did.
func expressionsOf(n *engine.Node, t *engine.Task) []keyed {
	var list []keyed
	add := func(key string, x engine.Expr) {
		if x != nil {
			list = append(list, keyed{key, x})
		}
	}
	item := n.Loop != nil && inItem(t, n.ID)
	if !item {
		add("when", n.When)
	}
	if t.Status == engine.TaskPassed || t.Status == engine.TaskNew {
		return list
	}
	if n.Loop != nil && !item {
		add("each", n.Loop.Each)
		return list
	}
	add("with", n.With)
	if n.Wait != nil {
		add("wait", n.Wait.For)
		add("wait until", n.Wait.Until)
	}
	add("return", n.Return)
	add("reply", n.Reply)
	return list
}

// inItem reports whether a task is one item of its own node's loop.
func inItem(t *engine.Task, loop engine.NodeID) bool {
	mark, ok := t.Place.Last()
	return ok && mark.Kind == engine.MarkItem && mark.Node == loop
}

// doing says what a node does, and of a routine which one.
func doing(n *engine.Node) string {
	if n.Routine != nil {
		return "routine " + n.Routine.Title.Name
	}
	return n.Does()
}

// newTold makes an expression's account.
func newTold(key, text string, seen []expression.Seen, err error) *told {
	x := &told{Key: key, Text: text}
	for _, s := range seen {
		x.Seen = append(x.Seen, seenExpression{Text: s.Text, Shown: s.Shown, Value: s.Value, Evaluated: s.Evaluated, offset: s.Offset})
	}
	if err != nil {
		x.Error = err.Error()
	}
	return x
}
