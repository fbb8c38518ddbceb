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

	"hooktree/examples/binarytest"
	"hooktree/trees"
)

// fenced finds an example in a document: YAML, and where it is faulty what
// `hooktree check` says of it.
var fenced = regexp.MustCompile("(?ms)^```yaml( faults)?\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?")

// TestGenerated_documents checks each example in the documents about trees,
// webhooks and sources as `hooktree check` does, in the space of an example: it
// is sound, or has the very faults that the document shows.
func TestGenerated_documents(t *testing.T) {
	t.Parallel()

	for name, of := range map[string]struct {
		least int // examples
		space string
	}{"tree-language.md": {15, "service-desk"}, "webhooks.md": {5, "service-desk"}, "receiving.md": {5, "inbound"}, "accelo.md": {1, "service-desk"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			checkDocument(t, filepath.Join("..", "docs", name), of.space, of.least)
		})
	}
}

// checkDocument checks the examples of a document, of which there are at least
// so many.
func checkDocument(t *testing.T, name, space string, least int) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	examples := fenced.FindAllStringSubmatch(string(text), -1)
	if len(examples) < least {
		t.Errorf("%s has %d examples; want at least %d", name, len(examples), least)
	}
	said := string(text)
	for _, example := range examples {
		whole, faulty, source, want := example[0], example[1] != "", example[2], example[3]
		got := check(t, space, source)
		switch {
		case got == want && faulty == (got != ""):
		case *update && faulty && got != "":
			told := strings.TrimSuffix(whole, want+"```\n") + got + "```\n"
			said = strings.Replace(said, whole, told, 1)
		default:
			t.Errorf("%s has the example\n%s\nof which hooktree check says\n%s\nand the document\n%s", name, source, got, want)
		}
	}
	if said != string(text) {
		if err := os.WriteFile(name, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// check puts an example beside the space.yaml of a space and gives its faults.
func check(t *testing.T, of, example string) string {
	t.Helper()
	space, err := os.ReadFile(filepath.Join(of, trees.SpaceFile))
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
	out, _ := exec.CommandContext(ctx, binarytest.Build(t, serverProgram), "check", dir).CombinedOutput() // exits with 1 where there is a fault
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
