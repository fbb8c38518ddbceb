package dialecttest

import (
	"os"
	"strings"
	"testing"
)

// Documented holds the table of deviations in a page of the docs against those
// that the tests of a dialect allow: it has these and no others.
func Documented(t *testing.T, page string, deviations []Deviation) {
	t.Helper()

	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| deviation | because |\n|---|---|\n")
	for _, d := range deviations {
		if !strings.Contains(table, "| "+d.Name+" |") {
			t.Errorf("%s lacks the deviation: %s", page, d.Name)
		}
	}
	if rows := strings.Count(table, "\n"); rows != len(deviations) {
		t.Errorf("%s has %d deviations; want %d", page, rows, len(deviations))
	}
}
