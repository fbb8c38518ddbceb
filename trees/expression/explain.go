package expression

import (
	"cmp"
	"slices"
	"strings"

	"hooktree/engine"
)

// Seen is one sub-expression and what it was worth in one scope.
type Seen struct {
	Text      string // as the author wrote it
	Offset    int    // of Text in the whole text, in bytes
	Shown     string // Text with the values of what it reads in place of their names
	Value     any    // masked; nil when it was not evaluated
	Evaluated bool   // false for what `and`, `or`, `? :`, `??` or an error left out

	read bool // it reads a value of the scope
}

// maxSeen is how many sub-expressions are listed.
const maxSeen = 500

// Explain evaluates e once more and lists every sub-expression in the order of
// the text, an outer one before those inside it. What is asked of each item of
// a list is not listed item by item. The error is the one that the evaluation
// ended with; what was seen before it is listed all the same. Secrets are
// masked.
func Explain(e engine.Expr, scope engine.Scope) ([]Seen, error) {
	var seen []Seen
	var err error
	switch e := e.(type) {
	case *program:
		seen, err = e.explain(scope)
	case list:
		seen, err = explainAll(e.items, scope)
	case mapping:
		seen, err = explainAll(e.values, scope)
	case literal, written:
		return nil, nil
	default:
		var v any
		v, err = e.Eval(scope)
		seen = []Seen{{Text: e.String(), Shown: e.String(), Value: mask(v), Evaluated: err == nil}}
	}
	if len(seen) > maxSeen {
		seen = seen[:maxSeen]
	}
	return seen, err
}

// explainAll explains each of several values; the error is the first one's.
func explainAll(items []Expr, scope engine.Scope) ([]Seen, error) {
	var all []Seen
	var first error
	for _, item := range items {
		seen, err := Explain(item, scope)
		all = append(all, seen...)
		if first == nil {
			first = err
		}
	}
	return all, first
}

func (p *program) explain(scope engine.Scope) ([]Seen, error) {
	code, seen, err := p.assemble(true)
	if err != nil {
		return nil, err
	}
	v, err := execute(code, scope, p.env.steps(), seen)
	if err == nil {
		_, err = p.finish(v)
	}
	slices.SortStableFunc(seen, func(a, b Seen) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(len(b.Text), len(a.Text)))
	})
	for i := range seen {
		seen[i].Shown = substitute(seen, i)
	}
	for i := range seen {
		if fault := bounded(seen[i].Value); fault != nil {
			seen[i].Value = valueWord(seen[i].Value) + " too large to show"
		}
		seen[i].Value = mask(seen[i].Value)
	}
	return seen, err
}

// substitute writes the text of one sub-expression with values for what it
// reads. Those inside it follow it in the list.
func substitute(seen []Seen, i int) string {
	s := seen[i]
	if s.read {
		if !s.Evaluated {
			return s.Text
		}
		return show(s.Value)
	}
	var b strings.Builder
	at, end := s.Offset, s.Offset+len(s.Text)
	for _, inner := range seen[i+1:] {
		if inner.Offset >= end {
			break
		}
		if !inner.read || !inner.Evaluated || inner.Offset < at {
			continue
		}
		b.WriteString(s.Text[at-s.Offset : inner.Offset-s.Offset])
		b.WriteString(show(inner.Value))
		at = inner.Offset + len(inner.Text)
	}
	b.WriteString(s.Text[at-s.Offset:])
	return b.String()
}

// mask replaces secrets by their masks, deeply.
func mask(v any) any {
	switch v := v.(type) {
	case engine.Sealed:
		return v.String()
	case skipped:
		return nil
	case int:
		return int64(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = mask(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = mask(member)
		}
		return out
	}
	return v
}
