package expression_test

import (
	"testing"

	"hooktree/engine"
	"hooktree/trees/expression"
)

func TestExplain_masksSecrets(t *testing.T) {
	t.Parallel()

	e, err := expression.Template(`${ secret('HR_TOKEN') } ${ inputs }`, desk())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := expression.Explain(e, request())
	if err == nil {
		t.Error("a map with a secret was joined into text")
	}
	if len(seen) != 2 {
		t.Fatalf("saw %d sub-expressions, want 2: %v", len(seen), seen)
	}
	if got := seen[0].Value; got != "•••HR_TOKEN" {
		t.Errorf("secret() is shown as %#v", got)
	}
	inputs, ok := seen[1].Value.(map[string]any)
	if !ok || inputs["token"] != "•••HR_TOKEN" {
		t.Errorf("a secret inside is shown as %#v", seen[1].Value)
	}
}

// What a caller composed is explained value by value, in its order.
func TestExplain_ofComposedValues(t *testing.T) {
	t.Parallel()

	value := func(text string) expression.Expr {
		e, err := expression.Template(text, desk())
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := expression.Mapping([]string{"a", "b"}, []expression.Expr{
		value("${ values.Quantity }"),
		expression.List([]expression.Expr{value("${ space.name }!"), expression.Literal(int64(1))}),
	})
	seen, err := expression.Explain(e, request())
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[0].Text != "values.Quantity" || seen[1].Text != "space.name" || seen[1].Value != "acme" {
		t.Errorf("saw %+v", seen)
	}
}

// A node that has not run may be missing from the scope altogether; a field
// that is not declared may not.
func TestEval_ofWhatTheScopeLeavesOut(t *testing.T) {
	t.Parallel()

	scope := engine.Scope{"nodes": map[string]any{}, "values": map[string]any{}, "inputs": map[string]any{}}
	tests := []struct {
		text string
		fail bool
	}{
		{`nodes.approval == nil`, false},
		{`nodes.approval?.decision == nil`, false},
		{`values.Notes == nil`, false},
		{`inputs.token == nil`, true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()

			e, err := expression.Compile(tt.text, desk(), engine.KindBool)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(scope)
			if (err != nil) != tt.fail || err == nil && got != true {
				t.Errorf("%s = %v, %v", tt.text, got, err)
			}
		})
	}
}
