package binarytest

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"
)

// kept are the programs that Main keeps until all tests have ended.
var kept struct {
	mu    sync.Mutex
	dir   string            // empty without Main
	paths map[string]string // by import path
}

// Main runs the tests of a package, for which Build builds each program once.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "hooktree-binarytest-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	kept.dir, kept.paths = dir, map[string]string{}
	m.Run() // its code is the process's once TestMain returns
}

// Build builds the program of an import path, and gives the file. Without Main
// the file lasts as long as the test, and every call builds it again.
func Build(t *testing.T, program string) string {
	t.Helper()

	kept.mu.Lock()
	defer kept.mu.Unlock()
	if kept.dir == "" {
		return build(t, t.TempDir(), program)
	}
	if kept.paths[program] == "" {
		kept.paths[program] = build(t, kept.dir, program)
	}
	return kept.paths[program]
}

// build leaves out what only a debugger reads: that halves the time.
func build(t *testing.T, dir, program string) string {
	t.Helper()

	file := filepath.Join(dir, path.Base(program))
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w", "-o", file, program).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", program, err, out)
	}
	return file
}
