package expression

import (
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"hooktree/engine"
)

// lowerer rewrites a checked expression for the machine of expr. What expr does
// leniently, loosely or without bound becomes a call of a function of ours:
// member access, sums, equality, loops. Each new node is located at the bytes
// of the sub-expression it stands for, so that errors of the machine point at
// it.
type lowerer struct {
	env  *Env
	f    *fragment
	lets []string
	loop int // depth of predicates
	cost int // nodes of the loop body that is being rewritten

	watch bool   // write what sub-expressions are worth, for Explain
	seen  []Seen // the sub-expressions that are watched
}

// assemble compiles a rewritten expression.
func assemble(text string, root ast.Node) (*vm.Program, error) {
	config := conf.CreateNew()
	config.Functions = functions
	config.Optimize = false // its folding counts in Go's int, without overflow
	config.Strict = false
	return compiler.Compile(&parser.Tree{Node: root, Source: file.NewSource(text)}, config)
}

// at locates a new node at the text of the one it stands for.
func at[N ast.Node](l *lowerer, n N, origin ast.Node) N {
	s := l.f.spans[origin]
	n.SetLocation(file.Location{From: s.from, To: s.to})
	return n
}

// invoke calls a function of ours with the frame in front of its arguments.
func (l *lowerer) invoke(origin ast.Node, name string, arguments ...ast.Node) ast.Node {
	return at(l, invoke(name, arguments...), origin)
}

func invoke(name string, arguments ...ast.Node) *ast.CallNode {
	frame := &ast.IdentifierNode{Value: "$env"}
	return &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: append([]ast.Node{frame}, arguments...),
	}
}

func constant(v any) ast.Node { return &ast.ConstantNode{Value: v} }

// lower rewrites a node.
func (l *lowerer) lower(n ast.Node) ast.Node {
	l.cost++
	switch n := n.(type) {
	case *ast.NilNode:
		return at(l, &ast.NilNode{}, n)
	case *ast.BoolNode:
		return at(l, &ast.BoolNode{Value: n.Value}, n)
	case *ast.StringNode:
		return at(l, &ast.StringNode{Value: n.Value}, n)
	case *ast.IntegerNode:
		return at(l, constant(int64(n.Value)), n)
	case *ast.FloatNode:
		return at(l, constant(n.Value), n)
	case *ast.PointerNode:
		return l.pointer(n)
	case *ast.ArrayNode:
		return l.array(n)
	case *ast.MapNode:
		return l.mapping(n)
	case *ast.VariableDeclaratorNode:
		return l.declaration(n)
	case *ast.SequenceNode:
		return at(l, &ast.SequenceNode{Nodes: l.lowerAll(n.Nodes)}, n)
	}
	if l.watch && l.loop == 0 {
		return l.watched(n)
	}
	return l.compute(n)
}

// compute rewrites what Explain shows: everything that has a value of its own
// and is not written out.
func (l *lowerer) compute(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		return l.chain(n)
	case *ast.SliceNode:
		return l.invoke(n, internal+"slice", l.lower(n.Node), l.bound(n.From), l.bound(n.To))
	case *ast.UnaryNode:
		return l.unary(n)
	case *ast.BinaryNode:
		return l.binary(n)
	case *ast.ConditionalNode:
		return at(l, &ast.ConditionalNode{
			Ternary: true, Cond: l.condition(n.Cond), Exp1: l.lower(n.Exp1), Exp2: l.lower(n.Exp2),
		}, n)
	case *ast.CallNode:
		name := n.Callee.(*ast.IdentifierNode).Value
		return l.call(n, name, n.Arguments)
	case *ast.BuiltinNode:
		return l.builtin(n)
	}
	panic("unknown syntax " + n.String())
}

func (l *lowerer) lowerAll(nodes []ast.Node) []ast.Node {
	out := make([]ast.Node, len(nodes))
	for i, n := range nodes {
		out[i] = l.lower(n)
	}
	return out
}

func (l *lowerer) bound(n ast.Node) ast.Node {
	if n == nil {
		return &ast.NilNode{}
	}
	return l.lower(n)
}

func (l *lowerer) pointer(n *ast.PointerNode) ast.Node {
	p := at(l, &ast.PointerNode{Name: n.Name}, n)
	if n.Name == "index" {
		return l.invoke(n, internal+"int", p)
	}
	return p
}

func (l *lowerer) array(n *ast.ArrayNode) ast.Node {
	l.cost += 3 // what it takes in memory
	items := l.lowerAll(n.Nodes)
	values := make([]any, 0, len(items))
	for _, item := range items {
		v, ok := literalOf(item)
		if !ok {
			return at(l, &ast.ArrayNode{Nodes: items}, n)
		}
		values = append(values, v)
	}
	return at(l, constant(values), n)
}

// literalOf is the value of a node that has been rewritten to a constant.
func literalOf(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.ConstantNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.NilNode:
		return nil, true
	}
	return nil, false
}

func (l *lowerer) mapping(n *ast.MapNode) ast.Node {
	l.cost += 10 // what it takes in memory
	pairs := make([]ast.Node, len(n.Pairs))
	for i, p := range n.Pairs {
		pair := p.(*ast.PairNode)
		key := l.lower(pair.Key)
		if _, ok := key.(*ast.StringNode); !ok {
			key = l.invoke(pair.Key, internal+"key", key)
		}
		pairs[i] = at(l, &ast.PairNode{Key: key, Value: l.lower(pair.Value)}, pair)
	}
	return at(l, &ast.MapNode{Pairs: pairs}, n)
}

func (l *lowerer) declaration(n *ast.VariableDeclaratorNode) ast.Node {
	value := l.lower(n.Value)
	l.lets = append(l.lets, n.Name)
	body := l.lower(n.Expr)
	l.lets = l.lets[:len(l.lets)-1]
	return at(l, &ast.VariableDeclaratorNode{Name: n.Name, Value: value, Expr: body}, n)
}

func (l *lowerer) unary(n *ast.UnaryNode) ast.Node {
	switch n.Operator {
	case "-":
		operand := l.lower(n.Node)
		if v, ok := literalOf(operand); ok {
			switch v := v.(type) {
			case int64:
				return at(l, constant(-v), n)
			case float64:
				return at(l, constant(-v), n)
			}
		}
		return l.invoke(n, internal+"-", constant(int64(0)), operand)
	case "+":
		return l.invoke(n, internal+"+", constant(int64(0)), l.lower(n.Node))
	default:
		return at(l, &ast.UnaryNode{Operator: "not", Node: l.condition(n.Node)}, n)
	}
}

// condition rewrites what must be true or false. The machine would take the
// right side of `and` and `or` for what it is.
func (l *lowerer) condition(n ast.Node) ast.Node {
	lowered := l.lower(n)
	if certain(n) {
		return lowered
	}
	return l.invoke(n, internal+"bool", lowered, constant(l.f.of(n)))
}

// certain reports whether a node gives true or false whatever it reads.
func certain(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BoolNode:
		return true
	case *ast.UnaryNode:
		return n.Operator != "-" && n.Operator != "+"
	case *ast.BinaryNode:
		return slices.Contains([]string{
			"==", "!=", "<", ">", "<=", ">=", "in", "matches", "contains", "startsWith", "endsWith",
			"and", "&&", "or", "||",
		}, n.Operator)
	case *ast.BuiltinNode:
		return slices.Contains([]string{"all", "any", "none", "one"}, n.Name)
	}
	return false
}

func (l *lowerer) binary(n *ast.BinaryNode) ast.Node {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return at(l, &ast.BinaryNode{Operator: n.Operator, Left: l.condition(n.Left), Right: l.condition(n.Right)}, n)
	case "==", "!=":
		return l.equal(n)
	case "+", "-", "*", "/", "%", "**", "in", "..":
		return l.invoke(n, internal+n.Operator, l.lower(n.Left), l.lower(n.Right))
	case "^":
		return l.invoke(n, internal+"**", l.lower(n.Left), l.lower(n.Right))
	case "contains":
		return l.invoke(n, internal+"contains", l.lower(n.Left), l.lower(n.Right))
	case "matches":
		return l.invoke(n, internal+"matches", l.lower(n.Left), l.pattern(n.Right))
	default: // comparisons, ends of text and ?? are as strict as need be
		return at(l, &ast.BinaryNode{Operator: n.Operator, Left: l.lower(n.Left), Right: l.lower(n.Right)}, n)
	}
}

// pattern compiles a regular expression that is written out.
func (l *lowerer) pattern(n ast.Node) ast.Node {
	if s, ok := n.(*ast.StringNode); ok {
		if re, err := regexp.Compile(s.Value); err == nil {
			return constant(re)
		}
	}
	return l.lower(n)
}

// equal compares with the machine where one side is a scalar that is written
// out, and with our own function where lists, maps and numbers of two kinds
// may meet.
func (l *lowerer) equal(n *ast.BinaryNode) ast.Node {
	left, right := l.lower(n.Left), l.lower(n.Right)
	if scalar(left) || scalar(right) {
		return at(l, &ast.BinaryNode{Operator: n.Operator, Left: l.open(n.Left, left), Right: l.open(n.Right, right)}, n)
	}
	equal := l.invoke(n, internal+"==", left, right)
	if n.Operator == "!=" {
		return at(l, &ast.UnaryNode{Operator: "not", Node: equal}, n)
	}
	return equal
}

func scalar(n ast.Node) bool {
	v, ok := literalOf(n)
	_, isList := v.([]any)
	return ok && !isList
}

// open refuses a secret, whose reference would compare as unequal to anything.
func (l *lowerer) open(origin, lowered ast.Node) ast.Node {
	if c, ok := lowered.(*ast.CallNode); ok && c.Callee.(*ast.IdentifierNode).Value == internal+"path" {
		c.Callee.(*ast.IdentifierNode).Value = internal + "openPath"
		return c
	}
	if _, ok := literalOf(lowered); ok {
		return lowered
	}
	return l.invoke(origin, internal+"open", lowered)
}

// call rewrites a call of a function of ours.
func (l *lowerer) call(origin ast.Node, name string, arguments []ast.Node) ast.Node {
	lowered := l.lowerAll(arguments)
	return l.invoke(origin, name, lowered...)
}

// builtin rewrites a call of a function of expr's.
func (l *lowerer) builtin(n *ast.BuiltinNode) ast.Node {
	if functions[n.Name] != nil { // by `::name()`, past our own
		return l.call(n, n.Name, n.Arguments)
	}
	if !builtin.Builtins[builtin.Index[n.Name]].Predicate {
		arguments := l.lowerAll(n.Arguments)
		for i := range arguments {
			arguments[i] = l.invoke(n.Arguments[i], internal+"pay", arguments[i])
		}
		return at(l, &ast.BuiltinNode{Name: n.Name, Arguments: arguments}, n)
	}
	list := l.lower(n.Arguments[0])
	outer := l.cost
	l.cost = 1
	var body ast.Node
	if len(n.Arguments) > 1 {
		body = l.predicate(n)
	}
	list = l.invoke(n.Arguments[0], internal+"loop", list, constant(l.cost), constant(n.Name))
	l.cost = outer
	return l.looping(n, list, body)
}

// predicate rewrites what is asked of each item.
func (l *lowerer) predicate(n *ast.BuiltinNode) ast.Node {
	predicate, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return l.lower(n.Arguments[1])
	}
	l.loop++
	defer func() { l.loop-- }()
	switch n.Name {
	case "map", "sum", "groupBy", "sortBy", "reduce":
		return at(l, &ast.PredicateNode{Node: l.lower(predicate.Node)}, predicate)
	default:
		return at(l, &ast.PredicateNode{Node: l.condition(predicate.Node)}, predicate)
	}
}

// looping rewrites a loop to one whose result is of our types, and in an order
// that does not depend on how Go sorts or walks maps.
func (l *lowerer) looping(n *ast.BuiltinNode, list, body ast.Node) ast.Node {
	again := func(name string, arguments ...ast.Node) ast.Node {
		return at(l, &ast.BuiltinNode{Name: name, Arguments: arguments}, n)
	}
	switch n.Name {
	case "sum":
		if body != nil {
			list = again("map", list, body)
		}
		return l.invoke(n, internal+"sum", list)
	case "count", "findIndex", "findLastIndex":
		if body == nil {
			body = at(l, &ast.PredicateNode{Node: l.invoke(n, internal+"bool", &ast.PointerNode{}, constant("an item"))}, n)
		}
		return l.invoke(n, internal+"int", again(n.Name, list, body))
	case "groupBy":
		return l.invoke(n, internal+"groupBy", again("map", list, paired(body)))
	case "sortBy":
		order := constant("asc")
		if len(n.Arguments) > 2 {
			order = l.lower(n.Arguments[2])
		}
		return l.invoke(n, internal+"sortBy", again("map", list, paired(body)), order)
	case "reduce":
		if len(n.Arguments) > 2 {
			return again("reduce", list, body, l.lower(n.Arguments[2]))
		}
	}
	return again(n.Name, list, body)
}

// paired makes a predicate give each item with what was asked of it.
func paired(body ast.Node) ast.Node {
	predicate := body.(*ast.PredicateNode)
	pair := &ast.ArrayNode{Nodes: []ast.Node{&ast.PointerNode{}, predicate.Node}}
	pair.SetLocation(predicate.Location())
	wrapped := &ast.PredicateNode{Node: pair}
	wrapped.SetLocation(predicate.Location())
	return wrapped
}

// chain rewrites a member chain: names of the scope with all their steps in
// one look-up, others step by step.
func (l *lowerer) chain(n ast.Node) ast.Node {
	base, members := unwind(n)
	id, isName := base.(*ast.IdentifierNode)
	p := &path{from: l.f.of(base)}
	var value ast.Node
	switch {
	case !isName:
		value = l.lower(base)
	case slices.Contains(l.lets, id.Value):
		value = at(l, &ast.IdentifierNode{Value: id.Value}, id)
	default:
		p.root, p.optional = id.Value, l.env.optional(id.Value)
	}
	forgiving := false
	for _, m := range members {
		if s, ok := l.step(p, m); ok {
			p.steps = append(p.steps, s)
			continue
		}
		value = l.walk(base, value, p)
		p = &path{from: l.f.of(m)}
		value = l.invoke(m, internal+"member", value, l.lower(m.Property), constant(&access{of: l.f.of(m.Node), optional: m.Optional}))
		forgiving = forgiving || m.Optional
	}
	value = l.walk(n, value, p)
	if forgiving {
		value = l.invoke(n, internal+"end", value)
	}
	return value
}

// step is a member whose name or index is written out.
func (l *lowerer) step(p *path, m *ast.MemberNode) (step, bool) {
	s := step{optional: m.Optional, at: l.f.spans[m.Property], upTo: l.f.of(m)}
	switch property := m.Property.(type) {
	case *ast.StringNode:
		s.name = property.Value
		if s.name == "" {
			return step{}, false
		}
		if p.root != "" && len(p.steps) == 0 {
			s.nullable, s.answer = l.declared(p.root, s.name)
		}
		return s, true
	case *ast.IntegerNode:
		s.item = property.Value
		return s, true
	}
	return step{}, false
}

// declared says of a member of a name of the scope whether it may be absent,
// and as what an answer is read.
func (l *lowerer) declared(root, member string) (nullable bool, as engine.Kind) {
	if root == nodesName {
		_, nullable = l.env.Names[root].Fields[member]
		return nullable, ""
	}
	t, nullable := l.env.answers(root)[member]
	return nullable, t.Kind
}

// walk goes a path's steps from its name or from a value.
func (l *lowerer) walk(origin, value ast.Node, p *path) ast.Node {
	switch {
	case p.root != "" && value == nil:
		if len(p.steps) == 0 {
			p.answers = convertible(l.env.answers(p.root))
		}
		return l.invoke(origin, internal+"path", constant(p))
	case len(p.steps) == 0:
		return value
	default:
		return l.invoke(origin, internal+"walk", value, constant(p))
	}
}

// access is one computed step of a chain.
type access struct {
	of       string // what the member is read from, as written
	optional bool
}

// watched rewrites a node and has its value written down.
func (l *lowerer) watched(n ast.Node) ast.Node {
	s := l.f.spans[n]
	slot := len(l.seen)
	l.seen = append(l.seen, Seen{Text: l.f.of(n), Offset: s.from, read: reads(n)})
	return l.invoke(n, internal+"see", constant(slot), l.compute(n))
}

// reads reports whether a node reads a value of the scope, as against making
// one.
func reads(n ast.Node) bool {
	base, members := unwind(n)
	_, isName := base.(*ast.IdentifierNode)
	return isName || len(members) > 0
}
