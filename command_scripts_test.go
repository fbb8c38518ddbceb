package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommands_answerAsTheirScriptsSay runs each script of testdata/commands:
// its first line is a command, and what follows is the whole of its answer.
// With -update the answers are written anew.
func TestCommands_answerAsTheirScriptsSay(t *testing.T) {
	t.Parallel()

	scripts, err := filepath.Glob("testdata/commands/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("find the scripts: %d, %v", len(scripts), err)
	}
	for _, name := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()

			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(want), "\n")
			line, ok := strings.CutPrefix(first, "$ hooktree ")
			if !ok {
				t.Fatalf("%s does not begin with `$ hooktree `", name)
			}
			got := transcript(t, line)
			if got == string(want) {
				return
			}
			if !*update {
				t.Fatalf("%s is not what the command answers; it answers:\n%s", name, got)
			}
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// versionHash is the hash of a tree's version, which changes with the handlers.
var versionHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// transcript is a command with what it says, as a terminal would show it.
func transcript(t *testing.T, line string) string {
	t.Helper()

	code, out, errs := runCLI(t, host{in: strings.NewReader("")}, strings.Fields(line)...)
	text := "$ hooktree " + line + "\n" + versionHash.ReplaceAllString(out, "HASH") + errs
	if code != exitOK {
		text += fmt.Sprintf("exit %d\n", code)
	}
	return text
}
