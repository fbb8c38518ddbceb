package engine_test

import (
	"testing"

	"hooktree/engine"
)

func TestPlace_knows_what_is_around_it(t *testing.T) {
	t.Parallel()

	item := engine.Place("").Item("loop", 3)
	update := item.Update("wait", 1)
	visit := update.Visit("join", 2)
	if want := engine.Place("loop[3]/wait+1/join~2"); visit != want {
		t.Errorf("the place is %q, want %q", visit, want)
	}
	if visit.Parent() != update || item.Parent() != "" || engine.Place("").Parent() != "" {
		t.Error("the parent is not the place around")
	}
	if last, ok := visit.Last(); !ok || last != (engine.Mark{Kind: engine.MarkVisit, Node: "join", Number: 2}) {
		t.Errorf("the last mark is %v", last)
	}
	if _, ok := engine.Place("").Last(); ok {
		t.Error("the top has a mark")
	}
}

func TestPlace_Within(t *testing.T) {
	t.Parallel()

	tests := []struct {
		place, around engine.Place
		want          bool
	}{
		{"", "", true},
		{"a[1]", "", true},
		{"", "a[1]", false},
		{"a[1]", "a[1]", true},
		{"a[1]/b~1", "a[1]", true},
		{"a[12]", "a[1]", false},
		{"a~12", "a~1", false},
	}
	for _, tt := range tests {
		if got := tt.place.Within(tt.around); got != tt.want {
			t.Errorf("%q within %q is %t, want %t", tt.place, tt.around, got, tt.want)
		}
	}
}

func TestTaskKey_is_read_as_it_was_written(t *testing.T) {
	t.Parallel()

	for _, key := range []engine.TaskKey{{Node: "a"}, {Node: "a", Place: "l[0]/b~1"}} {
		if got, ok := engine.ParseTaskKey(key.String()); !ok || got != key {
			t.Errorf("%q reads %v", key, got)
		}
	}
	for _, text := range []string{"", "a", "/x", "a/b", "a/b[0"} {
		if got, ok := engine.ParseTaskKey(text); ok {
			t.Errorf("%q reads %v", text, got)
		}
	}
}

func TestRun_Token_depends_on_seed_node_and_place(t *testing.T) {
	t.Parallel()

	run := engine.Run{Seed: [32]byte{1}}
	other := engine.Run{Seed: [32]byte{2}}
	key := engine.TaskKey{Node: "a", Place: "l[0]"}
	tokens := map[string]bool{
		run.Token(key): true, other.Token(key): true,
		run.Token(engine.TaskKey{Node: "a"}): true, run.Token(engine.TaskKey{Node: "b", Place: "l[0]"}): true,
	}
	if len(tokens) != 4 || !tokens[run.Token(key)] {
		t.Errorf("tokens repeat: %v", tokens)
	}
	if got, want := len(run.Token(key)), 43; got != want {
		t.Errorf("a token has %d characters, want %d", got, want)
	}
}
