package examples_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected texts; read the difference")

// TestExamples posts the event files of every example in the order of their
// names: events to the API, and requests as other platforms send them to where
// they say. What becomes of each stands beside it, in a file of the same name.
func TestExamples(t *testing.T) {
	t.Parallel()

	spaces, err := filepath.Glob("*/space.yaml")
	if err != nil || len(spaces) < 4 {
		t.Fatalf("found the spaces %v: %v", spaces, err)
	}
	for _, file := range spaces {
		space := filepath.Dir(file)
		t.Run(space, func(t *testing.T) {
			t.Parallel()

			events, err := filepath.Glob(filepath.Join(space, "events-sent", "*.[jh]*"))
			if err != nil || len(events) == 0 {
				t.Fatalf("%s has no events in events-sent: %v", space, err)
			}
			s := newStage(t, space)
			for _, event := range events {
				text, err := os.ReadFile(event)
				if err != nil {
					t.Fatal(err)
				}
				said, isEvent := strings.CutSuffix(event, ".json")
				if isEvent {
					compare(t, said+".txt", s.transcript(string(text)))
				} else {
					compare(t, strings.TrimSuffix(event, ".http")+".txt", s.delivery(string(text)))
				}
			}
			if fault := "the space has a fault"; strings.Contains(s.server.Printed(), fault) {
				t.Errorf("%s:\n%s", fault, s.server.Printed())
			}
		})
	}
}

// compare holds a text against the file that says what it should be.
func compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; `go test ./examples -update` writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; `go test ./examples -update` rewrites it\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}
