package expression

import "hooktree/engine"

// Expr is a compiled expression, template or composed value.
type Expr interface {
	engine.Expr
	// Type is what is known of the result before any evaluation.
	Type() engine.Type
	// Secrets lists the declared secrets that it names, sorted.
	Secrets() []string
	// Uses lists where it names nodes, in the order of the text.
	Uses() []Use
}

// Use is one place where an expression names a node: `nodes.x`.
type Use struct {
	Node   engine.NodeID
	Offset int // of the whole member chain, in bytes of the text
	Length int
	// Bare says that a member of the node is read without `?.`: an error while
	// the node has no result.
	Bare bool
}
