package expression

import "github.com/expr-lang/expr/ast"

// children lists what stands directly in a node, in the order of the text.
func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		return present(n.Node, n.From, n.To)
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

func present(nodes ...ast.Node) []ast.Node {
	var out []ast.Node
	for _, n := range nodes {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}

// eachOnce visits every node after those in it, and one that stands in two
// others once: expr lets the two comparisons of `1 < x < 3` share their middle.
func eachOnce(n ast.Node, seen map[ast.Node]bool, visit func(ast.Node)) {
	if seen[n] {
		return
	}
	seen[n] = true
	for _, child := range children(n) {
		eachOnce(child, seen, visit)
	}
	visit(n)
}

// unfolded is how many nodes a tree has once shared ones are counted where
// they stand. It grows with the power of the depth of such comparisons, and
// with it the time that the checker and compiler of expr take.
func unfolded(root ast.Node) int {
	sizes := make(map[ast.Node]int)
	eachOnce(root, make(map[ast.Node]bool), func(n ast.Node) {
		size := 1
		for _, child := range children(n) {
			size = min(size+sizes[child], 4*maxSyntax)
		}
		sizes[n] = size
	})
	return sizes[root]
}
