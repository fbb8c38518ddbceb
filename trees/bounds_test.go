package trees_test

import (
	"fmt"
	"strings"
	"testing"

	"hooktree/trees"
)

const heading = "tree: G / N\n"

// lines repeats a text with a rising number in it.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestBoundsOfAFile(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		src  string
		want string // in the only fault; empty for a sound tree
	}{
		{"as many nodes as there may be", heading + "nodes:\n" + lines(trees.MaxNodes, "  - id: n%d\n"), ""},
		{"a node too many", heading + "nodes:\n" + lines(trees.MaxNodes+1, "  - id: n%d\n"), "2001 nodes"},
		{"nodes too many in a body", heading + "nodes:\n  - id: loop\n    each: values.Items\n    nodes:\n" + lines(trees.MaxNodes, "      - id: n%d\n"), "2001 nodes"},
		{
			"connectors too many",
			heading + "nodes:\n" + lines(300, "  - id: n%d\n") + "  - id: z\n    join: all\n    after: [" + lines(trees.MaxConnectors+1, "n%d, ") + "]\n",
			"257 connectors",
		},
		{"a long line", heading + "note: \"" + strings.Repeat("x", 500_000) + "\"\nnodes:\n  - id: a\n", ""},
		{"a file too long", heading + strings.Repeat("# x\n", trees.MaxFile/4), "at most 1048576 are read"},
		{"brackets without end", "a: " + strings.Repeat("[", 500_000), "exceeded max depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			tree, faults := trees.Parse("t.yaml", []byte(tt.src), serviceDesk())
			switch {
			case tt.want == "" && tree == nil:
				t.Errorf("faults:\n%s", faults.Error())
			case tt.want != "" && (tree != nil || len(faults) != 1 || !strings.Contains(faults.Error(), tt.want)):
				t.Errorf("want one fault with %q, got:\n%.500s", tt.want, faults.Error())
			}
		})
	}
}

func TestALargeTreeIsCheckedLikeASmallOne(t *testing.T) {
	t.Parallel()

	filler := lines(100, "  - id: n%d\n    do: set\n    with: {v: 1}\n")
	tests := map[string]string{
		"when: nodes.n7.w == 1\n":     "nodes.n7 has no w",
		"when: nodes.m7.v == 1\n":     "did you mean n7?",
		"when: nodes.n7.v == 1\n":     "",
		"when: nodes.last.v == 1\n":   "has not run here",
		"when: values.Cost == \"\"\n": "this compares",
	}
	for line, want := range tests {
		env := serviceDesk()
		src := "tree: " + laptopPath + "\nnodes:\n" + filler + "  - id: last\n    do: set\n    with: {v: 1}\n    " + line
		_, faults := trees.Parse("t.yaml", []byte(src), env)
		if got := faults.Render(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%sgave %q; want %q", line, got, want)
		}
	}
	_, faults := trees.Parse("t.yaml", []byte(heading+"lane: nodes.n1.v\nnodes:\n"+filler), serviceDesk())
	if !strings.Contains(faults.Error(), "there is no name nodes here") {
		t.Errorf("nodes were read before the run: %v", faults)
	}
}

func TestRenderStaysReadableWhateverTheLineHolds(t *testing.T) {
	t.Parallel()

	src := heading + "nodes:\n  - id: a\n    note: \"" + strings.Repeat("é", 400) + "\"\n    do: log\n    with: {message: \"" + strings.Repeat("ü", 300) + " ${ nope }\"}\n"
	_, faults := trees.Parse("t.yaml", []byte(src), serviceDesk())
	if len(faults) != 1 {
		t.Fatalf("faults: %v", faults)
	}
	shown := strings.Split(faults[0].Render(), "\n")
	text, caret := []rune(shown[1]), []rune(shown[2])
	at := strings.IndexRune(string(caret), '^')
	if len(text) > 200 || string(text[at:at+4]) != "nope" {
		t.Errorf("the caret is not under the name:\n%s", faults[0].Render())
	}
}
