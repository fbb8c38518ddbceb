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
	return resolve.Explain(e.Event, v, *x.rules.active.Load())
}

// Connector gives the sub-expressions of a connector's condition.
func (x explainer) Connector(ctx context.Context, run jobs.Run, tasks []engine.Task, t engine.Task, d engine.Decision) ([]expression.Seen, error) {
	tree, err := x.trees.Tree(ctx, run.Hash)
	if err != nil {
		return nil, err
	}
	node, ok := tree.Node(d.To)
	if !ok || d.In >= len(node.In) || node.In[d.In].When == nil {
		return nil, nil
	}
	record, err := x.history.Event(ctx, run.EventID)
	if err != nil {
		return nil, err
	}
	state := engine.State{
		Run: engine.Run{
			ID: run.ID, Number: run.Number, Seed: run.Seed, Data: record.Event.Data, Inputs: run.Inputs, Started: run.Started,
		},
		Tasks: make(map[engine.TaskKey]engine.Task, len(tasks)),
	}
	for i := range tasks {
		state.Tasks[tasks[i].Key()] = tasks[i]
	}
	when := node.In[d.In].When
	return webhooks.Explain(when, engine.View(tree, state, t, d.On, when))
}
