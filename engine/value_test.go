package engine_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"hooktree/engine"
)

func TestDecodeValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		want any
	}{
		{"an id of 19 digits is exact", `9223372036854775807`, int64(9223372036854775807)},
		{"one more is a float", `9223372036854775808`, float64(9223372036854775808)},
		{"a fraction is a float", `1.5`, 1.5},
		{"an exponent is a float", `1e3`, 1000.0},
		{"numbers inside are found", `{"a":[1,{"b":2}]}`, map[string]any{"a": []any{int64(1), map[string]any{"b": int64(2)}}}},
		{"null is nil", `null`, nil},
		{"a number no float holds keeps its digits", `1e999`, "1e999"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := engine.DecodeValue([]byte(tt.text))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("DecodeValue(%s) = %#v, %v; want %#v", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestDecodeValue_refusesWhatIsNotOneValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "1 2", "nul", `{"a":1}}`} {
		if v, err := engine.DecodeValue([]byte(text)); err == nil {
			t.Errorf("DecodeValue(%q) = %#v, want an error", text, v)
		}
	}
}

func TestTask_survivesJSON(t *testing.T) {
	t.Parallel()
	task := engine.Task{
		Node: "a", Place: "l[2]", Status: engine.TaskFailed, Order: 3,
		Inputs:  map[string]any{"id": int64(1) << 60},
		Results: []any{int64(7), 1.5, "x", nil, true},
		Error:   &engine.Failure{Code: "status", Message: "no", Detail: map[string]any{"status": int64(502)}},
	}
	data, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var got engine.Task
	if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, task) {
		t.Errorf("round trip gave %#v, %v; want %#v", got, err, task)
	}
}
