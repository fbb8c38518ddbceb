package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"hooktree/webhooks/registration"
)

// platformTokens remembers the tokens of platforms where sources are
// registered, a file a source, in the data directory. Only this user can read
// them. A running server and `hooktree subscribe` share them, so that neither
// uses up a refresh token of the other's.
//
// Tokens that could not be written are held in memory, and written by the next
// exchange: a platform gives them once.
type platformTokens struct {
	data string // the data directory

	mu      sync.Mutex
	unsaved map[string]heldTokens // by source
}

// heldTokens are tokens that are not on the disk.
type heldTokens struct {
	instead string // the refresh token that the disk still holds
	kept    registration.Kept
}

// platformTokensFolder is in the data directory.
const platformTokensFolder = "platform-tokens"

// Exchange gives what is kept of a source, and keeps what change makes of it.
func (p *platformTokens) Exchange(source string, change registration.Exchange) (err error) {
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
	saved, err := readKept(path)
	if err != nil {
		return fmt.Errorf("keep the tokens of %s: %w", source, err)
	}
	keep := func(kept registration.Kept) error {
		if kept == saved {
			return nil
		}
		if err := writeKept(path, kept); err != nil {
			return fmt.Errorf("keep the tokens of %s: %w", source, err)
		}
		saved = kept
		return nil
	}
	kept := p.held(source, saved)
	if err := keep(kept); err != nil { // what is held since the last time
		return err
	}
	p.hold(source, nil)
	next, err := change(kept, keep)
	if err != nil {
		return err
	}
	if err := keep(next); err != nil {
		p.hold(source, &heldTokens{instead: saved.Refresh, kept: next})
		return fmt.Errorf("%w; what the platform gave is held in memory and written by the next round: do not stop this process before", err)
	}
	return nil
}

// held gives the tokens that could not be written, unless another process has
// written others since; else what the disk has.
func (p *platformTokens) held(source string, saved registration.Kept) registration.Kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.unsaved[source]; ok && h.instead == saved.Refresh && h.kept.Seed == saved.Seed {
		return h.kept
	}
	return saved
}

// hold remembers tokens that could not be written; nil forgets them.
func (p *platformTokens) hold(source string, tokens *heldTokens) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if tokens == nil {
		delete(p.unsaved, source)
		return
	}
	if p.unsaved == nil {
		p.unsaved = map[string]heldTokens{}
	}
	p.unsaved[source] = *tokens
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
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close()) // the new name is on the disk as well
}
