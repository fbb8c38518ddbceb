package webhooks

import (
	"regexp"
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// Seen is one part of an expression and what it was worth for one event.
type Seen = expression.Seen

// Explainer is an expression of a dialect that explains itself.
type Explainer interface {
	engine.Expr
	// Explain evaluates once more and lists every part, an outer one before
	// those inside it. The error is the one that the evaluation ended with.
	Explain(scope engine.Scope) ([]Seen, error)
	// Attributes lists the attributes that the expression asks for.
	Attributes() []Attribute
}

// Explain lists the value of every part of an expression.
func Explain(e engine.Expr, scope engine.Scope) ([]Seen, error) {
	if x, ok := e.(Explainer); ok {
		return x.Explain(scope)
	}
	return expression.Explain(e, scope)
}

// Attribute is an attribute of the space, a kapp or a form.
type Attribute struct {
	Of   string // "space", "kapp" or "form"
	Name string
}

// attributeRead is how an expression of our own asks for one.
var attributeRead = regexp.MustCompile(`\b(space|kapp|form)\??\.attributes\??(?:\.([A-Za-z_]\w*)|\.?\[\s*(?:"([^"]*)"|'([^']*)')\s*\])`)

// Attributes lists the attributes that an expression asks for, in the order of
// its text.
func Attributes(e engine.Expr) []Attribute {
	if x, ok := e.(Explainer); ok {
		return x.Attributes()
	}
	text := e.String()
	if !strings.Contains(text, "attributes") {
		return nil
	}
	var found []Attribute
	for _, m := range attributeRead.FindAllStringSubmatch(text, -1) {
		if a := (Attribute{Of: m[1], Name: m[2] + m[3] + m[4]}); !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	return found
}
