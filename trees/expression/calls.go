package expression

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

func (c *check) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		c.method(n)
		return
	}
	fn := functions[callee.Value]
	name := strings.TrimPrefix(callee.Value, methodPrefix)
	sinks := name == "basic" || name == "hmac"
	for _, arg := range n.Arguments {
		c.walk(arg, sinks)
	}
	switch {
	case fn != nil && !strings.HasPrefix(name, internal):
		c.arguments(n, name)
	case c.declared(name) && len(n.Arguments) == 1:
		c.fault(callee, name+" is not a function", "write "+name+"["+c.f.of(n.Arguments[0])+"]")
	default:
		c.fault(callee, "there is no function "+name, instead("", name, functionNames()))
	}
}

// method refuses a call of something that is no function's name.
func (c *check) method(n *ast.CallNode) {
	for _, arg := range n.Arguments {
		c.walk(arg, false)
	}
	member, ok := n.Callee.(*ast.MemberNode)
	if !ok {
		c.fault(n, "only functions can be called", "")
		return
	}
	if chain, ok := member.Node.(*ast.ChainNode); ok {
		c.walk(chain, false)
	} else {
		c.walk(member.Node, false)
	}
	name, ok := member.Property.(*ast.StringNode)
	if !ok {
		c.fault(n, "only functions can be called", "")
		return
	}
	if isSealed(member.Node.Nature()) {
		return
	}
	hint := c.insteadOf(member, name.Value)
	switch {
	case functions[methodPrefix+name.Value] != nil:
		hint = "it can't follow ?. ; ask for nil before"
	case hint == "" && callable(name.Value):
		hint = "write " + name.Value + "(" + c.f.of(member.Node) + ")"
	}
	c.fault(member.Property, "values have no method "+name.Value, hint)
}

// arguments checks what the types of a function's arguments can't say.
func (c *check) arguments(n *ast.CallNode, name string) {
	switch name {
	case "secret":
		c.secret(n)
	case "hmac":
		if len(n.Arguments) == 0 {
			return
		}
		if s, ok := n.Arguments[0].(*ast.StringNode); ok && digests[s.Value] == "" {
			c.fault(n.Arguments[0], "hmac knows no algorithm "+strconv.Quote(s.Value), `write "sha256", "sha512" or "sha1"`)
		}
	case "duration":
		c.literal(n, func(text string) error {
			_, err := parseDuration(text)
			return err
		})
	case "date":
		if len(n.Arguments) == 1 {
			c.literal(n, func(text string) error {
				_, err := date(nil, []any{text})
				return err
			})
		}
		if len(n.Arguments) == 0 {
			c.fault(n, "date() without an argument would differ at every reading", "write run.now")
		}
		if len(n.Arguments) == 3 {
			c.fault(n.Arguments[2], "time zones are not the same on every machine",
				`give the offset in the text: date("2026-03-01T09:00:00+01:00")`)
		}
	}
}

// literal reads an argument that is written out.
func (c *check) literal(n *ast.CallNode, read func(string) error) {
	if len(n.Arguments) == 0 {
		return
	}
	s, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		return
	}
	if fault, ok := errors.AsType[*Fault](read(s.Value)); ok {
		c.fault(s, fault.Message, fault.Hint)
	}
}

func (c *check) secret(n *ast.CallNode) {
	if len(n.Arguments) != 1 {
		return
	}
	name, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		c.fault(n.Arguments[0], "the name of a secret must be known before a run", "write it in quotes: secret('NAME')")
		return
	}
	if !slices.Contains(c.env.Secrets, name.Value) {
		declared := slices.Sorted(slices.Values(c.env.Secrets))
		hint := instead("", name.Value, declared)
		if hint == "" {
			hint = "declare it under secrets: in space.yaml"
		}
		c.fault(name, "there is no secret "+name.Value, hint)
		return
	}
	c.secrets = append(c.secrets, name.Value)
}

// refused are functions of expr whose results depend on more than their
// arguments, or that are hidden by a name.
var refused = map[string]struct{ message, hint string }{
	"now":      {"now() would differ at every reading", "write run.now"},
	"timezone": {"time zones are not the same on every machine", "times are in UTC or carry their offset"},
	"values": {
		"values are the fields of the submission, not a function",
		`write values["Field"] for a field, or map(keys(x), x[#]) for the values of a map`,
	},
}

func (c *check) builtin(n *ast.BuiltinNode) {
	if r, ok := refused[n.Name]; ok {
		hint := r.hint
		if n.Name == "values" && len(n.Arguments) == 1 {
			hint = "write values[" + c.f.of(n.Arguments[0]) + "]"
		}
		c.fault(n, r.message, hint)
		return
	}
	if len(n.Arguments) < 2 {
		c.walkAll(n.Arguments)
		return
	}
	c.walk(n.Arguments[0], false)
	c.loops = append(c.loops, c.mixed(n.Arguments[0]))
	c.walk(n.Arguments[1], false)
	c.loops = c.loops[:len(c.loops)-1]
	c.walkAll(n.Arguments[2:])
}
