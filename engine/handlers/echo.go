package handlers

import "hooktree/engine"

// Echo gives back what it is given: for a value that is computed once and used
// by several nodes, and for trees that come from Kinetic.
func Echo() Handler {
	return Handler{Spec: &engine.Spec{
		Name: "echo",
		Help: "Gives back its input.",
		Params: []engine.Param{
			{Name: "input", Type: engine.Type{Kind: engine.KindAny}, Help: "what is given back"},
		},
		Results: []engine.Result{
			{Name: "output", Type: engine.Type{Kind: engine.KindAny}, Help: "the input"},
		},
		Pure: func(params map[string]any) (map[string]any, error) {
			return map[string]any{"output": params["input"]}, nil
		},
	}}
}
