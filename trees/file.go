package trees

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// The bounds of a space.
const (
	MaxFiles      = 10_000
	MaxSpaceBytes = 64 << 20
)

// SpaceFile is the file that describes the space itself.
const SpaceFile = "space.yaml"

// File is one file of a space.
type File struct {
	Path     string // slash-separated, from the root of the space
	Content  []byte
	Modified time.Time
}

// isTree reports whether a path of a space is that of a tree file.
func isTree(name string) bool { return strings.HasPrefix(name, "trees/") }

// ReadFiles reads the files of a space: space.yaml, webhooks.yaml, and those in
// trees, events and handlers. Hidden files and those of other kinds are left
// alone.
func ReadFiles(fsys fs.FS) ([]File, error) {
	var files []File
	total := 0
	add := func(name string) error {
		f, err := readFile(fsys, name)
		if err != nil {
			return err
		}
		total += len(f.Content)
		if len(files) >= MaxFiles || total > MaxSpaceBytes {
			return fmt.Errorf("the space has more than %d files or %d bytes", MaxFiles, MaxSpaceBytes)
		}
		files = append(files, f)
		return nil
	}
	for _, name := range []string{SpaceFile, "webhooks.yaml"} {
		if err := add(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, folder := range []string{"trees", "events", "handlers"} {
		err := fs.WalkDir(fsys, folder, func(name string, entry fs.DirEntry, err error) error {
			switch hidden := strings.HasPrefix(path.Base(name), "."); {
			case errors.Is(err, fs.ErrNotExist):
				return nil // not there, or gone since it was listed
			case err != nil:
				return err
			case hidden && entry.IsDir():
				return fs.SkipDir
			case hidden || entry.IsDir() || !isYAML(name):
				return nil
			}
			if err := add(name); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", folder, err)
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// isYAML reports whether a file is one of ours. Those with the other ending are
// read too, to be refused: a tree that is silently left out is worse.
func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// readFile reads one file, of which one byte more than the bound is enough to
// refuse it.
func readFile(fsys fs.FS, name string) (File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return File{}, err
	}
	f := File{Path: name, Modified: info.ModTime()}
	if info.Size() > MaxFile {
		f.Content = make([]byte, MaxFile+1)
		return f, nil
	}
	f.Content, err = fs.ReadFile(fsys, name)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", name, err)
	}
	return f, nil
}
