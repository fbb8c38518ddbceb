package trees

import (
	"encoding/json"
	"slices"

	"hooktree/engine"
)

// object is a piece of a JSON Schema.
type object = map[string]any

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema gives the JSON Schema (draft 2020-12) of tree files, with the
// parameters of the handlers: editors complete and check by it. It covers the
// shape of a file; what names mean is checked by [Parse] alone.
func Schema(handlers map[string]*engine.Spec) []byte {
	node := nodeSchema(handlers)
	return indented(object{
		"$schema":     dialect,
		"title":       "hooktree tree",
		"description": "A workflow: the nodes that run when an event fires it, or a routine that other trees call.",
		"type":        "object",
		"properties": described(treeHelp, object{
			"tree":        object{"type": "string", "pattern": `\S / \S`},
			"routine":     object{"type": "string", "minLength": 1},
			"source":      object{"type": "string"},
			"status":      object{"enum": []any{"Active", "Inactive"}},
			"note":        object{"type": "string"},
			"when":        ref("expression"),
			"dedupe":      ref("expression"),
			"lane":        ref("expression"),
			"retry":       ref("retry"),
			"inputs":      object{"type": "object"},
			"outputs":     object{"anyOf": []any{object{"type": "array", "items": object{"type": "string"}}, object{"type": "object"}}},
			"nodes":       ref("nodes"),
			"expressions": object{"const": "expr"},
			"kinetic":     object{},
		}),
		"additionalProperties": false,
		"required":             []any{"nodes"},
		"oneOf": []any{
			object{"required": []any{"tree"}, "properties": none(routineKeys)},
			object{"required": []any{"routine"}, "properties": none(eventKeys)},
		},
		"$defs": object{
			"expression": object{
				"type": []any{"string", "boolean"}, "minLength": 1, "not": object{"type": "string", "pattern": `^\$\{.*\}$`},
				"description": "an expression of expr-lang, bare: without ${ }",
			},
			"computed":  object{"type": "string", "pattern": `\$\{`},
			"duration":  object{"type": "string", "pattern": `^(-?([0-9]+(\.[0-9]+)?(ms|[smhdw]))+|0)$`, "description": "such as 30s, 5m, 1h30m, 2d or 1w"},
			"delay":     object{"anyOf": []any{ref("duration"), ref("computed")}},
			"id":        object{"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64},
			"text":      object{"type": []any{"string", "number", "boolean"}},
			"retry":     retrySchema(),
			"connector": connectorSchema(),
			"nodes":     object{"type": "array", "minItems": 1, "items": ref("node")},
			"node":      node,
		},
	})
}

func indented(schema object) []byte {
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("trees: a handler's spec holds a value that JSON cannot: " + err.Error())
	}
	return append(text, '\n')
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// none forbids keys.
func none(keys []string) object {
	forbidden := make(object, len(keys))
	for _, key := range keys {
		forbidden[key] = false
	}
	return forbidden
}

// described adds to each property what it is for.
func described(help map[string]string, properties object) object {
	for key, text := range help {
		if schema, ok := properties[key].(object); ok {
			schema["description"] = text
		}
	}
	return properties
}

func retrySchema() object {
	return object{
		"type": "object", "additionalProperties": false, "required": []any{"max"},
		"properties": described(retryHelp, object{
			"max":    object{"type": "integer", "minimum": 1, "maximum": 1000},
			"wait":   ref("duration"),
			"factor": object{"type": "number", "minimum": 1, "maximum": 100},
			"cap":    ref("duration"),
			"when":   ref("expression"),
		}),
	}
}

func connectorSchema() object {
	moments := `^[a-z][a-z0-9_]*(\.(complete|created|updated|failed))?$`
	return object{"anyOf": []any{
		object{"type": "string", "pattern": moments},
		object{
			"type": "object", "additionalProperties": false, "required": []any{"node"},
			"properties": object{
				"node":  ref("id"),
				"on":    object{"enum": []any{"complete", "created", "updated", "failed"}, "description": "the moment of the node before; complete when left out"},
				"when":  ref("expression"),
				"label": object{"type": "string"},
			},
		},
	}}
}

// nodeSchema is the schema of one node.
func nodeSchema(handlers map[string]*engine.Spec) object {
	names := make([]any, 0, len(handlers))
	for _, name := range sortedKeys(handlers) {
		names = append(names, object{"const": name, "description": handlers[name].Help})
	}
	if len(names) == 0 {
		names = append(names, object{"type": "string"})
	}
	return object{
		"type": "object", "additionalProperties": false, "required": []any{"id"},
		"properties": described(nodeHelp, object{
			"id": ref("id"), "name": ref("text"), "note": object{"type": "string"},
			"after": object{"anyOf": []any{ref("connector"), object{"type": "array", "items": ref("connector"), "maxItems": MaxConnectors}}},
			"join":  object{"anyOf": []any{object{"enum": []any{"any", "all", "each", "settled"}}, object{"type": "integer", "minimum": 1}}},
			"when":  ref("expression"),
			"do":    object{"oneOf": names}, "routine": object{"type": "string"}, "nodes": ref("nodes"),
			"wait":     object{"anyOf": []any{ref("delay"), closed(object{"until": object{"type": "string"}}, "until")}},
			"return":   object{"not": object{"type": "null"}},
			"reply":    closed(object{"status": orComputed(object{"type": "integer", "minimum": 200, "maximum": 599}), "headers": orComputed(object{"type": "object"}), "body": object{}}),
			"with":     object{"type": "object"},
			"defer":    closed(object{"timeout": ref("delay"), "else": orComputed(object{"type": "object"})}),
			"message":  object{"anyOf": []any{ref("text"), closed(object{"created": ref("text"), "updated": ref("text"), "completed": ref("text")})}},
			"retry":    ref("retry"),
			"timeout":  ref("duration"),
			"each":     object{"anyOf": []any{ref("expression"), closed(object{"data": object{"type": "string"}, "path": object{"type": "string"}}, "data", "path")}},
			"as":       ref("id"),
			"parallel": counted("all"),
			"need":     counted("any"),
			"until":    ref("expression"),
			"max":      counted(""),
			"detach":   object{"type": "boolean"},
			"end":      object{"type": "boolean"},
			"kinetic":  object{},
		}),
		"dependentSchemas": companions(),
		"allOf":            append(rules(), handlerRules(handlers)...),
	}
}

// closed is a mapping of these keys and no others.
func closed(properties object, required ...any) object {
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

func orComputed(schema object) object { return object{"anyOf": []any{schema, ref("computed")}} }

func counted(word string) object {
	number := object{"type": "integer", "minimum": 1, "maximum": maxItems}
	if word == "" {
		return number
	}
	return object{"anyOf": []any{number, object{"const": word}}}
}

// companions says which keys stand only beside others.
func companions() object {
	schemas := object{
		"nodes": object{"anyOf": []any{object{"required": []any{"each"}}, object{"required": []any{"until"}}}},
		"join":  object{"required": []any{"after"}},
	}
	for _, rule := range goesWith {
		var with []any
		for _, key := range rule.with {
			if key == "" {
				with = append(with, object{"properties": none(doings)})
				continue
			}
			with = append(with, object{"required": []any{key}})
		}
		schemas[rule.key] = object{"anyOf": with}
	}
	until := schemas["until"].(object)
	until["required"] = []any{"max"}
	until["properties"] = none([]string{"each"})
	return schemas
}

// rules say that a node does one thing, and counts several ways in by a join.
func rules() []any {
	list := []any{object{
		"if":   object{"required": []any{"after"}, "properties": object{"after": object{"type": "array", "minItems": 2}}},
		"then": object{"required": []any{"join"}},
	}}
	for i, key := range doings {
		others := slices.Concat(doings[:i], doings[i+1:])
		list = append(list, object{"if": object{"required": []any{key}}, "then": object{"properties": none(others)}})
	}
	return list
}

// handlerRules say which parameters each handler takes.
func handlerRules(handlers map[string]*engine.Spec) []any {
	var list []any
	for _, name := range sortedKeys(handlers) {
		with, required := withSchema(handlers[name])
		then := object{"properties": object{"with": with}}
		if required {
			then["required"] = []any{"with"}
		}
		list = append(list, object{
			"if":   object{"required": []any{"do"}, "properties": object{"do": object{"const": name}}},
			"then": then,
		})
	}
	return list
}

// withSchema is the schema of a handler's parameters, and whether it needs any.
func withSchema(spec *engine.Spec) (schema object, required bool) {
	properties, needed := object{}, []any{}
	schema = object{"type": "object", "properties": properties, "additionalProperties": false}
	for _, param := range spec.Params {
		typed := typeSchema(param.Type)
		if len(param.Enum) > 0 {
			typed = orComputed(object{"enum": param.Enum})
		}
		if param.Open {
			schema["additionalProperties"] = typed
			continue
		}
		typed["description"] = param.Help
		if param.Default != nil {
			typed["default"] = param.Default
		}
		properties[param.Name] = typed
		if param.Required {
			needed = append(needed, param.Name)
		}
	}
	if len(needed) > 0 {
		schema["required"] = needed
	}
	return schema, len(needed) > 0
}

// typeSchema is the schema of a value of a type, which may be computed.
func typeSchema(t engine.Type) object {
	switch t.Kind {
	case engine.KindBool:
		return orComputed(object{"type": "boolean"})
	case engine.KindInteger:
		return orComputed(object{"type": "integer"})
	case engine.KindNumber:
		return orComputed(object{"type": "number"})
	case engine.KindText, engine.KindTime:
		return object{"type": "string"}
	case engine.KindDuration:
		return object{"anyOf": []any{ref("duration"), ref("computed")}}
	case engine.KindList:
		list := object{"type": "array"}
		if t.Elem != nil {
			list["items"] = typeSchema(*t.Elem)
		}
		return orComputed(list)
	case engine.KindMap:
		m := object{"type": "object"}
		if t.Elem != nil {
			m["additionalProperties"] = typeSchema(*t.Elem)
		}
		return orComputed(m)
	case engine.KindRecord:
		fields := object{}
		for name, field := range t.Fields {
			fields[name] = typeSchema(field)
		}
		return orComputed(closed(fields))
	case engine.KindAny:
	}
	return object{}
}
