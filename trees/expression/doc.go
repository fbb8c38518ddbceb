// Package expression compiles the expressions of trees and webhooks: text of
// the expr language (github.com/expr-lang/expr), bare or in `${ }`, becomes an
// [engine.Expr] that the core can evaluate over a scope.
//
//	env := &expression.Env{Names: names, Secrets: []string{"HR_TOKEN"}}
//	cond, err := expression.Compile(`values.Cost > 1000`, env, engine.KindBool)
//	text, err := expression.Template(`Bearer ${ secret('HR_TOKEN') }`, env)
//
// It is stricter than expr where expr is lenient. Names and members are checked
// against the declared [Env] when the text is compiled, and again against the
// values when it is evaluated: what is missing is an error that names it, and
// never nil. Integers are int64 and overflow is an error; nothing that can be
// called depends on a clock, a time zone or the order of a map; secrets pass
// through as references. An evaluation is bounded in nodes and bytes.
//
// The package is not the tree language: it knows nothing of YAML, of nodes'
// order or of files. Its caller turns the offsets of a [Fault] into lines, and
// caches what it compiles; an Expr may be evaluated by many goroutines at once.
package expression
