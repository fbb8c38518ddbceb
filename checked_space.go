package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/egress"
	"hooktree/webhooks/event"
)

// checkedSpace is a space as `serve` would load it, with everything that is
// wrong in it.
type checkedSpace struct {
	root      string     // its directory; empty for a tree that lies in no space
	draft     placedFile // the file that was asked for by name; zero for none
	files     []trees.File
	catalogue *event.Catalogue
	webhooks  []webhooks.Webhook
	library   *trees.Library // nil where there is a fault
	faults    trees.Faults   // by path in the space
}

// checkSpace checks the files of a space. Without a root there is no space, and
// the one tree file is checked without declared fields and secrets.
func checkSpace(root string, files []trees.File) checkedSpace {
	s := checkedSpace{root: root, files: files}
	known := handlerSpecs()
	if root == "" {
		s.catalogue = event.NewCatalogue(builtIn(dialects())...)
		s.library, s.faults = trees.Check(files, environment(known, s.catalogue, nil))
		return s
	}
	s.library, s.faults = trees.Load(files, func(files []trees.File, space *trees.Space) (trees.Environment, trees.Faults) {
		found, faults := readDefinitions(files, space, dialects())
		s.catalogue, s.webhooks = found.catalogue, found.webhooks
		return environment(known, s.catalogue, space), faults
	})
	return s
}

// handlerSpecs are what the handlers of this binary declare.
func handlerSpecs() map[string]*engine.Spec {
	return specs(acting(egress.New(egress.Config{}), slog.New(slog.DiscardHandler)))
}

// treeFiles counts the tree files, the broken ones too.
func (s *checkedSpace) treeFiles() int {
	count := 0
	for _, f := range s.files {
		if isTreeFile(f.Path) {
			count++
		}
	}
	return count
}

func isTreeFile(path string) bool { return strings.HasPrefix(path, treeFolder) }

// treeFolder is where a space holds its trees.
const treeFolder = "trees/"

// shown gives the path of a file of the space as people can open it.
func (s *checkedSpace) shown(path string) string {
	if path == s.draft.path {
		return s.draft.name
	}
	return filepath.Join(s.root, filepath.FromSlash(path))
}

// readSpace reads the space whose directory is root.
func readSpace(root string) ([]trees.File, error) {
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError{fmt.Errorf("there is no directory %s", root)}
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, usageError{fmt.Errorf("%s is no directory", root)}
	}
	return trees.ReadFiles(os.DirFS(root))
}

// placedFile is a file that a command line names, in the space where it lies.
type placedFile struct {
	name string // as it was given
	root string // the space's directory; empty for none
	path string // under which the space knows it
}

// placeFile finds the space in which a file lies: the nearest directory above
// it that holds space.yaml. A file besides those that a space is read from is
// a draft, and taken for one of its trees.
func placeFile(name string) (placedFile, error) {
	whole, err := filepath.Abs(name)
	if err != nil {
		return placedFile{}, err
	}
	for dir := filepath.Dir(name); ; dir = filepath.Join(dir, "..") {
		above, err := filepath.Abs(dir)
		if err != nil {
			return placedFile{}, err
		}
		if _, err := os.Stat(filepath.Join(dir, trees.SpaceFile)); err == nil {
			path, err := filepath.Rel(above, whole)
			return placedFile{name: name, root: dir, path: inSpace(filepath.ToSlash(path))}, err
		}
		if above == filepath.Dir(above) {
			return placedFile{name: name, path: inSpace(filepath.Base(name))}, nil
		}
	}
}

// inSpace gives the path under which a space knows a file.
func inSpace(path string) string {
	folder, _, _ := strings.Cut(path, "/")
	if path == trees.SpaceFile || path == webhooks.File || slices.Contains([]string{"trees", "events", "handlers"}, folder) {
		return path
	}
	return treeFolder + path
}

// check checks the space of a file with the file in it.
func (f placedFile) check() (checkedSpace, error) {
	var files []trees.File
	if f.root != "" {
		var err error
		if files, err = readSpace(f.root); err != nil {
			return checkedSpace{}, err
		}
	}
	if !slices.ContainsFunc(files, func(known trees.File) bool { return known.Path == f.path }) {
		draft, err := f.read()
		if err != nil {
			return checkedSpace{}, err
		}
		files = append(files, draft)
	}
	s := checkSpace(f.root, files)
	s.draft = f
	return s, nil
}

// read reads a draft.
func (f placedFile) read() (trees.File, error) {
	info, err := os.Stat(f.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return trees.File{}, usageError{fmt.Errorf("there is no file %s", f.name)}
	case err != nil:
		return trees.File{}, err
	case info.IsDir():
		return trees.File{}, usageError{fmt.Errorf("%s is a directory; name a file in it", f.name)}
	case info.Size() > trees.MaxFile:
		return trees.File{}, usageError{fmt.Errorf("%s has %d bytes; a file of a space has at most %d", f.name, info.Size(), trees.MaxFile)}
	}
	content, err := os.ReadFile(f.name)
	return trees.File{Path: f.path, Content: content, Modified: info.ModTime()}, err
}
