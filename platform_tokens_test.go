package main

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"hooktree/webhooks/registration"
)

func TestPlatformTokens_areKeptForOneExchangeAfterTheOther(t *testing.T) {
	t.Parallel()

	p := platformTokens{t.TempDir()}
	var all sync.WaitGroup
	for range 20 { // each as another process would: by a lock of its own
		all.Go(func() {
			err := p.Exchange("law", func(kept registration.Kept) (registration.Kept, error) {
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
	if err := p.Exchange("law", func(registration.Kept) (registration.Kept, error) { return registration.Kept{}, failed }); !errors.Is(err, failed) {
		t.Errorf("a failed exchange gave %v", err)
	}
	_ = p.Exchange("law", func(kept registration.Kept) (registration.Kept, error) {
		if len(kept.Refresh) != 20 {
			t.Errorf("20 exchanges and one that failed left %q", kept.Refresh)
		}
		return kept, nil
	})
	_ = p.Exchange("firm", func(kept registration.Kept) (registration.Kept, error) {
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
