package trees

// SpaceSchema gives the JSON Schema (draft 2020-12) of space.yaml. Parts are the
// schemas of keys whose meaning is other rooms' business, such as `sources:`; a
// key without one takes any mapping.
func SpaceSchema(parts map[string]map[string]any) []byte {
	types := make([]any, 0, len(fieldTypes)+1)
	for _, name := range sortedKeys(fieldTypes) {
		types = append(types, name)
	}
	types = append(types, nil) // a field without a type
	slugs := object{"pattern": slugForm.String()}
	part := func(key string) object {
		if schema, ok := parts[key]; ok {
			return schema
		}
		return object{"type": []any{"object", "null"}}
	}
	return indented(object{
		"$schema":     dialect,
		"title":       "hooktree space",
		"description": "What an installation is: its kapps and forms, its secrets, and what it may reach.",
		"type":        "object",
		"properties": described(spaceHelp, object{
			"slug":       object{"type": "string", "pattern": slugForm.String()},
			"name":       object{"type": "string"},
			"source":     object{"type": "string"},
			"attributes": ref("attributes"),
			"kapps":      object{"type": []any{"object", "null"}, "propertyNames": slugs, "additionalProperties": ref("kapp")},
			"datastore":  object{"type": []any{"object", "null"}, "propertyNames": slugs, "additionalProperties": ref("form")},
			"secrets":    object{"type": []any{"array", "null"}, "items": object{"type": "string", "pattern": secretForm.String()}},
			"egress":     nullable(closed(object{"allow": object{"type": []any{"array", "null"}, "items": object{"type": "string"}}})),
			"sources":    part("sources"),
			"dialects":   part("dialects"),
			"retention": nullable(closed(object{
				"age":  object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?[smhdw])+$`, "description": "such as 90d"},
				"size": object{"type": "string", "pattern": sizeForm.String(), "description": "such as 10GB"},
			})),
		}),
		"additionalProperties": false,
		"required":             []any{"slug"},
		"$defs": object{
			"attributes": object{
				"type": []any{"object", "null"},
				"additionalProperties": object{"anyOf": []any{
					object{"type": []any{"string", "number", "boolean", "null"}},
					object{"type": "array", "items": object{"type": []any{"string", "number", "boolean"}}},
				}},
			},
			"kapp": nullable(closed(object{
				"attributes": ref("attributes"),
				"forms":      object{"type": []any{"object", "null"}, "propertyNames": slugs, "additionalProperties": ref("form")},
			})),
			"form": nullable(closed(object{
				"attributes": ref("attributes"),
				"fields":     object{"type": []any{"object", "null"}, "additionalProperties": object{"enum": types}},
			})),
		},
	})
}

func nullable(schema object) object {
	schema["type"] = []any{schema["type"], "null"}
	return schema
}

// FieldTypes lists the words for the type of a field, as space.yaml and the
// files of events/ take them.
func FieldTypes() []string { return sortedKeys(fieldTypes) }
