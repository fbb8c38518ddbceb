package trees_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"hooktree/engine"
	"hooktree/trees"
)

func files(pairs ...string) []trees.File {
	var list []trees.File
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, trees.File{Path: pairs[i], Content: []byte(pairs[i+1])})
	}
	return list
}

const one = "nodes:\n  - id: a\n    do: set\n"

func call(routine string) string { return "nodes:\n  - id: a\n    routine: " + routine + "\n" }

func TestCheckTellsWhatFilesSayTogether(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name  string
		files []trees.File
		want  []string // place and message of each fault, in order
	}{
		{"a title twice", files("trees/a.yaml", "tree: G / N\n"+one, "trees/b.yaml", "tree: G / N\n"+one), []string{
			`trees/b.yaml:1:7: "Kinetic Request CE :: G :: N" is defined in trees/a.yaml already`,
		}},
		{"a routine twice", files("trees/a.yaml", "routine: r\n"+one, "trees/b.yaml", "routine: r\n"+one), []string{
			`trees/b.yaml:1:10: "- :: - :: r" is defined in trees/a.yaml already`,
		}},
		{"an unknown routine", files("trees/a.yaml", "tree: G / N\n"+call("sed"), "trees/b.yaml", "routine: send\n"+one), []string{
			`trees/a.yaml:4:14: unknown routine "sed"`,
		}},
		{"a routine of another source", files("trees/a.yaml", "tree: G / N\n"+call("r"), "trees/b.yaml", "routine: r\nsource: Shop\n"+one), []string{
			`trees/a.yaml:4:14: unknown routine "r"`,
		}},
		{"a broken routine does not make its callers faulty", files("trees/a.yaml", "tree: G / N\n"+call("r"), "trees/b.yaml", "routine: r\nnodes:\n  - id: a\n    do: htp\n"), []string{
			`trees/b.yaml:4:9: unknown handler "htp"`,
		}},
		{"all files at once, by name and line", files("trees/b.yaml", "tree: G\n"+one+"  - id: B\n", "trees/a.yaml", "x: 1\n"), []string{
			"trees/a.yaml:1:1: unknown key `x` in a tree",
			"trees/a.yaml:1:1: the file does not say which tree it is",
			"trees/a.yaml:1:1: the tree has no nodes",
			"trees/b.yaml:1:7: the title \"G\" has no ` / `",
			`trees/b.yaml:5:9: "B" is no id`,
		}},
		{"the other ending", files("trees/a.yml", "tree: G / N\n"+one), []string{"trees/a.yml:1:1: tree files end in .yaml"}},
		{"nothing but trees is read", files("webhooks.yaml", "{", "events/a.yaml", "}"), nil},
		{"the same name in two sources", files("trees/a.yaml", "tree: G / N\n"+one, "trees/b.yaml", "tree: G / N\nsource: Shop\n"+one), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			env := serviceDesk()
			env.Routines = nil
			library, faults := trees.Check(tt.files, env)
			if (library == nil) != (len(tt.want) > 0) {
				t.Errorf("library %v with %d faults", library, len(faults))
			}
			got := strings.Split(faults.Error(), "\n")
			for _, want := range tt.want {
				if !strings.Contains(faults.Error(), want) {
					t.Errorf("no %q among:\n%s", want, faults.Error())
				}
			}
			if len(tt.want) > 0 && len(got) != len(tt.want) {
				t.Errorf("%d faults; want %d:\n%s", len(got), len(tt.want), faults.Error())
			}
		})
	}
}

func TestLibraryFindsTreesByTitlePathAndName(t *testing.T) {
	t.Parallel()

	library, faults := trees.Check(files(
		"trees/c.yaml", "tree: G / N\n"+one,
		"trees/b.yaml", "tree: G / N\nsource: Shop\n"+one,
		"trees/a.yaml", "routine: r\n"+one,
		"trees/d.yaml", "routine: r\nsource: Shop\n"+one,
	), serviceDesk())
	if library == nil {
		t.Fatal(faults)
	}
	var titles []string
	for _, tree := range library.All() {
		titles = append(titles, tree.Title.String())
	}
	if got := strings.Join(titles, ", "); got != "- :: - :: r, Kinetic Request CE :: G :: N, Shop :: - :: r, Shop :: G :: N" {
		t.Errorf("All() = %s", got)
	}
	if tree, ok := library.Path("G / N"); !ok || tree.Title.Source != trees.DefaultSource {
		t.Errorf("Path found %v", tree)
	}
	for source, want := range map[string]string{"Shop": "Shop", "Other": trees.Global} {
		if tree, ok := library.Routine("r", source); !ok || tree.Title.Source != want {
			t.Errorf("Routine(r, %s) = %v; want that of %s", source, tree, want)
		}
	}
	if len(library.Files()) != 4 || library.Space() == nil || len(library.Warnings()) != 0 {
		t.Errorf("%d files, space %v, warnings %v", len(library.Files()), library.Space(), library.Warnings())
	}
	if _, ok := library.Routine("N", "Shop"); ok {
		t.Error("a tree was taken for a routine")
	}
	if _, ok := library.Find(engine.Title{Source: "Shop", Group: "G", Name: "X"}); ok {
		t.Error("found a title that is not there")
	}
}

// hashes checks files and gives the hash of each tree by its name.
func hashes(t *testing.T, list []trees.File, env trees.Environment) map[string]string {
	t.Helper()
	env.Routines = nil
	library, faults := trees.Check(list, env)
	if library == nil {
		t.Fatal(faults)
	}
	byName := make(map[string]string)
	for _, tree := range library.All() {
		byName[tree.Title.Name] = tree.Hash
	}
	return byName
}

func TestAHashCoversWhatATreeMeans(t *testing.T) {
	t.Parallel()

	base := func() []trees.File {
		return files(
			"trees/caller.yaml", "tree: G / caller\n"+call("middle"),
			"trees/middle.yaml", "routine: middle\n"+call("leaf"),
			"trees/leaf.yaml", "routine: leaf\n"+one,
			"trees/other.yaml", "tree: G / other\nnodes:\n  - id: a\n    do: log\n    with: {message: x}\n",
		)
	}
	before := hashes(t, base(), serviceDesk())

	tests := []struct {
		name    string
		change  func([]trees.File, *trees.Environment) []trees.File
		changed string // names, by a space
	}{
		{"the same files", func(f []trees.File, _ *trees.Environment) []trees.File { return f }, ""},
		{"another file name", func(f []trees.File, _ *trees.Environment) []trees.File {
			f[0].Path = "trees/renamed.yaml"
			return f
		}, ""},
		{"a comment", func(f []trees.File, _ *trees.Environment) []trees.File {
			f[3].Content = append([]byte("# new\n"), f[3].Content...)
			return f
		}, "other"},
		{"a routine, and all that lead to it", func(f []trees.File, _ *trees.Environment) []trees.File {
			f[2].Content = append([]byte("# new\n"), f[2].Content...)
			return f
		}, "caller leaf middle"},
		{"the spec of a handler", func(f []trees.File, env *trees.Environment) []trees.File {
			spec := *env.Handlers["log"]
			spec.Params = append(spec.Params, engine.Param{Name: "level", Type: text})
			env.Handlers["log"] = &spec
			return f
		}, "other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			env := serviceDesk()
			after := hashes(t, tt.change(base(), &env), env)
			for name, hash := range before {
				if want := strings.Contains(" "+tt.changed+" ", " "+name+" "); (after[name] != hash) != want {
					t.Errorf("hash of %s changed: %t; want %t", name, after[name] != hash, want)
				}
			}
		})
	}
}

func TestRoutinesMayCallEachOtherInACircle(t *testing.T) {
	t.Parallel()

	circle := func(note string) []trees.File {
		return files(
			"trees/a.yaml", "routine: a\n"+call("b"),
			"trees/b.yaml", "routine: b\nnote: "+note+"\n"+call("a"),
			"trees/c.yaml", "routine: c\n"+call("a"),
			"trees/d.yaml", "routine: d\n"+call("d"),
			"trees/e.yaml", "routine: e\n"+one,
		)
	}
	library, faults := trees.Check(circle("x"), serviceDesk())
	if library == nil {
		t.Fatal(faults)
	}
	for name, recursive := range map[string]bool{"a": true, "b": true, "c": false, "d": true, "e": false} {
		tree, _ := library.Routine(name, "")
		if tree.Recursive != recursive {
			t.Errorf("%s recursive: %t; want %t", name, tree.Recursive, recursive)
		}
		for _, title := range tree.Calls {
			called, _ := library.Find(title)
			if tree.Nodes[0].Routine.Hash != called.Hash {
				t.Errorf("%s is bound to another version of %s", name, title.Name)
			}
		}
	}
	before, after := hashes(t, circle("x"), serviceDesk()), hashes(t, circle("y"), serviceDesk())
	for name, want := range map[string]bool{"a": true, "b": true, "c": true, "d": false, "e": false} {
		if changed := before[name] != after[name]; changed != want {
			t.Errorf("hash of %s changed: %t; want %t", name, changed, want)
		}
	}
}

func TestWarningsDoNotKeepTreesFromRunning(t *testing.T) {
	t.Parallel()

	warned := "nodes:\n  - id: a\n    end: true\n  - id: b\n"
	library, faults := trees.Check(files("trees/b.yaml", "tree: G / B\n"+warned, "trees/a.yaml", "tree: G / A\n"+warned), serviceDesk())
	if library == nil || len(faults.Warnings()) != 2 || len(faults.Fatal()) != 0 {
		t.Fatalf("library %v, faults:\n%s", library, faults.Error())
	}
	if got := library.Warnings(); len(got) != 2 || got[0].File != "trees/a.yaml" || !strings.Contains(got[0].Render(), "warning: ") {
		t.Errorf("warnings:\n%s", got.Render())
	}
	if got := library.All()[0].Warnings; len(got) != 1 || got[0].File != "trees/a.yaml" {
		t.Errorf("of the first tree: %v", got)
	}
}

func TestReadFilesTakesTheFilesOfASpace(t *testing.T) {
	t.Parallel()

	fsys := fstest.MapFS{
		"space.yaml":           {Data: []byte("slug: a")},
		"webhooks.yaml":        {Data: []byte("[]")},
		"trees/deep/a.yaml":    {Data: []byte("tree: a / b")},
		"trees/b.yml":          {Data: []byte("x")},
		"trees/.#a.yaml":       {Data: []byte("an editor's")},
		"trees/.git/a.yaml":    {Data: []byte("not ours")},
		"trees/README.md":      {Data: []byte("not ours")},
		"events/e.yaml":        {Data: []byte("x")},
		"handlers/h.yaml":      {Data: []byte("x")},
		"tests/t.yaml":         {Data: []byte("x")},
		"node_modules/a.yaml":  {Data: []byte("x")},
		"trees/too-long.yaml":  {Data: make([]byte, trees.MaxFile+5)},
		"handlers/sub/h2.yaml": {Data: []byte("x")},
	}
	got, err := trees.ReadFiles(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range got {
		paths = append(paths, f.Path)
		if len(f.Content) > trees.MaxFile+1 {
			t.Errorf("%d bytes of %s were kept", len(f.Content), f.Path)
		}
	}
	want := "events/e.yaml handlers/h.yaml handlers/sub/h2.yaml space.yaml trees/b.yml trees/deep/a.yaml trees/too-long.yaml webhooks.yaml"
	if strings.Join(paths, " ") != want {
		t.Errorf("got %v; want %s", paths, want)
	}
}

func TestLoadJoinsTheFaultsOfAllFiles(t *testing.T) {
	t.Parallel()

	library, faults := trees.Load(
		files("space.yaml", "slug: a\nsluk: b\n", "trees/a.yaml", "tree: G\n"+one),
		func([]trees.File, *trees.Space) (trees.Environment, trees.Faults) {
			env, _ := prepare(nil, nil)
			return env, trees.Faults{{File: "webhooks.yaml", Line: 1, Column: 1, Length: 1, Severity: trees.SeverityFault, Message: "no"}}
		})
	if library != nil || len(faults) != 3 || faults[0].File != "space.yaml" || faults[1].File != "trees/a.yaml" || faults[2].File != "webhooks.yaml" {
		t.Errorf("library %v, faults:\n%s", library, faults.Error())
	}
}
