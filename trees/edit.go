package trees

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine"
)

// Edit is a change that somebody makes to one tree.
type Edit struct {
	Title   engine.Title
	YAML    []byte // of a Put
	IfMatch string // hash of the version that was read; empty for a new tree
	Author  string
	Origin  Origin
}

// Put checks a tree together with all others, makes it active, and writes it to
// the directory where that can be written. It fails with ErrConflict when the
// tree is not the version that was read, and with Faults when the space would
// have one.
func (s *Shelf) Put(ctx context.Context, e Edit) (*Tree, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.expectLocked(e)
	if err != nil {
		return nil, err
	}
	library := s.Library()
	file := fileOf(e.Title, library)
	if old != nil {
		file = old.File
	}
	next := File{Path: file, Content: slices.Clone(e.YAML), Modified: s.options.Now()}
	if faults := titled(next, e.Title, library.env); faults != nil {
		return nil, faults
	}
	if err := s.changeLocked(ctx, e, file, &next); err != nil {
		return nil, err
	}
	t, ok := s.Library().Find(e.Title)
	if !ok {
		return nil, fmt.Errorf("%s: %w", e.Title, ErrNotFound)
	}
	return t, nil
}

// Delete takes a tree away. It fails as Put does; a routine that others call
// cannot be deleted.
func (s *Shelf) Delete(ctx context.Context, e Edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.expectLocked(e)
	if err != nil {
		return err
	}
	if old == nil {
		return fmt.Errorf("%s: %w", e.Title, ErrNotFound)
	}
	return s.changeLocked(ctx, e, old.File, nil)
}

// Try says what Put would find wrong, and changes nothing. The tree is nil when
// there is a fault.
func (s *Shelf) Try(yaml []byte) (*Tree, Faults) {
	library := s.Library()
	p := newParser("tree.yaml", yaml, library.env)
	p.open()
	title := p.tree.Title
	file := fileOf(title, library)
	if old, ok := library.Find(title); ok {
		file = old.File
	}
	next, faults := Load(replaced(library.files, file, &File{Path: file, Content: yaml}), s.options.Prepare)
	if next == nil {
		return nil, faults
	}
	t, ok := next.Find(title)
	if !ok {
		return nil, faults
	}
	return t, t.Warnings
}

// expectLocked finds the tree that an edit is about, if it is still the version
// that its author read.
func (s *Shelf) expectLocked(e Edit) (*Tree, error) {
	t, ok := s.Library().Find(e.Title)
	switch {
	case !ok && e.IfMatch != "":
		return nil, fmt.Errorf("%s: %w", e.Title, ErrNotFound)
	case ok && e.IfMatch != t.Hash:
		return nil, fmt.Errorf("%s is at version %s: %w", e.Title, t.Hash, ErrConflict)
	}
	return t, nil
}

// titled refuses a file that says it is another tree.
func titled(f File, title engine.Title, env Environment) Faults {
	p := newParser(f.Path, f.Content, env)
	p.open()
	if p.root == nil || p.failed() || p.tree.Title == title {
		return nil // what is wrong otherwise is told with the rest
	}
	p.fault(p.at(p.titleNode()), "", "the file is of %q, and %q is to be changed", p.tree.Title, title)
	return p.result()
}

// changeLocked puts a file of the space in the place of what it is now, or
// takes it away when there is no next.
func (s *Shelf) changeLocked(ctx context.Context, e Edit, file string, next *File) error {
	now := s.Library().files
	library, faults := Load(replaced(now, file, next), s.options.Prepare)
	if library == nil {
		return faults.Fatal()
	}
	done := edit{Author: e.Author, Origin: e.Origin, drift: s.driftLocked()}
	name := e.Title.String()
	delete(done.drift, name)
	undo, drift, err := s.writeLocked(now, file, next)
	if err != nil {
		return err
	}
	if drift != nil {
		drift.Name = name
		done.drift[name] = *drift
	}
	if err := s.publishLocked(ctx, library, done); err != nil {
		return errors.Join(err, undo())
	}
	return nil
}

// writeLocked changes the file in the directory, and gives what undoes that.
// Where the directory cannot be written, it gives the drift to be kept.
func (s *Shelf) writeLocked(now []File, file string, next *File) (undo func() error, drift *Active, err error) {
	undo = func() error { return nil }
	dir := s.options.Directory
	if dir == nil {
		return undo, nil, nil
	}
	onDisk, err := dir.Files()
	if err != nil {
		return nil, nil, fmt.Errorf("read the space: %w", err)
	}
	base := sumOf(onDisk, file)
	if held, drifts := s.driftOfLocked(file); drifts {
		if held.Base != base {
			return undo, &Active{File: file, Base: base}, nil
		}
	} else if base != sumOf(now, file) {
		return nil, nil, fmt.Errorf("%s was changed on disk and is not active: %w", file, ErrConflict)
	}
	if next != nil {
		err = dir.Write(file, next.Content)
	} else {
		err = dir.Remove(file)
	}
	switch {
	case errors.Is(err, ErrReadOnly):
		return undo, &Active{File: file, Base: base}, nil
	case err != nil:
		return nil, nil, err
	}
	return func() error { return restore(dir, onDisk, file) }, nil, nil
}

// driftOfLocked gives the edit of a file that the directory does not have.
func (s *Shelf) driftOfLocked(file string) (Active, bool) {
	for _, a := range s.active {
		if a.File == file && a.Drift {
			return a, true
		}
	}
	return Active{}, false
}

// restore puts a file back as it was.
func restore(dir Directory, files []File, path string) error {
	for _, f := range files {
		if f.Path == path {
			return dir.Write(path, f.Content)
		}
	}
	return dir.Remove(path)
}

// replaced gives files with one in the place of what it was, or without it.
func replaced(files []File, path string, next *File) []File {
	out := slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Path == path })
	if next != nil {
		out = append(out, *next)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// fileOf chooses the path of a new tree: its title in small letters, with a
// number where that is taken.
func fileOf(title engine.Title, library *Library) string {
	text := title.Name
	if title.Group != Global {
		text = title.Group + " " + title.Name
	}
	slug := strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	slug = slug[:min(len(slug), 100)]
	if slug == "" {
		slug = "tree"
	}
	for n := 1; ; n++ {
		file := "trees/" + slug + ".yaml"
		if n > 1 {
			file = "trees/" + slug + "-" + strconv.Itoa(n) + ".yaml"
		}
		if !slices.ContainsFunc(library.files, func(f File) bool { return f.Path == file }) {
			return file
		}
	}
}
