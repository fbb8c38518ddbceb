package handlers

import (
	"encoding/json"
	"fmt"
	"strings"

	"hooktree/engine"
)

// Reference writes the reference of handlers in Markdown, in the given order.
func Reference(specs ...*engine.Spec) string {
	var doc strings.Builder
	doc.WriteString("# Handlers\n\nWhat `do:` may name. Written from the handlers' specs; edit those.\n")
	for _, spec := range specs {
		writeSpec(&doc, spec)
	}
	return doc.String()
}

func writeSpec(doc *strings.Builder, spec *engine.Spec) {
	fmt.Fprintf(doc, "\n## %s\n\n%s\n", spec.Name, spec.Help)
	if spec.Pure != nil {
		doc.WriteString("\nComputes only: it runs inside the step, without an attempt of its own.\n")
	}
	if len(spec.Params) > 0 {
		doc.WriteString("\n| parameter | type | default | |\n|---|---|---|---|\n")
	}
	for _, p := range spec.Params {
		fmt.Fprintf(doc, "| %s | %s | %s | %s |\n", paramName(p), describeType(p.Type), describeDefault(p), cell(paramHelp(p)))
	}
	if len(spec.Results) > 0 {
		doc.WriteString("\n| result | type | |\n|---|---|---|\n")
	}
	for _, r := range spec.Results {
		fmt.Fprintf(doc, "| `%s` | %s | %s |\n", r.Name, describeType(r.Type), cell(r.Help))
	}
	if len(spec.Errors) > 0 {
		doc.WriteString("\n| error | retried | |\n|---|---|---|\n")
	}
	for _, class := range spec.Errors {
		retried := "no"
		if class.Retryable {
			retried = "yes"
		}
		fmt.Fprintf(doc, "| `%s` | %s | %s |\n", class.Code, retried, cell(class.Help))
	}
}

func paramName(p engine.Param) string {
	if p.Open {
		return "any name"
	}
	return "`" + p.Name + "`"
}

func describeDefault(p engine.Param) string {
	switch {
	case p.Required:
		return "required"
	case p.Default == nil:
		return ""
	}
	data, err := json.Marshal(p.Default)
	if err != nil {
		return ""
	}
	return "`" + string(data) + "`"
}

func paramHelp(p engine.Param) string {
	help := p.Help
	if len(p.Enum) > 0 {
		help += "; one of " + strings.Join(strings.Fields(strings.Trim(fmt.Sprint(p.Enum), "[]")), ", ")
	}
	if p.Secret {
		help += "; may hold secrets"
	}
	return help
}

func describeType(t engine.Type) string {
	switch {
	case t.Kind == engine.KindRecord:
		return "mapping"
	case t.Elem != nil:
		return string(t.Kind) + " of " + describeType(*t.Elem)
	default:
		return string(t.Kind)
	}
}

// cell keeps text within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
