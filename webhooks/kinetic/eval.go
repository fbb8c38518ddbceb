package kinetic

import (
	"fmt"
	"strings"

	"hooktree/engine"
)

// place is where a node stands in its text, in bytes.
type place struct{ start, end int }

func (p place) where() place { return p }

// node is a part of an expression.
type node interface {
	where() place
	eval(m *machine) (any, *Fault)
	parts() []node
}

// machine evaluates nodes over one scope and lets a witness see each value.
type machine struct {
	text  string
	scope engine.Scope
	see   func(n node, value any)
}

func (m *machine) eval(n node) (any, *Fault) {
	v, fault := n.eval(m)
	if fault == nil && m.see != nil {
		m.see(n, v)
	}
	return v, fault
}

func (m *machine) fault(n node, format string, args ...any) *Fault {
	at := n.where()
	return &Fault{Offset: at.start, Length: at.end - at.start, Message: fmt.Sprintf(format, args...)}
}

// of is the text of a node.
func (m *machine) of(n node) string { return m.text[n.where().start:n.where().end] }

type constant struct {
	place
	value any
}

func (c *constant) eval(*machine) (any, *Fault) { return c.value, nil }
func (c *constant) parts() []node               { return nil }

// holder is an object of the event as a whole: `values`, `identity()`.
type holder struct {
	place
	name string
}

func (h *holder) eval(m *machine) (any, *Fault) { return m.scope[h.name], nil }
func (h *holder) parts() []node                 { return nil }

// lookup asks an object of the event for one member, an attribute or a
// value: `form('slug')`, `form('attribute:X')`, `values('F')`.
type lookup struct {
	place
	holder string
	group  string // "attributes", "profileAttributes", or empty
	member string
}

func newLookup(at place, of, key string) *lookup {
	for prefix, group := range map[string]string{"attribute:": "attributes", "profileAttribute:": "profileAttributes"} {
		if name, ok := strings.CutPrefix(key, prefix); ok && of != "values" {
			return &lookup{at, of, group, name}
		}
	}
	return &lookup{at, of, "", key}
}

// eval gives null for what the event does not have, as the vendor does.
func (l *lookup) eval(m *machine) (any, *Fault) {
	object, _ := m.scope[l.holder].(map[string]any)
	if l.group != "" {
		object, _ = object[l.group].(map[string]any)
	}
	return object[l.member], nil
}

func (l *lookup) parts() []node { return nil }

type property struct {
	place
	of   node
	name string
}

func (p *property) parts() []node { return []node{p.of} }

func (p *property) eval(m *machine) (any, *Fault) {
	v, fault := m.eval(p.of)
	if fault != nil {
		return nil, fault
	}
	switch v := v.(type) {
	case nil:
		return nil, m.fault(p.of, "%s is null: it has no .%s", m.of(p.of), p.name)
	case map[string]any:
		return v[p.name], nil
	case []any:
		if p.name == "length" {
			return int64(len(v)), nil
		}
	case string:
		if p.name == "length" {
			return units(v), nil
		}
	}
	return nil, nil
}

type element struct {
	place
	of, at node
}

func (e *element) parts() []node { return []node{e.of, e.at} }

func (e *element) eval(m *machine) (any, *Fault) {
	v, fault := m.eval(e.of)
	if fault != nil {
		return nil, fault
	}
	at, fault := m.eval(e.at)
	if fault != nil {
		return nil, fault
	}
	switch v := v.(type) {
	case nil:
		return nil, m.fault(e.of, "%s is null: it has no members", m.of(e.of))
	case map[string]any:
		return v[textOf(at)], nil
	case []any:
		if i, ok := at.(int64); ok && i >= 0 && i < int64(len(v)) {
			return v[i], nil
		}
	}
	return nil, nil
}

// call asks a value for a method.
type call struct {
	place
	of   node
	name string
	m    method
	args []node
}

func (c *call) parts() []node { return append([]node{c.of}, c.args...) }

func (c *call) eval(m *machine) (any, *Fault) {
	v, fault := m.eval(c.of)
	if fault != nil {
		return nil, fault
	}
	if v == nil {
		f := m.fault(c.of, "%s is null: .%s() cannot be asked of it", m.of(c.of), c.name)
		f.Hint = "set it, or test it for null first"
		return nil, f
	}
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		if args[i], fault = m.eval(arg); fault != nil {
			return nil, fault
		}
	}
	switch v := v.(type) {
	case string:
		if c.m.text != nil {
			return c.m.text(v, args), nil
		}
	case []any:
		if c.m.list != nil {
			return c.m.list(v, args), nil
		}
	}
	return nil, m.fault(c, "%s is %s: it has no .%s()", m.of(c.of), kindOf(v), c.name)
}

type unary struct {
	place
	op string
	x  node
}

func (u *unary) parts() []node { return []node{u.x} }

func (u *unary) eval(m *machine) (any, *Fault) {
	v, fault := m.eval(u.x)
	if fault != nil {
		return nil, fault
	}
	switch u.op {
	case "!":
		return !truthy(v), nil
	case "-":
		return arithmetic("-", int64(0), v), nil
	default:
		return arithmetic("-", v, int64(0)), nil
	}
}

type binary struct {
	place
	op          string
	left, right node
}

func (b *binary) parts() []node { return []node{b.left, b.right} }

func (b *binary) eval(m *machine) (any, *Fault) {
	left, fault := m.eval(b.left)
	if fault != nil {
		return nil, fault
	}
	switch b.op { // these may leave the right side alone
	case "&&":
		if !truthy(left) {
			return left, nil
		}
		return m.eval(b.right)
	case "||":
		if truthy(left) {
			return left, nil
		}
		return m.eval(b.right)
	case "??":
		if left != nil {
			return left, nil
		}
		return m.eval(b.right)
	}
	right, fault := m.eval(b.right)
	if fault != nil {
		return nil, fault
	}
	switch b.op {
	case "===":
		return same(left, right), nil
	case "!==":
		return !same(left, right), nil
	case "==":
		return alike(left, right), nil
	case "!=":
		return !alike(left, right), nil
	case "<", ">", "<=", ">=":
		return ordered(b.op, left, right), nil
	default:
		return arithmetic(b.op, left, right), nil
	}
}

type choice struct {
	place
	cond, then, other node
}

func (c *choice) parts() []node { return []node{c.cond, c.then, c.other} }

func (c *choice) eval(m *machine) (any, *Fault) {
	v, fault := m.eval(c.cond)
	if fault != nil {
		return nil, fault
	}
	if truthy(v) {
		return m.eval(c.then)
	}
	return m.eval(c.other)
}
