package expression

import (
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"hooktree/engine"
)

type thin struct {
	text    string
	program *vm.Program
}

func (t *thin) Eval(s engine.Scope) (any, error) { return vm.Run(t.program, map[string]any(s)) }
func (t *thin) Reads() []engine.NodeID           { return nil }
func (t *thin) String() string                   { return t.text }
func (t *thin) Type() engine.Type                { return engine.Type{Kind: engine.KindAny} }
func (t *thin) Secrets() []string                { return nil }
func (t *thin) Uses() []Use                      { return nil }

// Compile compiles a bare expression whose result is to be of the wanted kind.
func Compile(text string, _ *Env, _ engine.Kind) (Expr, error) {
	p, err := expr.Compile(text, expr.Env(map[string]any{}), expr.AllowUndefinedVariables())
	if err != nil {
		return nil, Faults{{Length: len(text), Message: err.Error()}}
	}
	return &thin{text, p}, nil
}

// Template compiles text with `${ }` in it.
func Template(text string, env *Env) (Expr, error) {
	if inner, ok := strings.CutPrefix(text, "${"); ok && strings.HasSuffix(inner, "}") {
		return Compile(strings.TrimSuffix(inner, "}"), env, engine.KindAny)
	}
	return Literal(text), nil
}
