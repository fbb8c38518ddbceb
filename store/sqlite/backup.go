package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the store as it stands into a new file at path,
// while reads and writes go on. A file that is there already is left alone.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("back up to %s: %w; name a file that is not there", path, os.ErrExist)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	// A copy beside the target, renamed when it is whole: a backup that was
	// cut short never looks like one.
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	if err := makePrivate(part); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	if err := s.vacuumInto(ctx, part); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	return os.Rename(part, path)
}

// makePrivate makes an empty file that only its owner may read: what a store
// holds of accounts and payloads is nobody else's.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// vacuumInto copies the file on a reading connection, which must be allowed to
// write for the time of it.
func (s *Store) vacuumInto(ctx context.Context, path string) error {
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	if _, err := conn.ExecContext(ctx, "pragma query_only(0)"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "vacuum into ?", path)
	_, restored := conn.ExecContext(context.WithoutCancel(ctx), "pragma query_only(1)")
	return errors.Join(err, restored)
}
