package expression

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/lexer"
)

// expr remembers one token of each node: an operator, a name, a bracket. The
// text of a whole sub-expression is found from the tokens around it.

// run is a stretch of tokens, both ends included.
type run struct{ first, last int }

// measureNodes finds the span of every node.
func (f *fragment) measureNodes() {
	runs := make(map[ast.Node]run)
	eachOnce(f.root, make(map[ast.Node]bool), func(n ast.Node) {
		r := f.balance(f.runOf(n, runs))
		runs[n] = r
		f.spans[n] = span{f.byteAt(f.tokens[r.first].From), f.byteAt(f.tokens[r.last].To)}
	})
}

// visit makes a visitor of a function.
type visit func(*ast.Node)

// Visit calls the function.
func (v visit) Visit(n *ast.Node) { v(n) }

// at is the token that a node remembers.
func (f *fragment) at(n ast.Node) int {
	return f.index[n.Location().From]
}

// runOf joins a node's own token to the tokens of what is inside it, which the
// walk has measured before.
func (f *fragment) runOf(n ast.Node, runs map[ast.Node]run) run {
	switch n := n.(type) {
	case *ast.UnaryNode:
		own := f.at(n)
		return join(run{own, own}, runs[n.Node])
	case *ast.BinaryNode:
		return join(runs[n.Left], runs[n.Right])
	case *ast.ChainNode:
		return runs[n.Node]
	case *ast.PredicateNode:
		return runs[n.Node]
	case *ast.MemberNode:
		return join(runs[n.Node], run{f.at(n), f.closing(f.at(n))})
	case *ast.SliceNode:
		return join(runs[n.Node], run{f.at(n), f.closing(f.at(n))})
	case *ast.CallNode:
		return f.call(n, n.Arguments, runs)
	case *ast.BuiltinNode:
		return f.call(n, n.Arguments, runs)
	case *ast.ConditionalNode:
		r := join(runs[n.Cond], runs[n.Exp2])
		if !n.Ternary && r.first > 0 {
			r.first-- // `if`
		}
		return r
	case *ast.VariableDeclaratorNode:
		return join(run{max(f.at(n)-1, 0), f.at(n)}, runs[n.Expr])
	case *ast.SequenceNode:
		return join(runs[n.Nodes[0]], runs[n.Nodes[len(n.Nodes)-1]])
	case *ast.PairNode:
		return join(runs[n.Key], runs[n.Value])
	case *ast.PointerNode:
		own := f.at(n)
		if n.Name != "" && own+1 < len(f.tokens)-1 && f.tokens[own].Value == "#" {
			return run{own, own + 1}
		}
		return run{own, own}
	default: // names, literals, lists and maps
		return run{f.at(n), f.closing(f.at(n))}
	}
}

// call spans a name and its brackets, and with a pipe what stands before it.
func (f *fragment) call(n ast.Node, arguments []ast.Node, runs map[ast.Node]run) run {
	name := f.at(n)
	r := run{name, f.closing(min(name+1, len(f.tokens)-1))}
	if len(arguments) > 0 {
		r = join(r, runs[arguments[0]])
	}
	if call, ok := n.(*ast.CallNode); ok {
		r = join(r, runs[call.Callee])
	}
	return r
}

func join(a, b run) run { return run{min(a.first, b.first), max(a.last, b.last)} }

// closing is the bracket that closes the one at i, or i where there is none.
func (f *fragment) closing(i int) int {
	depth := 0
	for j := i; j < len(f.tokens); j++ {
		depth += f.nesting(j)
		if depth == 0 {
			return j
		}
	}
	return i
}

// balance widens a run to brackets that only half stand in it, as those around
// the left side of `(a or b) and c`.
func (f *fragment) balance(r run) run {
	depth, lowest := 0, 0
	for i := r.first; i <= r.last; i++ {
		depth += f.nesting(i)
		lowest = min(lowest, depth)
	}
	for ; lowest < 0 && r.first > 0; r.first-- {
		lowest += f.nesting(r.first - 1)
	}
	for depth = f.depth(r); depth > 0 && r.last+1 < len(f.tokens)-1; r.last++ {
		depth += f.nesting(r.last + 1)
	}
	return r
}

func (f *fragment) depth(r run) int {
	depth := 0
	for i := r.first; i <= r.last; i++ {
		depth += f.nesting(i)
	}
	return depth
}

func (f *fragment) nesting(i int) int {
	t := f.tokens[i]
	switch {
	case t.Kind != lexer.Bracket:
		return 0
	case t.Value == "(" || t.Value == "[" || t.Value == "{":
		return 1
	default:
		return -1
	}
}

// desugar turns calls of methods into calls of functions of ours, which take
// no clock's zone into account: `run.now.Year()`.
func (f *fragment) desugar(root ast.Node) ast.Node {
	ast.Walk(&root, visit(func(n *ast.Node) {
		call, ok := (*n).(*ast.CallNode)
		if !ok {
			return
		}
		member, ok := call.Callee.(*ast.MemberNode)
		if !ok {
			return
		}
		name, ok := member.Property.(*ast.StringNode)
		if !ok || functions[methodPrefix+name.Value] == nil || member.Optional {
			return
		}
		fn := &ast.CallNode{
			Callee:    &ast.IdentifierNode{Value: methodPrefix + name.Value},
			Arguments: append([]ast.Node{member.Node}, call.Arguments...),
		}
		f.spans[fn], f.spans[fn.Callee] = f.spans[call], f.spans[name]
		fn.SetLocation(call.Location())
		fn.Callee.SetLocation(name.Location())
		*n = fn
	}))
	return root
}
