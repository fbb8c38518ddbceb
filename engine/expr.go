package engine

// Scope is what an expression may read, by the names of the tree language:
// the event's data (event, space, kapp, form, submission, values, ...), and
// inputs, nodes, item, index, error, run, attempt, trigger, defer.
//
// Values are what JSON gives, with integral numbers as int64: nil, bool, int64,
// float64, string, []any, map[string]any; and time.Time, time.Duration, and
// [Sealed] for text that holds a secret. Nobody changes a value in a scope.
type Scope map[string]any

// Expr is a compiled expression, or a compiled value with expressions in it.
// Eval is pure, bounded in memory and steps, and safe for concurrent use.
type Expr interface {
	// Eval gives the value. An undefined name or member is an error.
	Eval(Scope) (any, error)
	// Reads lists the nodes whose results the expression names, sorted. One
	// that reads `nodes` in another way than by a name lists every node that
	// it may reach: Step fills in no others.
	Reads() []NodeID
	// String gives the text as the author wrote it.
	String() string
}
