package main_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestDocs_linksLeadSomewhere(t *testing.T) {
	t.Parallel()

	tree := os.DirFS(".")
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(name):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		for _, fault := range deadLinks(tree, name, string(text)) {
			t.Error(fault)
		}
		return err
	})
	if err != nil {
		t.Fatalf("read the documents: %v", err)
	}
}

// link matches a link in Markdown; its target is the group.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// deadLinks returns a sentence for each link of a document to a file of the
// repository that is not there. Links to elsewhere are not followed.
func deadLinks(tree fs.FS, name, text string) []string {
	var faults []string
	for i, line := range strings.Split(text, "\n") {
		for _, match := range link.FindAllStringSubmatch(line, -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, ":") {
				continue
			}
			if _, err := fs.Stat(tree, path.Join(path.Dir(name), target)); err != nil {
				faults = append(faults, fmt.Sprintf("%s:%d links to %s, which is not there", name, i+1, match[1]))
			}
		}
	}
	return faults
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		text string
		want string // part of the sentence; empty for no fault
	}{
		{"a file beside it", "see [c](configuration.md)", ""},
		{"a file above it", "see [l](../LICENSE)", ""},
		{"a heading", "see [h](#here) and [h](configuration.md#there)", ""},
		{"another site", "see [k](https://example.com/a)", ""},
		{"a file that is not there", "\nsee [x](nowhere.md#part)", "docs/a.md:2 links to nowhere.md#part"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			checkFaults(t, deadLinks(os.DirFS("."), "docs/a.md", tt.text), tt.want)
		})
	}
}
