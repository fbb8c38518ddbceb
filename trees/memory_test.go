package trees_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"hooktree/trees"
)

// memory is a Versions for tests.
type memory struct {
	mu       sync.Mutex
	versions []trees.Version
	active   map[string]trees.Active
	broken   error // what Publish answers; nil works
}

func newMemory() *memory { return &memory{active: make(map[string]trees.Active)} }

func (m *memory) Publish(_ context.Context, c trees.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	for _, v := range c.Versions {
		known := slices.ContainsFunc(m.versions, func(old trees.Version) bool { return old.Hash == v.Hash && old.Name == v.Name })
		if !known {
			m.versions = append(m.versions, v)
		}
	}
	for _, a := range c.Active {
		m.active[a.Name] = a
	}
	for _, name := range c.Retired {
		delete(m.active, name)
	}
	return nil
}

func (m *memory) Version(_ context.Context, hash string) (trees.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.versions {
		if v.Hash == hash {
			return v, nil
		}
	}
	return trees.Version{}, fmt.Errorf("version %s: %w", hash, trees.ErrNotFound)
}

func (m *memory) Active(context.Context) ([]trees.Active, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []trees.Active
	for _, name := range slices.Sorted(maps.Keys(m.active)) {
		list = append(list, m.active[name])
	}
	return list, nil
}

func (m *memory) History(_ context.Context, name string, limit int) ([]trees.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []trees.Version
	for _, v := range slices.Backward(m.versions) {
		if v.Name == name && len(list) < limit {
			list = append(list, v)
		}
	}
	return list, nil
}

// folder is a Directory for tests.
type folder struct {
	mu       sync.Mutex
	files    map[string]string
	readOnly bool
}

func newFolder(files map[string]string) *folder { return &folder{files: maps.Clone(files)} }

func (f *folder) Files() ([]trees.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.files == nil {
		return nil, errors.New("the folder is gone")
	}
	var list []trees.File
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		list = append(list, trees.File{Path: name, Content: []byte(f.files[name])})
	}
	return list, nil
}

func (f *folder) Write(path string, content []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readOnly {
		return trees.ErrReadOnly
	}
	f.files[path] = string(content)
	return nil
}

func (f *folder) Remove(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readOnly {
		return trees.ErrReadOnly
	}
	delete(f.files, path)
	return nil
}

func (f *folder) set(path, content string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if content == "" {
		delete(f.files, path)
		return
	}
	f.files[path] = content
}

func (f *folder) get(path string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[path]
}

// noon is when everything happens in these tests.
func noon() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

// prepare makes the environment of the golden trees for any space.
func prepare([]trees.File, *trees.Space) (trees.Environment, trees.Faults) {
	env := serviceDesk()
	env.Routines = nil
	return env, nil
}

func newShelf(versions trees.Versions, dir trees.Directory) *trees.Shelf {
	return trees.NewShelf(trees.ShelfOptions{Versions: versions, Directory: dir, Prepare: prepare, Now: noon, Cache: 2})
}
