package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"hooktree/webhooks/registration"
)

// platformTokens remembers the tokens of platforms where sources are
// registered, a file a source, in the data directory. Only this user can read
// them. A running server and `hooktree subscribe` share them, so that neither
// uses up a refresh token of the other's.
type platformTokens struct {
	data string // the data directory
}

// platformTokensFolder is in the data directory.
const platformTokensFolder = "platform-tokens"

// Exchange gives what is kept of a source, and keeps what change makes of it.
func (p platformTokens) Exchange(source string, change func(registration.Kept) (registration.Kept, error)) (err error) {
	dir := filepath.Join(p.data, platformTokensFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the tokens of %s: %w", source, err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, source+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("keep the tokens of %s: %w", source, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }() // which unlocks it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("keep the tokens of %s: %w", source, err)
	}
	path := filepath.Join(dir, source+".json")
	kept, err := readKept(path)
	if err != nil {
		return fmt.Errorf("keep the tokens of %s: %w", source, err)
	}
	next, err := change(kept)
	if err != nil || next == kept {
		return err
	}
	if err := writeKept(path, next); err != nil {
		return fmt.Errorf("keep the tokens of %s: %w; the platform may want the application let in again", source, err)
	}
	return nil
}

func readKept(path string) (registration.Kept, error) {
	var kept registration.Kept
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return kept, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return kept, fmt.Errorf("%s cannot be read; remove it, and give the source a new refresh token", path)
	}
	return kept, nil
}

// writeKept replaces the file as a whole, and only by one that is on the disk.
func writeKept(path string, kept registration.Kept) error {
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
