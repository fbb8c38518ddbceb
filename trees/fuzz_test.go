package trees_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/trees"
)

// FuzzParse feeds the parser anything. It must not panic; a tree comes without
// faults or not at all; and every fault stands inside the file.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"valid", "invalid"} {
		seeds, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(seeds) == 0 {
			f.Fatalf("no seeds in %s: %v", folder, err)
		}
		for _, seed := range seeds {
			src, err := os.ReadFile(seed)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	env := serviceDesk()
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, faults := trees.Parse("t.yaml", src, env)
		if (tree == nil) != (len(faults.Fatal()) > 0) {
			t.Errorf("tree %v with faults %v", tree, faults)
		}
		inside(t, src, faults)
		if tree != nil {
			again, _ := trees.Parse("t.yaml", src, env)
			if again == nil || again.Hash != tree.Hash {
				t.Errorf("parsed again: %v", again)
			}
			tree.Graph()
		}
	})
}

// FuzzParseSpace feeds the reader of space.yaml anything.
func FuzzParseSpace(f *testing.F) {
	for _, name := range []string{"space.yaml", "space_faults.yaml"} {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		space, faults := trees.ParseSpace("space.yaml", src)
		if (space == nil) != (len(faults.Fatal()) > 0) {
			t.Errorf("space %v with faults %v", space, faults)
		}
		inside(t, src, faults)
	})
}

// inside sees that faults are bounded in number and stand in the file.
func inside(t *testing.T, src []byte, faults trees.Faults) {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n")
	if len(faults) > 101 {
		t.Errorf("%d faults", len(faults))
	}
	for _, fault := range faults {
		if fault.Line < 1 || fault.Line > len(lines) {
			t.Fatalf("line %d of %d: %s", fault.Line, len(lines), fault.Message)
		}
		width := len([]rune(strings.TrimSuffix(lines[fault.Line-1], "\r")))
		if fault.Column < 1 || fault.Column > width+1 || fault.Length < 1 || fault.Column+fault.Length > max(width, fault.Column)+1 {
			t.Errorf("%d+%d of %d characters in line %d: %s", fault.Column, fault.Length, width, fault.Line, fault.Message)
		}
		if fault.Message == "" || len([]rune(fault.Text)) > 200 {
			t.Errorf("message %q, text of %d bytes", fault.Message, len(fault.Text))
		}
		fault.Render()
	}
}
