package resolve

import (
	"maps"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// scope is what the expressions of webhooks read of an event: the payload,
// null for the names that the catalogue declares and the payload leaves out,
// and attributes from the space where the payload has none.
type scope struct {
	event event.Event
	kind  *event.Kind
	space *trees.Space // may be nil
	plain engine.Scope // the payload with its nulls; made when it is first asked for
}

func newScope(e event.Event, kind *event.Kind, space *trees.Space) *scope {
	return &scope{event: e, kind: kind, space: space}
}

// of gives what one expression reads, and in words where its attributes come
// from when it asks for any.
func (s *scope) of(e engine.Expr) (engine.Scope, string) {
	if s.plain == nil {
		s.plain = s.complete()
	}
	asked := webhooks.Attributes(e)
	if len(asked) == 0 {
		return s.plain, ""
	}
	view := maps.Clone(s.plain)
	words := make([]string, len(asked))
	for i, a := range asked {
		words[i] = a.Of + " attribute " + a.Name + " " + s.put(view, a)
	}
	return view, "; " + strings.Join(words, ", ")
}

// complete adds null for what is declared and absent.
func (s *scope) complete() engine.Scope {
	view := make(engine.Scope, len(s.event.Data)+len(s.kind.Names))
	for name := range s.kind.Names {
		view[name] = nil
	}
	maps.Copy(view, s.event.Data)
	return view
}

// put makes an attribute readable: from the payload, else from space.yaml,
// else null. It says which.
func (s *scope) put(view engine.Scope, a webhooks.Attribute) string {
	holder, _ := view[a.Of].(map[string]any)
	attributes, _ := holder["attributes"].(map[string]any)
	if value := attributes[a.Name]; value != nil {
		return "from the payload"
	}
	var value any
	from := "is set nowhere"
	if texts, ok := s.declared(a); ok {
		from = "from space.yaml"
		items := make([]any, len(texts))
		for i, text := range texts {
			items[i] = text
		}
		value = items
	}
	attributes, holder = grown(attributes), grown(holder)
	attributes[a.Name] = value
	holder["attributes"] = attributes
	view[a.Of] = holder
	return from
}

// grown copies a mapping to be added to; the payload itself stays as it is.
func grown(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+1)
	maps.Copy(out, m)
	return out
}

// declared gives what space.yaml says of an attribute.
func (s *scope) declared(a webhooks.Attribute) ([]string, bool) {
	if s.space == nil {
		return nil, false
	}
	var attributes trees.Attributes
	at := s.event.Scope
	switch {
	case a.Of == "space":
		attributes = s.space.Attributes
	case a.Of == "kapp":
		attributes = s.space.Kapps[at.Kapp].Attributes
	case at.Datastore:
		attributes = s.space.Datastore[at.Form].Attributes
	case a.Of == "form":
		attributes = s.space.Kapps[at.Kapp].Forms[at.Form].Attributes
	}
	texts, ok := attributes[a.Name]
	return texts, ok
}
