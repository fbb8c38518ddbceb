package expression_test

import (
	"reflect"
	"testing"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// What people typed into a form comes as text: it reads as what its field is
// declared to be, and the payload stays as it came.
func TestEval_readsAnswersAsTheirFieldsAreDeclared(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, text string
		cost       any
		want       any
	}{
		{"an integer", `values.Cost`, "1200", int64(1200)},
		{"a number with a fraction", `values.Cost`, "1200.5", 1200.5},
		{"a number with an exponent", `values.Cost`, "12e2", 1200.0},
		{"space around it", `values.Cost > 1000`, " 1200 ", true},
		{"below zero", `values.Cost`, "-3", int64(-3)},
		{"a number that is one already", `values.Cost`, int64(7), int64(7)},
		{"no answer", `values.Cost`, "", ""},
		{"no number", `values.Cost`, "a lot", "a lot"},
		{"a hexadecimal number", `values.Cost`, "0x10", "0x10"},
		{"an endless number", `values.Cost`, "Inf", "Inf"},
		{"a number past all numbers", `values.Cost`, "1e999", "1e999"},
		{"by a quoted name", `values["Cost"] > 1000`, "1200", true},
		{"by a forgiving step", `values?.Cost`, "1200", int64(1200)},
		{"by a computed name", `values["Co" + "st"] > 1000`, "1200", true},
		{"by another name for all of them", `let v = values; v.Cost > 1000`, "1200", true},
		{"an integer with a fraction stays text", `values.Quantity`, nil, "2.5"},
		{"a boolean", `not values.Approved`, nil, true},
		{"text that is declared as text", `values.Notes`, nil, "12"},
		{"a declared name that the payload lacks", `previous`, nil, nil},
		{"a member of one", `previous?.Cost`, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			given := map[string]any{"Cost": tt.cost, "Quantity": "2.5", "Approved": " False", "Notes": "12"}
			e, err := expression.Compile(tt.text, desk(), "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(engine.Scope{"values": given})
			if err != nil || got != tt.want {
				t.Errorf("%s with Cost %#v = %#v, %v; want %#v", tt.text, tt.cost, got, err, tt.want)
			}
			if as := (map[string]any{"Cost": tt.cost, "Quantity": "2.5", "Approved": " False", "Notes": "12"}); !reflect.DeepEqual(given, as) {
				t.Errorf("the payload became %v", given)
			}
		})
	}
}
