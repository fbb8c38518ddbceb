package trees_test

import (
	"errors"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/trees"
)

const (
	laptopPath = "Submissions > services > laptop-request / Submitted"
	spaceYAML  = "slug: acme\nsecrets: [HR_TOKEN]\n"
	laptopYAML = "tree: " + laptopPath + "\nnodes:\n  - id: a\n    routine: order\n    with: {sku: x}\n"
	orderYAML  = "routine: order\ninputs: {sku: {required: true}}\noutputs: [po]\nnodes:\n  - id: a\n    return: {po: 7}\n"
	brokenYAML = "tree: " + laptopPath + "\nnodes:\n  - id: a\n    do: htp\n"
)

func desk() map[string]string {
	return map[string]string{"space.yaml": spaceYAML, "trees/laptop.yaml": laptopYAML, "trees/order.yaml": orderYAML}
}

func laptop() engine.Title {
	return engine.Title{Source: trees.DefaultSource, Group: "Submissions > services > laptop-request", Name: "Submitted"}
}

// started gives a shelf over a folder, started.
func started(t *testing.T, versions trees.Versions, dir trees.Directory) *trees.Shelf {
	t.Helper()
	s := newShelf(versions, dir)
	if err := s.Start(t.Context()); err != nil {
		t.Fatalf("start: %v", err)
	}
	return s
}

func find(t *testing.T, s *trees.Shelf, title engine.Title) *trees.Tree {
	t.Helper()
	tree, ok := s.Library().Find(title)
	if !ok {
		t.Fatalf("no tree %s among %d", title, len(s.Library().All()))
	}
	return tree
}

func TestStartMakesTheFilesActiveAndSavesTheirVersions(t *testing.T) {
	t.Parallel()

	store := newMemory()
	s := started(t, store, newFolder(desk()))
	tree := find(t, s, laptop())
	if got, ok := s.Library().Path(laptopPath); !ok || got != tree {
		t.Errorf("Path found %v, %t", got, ok)
	}
	order, ok := s.Library().Routine("order", trees.DefaultSource)
	if !ok || tree.Nodes[0].Routine.Hash != order.Hash {
		t.Errorf("the call is not bound to the routine's version %v", order)
	}
	active, _ := store.Active(t.Context())
	if len(active) != 3 {
		t.Errorf("active: %+v; want the space and two trees", active)
	}
	version, err := store.Version(t.Context(), tree.Hash)
	if err != nil || string(version.Content) != laptopYAML || version.Origin != trees.OriginFile || !version.Made.Equal(noon()) {
		t.Errorf("saved %+v, %v", version, err)
	}
	if len(version.Routines) != 1 || version.Routines[0].Hash != order.Hash {
		t.Errorf("saved bindings %+v; want order at %s", version.Routines, order.Hash)
	}
}

func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()

	dir := newFolder(desk())
	s := started(t, newMemory(), dir)
	before := s.Library()

	dir.set("trees/laptop.yaml", brokenYAML)
	dir.set("trees/second.yaml", "tree: Other / One\nnodes:\n  - id: a\n    do: set\n")
	err := s.Reload(t.Context())
	faults, ok := errors.AsType[trees.Faults](err)
	if !ok || len(faults) != 1 || faults[0].File != "trees/laptop.yaml" {
		t.Fatalf("reload gave %v; want the fault of laptop.yaml", err)
	}
	if s.Library() != before {
		t.Error("a broken file changed what is active")
	}
	if got := s.Faults(); len(got) != 1 {
		t.Errorf("Faults() = %v", got)
	}

	dir.set("trees/laptop.yaml", laptopYAML)
	if err := s.Reload(t.Context()); err != nil {
		t.Fatalf("reload: %v", err)
	}
	if len(s.Faults()) != 0 || len(s.Library().All()) != 3 {
		t.Errorf("after mending: %v, %d trees", s.Faults(), len(s.Library().All()))
	}
}

func TestABrokenFileNeverStopsAStart(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name      string
		before    map[string]string // what was active once; nil for a first start
		now       map[string]string
		wantTrees int
		wantFile  string // of the fault
	}{
		{"the last good version runs", desk(), map[string]string{"space.yaml": spaceYAML, "trees/laptop.yaml": brokenYAML}, 2, "trees/laptop.yaml"},
		{"a broken space.yaml leaves the last good one", desk(), map[string]string{"space.yaml": "slug: [", "trees/laptop.yaml": laptopYAML}, 2, "space.yaml"},
		{"at a first start the sound files run", nil, map[string]string{"space.yaml": spaceYAML, "trees/laptop.yaml": brokenYAML, "trees/order.yaml": orderYAML}, 1, "trees/laptop.yaml"},
		{"callers of a broken routine go with it", nil, map[string]string{"space.yaml": spaceYAML, "trees/laptop.yaml": laptopYAML, "trees/order.yaml": "routine: order\nnodes: 5\n"}, 0, "trees/order.yaml"},
		{"a first start without space.yaml", nil, map[string]string{"trees/order.yaml": orderYAML}, 1, "space.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			store := newMemory()
			if tt.before != nil {
				started(t, store, newFolder(tt.before))
			}
			s := started(t, store, newFolder(tt.now))
			if got := len(s.Library().All()); got != tt.wantTrees {
				t.Errorf("%d trees; want %d", got, tt.wantTrees)
			}
			if faults := s.Faults(); len(faults) == 0 || faults[len(faults)-1].File != tt.wantFile && faults[0].File != tt.wantFile {
				t.Errorf("faults %v; want one of %s", faults, tt.wantFile)
			}
			for _, tree := range s.Library().All() {
				if _, err := store.Version(t.Context(), tree.Hash); err != nil {
					t.Errorf("a run of %s could not be taken up: %v", tree.Title, err)
				}
			}
		})
	}
}

func TestAnUnreadableDirectoryIsAFault(t *testing.T) {
	t.Parallel()

	store := newMemory()
	started(t, store, newFolder(desk()))
	s := started(t, store, &folder{})
	if len(s.Library().All()) != 2 || len(s.Faults()) != 1 {
		t.Errorf("%d trees, faults %v; want the last good two and one fault", len(s.Library().All()), s.Faults())
	}
}

func TestAnOldVersionIsCompiledAgainWithTheRoutinesOfItsTime(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir)
	old := find(t, s, laptop())
	order, _ := s.Library().Routine("order", "")

	dir.set("trees/order.yaml", strings.Replace(orderYAML, "sku: {required: true}", "sku: {required: true}, qty: {required: true}", 1))
	dir.set("trees/laptop.yaml", strings.Replace(laptopYAML, "sku: x", "sku: x, qty: 2", 1))
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := started(t, store, dir) // after a restart nothing is compiled yet
	tree, err := again.Version(t.Context(), old.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if tree.Hash != old.Hash || tree.Nodes[0].Routine.Hash != order.Hash || string(tree.YAML) != laptopYAML {
		t.Errorf("got %s bound to %s; want %s bound to %s", tree.Hash, tree.Nodes[0].Routine.Hash, old.Hash, order.Hash)
	}
	if twice, _ := again.Version(t.Context(), old.Hash); twice != tree {
		t.Error("the version was compiled twice")
	}
	if _, err := again.Version(t.Context(), "no such hash"); !errors.Is(err, trees.ErrNotFound) {
		t.Errorf("an unknown hash gave %v", err)
	}
}

func TestAnOldVersionOutlivesTheFieldsItWasCheckedAgainst(t *testing.T) {
	t.Parallel()

	withField := "slug: acme\nkapps: {services: {forms: {laptop-request: {fields: {Cost: number}}}}}\n"
	reads := "tree: " + laptopPath + "\nnodes:\n  - id: a\n    when: values.Cost > 1\n"
	store, dir := newMemory(), newFolder(map[string]string{"space.yaml": withField, "trees/a.yaml": reads})
	s := started(t, store, dir)
	old := find(t, s, laptop())
	dir.set("space.yaml", strings.Replace(withField, "Cost", "Price", 1))
	dir.set("trees/a.yaml", strings.Replace(reads, "Cost", "Price", 1))
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	tree, err := started(t, store, dir).Version(t.Context(), old.Hash)
	if err != nil {
		t.Fatal(err)
	}
	ok, err := tree.Nodes[0].When.Eval(engine.Scope{"values": map[string]any{"Cost": int64(5)}})
	if err != nil || ok != true {
		t.Errorf("the old condition gave %v, %v", ok, err)
	}
}

func TestListenersHearEachLibraryOnce(t *testing.T) {
	t.Parallel()

	dir := newFolder(desk())
	s := newShelf(newMemory(), dir)
	var heard []int
	s.OnPublish(func(l *trees.Library) { heard = append(heard, len(l.All())) })
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir.set("trees/order.yaml", "broken")
	_ = s.Reload(t.Context())
	dir.set("trees/order.yaml", orderYAML)
	dir.set("trees/laptop.yaml", "")
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 2 || heard[0] != 2 || heard[1] != 1 {
		t.Errorf("heard of %v trees; want [2 1]", heard)
	}
}

func TestAStoreThatFailsLeavesTheOldLibrary(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir)
	before := s.Library()
	store.broken = errors.New("disk full")
	dir.set("trees/laptop.yaml", laptopYAML+"note: new\n")
	if err := s.Reload(t.Context()); !errors.Is(err, store.broken) {
		t.Errorf("reload gave %v", err)
	}
	if s.Library() != before {
		t.Error("what is active is not what the store holds")
	}
}

func TestAnEditThatCannotBeSavedIsTakenBack(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir)
	before, hash := s.Library(), find(t, s, laptop()).Hash
	store.broken = errors.New("disk full")
	added := engine.Title{Source: trees.DefaultSource, Group: "G", Name: "N"}
	_, changed := s.Put(t.Context(), trees.Edit{Title: laptop(), YAML: []byte(laptopYAML + "note: edit\n"), IfMatch: hash})
	_, made := s.Put(t.Context(), trees.Edit{Title: added, YAML: []byte("tree: G / N\n" + one)})
	gone := s.Delete(t.Context(), trees.Edit{Title: laptop(), IfMatch: hash})
	for _, err := range []error{changed, made, gone} {
		if !errors.Is(err, store.broken) {
			t.Errorf("got %v; want the store's error", err)
		}
	}
	files, _ := dir.Files()
	if s.Library() != before || dir.get("trees/laptop.yaml") != laptopYAML || len(files) != 3 {
		t.Errorf("the directory holds %d files and %q", len(files), dir.get("trees/laptop.yaml"))
	}
}

func TestAShelfKeepsTheVersionsThatWereUsedLast(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir) // keeps two
	var old []string
	for _, note := range []string{"a", "b", "c", "d"} {
		old = append(old, find(t, s, laptop()).Hash)
		dir.set("trees/laptop.yaml", laptopYAML+"note: "+note+"\n")
		if err := s.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := make(map[string]*trees.Tree)
	for _, hash := range []string{old[0], old[1], old[0], old[2]} { // the third use keeps old[0], old[2] drives out old[1]
		tree, err := s.Version(t.Context(), hash)
		if err != nil {
			t.Fatal(err)
		}
		first[hash] = tree
	}
	for _, i := range []int{0, 2, 1} {
		again, err := s.Version(t.Context(), old[i])
		if kept := again == first[old[i]]; err != nil || kept != (i != 1) {
			t.Errorf("version %d kept: %t, %v", i, kept, err)
		}
	}
}
