package trees_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/trees"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The files of testdata/invalid show what is told of faulty trees: each .yaml
// stands beside the .faults that it gives.
func TestInvalidTreesAreToldWithTheirPlaceAndAHint(t *testing.T) {
	t.Parallel()

	files := goldenFiles(t, "invalid", 60)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()

			tree, faults := parseFile(t, file)
			if tree != nil {
				t.Errorf("the tree was compiled in spite of its faults")
			}
			if len(faults.Fatal()) == 0 {
				t.Errorf("no fault was told")
			}
			for _, f := range faults {
				checkPlace(t, file, f)
			}
			compareGolden(t, strings.TrimSuffix(file, ".yaml")+".faults", faults.Render())
		})
	}
}

// The files of testdata/valid show what trees become: each .yaml stands beside
// the .golden of its nodes, connectors and warnings.
func TestValidTreesBecomeNodesAndConnectors(t *testing.T) {
	t.Parallel()

	files := goldenFiles(t, "valid", 30)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()

			tree, faults := parseFile(t, file)
			if tree == nil {
				t.Fatalf("faults:\n%s", faults.Render())
			}
			for _, f := range faults {
				checkPlace(t, file, f)
			}
			compareGolden(t, strings.TrimSuffix(file, ".yaml")+".golden", drawing(tree)+faults.Render())
		})
	}
}

func goldenFiles(t *testing.T, folder string, least int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < least {
		t.Fatalf("%d files in testdata/%s; want at least %d", len(files), folder, least)
	}
	return files
}

func parseFile(t *testing.T, file string) (*trees.Tree, trees.Faults) {
	t.Helper()
	return trees.Parse(filepath.Base(file), readFile(t, file), serviceDesk())
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// checkPlace sees that a fault lies in its file and shows its line.
func checkPlace(t *testing.T, file string, f trees.Fault) {
	t.Helper()
	lines := strings.Split(string(readFile(t, file)), "\n")
	if f.Line < 1 || f.Line > len(lines) || f.Column < 1 || f.Column > len([]rune(lines[f.Line-1]))+1 || f.Length < 1 {
		t.Errorf("%d:%d+%d is not in the file: %s", f.Line, f.Column, f.Length, f.Message)
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update and read the difference)", err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// drawing writes a tree as lines: a node, and below it the ways into it.
func drawing(tree *trees.Tree) string {
	var b strings.Builder
	g := tree.Graph()
	fmt.Fprintf(&b, "%s\n", g.Title)
	for _, key := range []struct {
		name string
		expr engine.Expr
	}{{"when", tree.When}, {"dedupe", tree.Dedupe}, {"lane", tree.Lane}} {
		if key.expr != nil {
			fmt.Fprintf(&b, "%s: %s\n", key.name, key.expr)
		}
	}
	for _, in := range tree.Inputs {
		fmt.Fprintf(&b, "input %s required=%t default=%v\n", in.Name, in.Required, in.Default)
	}
	for _, out := range tree.Outputs {
		fmt.Fprintf(&b, "output %s = %v\n", out.Name, out.Value)
	}
	for i, n := range g.Nodes[1:] {
		fmt.Fprintf(&b, "%d %s\n", n.Line, nodeLine(n, &tree.Nodes[i]))
		for _, c := range g.Connectors {
			if c.To == n.ID {
				fmt.Fprintf(&b, "    <- %s\n", connectorLine(c))
			}
		}
	}
	return b.String()
}

func nodeLine(shown trees.GraphNode, n *engine.Node) string {
	parts := []string{string(shown.ID) + ":", shown.Kind}
	add := func(ok bool, format string, args ...any) {
		if ok {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(shown.Does != "", "%s", shown.Does)
	add(shown.Name != string(shown.ID), "%q", shown.Name)
	add(shown.Loop != "", "in %s", shown.Loop)
	add(shown.When != "", "when (%s)", shown.When)
	add(shown.Join != "", "join %s", shown.Join)
	add(n.Join.Ancestor != "", "from %s through %v", n.Join.Ancestor, n.Join.Between)
	add(n.Loop != nil && n.Loop.Each != nil, "each (%s)", shown.Each)
	if l := n.Loop; l != nil {
		add(true, "as=%s parallel=%d need=%d max=%d", l.As, l.Parallel, l.Need, l.Max)
		add(l.Until != nil, "until (%v)", l.Until)
	}
	add(n.With != nil, "with %v", n.With)
	add(n.Return != nil, "%v", n.Return)
	add(n.Reply != nil, "%v", n.Reply)
	if n.Defer != nil {
		add(true, "defers timeout=%v else=%v", n.Defer.Timeout, n.Defer.Else)
	}
	add(n.Retry.Max > 0, "retry max=%d wait=%s factor=%g cap=%s when=%v", n.Retry.Max, n.Retry.Wait, n.Retry.Factor, n.Retry.Cap, n.Retry.When)
	add(n.Timeout > 0, "timeout=%s", n.Timeout)
	add(n.Message != engine.Message{}, "message %v / %v / %v", n.Message.Created, n.Message.Updated, n.Message.Completed)
	add(n.Routine != nil && n.Routine.Detach, "detached")
	add(n.Parked, "parked")
	add(n.End, "end")
	return strings.Join(parts, " ")
}

func connectorLine(c trees.GraphConnector) string {
	text := string(c.From)
	if c.On != engine.OnComplete {
		text += "." + string(c.On)
	}
	if c.Line {
		text += " (line)"
	}
	if c.When != "" {
		text += " when (" + c.When + ")"
	}
	if c.Label != "" {
		text += " " + c.Label
	}
	return text
}
