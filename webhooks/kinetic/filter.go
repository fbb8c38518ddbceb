package kinetic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/webhooks"
)

// filter is a condition in the vendor's expression form.
type filter struct {
	text string
	root node
}

// compileFilter reads a filter; nil for a blank one, which is always true.
func compileFilter(text string) (engine.Expr, *Fault) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > maxText {
		return nil, &Fault{Member: "filter", Message: fmt.Sprintf("it has %d bytes; at most %d are read", len(text), maxText)}
	}
	root, fault := parseFilter(text)
	if fault != nil {
		fault.Member = "filter"
		return nil, fault
	}
	return &filter{text, root}, nil
}

// Eval gives true or false, as JavaScript takes any value for a condition.
func (f *filter) Eval(s engine.Scope) (any, error) {
	m := &machine{text: f.text, scope: s}
	v, fault := m.eval(f.root)
	if fault != nil {
		fault.Member = "filter"
		return nil, fault
	}
	return truthy(v), nil
}

// Reads is empty: a webhook knows no nodes.
func (f *filter) Reads() []engine.NodeID { return nil }

func (f *filter) String() string { return f.text }

// Attributes lists the attributes that the filter asks for.
func (f *filter) Attributes() []webhooks.Attribute { return attributes(f.root) }

// Explain lists the value of every part, an outer one before those inside it.
func (f *filter) Explain(s engine.Scope) ([]webhooks.Seen, error) {
	seen, fault := explain(f.text, f.root, s)
	if fault != nil {
		fault.Member = "filter"
		return seen, fault
	}
	return seen, nil
}

// walk visits a node and its parts.
func walk(n node, visit func(node)) {
	visit(n)
	for _, part := range n.parts() {
		walk(part, visit)
	}
}

// attributes lists the attributes of space, kapp and form that an expression asks for.
func attributes(n node) []webhooks.Attribute {
	var found []webhooks.Attribute
	walk(n, func(n node) {
		l, ok := n.(*lookup)
		if !ok || l.group != "attributes" {
			return
		}
		a := webhooks.Attribute{Of: l.holder, Name: l.member}
		if !slices.Contains(found, a) {
			found = append(found, a)
		}
	})
	return found
}

// explain evaluates a node and tells what each of its parts was worth.
func explain(text string, root node, s engine.Scope) ([]webhooks.Seen, *Fault) {
	values := map[node]any{}
	m := &machine{text: text, scope: s, see: func(n node, v any) { values[n] = v }}
	_, fault := m.eval(root)
	var seen []webhooks.Seen
	walk(root, func(n node) {
		if _, plain := n.(*constant); plain {
			return
		}
		v, ok := values[n]
		at := n.where()
		seen = append(seen, webhooks.Seen{Text: text[at.start:at.end], Offset: at.start, Shown: shown(text, n, values), Value: printable(v), Evaluated: ok})
	})
	return seen, fault
}

// shown is a node's text with the values of what it reads from the event in
// place of their names.
func shown(text string, root node, values map[node]any) string {
	var reads []node
	walk(root, func(n node) {
		switch n.(type) {
		case *lookup, *holder:
			if _, ok := values[n]; ok {
				reads = append(reads, n)
			}
		}
	})
	slices.SortFunc(reads, func(a, b node) int { return cmp.Compare(a.where().start, b.where().start) })
	var b strings.Builder
	at := root.where().start
	for _, n := range reads {
		b.WriteString(text[at:n.where().start])
		b.WriteString(written(values[n]))
		at = n.where().end
	}
	b.WriteString(text[at:root.where().end])
	return b.String()
}

// maxShown is how many bytes of one value stand in a shown expression.
const maxShown = 200

func written(v any) string {
	data, err := json.Marshal(printable(v))
	if err != nil {
		return kindOf(v)
	}
	if len(data) > maxShown {
		return strings.ToValidUTF8(string(data[:maxShown]), "") + "…"
	}
	return string(data)
}

// printable gives a number that JSON has no word for as text.
func printable(v any) any {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return textOf(v)
	}
	return v
}
