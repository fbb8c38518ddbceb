package engine_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hooktree/engine"
)

// values draws anything that flows through a tree.
func values(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(), rapid.Int64().AsAny(),
		rapid.Float64().AsAny(), rapid.Map(rapid.Int64(), func(n int64) float64 { return float64(n) }).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	inner := values(depth - 1)
	return rapid.OneOf(append(leaves,
		rapid.SliceOfN(inner, 0, 4).AsAny(),
		rapid.MapOfN(rapid.String(), inner, 0, 4).AsAny())...)
}

func TestTask_AppendJSON_isReadAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 123e6).UTC()
		task := engine.Task{
			Node: engine.NodeID(rapid.String().Draw(t, "node")), Place: engine.Place(rapid.String().Draw(t, "place")),
			Status: engine.TaskComplete, Attempt: rapid.IntRange(0, 9).Draw(t, "attempt"),
			Inputs: rapid.MapOfN(rapid.String(), values(2), 1, 4).Draw(t, "inputs"), Results: values(3).Draw(t, "results"),
			Message: rapid.String().Draw(t, "message"), Warning: rapid.String().Draw(t, "warning"), Reason: rapid.String().Draw(t, "reason"),
			Error:    &engine.Failure{Code: "status", Message: "502", Detail: map[string]any{"status": int64(502)}},
			Attempts: []engine.Attempt{{Number: 1, Started: at, Error: engine.Failure{Code: "connect"}}},
			Fired: []engine.Decision{
				{To: "b", In: 1, On: engine.OnComplete, Fired: true},
				{To: "c", On: engine.OnFailed, Late: true, Error: rapid.String().Draw(t, "error")},
			},
			Order: 3, Done: rapid.Int64Range(0, 5).Draw(t, "done"), Due: at, Started: at, Tried: at, Ended: at,
		}
		text, err := task.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got engine.Task
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(got, task) {
			t.Fatalf("%s\nis read as %#v\nwas %#v", text, got, task)
		}
	})
}

func TestTask_AppendJSON_leavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	text, err := (&engine.Task{Node: "a", Status: engine.TaskNew}).AppendJSON(nil)
	if want := `{"node":"a","status":"New","order":0}`; err != nil || string(text) != want {
		t.Errorf("AppendJSON = %s, %v; want %s", text, err, want)
	}
}

func TestAppendValue_refusesWhatJSONHasNoNumberFor(t *testing.T) {
	t.Parallel()
	zero := 0.0
	for _, f := range []float64{1 / zero, -1 / zero, zero / zero} {
		if text, err := engine.AppendValue(nil, []any{map[string]any{"f": f}}); err == nil {
			t.Errorf("AppendValue(%v) = %s; want an error", f, text)
		}
	}
}
