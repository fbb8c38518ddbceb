package engine_test

import (
	"fmt"

	"hooktree/engine"
)

// Driving a tree by hand takes nothing but a loop: no store, clock or server.
func ExampleStep() {
	call := &engine.Handler{Spec: &engine.Spec{Name: "http"}}
	tree, err := engine.NewTree(engine.Tree{Nodes: []engine.Node{
		{ID: "charge", Handler: call, In: []engine.Connector{{From: engine.Start, On: engine.OnComplete, Line: true}}},
		{ID: "notify", Handler: call, In: []engine.Connector{{From: "charge", On: engine.OnComplete, Line: true}}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	events := []engine.Event{
		engine.Started{},
		engine.Succeeded{Command: "run-1/charge//1"},
		engine.Succeeded{Command: "run-1/charge//1"}, // a repeat changes nothing
		engine.Succeeded{Command: "run-1/notify//1"},
	}

	state := engine.State{Run: engine.Run{ID: "run-1"}}
	for _, event := range events {
		delta, commands, err := engine.Step(tree, state, event)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%T: %s", event, delta.Head.Status)
		for _, c := range commands {
			if call, ok := c.(engine.Call); ok {
				fmt.Printf(", call %s", call.ID)
			}
		}
		fmt.Println()
		state = state.With(delta)
	}

	// Output:
	// engine.Started: Running, call run-1/charge//1
	// engine.Succeeded: Running, call run-1/notify//1
	// engine.Succeeded: Running
	// engine.Succeeded: Complete
}
