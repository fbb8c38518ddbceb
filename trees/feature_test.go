package trees_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hooktree/trees"
)

// Without Ahead, every tree either can run, or it is told
// what this version does not run yet, where it stands.
func TestWhatIsNotRunYetIsTold(t *testing.T) {
	t.Parallel()

	waiting := []string{"`defer:`", "`routine:`", "a connector `updated`", "`each: {data, path}`"}
	told := make(map[string]bool)
	runs := 0
	for _, file := range goldenFiles(t, "valid", 30) {
		env := serviceDesk()
		env.Ahead = false
		tree, faults := trees.Parse(filepath.Base(file), readFile(t, file), env)
		if tree != nil {
			runs++
			continue
		}
		for _, f := range faults.Fatal() {
			what, ok := strings.CutSuffix(f.Message, " is not run by this version of hooktree yet")
			if !ok || !slices.Contains(waiting, what) {
				t.Errorf("%s: %s", file, f.Error())
			}
			told[what] = true
		}
	}
	if runs < 15 || len(told) != len(waiting) {
		t.Errorf("%d trees run, told of %v; want each of %v", runs, told, waiting)
	}
}

func TestAGraphIsPlainJSON(t *testing.T) {
	t.Parallel()

	src := "tree: G / N\nnodes:\n  - id: a\n    do: set\n  - id: b\n    after: {node: a, when: values.x == 1, label: yes}\n    end: true\n"
	tree, faults := trees.Parse("t.yaml", []byte(src), serviceDesk())
	if tree == nil {
		t.Fatal(faults)
	}
	g := tree.Graph()
	g.Hash = ""
	got, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"title":{"source":"Kinetic Request CE","group":"G","name":"N"},"hash":"","nodes":[` +
		`{"id":"start","name":"start","kind":"start"},` +
		`{"id":"a","name":"a","kind":"handler","does":"set","line":3},` +
		`{"id":"b","name":"b","kind":"waypoint","end":true,"line":5}],"connectors":[` +
		`{"from":"start","to":"a","in":0,"on":"complete","line":true},` +
		`{"from":"a","to":"b","in":0,"on":"complete","when":"values.x == 1","label":"yes"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
