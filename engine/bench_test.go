package engine_test

import (
	"fmt"
	"testing"

	"hooktree/engine"
)

// constant is an expression that costs nothing, so that what the benchmarks
// measure is the step.
type constant struct{ value any }

func (c constant) Eval(engine.Scope) (any, error) { return c.value, nil }
func (c constant) Reads() []engine.NodeID         { return nil }
func (c constant) String() string                 { return fmt.Sprint(c.value) }

// reading is an expression that reads the node before.
type reading struct {
	node  engine.NodeID
	reads []engine.NodeID
}

func (r reading) Eval(s engine.Scope) (any, error) {
	nodes, _ := s["nodes"].(map[string]any)
	return map[string]any{"before": nodes[string(r.node)], "name": "x"}, nil
}
func (r reading) Reads() []engine.NodeID { return r.reads }
func (r reading) String() string         { return "nodes." + string(r.node) }

// line gives a tree of pure nodes of which each reads the one before.
func line(b *testing.B, length int) *engine.Tree {
	b.Helper()
	give := &engine.Spec{Name: "give", Pure: func(map[string]any) (map[string]any, error) {
		return map[string]any{"n": int64(1), "text": "some text"}, nil
	}}
	var tree engine.Tree
	for i := range length {
		above := engine.Start
		var with engine.Expr = constant{map[string]any{"a": int64(1)}}
		if i > 0 {
			above = engine.NodeID(fmt.Sprintf("n%d", i-1))
			with = reading{above, []engine.NodeID{above}}
		}
		tree.Nodes = append(tree.Nodes, engine.Node{
			ID:      engine.NodeID(fmt.Sprintf("n%d", i)),
			In:      []engine.Connector{{From: above, On: engine.OnComplete, Line: true}},
			Handler: &engine.Handler{Spec: give}, With: with,
		})
	}
	made, err := engine.NewTree(tree)
	if err != nil {
		b.Fatal(err)
	}
	return made
}

// BenchmarkStep walks a whole pure tree in one step. The floor evaluates its
// expressions and calls its handlers, and does nothing else.
func BenchmarkStep(b *testing.B) {
	for _, length := range []int{5, 20} {
		tree := line(b, length)
		state := engine.State{Run: engine.Run{ID: "R", Number: 1, Data: map[string]any{"values": map[string]any{}}}}
		b.Run(fmt.Sprintf("nodes=%d", length), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				delta, _, err := engine.Step(tree, state, engine.Started{At: midnight})
				if err != nil || delta.Head.Status != engine.RunComplete {
					b.Fatal(err, delta.Head.Status)
				}
			}
		})
		b.Run(fmt.Sprintf("floor=%d", length), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				floor(b, tree)
			}
		})
	}
}

func floor(b *testing.B, tree *engine.Tree) {
	b.Helper()
	nodes := map[string]any{}
	scope := engine.Scope{"nodes": nodes}
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		params, err := n.With.Eval(scope)
		if err != nil {
			b.Fatal(err)
		}
		given, _ := params.(map[string]any)
		results, err := n.Handler.Spec.Pure(given)
		if err != nil {
			b.Fatal(err)
		}
		nodes[string(n.ID)] = results
	}
}
