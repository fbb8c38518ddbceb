package webhooks

import (
	"encoding/json"
	"fmt"
	"maps"

	"hooktree/trees"
	"hooktree/webhooks/event"
)

// object is a piece of a JSON Schema.
type object = map[string]any

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema gives the JSON Schema (draft 2020-12) of webhooks.yaml: editors
// complete and check by it. It covers the shape of the file; what names mean
// is checked by [Reader] alone. Built-in platforms are suggested as the types
// are.
func Schema(builtIn ...event.Platform) []byte {
	catalogue := event.NewCatalogue(builtIn...)
	known, actions := []any{}, []any{}
	seen := map[string]bool{}
	for _, typ := range catalogue.Types() {
		known = append(known, typ)
		for _, action := range catalogue.Actions(typ) {
			if !seen[action] {
				seen[action] = true
				actions = append(actions, action)
			}
		}
	}
	webhook := targetProperties()
	maps.Copy(webhook, object{
		"name":    described("string", "tells it from the others of its kapp", object{"minLength": 1, "maxLength": MaxName}),
		"note":    described("string", "for people", nil),
		"type":    suggested(known, "type of the events, or the name of an own platform"),
		"event":   suggested(actions, "action of the events, in either dialect, or the name of an own event"),
		"path":    described("string", "in place of type, event, kapp and form: the path of the events", object{"pattern": `\S / \S`}),
		"kapp":    described("string", "slug of the only kapp whose events are wanted", nil),
		"form":    described("string", "slug of the only form whose events are wanted", nil),
		"filter":  described([]any{"string", "boolean"}, "a bare expression: false is the verdict `filtered`", nil),
		"active":  described("boolean", "false keeps the webhook and fires nothing", nil),
		"targets": object{"type": "array", "minItems": 1, "maxItems": MaxTargets, "items": ref("target"), "description": "several trees or URLs"},
	})
	return indentedSchema(object{
		"$schema": dialect, "title": "hooktree webhooks",
		"description": "Rules that say which events fire which trees and URLs, besides the naming convention.",
		"type":        "object", "additionalProperties": false, "required": []any{"webhooks"},
		"properties": object{"webhooks": object{"type": []any{"array", "null"}, "maxItems": MaxWebhooks, "items": ref("webhook")}},
		"$defs": object{
			"webhook": object{
				"type": "object", "additionalProperties": false, "properties": webhook, "required": []any{"name"},
				"oneOf": []any{object{"required": []any{"type", "event"}}, object{"required": []any{"path"}}},
				"anyOf": []any{object{"required": []any{"targets"}}, object{"required": []any{"tree"}}, object{"required": []any{"url"}}},
			},
			"target": object{
				"type": "object", "additionalProperties": false, "properties": targetProperties(),
				"oneOf": []any{object{"required": []any{"tree"}}, object{"required": []any{"url"}}},
			},
			"auth": authSchema(),
		},
	})
}

// targetProperties are the keys of a target; a webhook with a single one may
// hold them itself.
func targetProperties() object {
	verbs := make([]any, len(methods))
	for i, method := range methods {
		verbs[i] = method
	}
	return object{
		"tree":    described("string", "GROUP / NAME of a tree; `${ }` holds expressions", object{"pattern": ` / `}),
		"source":  described("string", "source of the tree, when it is not the space's", nil),
		"url":     described("string", "where a request is sent; `${ }` holds expressions", nil),
		"method":  object{"enum": verbs, "description": "POST when left out"},
		"headers": object{"type": "object", "maxProperties": MaxHeaders, "description": "by name; secret() may be used"},
		"body":    object{"description": "sent in place of the event's payload"},
		"auth":    ref("auth"),
	}
}

func authSchema() object {
	var ways []any
	for _, kind := range []AuthKind{AuthKinetic, AuthHMAC, AuthStandard, AuthBasic, AuthBearer} {
		properties, required := object{"kind": object{"const": string(kind)}}, []any{"kind"}
		for _, key := range kinds[kind] {
			properties[key] = object{"type": "string"}
			if key != "header" {
				required = append(required, key)
			}
		}
		ways = append(ways, object{"type": "object", "additionalProperties": false, "properties": properties, "required": required})
	}
	return object{"description": "how a request is signed or authorized", "oneOf": ways}
}

// PlatformSchema gives the JSON Schema (draft 2020-12) of the files of events/.
func PlatformSchema() []byte {
	types := []any{nil} // a field without a type
	for _, name := range trees.FieldTypes() {
		types = append(types, name)
	}
	return indentedSchema(object{
		"$schema": dialect, "title": "hooktree events",
		"description": "The event types of an own platform.",
		"type":        "object", "additionalProperties": false, "required": []any{"platform", "events"},
		"properties": object{
			"platform": described("string", "event.platform of the payload", object{"pattern": `^[\p{L}\p{Nd}_-]+$`, "maxLength": event.MaxName}),
			"title":    described("string", "begins the paths of its events; the platform with a capital when left out", nil),
			"note":     described("string", "for people", nil),
			"events":   object{"type": "array", "maxItems": MaxOwnEvents, "items": ref("event")},
		},
		"$defs": object{"event": object{
			"type": "object", "additionalProperties": false, "required": []any{"name"},
			"properties": object{
				"name":   described("string", "event.name of the payload", object{"minLength": 1}),
				"path":   described("string", "where its tree stands; TITLE / NAME when left out", object{"pattern": `\S / \S`}),
				"note":   described("string", "for people", nil),
				"entity": described("string", "the member of data that says what it happened to", nil),
				"fields": object{"type": []any{"object", "null"}, "additionalProperties": object{"enum": types}, "description": "members of data with their types; without it any may come"},
				"sample": object{"type": "object", "description": "of data"},
			},
		}},
	})
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// described is the schema of a value of a type, with more said about it.
func described(typ any, help string, more object) object {
	schema := object{"type": typ, "description": help}
	maps.Copy(schema, more)
	return schema
}

// suggested is text that editors complete from a list, which may be left.
func suggested(list []any, help string) object {
	return object{"anyOf": []any{object{"enum": list}, object{"type": "string", "minLength": 1}}, "description": help}
}

func indentedSchema(schema object) []byte {
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("webhooks: a schema is no JSON: %v", err)) // it is made of literals
	}
	return append(text, '\n')
}
