package trees

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// ErrReadOnly says that the directory of the space cannot be written.
var ErrReadOnly = errors.New("the directory of the space cannot be written")

// Directory is where the files of a space lie.
type Directory interface {
	// Files reads all of them.
	Files() ([]File, error)
	// Write makes a file anew, or puts a new one in its place, at once. It
	// fails with ErrReadOnly where it may not.
	Write(path string, content []byte) error
	// Remove takes a file away; one that is not there is no error. It fails
	// with ErrReadOnly where it may not.
	Remove(path string) error
}

// Disk is a directory of the operating system.
type Disk struct {
	Root string
}

// Files reads the files of the space.
func (d Disk) Files() ([]File, error) { return ReadFiles(os.DirFS(d.Root)) }

// Write writes beside the file and renames, so that a reader sees the old or
// the new content and nothing between.
func (d Disk) Write(name string, content []byte) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("write %q: not a path in the space", name)
	}
	target := filepath.Join(d.Root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return readOnly(err)
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm()
		if mode&0o200 == 0 {
			return fmt.Errorf("write %s: %w", name, ErrReadOnly)
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+path.Base(name)+".*")
	if err != nil {
		return readOnly(err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already after the rename
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return readOnly(os.Rename(temp.Name(), target))
}

// Remove deletes a file.
func (d Disk) Remove(name string) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("remove %q: not a path in the space", name)
	}
	err := os.Remove(filepath.Join(d.Root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return readOnly(err)
}

// readOnly marks the errors that mean that a directory may not be written.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}
