package expression

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"hooktree/engine"
)

// check walks an expression against its environment. The checker of expr finds
// the types and stops at its first error; the walk words what it found, finds
// all of it, and adds the rules of ours.
type check struct {
	env     *Env
	f       *fragment
	lets    []let  // names that `let` gave, innermost last
	loops   []bool // for each loop around, whether its items are of several records
	faults  Faults
	secrets []string
	uses    []Use
}

// let is a name of an expression's own.
type let struct {
	name  string
	mixed bool
}

// inspect checks one expression and leaves its types at the nodes.
func inspect(f *fragment, env *Env) *check {
	if env == nil {
		env = &Env{}
	}
	c := &check{env: env, f: f}
	config := conf.CreateNew()
	config.Functions = functions
	config.WithEnv(declareRecord(env.Names))
	tree := &parser.Tree{Node: f.root, Source: file.NewSource(f.text)}
	_, err := new(checker.Checker).Check(tree, config)
	c.walk(f.root, true)
	if err != nil && len(c.faults) == 0 {
		if fault := f.typeFault(err); fault != nil {
			c.faults = append(c.faults, fault)
		}
	}
	return c
}

// result is what is known of the expression's value.
func (c *check) result() engine.Type {
	t := typeOf(c.f.root.Nature())
	if !c.mixed(c.f.root) {
		return t
	}
	switch t.Kind {
	case engine.KindRecord:
		return engine.Type{Kind: engine.KindMap}
	case engine.KindList:
		return engine.Type{Kind: engine.KindList}
	default:
		return t
	}
}

// mixed reports whether a value is one of several that may be records of
// different members. The checker of expr takes it for the first of them.
func (c *check) mixed(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ConditionalNode, *ast.ArrayNode:
		return true
	case *ast.BinaryNode:
		return n.Operator == "??"
	case *ast.VariableDeclaratorNode:
		return true
	case *ast.SequenceNode:
		return c.mixed(n.Nodes[len(n.Nodes)-1])
	case *ast.IdentifierNode:
		i := slices.IndexFunc(c.lets, func(l let) bool { return l.name == n.Value })
		return i >= 0 && c.lets[i].mixed
	case *ast.PointerNode:
		return len(c.loops) > 0 && c.loops[len(c.loops)-1]
	case *ast.MemberNode:
		return c.mixed(n.Node)
	case *ast.ChainNode:
		return c.mixed(n.Node)
	case *ast.SliceNode:
		return c.mixed(n.Node)
	case *ast.BuiltinNode:
		return true
	}
	return false
}

func (c *check) fault(n ast.Node, message, hint string) {
	c.faults = append(c.faults, c.f.fault(n, message, hint))
}

// walk checks a node. sink says that a secret may come out of it: it is joined
// into text, given to basic() or hmac(), or the result itself.
func (c *check) walk(n ast.Node, sink bool) {
	if !sink && isSealed(n.Nature()) {
		c.fault(n, "a secret can't be used here: it is known only when it is sent",
			"join it into text, or give it to basic() or hmac()")
		return
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		c.name(n)
	case *ast.MemberNode, *ast.ChainNode:
		c.chain(n, sink)
	case *ast.UnaryNode:
		c.unary(n)
	case *ast.BinaryNode:
		c.binary(n, sink)
	case *ast.CallNode:
		c.call(n)
	case *ast.BuiltinNode:
		c.builtin(n)
	case *ast.ConditionalNode:
		c.condition(n.Cond)
		c.walk(n.Exp1, sink)
		c.walk(n.Exp2, sink)
	case *ast.VariableDeclaratorNode:
		c.walk(n.Value, true)
		c.lets = append(c.lets, let{n.Name, c.mixed(n.Value)})
		c.walk(n.Expr, sink)
		c.lets = c.lets[:len(c.lets)-1]
	case *ast.BytesNode:
		c.fault(n, "bytes are no value here", "write text without the b before its quotes")
	default:
		c.inside(n, sink)
	}
}

// inside walks what stands in a node that has no rule of its own.
func (c *check) inside(n ast.Node, sink bool) {
	switch n := n.(type) {
	case *ast.PredicateNode:
		c.walk(n.Node, false)
	case *ast.SliceNode:
		c.walkAll([]ast.Node{n.Node, n.From, n.To})
	case *ast.ArrayNode:
		c.walkAll(n.Nodes)
	case *ast.MapNode:
		c.walkAll(n.Pairs)
	case *ast.PairNode:
		c.walkAll([]ast.Node{n.Key, n.Value})
	case *ast.SequenceNode:
		last := len(n.Nodes) - 1
		c.walkAll(n.Nodes[:last])
		c.walk(n.Nodes[last], sink)
	}
}

func (c *check) walkAll(nodes []ast.Node) {
	for _, n := range nodes {
		if n != nil {
			c.walk(n, false)
		}
	}
}

// declared reports whether a name is one of the environment, and not hidden by
// a `let`.
func (c *check) declared(name string) bool {
	_, ok := c.env.Names[name]
	return ok && !c.own(name)
}

// own reports whether a name is one that `let` gave.
func (c *check) own(name string) bool {
	return slices.ContainsFunc(c.lets, func(l let) bool { return l.name == name })
}

// foreign are names of other languages.
var foreign = map[string]string{
	"null": "nil", "NULL": "nil", "undefined": "nil", "None": "nil", "none": "nil", "Nil": "nil",
	"True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
}

// callable reports whether an author may call a function of the name.
func callable(name string) bool {
	return allowed[name] || functions[name] != nil && !strings.HasPrefix(name, internal)
}

func (c *check) name(n *ast.IdentifierNode) {
	name := n.Value
	switch {
	case c.own(name):
	case c.declared(name):
		if name == nodesName {
			c.fault(n, "the nodes can't be read all at once", "name one: nodes.ID")
		}
	case foreign[name] != "":
		c.fault(n, name+" is not a name of this language", "write "+foreign[name])
	case callable(name):
		c.fault(n, name+" is a function", "call it: "+name+"(...)")
	default:
		c.fault(n, "there is no name "+name+" here", instead("", name, c.names()))
	}
}

// names lists what may be named, sorted.
func (c *check) names() []string {
	names := slices.Collect(maps.Keys(c.env.Names))
	for _, l := range c.lets {
		names = append(names, l.name)
	}
	slices.Sort(names)
	return names
}

// unwind takes a member chain apart: what it starts from, and its members from
// left to right.
func unwind(n ast.Node) (ast.Node, []*ast.MemberNode) {
	var members []*ast.MemberNode
	if chain, ok := n.(*ast.ChainNode); ok {
		n = chain.Node
	}
	for {
		member, ok := n.(*ast.MemberNode)
		if !ok {
			slices.Reverse(members)
			return n, members
		}
		members = append(members, member)
		n = member.Node
	}
}

func (c *check) chain(n ast.Node, sink bool) {
	base, members := unwind(n)
	id, isName := base.(*ast.IdentifierNode)
	if isName && id.Value == nodesName && c.declared(nodesName) {
		if !c.use(n, members) {
			return
		}
	} else {
		c.walk(base, sink && len(members) == 0)
	}
	for _, m := range members {
		if _, ok := m.Property.(*ast.StringNode); !ok {
			c.walk(m.Property, false)
		}
		if !c.member(m) {
			return
		}
	}
}

// use notes which node a chain reads.
func (c *check) use(n ast.Node, members []*ast.MemberNode) bool {
	id, ok := members[0].Property.(*ast.StringNode)
	if !ok {
		c.fault(members[0].Property, "which node is read must be known before a run", `name it: nodes.ID or nodes["ID"]`)
		return false
	}
	s := c.f.spans[n]
	c.uses = append(c.uses, Use{
		Node: nodeID(id.Value), Offset: s.from, Length: s.to - s.from,
		Bare: len(members) > 1 && !members[1].Optional,
	})
	return true
}

// member checks one step of a chain and reports whether the next can be.
func (c *check) member(m *ast.MemberNode) bool {
	base := m.Node.Nature()
	name, named := m.Property.(*ast.StringNode)
	switch {
	case isSealed(base):
		return false // the walk of what it is has said so
	case !known(base):
		return true
	case base.Kind == reflect.Map && named:
		return c.field(m, base, name)
	case base.Kind == reflect.Map:
		return c.key(m, base)
	case base.Kind == reflect.Slice && !named && integral(m.Property.Nature()):
		return true
	case base.Kind == reflect.String && !named:
		c.fault(m.Property, c.label(m.Node)+" is text, which has no items", "write "+c.f.of(m.Node)+"[0:1] for a part of it")
	case named:
		c.fault(m.Property, c.label(m.Node)+" is "+word(base)+", which has no member "+quoteName(name.Value), c.insteadOf(m, name.Value))
	default:
		c.fault(m.Property, c.label(m.Node)+" is "+word(base)+": it can't be read by "+word(m.Property.Nature()), "")
	}
	return false
}

func integral(n *nature.Nature) bool { return !known(n) || n.IsInteger }

// field checks a member by a name that is written out.
func (c *check) field(m *ast.MemberNode, base *nature.Nature, name *ast.StringNode) bool {
	if base.TypeData == nil || !base.Strict || c.mixed(m.Node) {
		return true
	}
	if _, ok := base.Fields[name.Value]; ok {
		return true
	}
	names := slices.Sorted(maps.Keys(base.Fields))
	hint := instead(c.f.of(m.Node), name.Value, names)
	if len(names) == 0 {
		hint = "it has no members"
	}
	if id, ok := m.Node.(*ast.IdentifierNode); ok && id.Value == nodesName {
		c.fault(m.Property, "there is no node "+name.Value+" to read here", hint)
		return false
	}
	c.fault(m.Property, c.label(m.Node)+" has no "+quoteName(name.Value), hint)
	return false
}

// label names a value in a sentence.
func (c *check) label(n ast.Node) string {
	if text := c.f.of(n); text != "." && text != "#" {
		return text
	}
	return "an item"
}

// key checks a member by a computed name.
func (c *check) key(m *ast.MemberNode, base *nature.Nature) bool {
	if p := m.Property.Nature(); known(p) && !p.IsString() && base.Type.Key().Kind() == reflect.String {
		c.fault(m.Property, "members of a map are read by text, not by "+word(p), "")
		return false
	}
	return true
}

// elsewhere maps members and methods of other languages to what is written
// here, with x for the value.
var elsewhere = map[string]string{
	"length": "len(x)", "size": "len(x)", "count": "len(x)",
	"toUpperCase": "upper(x)", "upcase": "upper(x)", "toLowerCase": "lower(x)", "downcase": "lower(x)",
	"indexOf": `indexOf(x, "text")`, "lastIndexOf": `lastIndexOf(x, "text")`, "index": `indexOf(x, "text")`,
	"includes": `x contains "text", or item in x`, "include?": `x contains "text"`, "contains": `x contains "text"`,
	"startsWith": `x startsWith "text"`, "start_with": `x startsWith "text"`,
	"endsWith": `x endsWith "text"`, "end_with": `x endsWith "text"`, "match": `x matches "pattern"`,
	"trim": "trim(x)", "strip": "trim(x)", "split": `split(x, ",")`, "join": `join(x, ",")`,
	"toString": "string(x)", "to_s": "string(x)", "to_i": "int(x)", "to_f": "float(x)", "to_json": "toJSON(x)",
	"replace": "replace(x, old, new)", "gsub": "replace(x, old, new)",
	"map": "map(x, .name)", "collect": "map(x, .name)", "filter": "filter(x, .size > 1)", "select": "filter(x, .size > 1)",
	"find": "find(x, .id == 1)", "some": "any(x, .size > 1)", "every": "all(x, .size > 1)",
	"first": "first(x)", "last": "last(x)", "keys": "keys(x)", "sort": "sort(x)", "empty": "len(x) == 0",
	"nil": "x == nil", "to_date": "date(x)", "slice": "x[from:to]", "substring": "x[from:to]", "reverse": "reverse(x)",
}

// insteadOf says what to write in place of a member that its value can't have.
func (c *check) insteadOf(m *ast.MemberNode, name string) string {
	text := c.f.of(m.Node)
	if form, ok := elsewhere[name]; ok {
		return "write " + standIn.ReplaceAllLiteralString(form, text)
	}
	if functions[methodPrefix+name] != nil {
		return "call it: " + text + "." + name + "()"
	}
	if m.Node.Nature().Kind == reflect.Slice {
		return "write map(" + text + ", ." + name + ") for all of its items, or " + text + "[0]." + name + " for the first"
	}
	return ""
}

var standIn = regexp.MustCompile(`\bx\b`)

func (c *check) unary(n *ast.UnaryNode) {
	c.walk(n.Node, false)
	operand := n.Node.Nature()
	if !known(operand) || known(n.Nature()) || isSealed(operand) {
		return
	}
	if n.Operator == "-" || n.Operator == "+" {
		c.fault(n, n.Operator+" takes a number, not "+word(operand), "")
		return
	}
	c.notBool(n.Node)
}

// condition checks what must be true or false.
func (c *check) condition(n ast.Node) {
	c.walk(n, false)
	if t := n.Nature(); known(t) && !t.IsBool() && !isSealed(t) {
		c.notBool(n)
	}
}

func (c *check) notBool(n ast.Node) {
	c.fault(n, c.f.of(n)+" is "+word(n.Nature())+", where true or false is needed",
		"compare it, as in "+c.f.of(n)+" != nil")
}
