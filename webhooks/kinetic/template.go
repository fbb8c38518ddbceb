package kinetic

import (
	"net/url"
	"strings"

	"hooktree/engine"
	"hooktree/webhooks"
)

// template is text with `${ }` in it, or a part of such a text.
type template struct {
	text   string // the whole text, in which the nodes have their places
	pieces []piece
	escape func(p piece, value string) string // nil leaves values as they are
}

// piece is literal text, or an expression.
type piece struct {
	start, end int // in the whole text, with `${` and `}`
	literal    string
	expr       node // nil for literal text
}

// parseTemplate cuts a text into its pieces.
func parseTemplate(text string) ([]piece, *Fault) {
	var pieces []piece
	at := 0
	for {
		open := strings.Index(text[at:], "${")
		if open < 0 {
			break
		}
		open += at
		if open > at {
			pieces = append(pieces, piece{start: at, end: open, literal: text[at:open]})
		}
		n, end, fault := parsePiece(text, open+2)
		if fault != nil {
			return nil, fault
		}
		pieces = append(pieces, piece{start: open, end: end, expr: n})
		at = end
	}
	if at < len(text) {
		pieces = append(pieces, piece{start: at, end: len(text), literal: text[at:]})
	}
	return pieces, nil
}

// Eval renders the text. A piece that is null or empty is an error: the
// address it would make is another one than its author meant.
func (t *template) Eval(s engine.Scope) (any, error) {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.expr == nil {
			b.WriteString(p.literal)
			continue
		}
		text, fault := t.render(p, s)
		if fault != nil {
			fault.Member = "url"
			return nil, fault
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (t *template) render(p piece, s engine.Scope) (string, *Fault) {
	m := &machine{text: t.text, scope: s}
	v, fault := m.eval(p.expr)
	if fault != nil {
		return "", fault
	}
	text := textOf(v)
	if v == nil || text == "" {
		fault := m.fault(p.expr, "%s is %s", m.of(p.expr), map[bool]string{true: "null", false: "empty"}[v == nil])
		fault.Hint = "the address cannot be built without it"
		return "", fault
	}
	if t.escape != nil {
		text = t.escape(p, text)
	}
	return text, nil
}

// Reads is empty: a webhook knows no nodes.
func (t *template) Reads() []engine.NodeID { return nil }

// String is the text as it was written.
func (t *template) String() string {
	if len(t.pieces) == 0 {
		return ""
	}
	return t.text[t.pieces[0].start:t.pieces[len(t.pieces)-1].end]
}

// Attributes lists the attributes that the text asks for.
func (t *template) Attributes() []webhooks.Attribute {
	var all []webhooks.Attribute
	for _, p := range t.pieces {
		if p.expr != nil {
			all = append(all, attributes(p.expr)...)
		}
	}
	return all
}

// Explain lists the value of every part of every piece.
func (t *template) Explain(s engine.Scope) ([]webhooks.Seen, error) {
	var all []webhooks.Seen
	for _, p := range t.pieces {
		if p.expr == nil {
			continue
		}
		seen, fault := explain(t.text, p.expr, s)
		all = append(all, seen...)
		if fault == nil {
			_, fault = t.render(p, s)
		}
		if fault != nil {
			fault.Member = "url"
			return all, fault
		}
	}
	return all, nil
}

// escapeURL gives the way values go into an address: as they are before its
// path, then as one segment or parameter each. Attributes are set by
// administrators and may hold a path of several segments.
func escapeURL(path, query int) func(p piece, value string) string {
	return func(p piece, value string) string {
		switch {
		case p.start < path:
			return value
		case p.start >= query:
			return url.QueryEscape(value)
		}
		if l, ok := p.expr.(*lookup); ok && l.group == "attributes" && l.holder != "user" && l.holder != "team" {
			segments := strings.Split(value, "/")
			for i := range segments {
				segments[i] = url.PathEscape(segments[i])
			}
			return strings.Join(segments, "/")
		}
		return url.PathEscape(value)
	}
}
