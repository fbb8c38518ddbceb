package engine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/engine"
)

var record = flag.Bool("record", false, "add a trace of the present semantics for each script that has none")

// TestTraces_come_out_as_they_were_recorded holds that runs which an earlier
// release began go on as it would have: a trace is never rewritten. What must
// change raises Semantics, and Step keeps the old branch.
func TestTraces_come_out_as_they_were_recorded(t *testing.T) {
	t.Parallel()

	if *record {
		recordTraces(t)
	}
	files, err := filepath.Glob("testdata/traces/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, "testdata/traces/"), func(t *testing.T) {
			t.Parallel()

			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := play(string(text), true)
			if err != nil {
				t.Fatal(err)
			}
			if s.out.String() != string(text) {
				t.Errorf("recorded was\n%s\nbut Step gave\n%s", text, s.out.String())
			}
		})
	}
}

func recordTraces(t *testing.T) {
	t.Helper()
	scripts, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := fmt.Sprintf("testdata/traces/%d", engine.Semantics)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range scripts {
		trace := filepath.Join(dir, filepath.Base(file))
		if _, err := os.Stat(trace); err == nil {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := play(string(text), true)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(trace, []byte(s.out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
