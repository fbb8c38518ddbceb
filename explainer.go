package main

import (
	"context"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/resolve"
)

// explainer recomputes what expressions saw, for the server.
type explainer struct {
	rules   *rules
	trees   library
	history jobs.History
}

// Verdict gives the sub-expressions of a verdict's filter.
func (x explainer) Verdict(_ context.Context, e jobs.EventRecord, v webhooks.Verdict) ([]expression.Seen, error) {
	return resolve.Explain(e.Event, v, x.rules.current())
}

// Connector gives the sub-expressions of a connector's condition.
func (x explainer) Connector(ctx context.Context, run jobs.Run, tasks []engine.Task, t engine.Task, d engine.Decision) ([]expression.Seen, error) {
	tree, err := x.trees.Tree(ctx, run.Hash)
	if err != nil {
		return nil, err
	}
	when := condition(tree, d)
	if when == nil {
		return nil, nil
	}
	record, err := x.history.Event(ctx, run.EventID)
	if err != nil {
		return nil, err
	}
	state := stateOf(run, record.Event.Data, tasks)
	return webhooks.Explain(when, engine.View(tree, state, t, d.On, when))
}

// condition gives the condition of a connector; nil when it has none.
func condition(tree *engine.Tree, d engine.Decision) engine.Expr {
	node, ok := tree.Node(d.To)
	if !ok || d.In >= len(node.In) {
		return nil
	}
	return node.In[d.In].When
}

// stateOf is a run with its tasks as the engine saw it.
func stateOf(run jobs.Run, data map[string]any, tasks []engine.Task) engine.State {
	state := engine.State{
		Run: engine.Run{
			ID: run.ID, Number: run.Number, Seed: run.Seed, Data: data, Inputs: run.Inputs, Started: run.Started,
		},
		Tasks: make(map[engine.TaskKey]engine.Task, len(tasks)),
	}
	for i := range tasks {
		state.Tasks[tasks[i].Key()] = tasks[i]
	}
	return state
}
