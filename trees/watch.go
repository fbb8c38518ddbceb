package trees

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watch reloads when a notice comes and no further one follows within settle:
// an editor, or git, touches many files at once. It returns when ctx is done or
// the notices end. What a reload finds wrong is told by [Shelf.Faults] and
// logged.
func Watch(ctx context.Context, notices <-chan struct{}, settle time.Duration, shelf *Shelf, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-notices:
			if !open || !quiet(ctx, notices, settle) {
				return
			}
		}
		err := shelf.Reload(ctx)
		faults, broken := errors.AsType[Faults](err)
		switch {
		case broken:
			logger.WarnContext(ctx, "the space has faults; the last good version stays active", "faults", len(faults), "first", faults[0].Error())
		case err != nil:
			logger.ErrorContext(ctx, "the space could not be loaded", "error", err)
		default:
			logger.InfoContext(ctx, "the space was loaded", "trees", len(shelf.Library().All()))
		}
	}
}

// quiet waits until no notice has come for a while; false means to stop.
func quiet(ctx context.Context, notices <-chan struct{}, settle time.Duration) bool {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case _, open := <-notices:
			if !open {
				return true
			}
			timer.Reset(settle)
		}
	}
}

// Notices watches the folders of a space and gives a notice after each change.
// One that nobody has taken yet stands for all that follow. They end when ctx
// is done.
func (d Disk) Notices(ctx context.Context) (<-chan struct{}, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", d.Root, err)
	}
	if err := addFolders(watcher, d.Root, d.Root); err != nil {
		return nil, errors.Join(fmt.Errorf("watch %s: %w", d.Root, err), watcher.Close())
	}
	notices := make(chan struct{}, 1)
	go func() {
		defer close(notices)
		defer func() { _ = watcher.Close() }()
		for d.changed(ctx, watcher) {
			select {
			case notices <- struct{}{}:
			default:
			}
		}
	}()
	return notices, nil
}

// changed waits for a change; false means to stop. New folders are watched too.
// What cannot be a file of the space is passed over: a log that is written into
// its directory would otherwise have it read again for every line.
func (d Disk) changed(ctx context.Context, watcher *fsnotify.Watcher) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case event, open := <-watcher.Events:
			if open && event.Has(fsnotify.Create) {
				_ = addFolders(watcher, d.Root, event.Name) // gone again, or no folder
			}
			if !open || isYAML(event.Name) || filepath.Ext(event.Name) == "" {
				return open
			}
		case _, open := <-watcher.Errors: // an overflow, say: look again
			return open
		}
	}
}

// addFolders watches a folder of the space and those in it that hold its files.
func addFolders(watcher *fsnotify.Watcher, root, folder string) error {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return err
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case path != root && !watched(root, path):
			return fs.SkipDir
		}
		return watcher.Add(path)
	})
}

// watched reports whether files of the space lie in a folder.
func watched(root, path string) bool {
	relative, err := filepath.Rel(root, path)
	if err != nil || filepath.Base(path)[0] == '.' {
		return false
	}
	first := filepath.ToSlash(relative)
	for dir := filepath.Dir(relative); dir != "."; dir = filepath.Dir(dir) {
		first = dir
	}
	return first == "trees" || first == "events" || first == "handlers"
}
