package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hooktree/webhooks/registration"
)

func TestPlatformTokens_areKeptForOneExchangeAfterTheOther(t *testing.T) {
	t.Parallel()

	p := &platformTokens{data: t.TempDir()}
	var all sync.WaitGroup
	for range 20 { // each as another process would: by a lock of its own
		all.Go(func() {
			err := p.Exchange("law", func(kept registration.Kept, _ func(registration.Kept) error) (registration.Kept, error) {
				kept.Refresh += "x"
				return kept, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	failed := errors.New("the platform refuses")
	if err := p.Exchange("law", func(registration.Kept, func(registration.Kept) error) (registration.Kept, error) {
		return registration.Kept{}, failed
	}); !errors.Is(err, failed) {
		t.Errorf("a failed exchange gave %v", err)
	}
	_ = p.Exchange("law", func(kept registration.Kept, _ func(registration.Kept) error) (registration.Kept, error) {
		if len(kept.Refresh) != 20 {
			t.Errorf("20 exchanges and one that failed left %q", kept.Refresh)
		}
		return kept, nil
	})
	_ = p.Exchange("firm", func(kept registration.Kept, _ func(registration.Kept) error) (registration.Kept, error) {
		if kept != (registration.Kept{}) {
			t.Errorf("another source begins with %+v", kept)
		}
		return kept, nil
	})
	path := filepath.Join(p.data, platformTokensFolder, "law.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want one that only its user reads", info, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Exchange("law", nil); err == nil {
		t.Error("a file that cannot be read is passed over")
	}
}

// What the platform gives once is not lost because it cannot be written.
func TestPlatformTokens_holdWhatTheyCannotWrite(t *testing.T) {
	t.Parallel()

	p := &platformTokens{data: t.TempDir()}
	dir := filepath.Join(p.data, platformTokensFolder)
	block := filepath.Join(dir, "law.json.new") // a folder where the next file is written
	exchange := func(next string, before func()) (seen string, err error) {
		err = p.Exchange("law", func(kept registration.Kept, keep func(registration.Kept) error) (registration.Kept, error) {
			seen = kept.Refresh
			before()
			kept.Refresh = next
			return kept, nil
		})
		return seen, err
	}
	mkdir := func() {
		if err := os.Mkdir(block, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func() {}
	if _, err := exchange("one", nothing); err != nil {
		t.Fatal(err)
	}
	if _, err := exchange("two", mkdir); err == nil || !strings.Contains(err.Error(), "held in memory") {
		t.Errorf("a file that cannot be written gives %v", err)
	}
	if seen, err := exchange("three", func() { t.Error("another exchange begins") }); err == nil || seen != "" {
		t.Errorf("while it cannot be written, an exchange saw %q and gave %v", seen, err)
	}
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	if seen, err := exchange("three", nothing); err != nil || seen != "two" {
		t.Errorf("afterwards an exchange saw %q and gave %v; want what was held", seen, err)
	}
	mkdirThen, _ := exchange("four", mkdir)
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	if err := (&platformTokens{data: p.data}).Exchange("law", func(kept registration.Kept, _ func(registration.Kept) error) (registration.Kept, error) {
		kept.Refresh = "of another process"
		return kept, nil
	}); err != nil || mkdirThen != "three" {
		t.Fatal(mkdirThen, err)
	}
	if seen, err := exchange("five", nothing); err != nil || seen != "of another process" {
		t.Errorf("after another process, an exchange saw %q and gave %v", seen, err)
	}
}
