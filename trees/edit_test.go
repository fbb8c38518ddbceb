package trees_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/engine"
	"hooktree/trees"
)

func TestPutWritesTheFileAndMakesTheTreeActive(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir)
	edited := "# a comment that stays\n" + laptopYAML
	tree, err := s.Put(t.Context(), trees.Edit{
		Title: laptop(), YAML: []byte(edited), IfMatch: find(t, s, laptop()).Hash, Author: "manager@example.com", Origin: trees.OriginUI,
	})
	if err != nil {
		t.Fatal(err)
	}
	if dir.get("trees/laptop.yaml") != edited {
		t.Errorf("the file holds %q", dir.get("trees/laptop.yaml"))
	}
	if find(t, s, laptop()) != tree {
		t.Error("the new version is not active")
	}
	versions, _ := store.History(t.Context(), laptop().String(), 10)
	if len(versions) != 2 || versions[0].Author != "manager@example.com" || versions[0].Origin != trees.OriginUI {
		t.Errorf("history %+v; want the edit before the file", versions)
	}
	active, _ := store.Active(t.Context())
	for _, a := range active {
		if a.Drift {
			t.Errorf("%s is said to drift", a.Name)
		}
	}
}

func TestPutOfANewTreeChoosesAFile(t *testing.T) {
	t.Parallel()

	dir := newFolder(desk())
	s := started(t, newMemory(), dir)
	for _, name := range []string{"Größe 1", "Gr e 1"} {
		title := engine.Title{Source: trees.DefaultSource, Group: "Approvals", Name: name}
		yaml := "tree: Approvals / " + name + "\nnodes:\n  - id: a\n    do: set\n"
		if _, err := s.Put(t.Context(), trees.Edit{Title: title, YAML: []byte(yaml)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"trees/approvals-gr-e-1.yaml", "trees/approvals-gr-e-1-2.yaml"} {
		if dir.get(file) == "" {
			t.Errorf("no file %s", file)
		}
	}
}

func TestEditsAreRefused(t *testing.T) {
	t.Parallel()

	other := engine.Title{Source: trees.DefaultSource, Group: "Approvals", Name: "Other"}
	order := engine.Title{Source: trees.Global, Group: trees.Global, Name: "order"}
	tests := []struct {
		name   string
		edit   func(now string) trees.Edit
		delete bool
		want   string // in the error
		is     error
	}{
		{"of a version that is no more", func(string) trees.Edit {
			return trees.Edit{Title: laptop(), YAML: []byte(laptopYAML), IfMatch: "old"}
		}, false, "changed in the meantime", trees.ErrConflict},
		{"a new tree in the place of one that exists", func(string) trees.Edit {
			return trees.Edit{Title: laptop(), YAML: []byte(laptopYAML)}
		}, false, "is at version", trees.ErrConflict},
		{"of a tree that is gone", func(string) trees.Edit {
			return trees.Edit{Title: other, YAML: []byte(laptopYAML), IfMatch: "old"}
		}, false, "no such tree", trees.ErrNotFound},
		{"with a fault", func(now string) trees.Edit {
			return trees.Edit{Title: laptop(), YAML: []byte(brokenYAML), IfMatch: now}
		}, false, `unknown handler "htp"`, nil},
		{"with the title of another tree", func(string) trees.Edit {
			return trees.Edit{Title: other, YAML: []byte(laptopYAML)}
		}, false, "is to be changed", nil},
		{"that breaks a caller", func(string) trees.Edit {
			return trees.Edit{Title: order, YAML: []byte(strings.Replace(orderYAML, "sku:", "item:", 1)), IfMatch: "order"}
		}, false, "unknown parameter `sku`", nil},
		{"deleting a routine that is called", func(string) trees.Edit {
			return trees.Edit{Title: order, IfMatch: "order"}
		}, true, `unknown routine "order"`, nil},
		{"deleting what is not there", func(string) trees.Edit {
			return trees.Edit{Title: other}
		}, true, "no such tree", trees.ErrNotFound},
		{"deleting an old version", func(string) trees.Edit {
			return trees.Edit{Title: laptop(), IfMatch: "old"}
		}, true, "changed in the meantime", trees.ErrConflict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			dir := newFolder(desk())
			s := started(t, newMemory(), dir)
			edit := tt.edit(find(t, s, laptop()).Hash)
			if edit.IfMatch == "order" {
				edit.IfMatch = find(t, s, order).Hash
			}
			var err error
			if tt.delete {
				err = s.Delete(t.Context(), edit)
			} else {
				_, err = s.Put(t.Context(), edit)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v; want %q", err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
			if dir.get("trees/laptop.yaml") != laptopYAML || dir.get("trees/order.yaml") != orderYAML || len(s.Library().All()) != 2 {
				t.Error("something was changed all the same")
			}
		})
	}
}

func TestAFileThatChangedUnnoticedIsNotOverwritten(t *testing.T) {
	t.Parallel()

	dir := newFolder(desk())
	s := started(t, newMemory(), dir)
	dir.set("trees/laptop.yaml", brokenYAML) // by an editor, not loaded
	_, err := s.Put(t.Context(), trees.Edit{Title: laptop(), YAML: []byte(laptopYAML + "note: x\n"), IfMatch: find(t, s, laptop()).Hash})
	if !errors.Is(err, trees.ErrConflict) || dir.get("trees/laptop.yaml") != brokenYAML {
		t.Errorf("got %v; want a conflict and the editor's file", err)
	}
}

func TestDeleteTakesTheFileAway(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	s := started(t, store, dir)
	hash := find(t, s, laptop()).Hash
	if err := s.Delete(t.Context(), trees.Edit{Title: laptop(), IfMatch: hash}); err != nil {
		t.Fatal(err)
	}
	if dir.get("trees/laptop.yaml") != "" || len(s.Library().All()) != 1 {
		t.Error("the tree is still there")
	}
	if _, err := s.Version(t.Context(), hash); err != nil {
		t.Errorf("its runs cannot go on: %v", err)
	}
}

func TestEditsInAReadOnlySpaceLiveInTheStoreUntilTheFileChanges(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	dir.readOnly = true
	s := started(t, store, dir)
	edited := laptopYAML + "note: drifted\n"
	put := func(s *trees.Shelf, yaml string) {
		t.Helper()
		if _, err := s.Put(t.Context(), trees.Edit{Title: laptop(), YAML: []byte(yaml), IfMatch: find(t, s, laptop()).Hash, Origin: trees.OriginAPI}); err != nil {
			t.Fatal(err)
		}
	}
	put(s, laptopYAML+"note: first\n")
	put(s, edited)
	added := engine.Title{Source: trees.DefaultSource, Group: "Approvals", Name: "New"}
	if _, err := s.Put(t.Context(), trees.Edit{Title: added, YAML: []byte("tree: Approvals / New\nnodes:\n  - id: a\n    do: set\n")}); err != nil {
		t.Fatal(err)
	}

	for range 2 { // it holds over reloads and restarts
		if err := s.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := find(t, s, laptop()).Note; got != "drifted" {
			t.Errorf("note %q after a reload", got)
		}
		find(t, s, added)
		s = started(t, store, dir)
	}
	drifting := 0
	active, _ := store.Active(t.Context())
	for _, a := range active {
		if a.Drift {
			drifting++
		}
	}
	if drifting != 2 {
		t.Errorf("%d trees drift; want 2: %+v", drifting, active)
	}
	if told := s.Drift(); len(told) != 2 || told[0].Name != added.String() || told[1].Name != laptop().String() {
		t.Errorf("Drift gives %+v; want both, by name", told)
	}

	dir.readOnly = false
	put(s, laptopYAML+"note: at last\n")
	if got := dir.get("trees/laptop.yaml"); got != laptopYAML+"note: at last\n" || len(s.Drift()) != 1 {
		t.Errorf("the file is %q and %d edits drift; a directory that can be written again takes the edit", got, len(s.Drift()))
	}

	dir.set("trees/laptop.yaml", laptopYAML+"note: by git\n")
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := find(t, s, laptop()).Note; got != "by git" {
		t.Errorf("note %q; the newer file should win", got)
	}
	find(t, s, added)
}

func TestADeletionInAReadOnlySpaceHolds(t *testing.T) {
	t.Parallel()

	store, dir := newMemory(), newFolder(desk())
	dir.readOnly = true
	s := started(t, store, dir)
	if err := s.Delete(t.Context(), trees.Edit{Title: laptop(), IfMatch: find(t, s, laptop()).Hash}); err != nil {
		t.Fatal(err)
	}
	s = started(t, store, dir)
	if _, ok := s.Library().Find(laptop()); ok || dir.get("trees/laptop.yaml") == "" {
		t.Error("the deleted tree came back, or its file went")
	}
	if _, err := s.Put(t.Context(), trees.Edit{Title: laptop(), YAML: []byte(laptopYAML)}); err != nil {
		t.Fatalf("making it anew: %v", err)
	}
	find(t, s, laptop())
}

func TestTryChangesNothing(t *testing.T) {
	t.Parallel()

	dir := newFolder(desk())
	s := started(t, newMemory(), dir)
	before := s.Library()
	if tree, faults := s.Try([]byte(laptopYAML + "note: tried\n")); tree == nil || tree.Note != "tried" {
		t.Errorf("a sound tree gave %v", faults)
	}
	if tree, faults := s.Try([]byte(brokenYAML)); tree != nil || len(faults) != 1 {
		t.Errorf("a broken tree gave %v, %v", tree, faults)
	}
	if _, faults := s.Try([]byte("{")); len(faults) == 0 {
		t.Error("no fault for what is not YAML")
	}
	if s.Library() != before || dir.get("trees/laptop.yaml") != laptopYAML {
		t.Error("trying changed something")
	}
}

func TestDiskWritesByRenaming(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	disk := trees.Disk{Root: root}
	if err := disk.Write("trees/deep/a.yaml", []byte("one")); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(root, "trees", "deep", "a.yaml")
	if err := os.Chmod(target, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write("trees/deep/a.yaml", []byte("two")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(target)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want the old one", info.Mode(), err)
	}
	files, err := disk.Files()
	if err != nil || len(files) != 1 || string(files[0].Content) != "two" {
		t.Errorf("files %v, %v", files, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(target)); len(left) != 1 {
		t.Errorf("%d files left; want 1", len(left))
	}
	if err := os.Chmod(target, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write("trees/deep/a.yaml", []byte("three")); !errors.Is(err, trees.ErrReadOnly) {
		t.Errorf("writing a read-only file gave %v", err)
	}
	if err := disk.Remove("trees/deep/a.yaml"); err != nil {
		t.Errorf("remove: %v", err)
	}
	if err := disk.Remove("trees/deep/a.yaml"); err != nil {
		t.Errorf("remove twice: %v", err)
	}
	for _, path := range []string{"../outside.yaml", "/etc/x.yaml", "trees/../../x.yaml"} {
		if disk.Write(path, nil) == nil || disk.Remove(path) == nil {
			t.Errorf("%q was taken for a path of the space", path)
		}
	}
}
