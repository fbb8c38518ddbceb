package jobs_test

import (
	"context"
	"testing"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/store/memory"
	"hooktree/webhooks/event"
)

// fiveNodes is W1 of the benchmark: a condition, two sets, a waypoint, a
// return.
const fiveNodes = `tree: Submissions > services > laptop-request / Submitted
nodes:
  - {id: price, do: set, with: {cost: "${ values.Cost }"}}
  - {id: dear, when: nodes.price.cost > 1000, do: set, with: {level: high}}
  - {id: both, after: [price, dear], join: any}
  - {id: final, do: set, with: {text: "${ submission.id } costs ${ nodes.price.cost }"}}
  - {id: out, return: "${ nodes.final.text }"}
`

// BenchmarkRunner_Accept is what an event costs above BenchmarkStep, with a
// store that does nothing.
func BenchmarkRunner_Accept(b *testing.B) {
	h := build(b, fiveNodes)
	h.config = func(c *jobs.Config) { c.Ledger = forgetful{h.store} }
	h.start()
	e := h.event()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.runner.Accept(b.Context(), []event.Event{e}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRunner_Accept_memory keeps what it accepts.
func BenchmarkRunner_Accept_memory(b *testing.B) {
	h := build(b, fiveNodes)
	e := h.event()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.runner.Accept(b.Context(), []event.Event{e}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStep is the floor: the step alone.
func BenchmarkStep(b *testing.B) {
	h := build(b, fiveNodes)
	e := h.event()
	var tree *engine.Tree
	for _, tree = range h.trees.byHash {
	}
	state := engine.State{Run: engine.Run{ID: "019ca000-0000-7000-8000-000000000000", Number: 1, Data: e.Data, Started: h.clock.Now()}}
	b.ReportAllocs()
	for b.Loop() {
		d, _, err := engine.Step(tree, state, engine.Started{At: h.clock.Now()})
		if err != nil || d.Head.Status != engine.RunComplete {
			b.Fatal(d.Head.Status, err)
		}
	}
}

// forgetful accepts everything and keeps nothing.
type forgetful struct{ *memory.Store }

func (forgetful) Accept(_ context.Context, batch []jobs.Acceptance) ([]jobs.Receipt, error) {
	receipts := make([]jobs.Receipt, len(batch))
	for i := range batch {
		a := &batch[i]
		receipts[i] = jobs.Receipt{EventID: a.Event.ID, Verdicts: a.Verdicts, Jobs: make([]jobs.JobRef, 0, len(a.Firings))}
		for _, f := range a.Firings {
			receipts[i].Jobs = append(receipts[i].Jobs, jobs.JobRef{ID: f.Job.ID, Run: f.Job.Run, RunID: f.Job.RunID})
		}
	}
	return receipts, nil
}
