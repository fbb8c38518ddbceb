package expression_test

import (
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// The floor is the machine of expr alone, run on the same expression without
// checks of members, without a budget and with a machine of its own for each
// run, as expr.Run has it. A template's floor is the sum that joins the parts.
var pairs = []struct {
	name     string
	text     string
	template bool
	floor    string
}{
	{"condition", `values.Quantity > 0`, false, `values.Quantity > 0`},
	{"and", `values.Cost > 1000 and nodes.manager.body.email != ""`, false, `values.Cost > 1000 and nodes.manager.body.email != ""`},
	{
		"template", `${ values["Needed By"] }/people/${ nodes.manager.body.email }/${ space.name }`, true,
		`values["Needed By"] + "/people/" + nodes.manager.body.email + "/" + space.name`,
	},
	{"filter", `filter(values.Items, .qty > 0)`, false, `filter(values.Items, .qty > 0)`},
}

func BenchmarkEval(b *testing.B) {
	for _, p := range pairs {
		b.Run(p.name, func(b *testing.B) {
			e, err := compiled(p.text, p.template)
			if err != nil {
				b.Fatal(err)
			}
			scope := request()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Eval(scope); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFloor(b *testing.B) {
	for _, p := range pairs {
		b.Run(p.name, func(b *testing.B) {
			scope := map[string]any(request())
			program, err := expr.Compile(p.floor, expr.Env(scope))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := vm.Run(program, scope); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	env := desk()
	for b.Loop() {
		if _, err := expression.Compile(`values.Cost > 1000 and nodes.approval?.decision == "approved"`, env, engine.KindBool); err != nil {
			b.Fatal(err)
		}
	}
}

// An evaluation that goes to the end of its budget is what a step may be held
// for at most.
func BenchmarkBudget(b *testing.B) {
	e, err := expression.Compile(`filter(1..190000, # > 1)`, desk(), "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Eval(request()); err != nil {
			b.Fatal(err)
		}
	}
}
