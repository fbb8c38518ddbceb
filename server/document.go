package server

import (
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// documented gives the OpenAPI document of the native API, joined by those of
// the mounts that have one.
func documented(own *huma.OpenAPI, mounts []Mount) ([]byte, error) {
	text, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	for _, m := range mounts {
		if len(m.Document) == 0 {
			continue
		}
		var part struct {
			Paths      map[string]any
			Components map[string]any
		}
		if err := json.Unmarshal(m.Document, &part); err != nil {
			return nil, fmt.Errorf("read the OpenAPI document of %s: %w", m.Name, err)
		}
		if err := join(whole, "paths", part.Paths); err != nil {
			return nil, fmt.Errorf("join the OpenAPI document of %s: %w", m.Name, err)
		}
		components, _ := whole["components"].(map[string]any) // ours has schemas
		for kind, named := range part.Components {
			members, _ := named.(map[string]any)
			if err := join(components, kind, members); err != nil {
				return nil, fmt.Errorf("join the OpenAPI document of %s: %w", m.Name, err)
			}
		}
	}
	return json.Marshal(whole)
}

// join adds members to the object of a name. One that is there already is a
// mistake of ours: two calls, or two schemas, of one name.
func join(into map[string]any, name string, members map[string]any) error {
	known, _ := into[name].(map[string]any)
	if known == nil {
		known = map[string]any{}
	}
	for key, value := range members {
		if _, taken := known[key]; taken {
			return fmt.Errorf("%s has %s already", name, key)
		}
		known[key] = value
	}
	into[name] = known
	return nil
}
