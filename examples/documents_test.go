package examples_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fenced finds an example in a document: YAML, and where it is faulty what
// `hooktree check` says of it.
var fenced = regexp.MustCompile("(?ms)^```yaml( faults)?\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?")

// TestDocuments_examplesAreSound checks each example in the documents about
// trees and webhooks as `hooktree check` does: it is sound, or has the very
// faults that the document shows.
func TestDocuments_examplesAreSound(t *testing.T) {
	t.Parallel()

	for name, least := range map[string]int{"tree-language.md": 20, "webhooks.md": 5} {
		text, err := os.ReadFile(filepath.Join("..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		examples := fenced.FindAllStringSubmatch(string(text), -1)
		if len(examples) < least {
			t.Errorf("%s has %d examples; want at least %d", name, len(examples), least)
		}
		for _, example := range examples {
			want := ""
			if example[1] != "" {
				want = example[3]
			}
			if got := check(t, example[2]); got != want {
				t.Errorf("%s has the example\n%s\nof which hooktree check says\n%s\nand the document\n%s", name, example[2], got, want)
			}
		}
	}
}

// check puts an example into the space of the service desk and gives its
// faults.
func check(t *testing.T, example string) string {
	t.Helper()
	space, err := os.ReadFile("service-desk/space.yaml")
	if err != nil {
		t.Fatal(err)
	}
	name, content := place(example)
	dir := t.TempDir()
	for name, content := range map[string]string{"space.yaml": string(space), name: content} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, _ := exec.CommandContext(ctx, binary(t, "hooktree"), "check", dir).CombinedOutput() // exits with 1 where there is a fault
	told, summary := cutLast(strings.ReplaceAll(string(out), dir+"/", ""))
	if !strings.Contains(summary, "warning") {
		t.Fatalf("hooktree check says\n%s", out)
	}
	return told
}

// place says which file of a space an example is, by its first key. A list of
// nodes stands in a tree of the laptop request.
func place(example string) (name, content string) {
	first := ""
	for line := range strings.Lines(example) {
		if first = strings.TrimSpace(line); first != "" && !strings.HasPrefix(first, "#") {
			break
		}
	}
	switch {
	case strings.HasPrefix(first, "webhooks:"):
		return "webhooks.yaml", example
	case strings.HasPrefix(first, "platform:"):
		return "events/example.yaml", example
	case strings.HasPrefix(first, "slug:"):
		return "space.yaml", example
	case strings.HasPrefix(first, "- id:"):
		return "trees/example.yaml", "tree: Submissions > services > laptop-request / Submitted\nnodes:\n" + example
	default:
		return "trees/example.yaml", example
	}
}

// cutLast parts the last line from those before it and the empty line between.
func cutLast(text string) (before, last string) {
	text = strings.TrimSuffix(text, "\n")
	at := strings.LastIndex(text, "\n")
	if at < 0 {
		return "", text
	}
	return strings.TrimRight(text[:at], "\n") + "\n", text[at+1:]
}
