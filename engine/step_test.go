package engine_test

import (
	"maps"
	"strings"
	"testing"

	"hooktree/engine"
)

func mustTree(t *testing.T, lines ...string) *engine.Tree {
	t.Helper()
	tree, err := readTree(lines)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestStep_refuses_a_mistake_of_its_caller(t *testing.T) {
	t.Parallel()

	d := newDriver(mustTree(t, "a | call"), nil, nil)
	if _, _, err := d.feed(engine.Started{At: midnight}); err != nil {
		t.Fatal(err)
	}
	unloaded, newer := d.state, d.state
	unloaded.Tasks = nil
	newer.Head.Semantics = engine.Semantics + 1
	ok := engine.Succeeded{Command: "R/a//1"}
	tests := []struct {
		name  string
		tree  *engine.Tree
		state engine.State
		event engine.Event
		want  string
	}{
		{"a tree that is not prepared", &engine.Tree{}, d.state, ok, "step run R: the tree was not made by NewTree"},
		{"no tree", nil, d.state, ok, "step run R: the tree was not made by NewTree"},
		{"no event", d.tree, d.state, nil, "step run R: there is no event"},
		{"another first event", d.tree, engine.State{}, ok, "step run : the first event is engine.Succeeded and not Started"},
		{"a run of a newer engine", d.tree, newer, ok, "step run R: it was started by a newer engine (semantics 2, this one knows 1)"},
		{"an open task that is not loaded", d.tree, unloaded, ok, `step run R: the task of the open node "a" at place "" is not loaded (duty 5)`},
		{
			"a run of another tree", mustTree(t, "b | call"), d.state, ok,
			`step run R: the open node "a" is not in the tree script :: g :: n: the run was started with another version`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			delta, commands, err := engine.Step(tt.tree, tt.state, tt.event)
			if message(err) != tt.want || delta.Changed || len(commands) > 0 {
				t.Errorf("Step gave %q, want %q", message(err), tt.want)
			}
		})
	}
}

func TestStep_leaves_the_state_that_it_was_given_as_it_was(t *testing.T) {
	t.Parallel()

	d := newDriver(mustTree(t, "a | call | retry 3 1s", "b | call | after start", "j | after a | after b | join all"), nil, nil)
	if _, _, err := d.feed(engine.Started{At: midnight}); err != nil {
		t.Fatal(err)
	}
	before, tasks := d.picture(), maps.Clone(d.state.Tasks)
	for _, ev := range []engine.Event{
		engine.Succeeded{Command: "R/a//1", Results: map[string]any{"n": int64(1)}},
		engine.Failed{Command: "R/a//1", Failure: engine.Failure{Retryable: true}},
		engine.Cancelled{Reason: "enough"},
	} {
		if _, _, err := engine.Step(d.tree, d.state, ev); err != nil {
			t.Fatal(err)
		}
		if d.picture() != before || len(tasks) != len(d.state.Tasks) {
			t.Errorf("%T changed the state that Step was given", ev)
		}
	}
}

func TestStep_calls_routines_to_a_bounded_depth(t *testing.T) {
	t.Parallel()

	d := newDriver(mustTree(t, "a | routine r"), nil, nil)
	d.state.Run.Depth = engine.MaxDepth
	delta, commands, err := d.feed(engine.Started{At: midnight})
	if err != nil {
		t.Fatal(err)
	}
	if len(commands) > 0 || len(delta.Faults) != 1 || delta.Faults[0].Kind != engine.FaultLimit {
		t.Errorf("a routine at depth %d gave %v and %v", engine.MaxDepth, commands, delta.Faults)
	}
}

func TestTask_keeps_a_bounded_number_of_attempts(t *testing.T) {
	t.Parallel()

	d := newDriver(mustTree(t, "a | call | retry 100 1s"), nil, nil)
	if _, _, err := d.feed(engine.Started{At: midnight}); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		call := commandID(d.open[0])
		for _, ev := range []engine.Event{
			engine.Failed{Command: call, Failure: engine.Failure{Code: "busy", Message: strings.Repeat("ü", 400), Retryable: true}},
			engine.Elapsed{Command: call + "/retry"},
		} {
			if _, _, err := d.feed(ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	task := d.state.Tasks[engine.TaskKey{Node: "a"}]
	if n := len(task.Attempts); n != engine.MaxAttempts || task.Attempts[n-1].Number != 30 {
		t.Errorf("%d attempts are kept, the last is %d", n, task.Attempts[n-1].Number)
	}
}

func TestTree_Bind(t *testing.T) {
	t.Parallel()

	def, err := parse(`{"run": "=run"}`)
	if err != nil {
		t.Fatal(err)
	}
	broken, err := parse("raise no")
	if err != nil {
		t.Fatal(err)
	}
	tree := &engine.Tree{
		Title:  engine.Title{Source: "s", Group: "g", Name: "n"},
		Inputs: []engine.Input{{Name: "sku", Required: true}, {Name: "note"}, {Name: "more", Default: def}},
	}
	wrong := &engine.Tree{Title: tree.Title, Inputs: []engine.Input{{Name: "more", Default: broken}}}
	tests := []struct {
		name    string
		tree    *engine.Tree
		given   map[string]any
		want    string
		wantErr string
	}{
		{"defaults are added", tree, map[string]any{"sku": "x"}, `{"more":{"run":7},"note":null,"sku":"x"}`, ""},
		{"what is given wins", tree, map[string]any{"sku": nil, "more": 1}, `{"more":1,"note":null,"sku":null}`, ""},
		{"a required one is missing", tree, nil, "null", `s :: g :: n: the input "sku" is required`},
		{"one that is not declared", tree, map[string]any{"sku": 1, "b": 1, "a": 1}, "null", `s :: g :: n has no input "a"`},
		{"a default that raises", wrong, nil, "null", `s :: g :: n: the default of the input "more": no`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			got, err := tt.tree.Bind(tt.given, engine.Scope{"run": 7})
			if text(got) != tt.want || message(err) != tt.wantErr {
				t.Errorf("Bind gave %s, %q; want %s, %q", text(got), message(err), tt.want, tt.wantErr)
			}
		})
	}
}

func TestHead_Pending_names_what_a_run_waits_for(t *testing.T) {
	t.Parallel()

	tree := mustTree(t, "a | call | retry 3 1m", "b | after start when raise no", "c | after start | wait \"2d\"", "d | after start | defer")
	d := newDriver(tree, nil, nil)
	for _, ev := range []engine.Event{
		engine.Started{At: midnight},
		engine.Failed{Command: "R/a//1", At: midnight, Failure: engine.Failure{Retryable: true}},
	} {
		if _, _, err := d.feed(ev); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, p := range d.state.Head.Pending(tree) {
		got = append(got, string(p.Status)+": "+p.Reason)
	}
	want := "Error: an error in the connector start>b#0\n" +
		"Waiting: c waits until 2026-01-04 00:00:00 UTC\n" +
		"Waiting: d waits for its token\n" +
		"Retrying: retry 2 of 3 of a at 2026-01-02 00:01:00 UTC"
	if strings.Join(got, "\n") != want {
		t.Errorf("the run waits for\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

func TestStep_writes_a_bounded_number_of_bytes(t *testing.T) {
	t.Parallel()

	large := strings.Repeat("x", engine.MaxWritten*2/3)
	d := newDriver(
		mustTree(t, "a | set {\"x\": \"=values\"}", "b | set {\"x\": \"=values\"}", "c | set {\"x\": \"=values\"}"),
		map[string]any{"values": large}, nil,
	)
	delta, _, err := d.feed(engine.Started{At: midnight})
	if err != nil {
		t.Fatal(err)
	}
	if len(delta.Tasks) != 1 || delta.Head.Continue == "" {
		t.Errorf("a step wrote %d tasks of %d bytes each", len(delta.Tasks), 2*len(large))
	}
}
