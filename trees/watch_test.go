package trees_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/trees"
)

func TestWatchReloadsOnceTheChangesSettle(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		dir := newFolder(desk())
		s := started(t, newMemory(), dir)
		var loads atomic.Int64
		s.OnPublish(func(*trees.Library) { loads.Add(1) })
		ctx, cancel := context.WithCancel(t.Context())
		notices := make(chan struct{})
		var done sync.WaitGroup
		done.Go(func() { trees.Watch(ctx, notices, time.Second, s, slog.New(slog.DiscardHandler)) })

		dir.set("trees/new.yaml", "tree: G / N\n"+one)
		for range 5 { // a checkout touches many files
			notices <- struct{}{}
			synctest.Wait()
			<-time.After(900 * time.Millisecond)
		}
		if loads.Load() != 0 {
			t.Errorf("%d loads while files still changed", loads.Load())
		}
		<-time.After(time.Second)
		synctest.Wait()
		if loads.Load() != 1 || len(s.Library().All()) != 3 {
			t.Errorf("%d loads, %d trees; want one load of three", loads.Load(), len(s.Library().All()))
		}

		dir.set("trees/new.yaml", "tree: G / N\n")
		notices <- struct{}{}
		<-time.After(2 * time.Second)
		synctest.Wait()
		if loads.Load() != 1 || len(s.Faults()) != 1 {
			t.Errorf("%d loads, faults %v; want the old library and one fault", loads.Load(), s.Faults())
		}
		cancel()
		done.Wait()
	})
}

func TestWatchEndsWithItsNotices(t *testing.T) {
	t.Parallel()

	notices := make(chan struct{})
	close(notices)
	trees.Watch(t.Context(), notices, time.Hour, newShelf(newMemory(), nil), slog.New(slog.DiscardHandler))
}

func TestADiskNoticesChangesInItsFolders(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	disk := trees.Disk{Root: root}
	if err := os.MkdirAll(filepath.Join(root, "trees"), 0o750); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	notices, err := disk.Notices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"space.yaml", "trees/a.yaml"} {
		if err := disk.Write(path, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, open := <-notices; !open {
			t.Fatalf("the notices ended at %s", path)
		}
	}
	cancel()
	for range notices { // they end
	}
	if _, err := (trees.Disk{Root: filepath.Join(root, "none")}).Notices(t.Context()); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("watching nothing gave %v", err)
	}
}
