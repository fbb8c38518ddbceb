package handlers

import (
	"maps"

	"hooktree/engine"
)

// Set names values: each parameter is a result of the same name.
func Set() Handler {
	return Handler{Spec: &engine.Spec{
		Name: "set",
		Help: "Names values: each parameter, under whatever name, is a result of the same name and value.",
		Params: []engine.Param{
			{Name: "name", Type: engine.Type{Kind: engine.KindAny}, Open: true, Help: "a value, read later as `nodes.ID.name`"},
		},
		Pure: func(params map[string]any) (map[string]any, error) {
			results := maps.Clone(params)
			if results == nil {
				results = map[string]any{}
			}
			return results, nil
		},
	}}
}
