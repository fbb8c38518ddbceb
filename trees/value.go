package trees

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// reading is an expression that names nodes, and where it is evaluated.
type reading struct {
	node *yaml.Node
	uses []expression.Use
	at   place
}

// expr compiles an expression key: bare expr-lang.
func (p *parser) expr(n *yaml.Node, kind engine.Kind, at place) expression.Expr {
	if n == nil || p.broken[n] {
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		p.fault(p.at(n), "quote the whole expression", "an expression is text, and YAML reads this as %s", kindOf(n))
		return nil
	}
	text := n.Value
	if inner, ok := strings.CutPrefix(text, "${"); ok && strings.HasSuffix(inner, "}") {
		p.fault(p.at(n), "write the expression without `${ }`", "this key holds a bare expression")
		return nil
	}
	if open := unclosed(text); open != "" && n.LineComment != "" {
		p.fault(p.locate(n, len(text), 0), "use `.field` in place of `#.field`, or quote the whole expression",
			"YAML takes ` #` for a comment: the expression ends here, before its %s", open)
		return nil
	}
	compile := func(env *expression.Env) (expression.Expr, error) { return expression.Compile(text, env, kind) }
	return p.compiled(n, compile, at)
}

// manyNodes is how many nodes a tree may have before its expressions are
// compiled against those alone that they name: declaring thousands of nodes
// takes longer than all the rest.
const manyNodes = 50

// compiled compiles one text, and notes what it reads or tells its faults.
func (p *parser) compiled(n *yaml.Node, compile func(*expression.Env) (expression.Expr, error), at place) expression.Expr {
	env := at.env
	if len(p.steps) > manyNodes {
		env = named(n.Value, env)
	}
	x, err := compile(env)
	if err != nil && env != at.env && len(p.faults) < maxFaults {
		x, err = compile(at.env) // for a "did you mean" of all nodes
	}
	if err == nil {
		if uses := x.Uses(); len(uses) > 0 {
			p.uses = append(p.uses, reading{n, uses, at})
		}
		return x
	}
	faults, ok := errors.AsType[expression.Faults](err)
	if !ok {
		p.fault(p.at(n), "", "%v", err)
		return nil
	}
	for _, f := range faults {
		hint := f.Hint
		if name := cut(n.Value, f.Offset, f.Length); strings.HasPrefix(f.Message, "there is no name") {
			hint = orElse(p.elsewhere(name), hint)
		}
		p.fault(p.locate(n, f.Offset, f.Length), hint, "%s", f.Message)
	}
	return nil
}

var words = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// named leaves out of an environment the nodes whose ids are not in a text.
func named(text string, env *expression.Env) *expression.Env {
	all := env.Names["nodes"].Fields
	if all == nil {
		return env
	}
	fields := make(map[string]engine.Type)
	for _, word := range words.FindAllString(text, -1) {
		if t, ok := all[word]; ok {
			fields[word] = t
		}
	}
	return env.With(map[string]engine.Type{"nodes": {Kind: engine.KindRecord, Fields: fields}})
}

func cut(text string, offset, length int) string {
	offset = min(max(offset, 0), len(text))
	return text[offset:min(offset+max(length, 0), len(text))]
}

// elsewhere says where a name of the language is known that is not known here.
func (p *parser) elsewhere(name string) string {
	switch name {
	case "error":
		return "`error` is known behind a connector `x.failed`, and in `retry.when`"
	case "trigger":
		return "`trigger` is known behind a connector `x.updated`"
	case "item", "index":
		return "`" + name + "` is known inside of a loop: beside `each:`, or in its `nodes:`"
	case "defer":
		return "`defer` is known in the node that has `defer:`"
	case "attempt":
		return "`attempt` is known where a handler or routine is called"
	case "nodes", "run":
		return "`" + name + "` is known in a run; this is read before there is one"
	case "inputs":
		return "only a `routine:` has inputs; a tree reads its event"
	}
	if p.tree.Routine && slices.Contains(eventNames, name) {
		return "a routine reads what it is given: make it one of its `inputs:`"
	}
	return ""
}

// unclosed names the bracket or quote that text leaves open.
func unclosed(text string) string {
	var open []rune
	closing := map[rune]rune{'(': ')', '[': ']', '{': '}'}
	quote := rune(0)
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case quote != 0 && r == '\\':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'' || r == '`':
			quote = r
		case closing[r] != 0:
			open = append(open, closing[r])
		case len(open) > 0 && r == open[len(open)-1]:
			open = open[:len(open)-1]
		}
	}
	switch {
	case quote != 0:
		return "closing quote"
	case len(open) > 0:
		return "closing " + string(open[len(open)-1])
	}
	return ""
}

// expected is what a value is for, and of which type it is to be.
type expected struct {
	what   string // "parameter `url`"
	typ    engine.Type
	secret bool // it may hold a secret
	enum   []any
}

// value compiles a value key: plain YAML with `${ }` in its texts.
func (p *parser) value(n *yaml.Node, want expected, at place) expression.Expr {
	if n == nil || p.broken[n] {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return p.members(n, want, at)
	case yaml.SequenceNode:
		return p.items(n, want, at)
	default:
		return p.scalar(n, want, at)
	}
}

func (p *parser) members(n *yaml.Node, want expected, at place) expression.Expr {
	if k := want.typ.Kind; k != engine.KindAny && k != engine.KindMap && k != engine.KindRecord {
		p.fault(p.at(n), "", "%s is %s, and this is a map", want.what, want.typ.Kind.Noun())
		return nil
	}
	var keys []string
	var values []expression.Expr
	for _, pair := range p.pairs(n) {
		key, inner := pair[0], expected{want.what, anyType, want.secret, nil}
		if !p.plain(n, key, pair[1]) {
			continue
		}
		if want.typ.Elem != nil {
			inner.typ = *want.typ.Elem
		}
		if want.typ.Kind == engine.KindRecord {
			field, ok := want.typ.Fields[key.Value]
			if !ok {
				p.fault(p.at(key), suggest(key.Value, sortedKeys(want.typ.Fields)), "%s has no member `%s`", want.what, key.Value)
				continue
			}
			inner.typ = field
		}
		if x := p.value(pair[1], inner, at); x != nil {
			keys, values = append(keys, key.Value), append(values, x)
		}
	}
	return expression.Mapping(keys, values)
}

// plain refuses a key that was not meant to be one: an expression, or what a
// comma inside of { } cut off a text.
func (p *parser) plain(n, key, value *yaml.Node) bool {
	switch {
	case strings.Contains(key.Value, "${"):
		p.fault(p.at(key), "use it in a value", "a key is text: it cannot hold ${ }")
	case n.Style&yaml.FlowStyle != 0 && value.Tag == "!!null" && value.Value == "":
		p.fault(p.at(key), "inside { } a comma ends a text: quote all of it, or give this a value", "`%s` has no value", key.Value)
	default:
		return true
	}
	return false
}

func (p *parser) items(n *yaml.Node, want expected, at place) expression.Expr {
	if k := want.typ.Kind; k != engine.KindAny && k != engine.KindList {
		p.fault(p.at(n), "", "%s is %s, and this is a list", want.what, want.typ.Kind.Noun())
		return nil
	}
	inner := expected{want.what, anyType, want.secret, nil}
	if want.typ.Elem != nil {
		inner.typ = *want.typ.Elem
	}
	var items []expression.Expr
	for _, item := range n.Content {
		if x := p.value(item, inner, at); x != nil {
			items = append(items, x)
		}
	}
	return expression.List(items)
}

func (p *parser) scalar(n *yaml.Node, want expected, at place) expression.Expr {
	if n.Tag == "!!str" && strings.Contains(n.Value, "${") {
		x := p.compiled(n, func(env *expression.Env) (expression.Expr, error) { return expression.Template(n.Value, env) }, at)
		if x == nil {
			return nil
		}
		if !fits(x.Type(), want.typ) {
			p.fault(p.at(n), mismatchHint(want.typ, true), "%s is %s, and this is %s", want.what, want.typ.Kind.Noun(), x.Type().Kind.Noun())
		}
		if names := x.Secrets(); len(names) > 0 && !want.secret {
			p.fault(p.at(n), "give it to a parameter that may hold a secret, such as those of `http`", "%s would show the secret %s", want.what, names[0])
		}
		return x
	}
	value, ok := p.literal(n)
	if !ok {
		return nil
	}
	x := expression.Literal(value)
	p.literalFits(n, value, x.Type(), want)
	return x
}

// literalFits tells of a plain value that is not what is wanted.
func (p *parser) literalFits(n *yaml.Node, value any, have engine.Type, want expected) {
	text, isText := value.(string)
	switch {
	case value == nil:
	case want.typ.Kind == engine.KindDuration && isText:
		if _, err := engine.ParseDuration(text); err != nil {
			p.fault(p.at(n), durationHint, "%s is a duration", want.what)
		}
	case want.typ.Kind == engine.KindTime && isText:
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			p.fault(p.at(n), "write it as 2026-01-31T12:00:00Z", "%s is a time", want.what)
		}
	case !fits(have, want.typ):
		p.fault(p.at(n), mismatchHint(want.typ, false), "%s is %s, and this is %s", want.what, want.typ.Kind.Noun(), have.Kind.Noun())
	case len(want.enum) > 0 && !slices.Contains(want.enum, value):
		var words []string
		for _, e := range want.enum {
			if word, ok := e.(string); ok {
				words = append(words, word)
			}
		}
		p.fault(p.at(n), suggest(n.Value, words), "%s cannot be %q", want.what, n.Value)
	}
}

// mismatchHint says how a value becomes what is wanted.
func mismatchHint(want engine.Type, computed bool) string {
	switch {
	case want.Kind == engine.KindText && computed:
		return "write `${ string(...) }`, or add text around it"
	case want.Kind == engine.KindText:
		return "put it in quotes"
	case want.Kind == engine.KindDuration:
		return durationHint
	}
	return ""
}

var longNumber = regexp.MustCompile(`^[-+]?[0-9][0-9_]*$`)

// literal reads a plain scalar. Dates are text, as in JSON.
func (p *parser) literal(n *yaml.Node) (any, bool) {
	switch n.Tag {
	case "!!str", "!!timestamp", "!!binary":
		return n.Value, true
	case "!!null":
		return nil, true
	}
	var v any
	if err := n.Decode(&v); err != nil {
		p.fault(p.at(n), "quote it if it is text", "YAML cannot read %q as %s", n.Value, strings.TrimPrefix(n.Tag, "!!"))
		return nil, false
	}
	switch v := v.(type) {
	case float64:
		if longNumber.MatchString(n.Value) {
			p.fault(p.at(n), "quote it: ids are text", "the number %s does not fit into 64 bits", n.Value)
			return nil, false
		}
		if math.IsInf(v, 0) || math.IsNaN(v) {
			p.fault(p.at(n), "quote it if it is text", "%s is no number that JSON has", n.Value)
			return nil, false
		}
	case uint64:
		p.fault(p.at(n), "quote it: ids are text", "the number %s does not fit into 64 bits", n.Value)
		return nil, false
	}
	return v, true
}

// fits reports whether a value of one type may stand where another is wanted.
// What is unknown of either fits.
func fits(have, want engine.Type) bool {
	switch {
	case have.Kind == engine.KindAny || want.Kind == engine.KindAny || have.Kind == "" || want.Kind == "":
		return true
	case want.Kind == engine.KindNumber:
		return have.Kind == engine.KindNumber || have.Kind == engine.KindInteger
	case want.Kind == engine.KindInteger:
		return have.Kind == engine.KindInteger || have.Kind == engine.KindNumber
	case want.Kind == engine.KindDuration || want.Kind == engine.KindTime:
		return have.Kind == want.Kind || have.Kind == engine.KindText
	case want.Kind == engine.KindMap || want.Kind == engine.KindRecord:
		return have.Kind == engine.KindMap || have.Kind == engine.KindRecord
	case want.Kind == engine.KindList:
		return have.Kind == engine.KindList && (have.Elem == nil || want.Elem == nil || fits(*have.Elem, *want.Elem))
	default:
		return have.Kind == want.Kind
	}
}

func kindOf(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode {
		return engine.KindMap.Noun()
	}
	return engine.KindList.Noun()
}
