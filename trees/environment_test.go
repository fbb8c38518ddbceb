package trees_test

import (
	"strings"

	"hooktree/engine"
	"hooktree/trees"
)

var (
	text    = engine.Type{Kind: engine.KindText}
	integer = engine.Type{Kind: engine.KindInteger}
	open    = engine.Type{Kind: engine.KindMap}
	unknown = engine.Type{Kind: engine.KindAny}
)

// serviceDesk is the environment of the golden trees: a space with a typed
// form, a few handlers, events and routines. It runs ahead of the engine, so
// that the whole language is shown.
func serviceDesk() trees.Environment {
	return trees.Environment{
		Space: &trees.Space{
			Slug: "acme", Source: trees.DefaultSource, Secrets: []string{"HR_TOKEN"},
			Kapps: map[string]trees.Kapp{"services": {Forms: map[string]trees.Form{
				"laptop-request": {Fields: map[string]engine.Type{
					"Cost": {Kind: engine.KindNumber}, "Quantity": integer, "Model": text,
					"Items": {Kind: engine.KindList}, "Watchers": {Kind: engine.KindList},
				}},
			}}},
		},
		Handlers: testHandlers(),
		Names:    testNames,
		Near: func(title engine.Title) []string {
			if !strings.HasPrefix(title.Name, "Submit") {
				return nil
			}
			return []string{title.Group + " / Submitted"}
		},
		Routines: routines(
			trees.Signature{Title: global("order one item"), Hash: "hash of order", Inputs: required("sku", "qty"), Outputs: []string{"po_number"}},
			trees.Signature{Title: global("send mail"), Hash: "hash of mail", Inputs: append(required("to"), engine.Input{Name: "subject"})},
		),
		Ahead: true,
	}
}

func global(name string) engine.Title {
	return engine.Title{Source: trees.Global, Group: trees.Global, Name: name}
}

func required(names ...string) []engine.Input {
	var inputs []engine.Input
	for _, name := range names {
		inputs = append(inputs, engine.Input{Name: name, Required: true})
	}
	return inputs
}

func routines(list ...trees.Signature) map[engine.Title]trees.Signature {
	byTitle := make(map[engine.Title]trees.Signature)
	for _, s := range list {
		byTitle[s.Title] = s
	}
	return byTitle
}

// testNames knows two events, and takes every group of one word for a tree that
// is called in other ways.
func testNames(title engine.Title) (map[string]engine.Type, bool) {
	names := map[string]engine.Type{
		"event": open, "space": open, "kapp": open, "form": open, "values": open, "user": open,
		"submission": {Kind: engine.KindRecord, Fields: map[string]engine.Type{
			"id": text, "createdBy": text, "coreState": text,
		}},
	}
	if !strings.Contains(title.Group, " > ") {
		return names, true
	}
	return names, title.Name == "Submitted" || title.Name == "Created"
}

func testHandlers() map[string]*engine.Spec {
	specs := []*engine.Spec{
		{
			Name: "http", Help: "Sends a request.",
			Params: []engine.Param{
				{Name: "url", Type: text, Required: true, Secret: true, Help: "where to"},
				{Name: "method", Type: text, Enum: []any{"GET", "POST", "PUT", "DELETE"}, Help: "how"},
				{Name: "headers", Type: open, Secret: true, Help: "by name"},
				{Name: "body", Type: unknown, Secret: true, Help: "what is sent"},
				{Name: "timeout", Type: engine.Type{Kind: engine.KindDuration}, Help: "longest time"},
				{Name: "auth", Type: engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{"bearer": text}}, Secret: true, Help: "who"},
				{Name: "expect", Type: engine.Type{Kind: engine.KindList, Elem: &integer}, Help: "statuses"},
			},
			Results: []engine.Result{
				{Name: "status", Type: integer, Help: "of the answer"},
				{Name: "headers", Type: open, Help: "of the answer"},
				{Name: "body", Type: unknown, Help: "of the answer"},
			},
		},
		{
			Name: "log", Help: "Writes a line.",
			Params: []engine.Param{
				{Name: "message", Type: text, Required: true, Help: "what happened"},
				{Name: "fields", Type: open, Help: "further values"},
			},
		},
		{
			Name: "set", Help: "Names values.",
			Params: []engine.Param{{Name: "name", Type: unknown, Open: true, Help: "a value"}},
		},
	}
	byName := make(map[string]*engine.Spec)
	for _, spec := range specs {
		byName[spec.Name] = spec
	}
	return byName
}
