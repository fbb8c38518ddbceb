package resolve_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/kinetic"
	"hooktree/webhooks/resolve"
)

// occasions are what an event may be about: between them they make every
// filter of the real webhooks true, and false where it can be.
var occasions = map[string]string{
	"plain":    `"form":{"slug":"laptop","type":"Service","attributes":{"Custom Submission Workflow":[]}},"kapp":{"slug":"services","attributes":{"Custom Form Workflow":[]}},"submission":{"id":"s-1","coreState":"Submitted","type":"Service"},"team":{"slug":"t-1","name":"Staff"},"user":{"username":"u-1","invitedBy":"manager@example.com"}`,
	"custom":   `"form":{"slug":"laptop","type":"Service","attributes":{"Custom Submission Workflow":["Created","Submitted","Updated"]}},"kapp":{"slug":"services","attributes":{"Custom Form Workflow":["Created","Updated","Deleted"]}},"submission":{"id":"s-1"}`,
	"survey":   `"form":{"slug":"pulse","type":"Survey","attributes":{}},"kapp":{"slug":"surveys"},"submission":{"id":"s-1"}`,
	"robot":    `"form":{"slug":"robot-definitions"},"kapp":{"slug":"datastore"},"submission":{"id":"s-1"}`,
	"approver": `"form":{"slug":"alternate-approvers"},"kapp":{"slug":"datastore"},"submission":{"id":"s-1","coreState":"Draft"}`,
	"request":  `"form":{"slug":"alternate-approver-request"},"kapp":{"slug":"services"},"submission":{"id":"s-1","coreState":"Submitted"}`,
	"approval": `"form":{"slug":"laptop"},"kapp":{"slug":"services"},"submission":{"id":"s-1","type":"Approval"}`,
	"role":     `"form":{"slug":"laptop"},"kapp":{"slug":"services"},"team":{"slug":"t-2","name":"Role::Employee"},"user":{"username":"u-2"}`,
}

// The real webhooks fire as they are written: for each the occasions for which
// it fires and those that it filters, and where it goes, to the letter.
func TestResolve_fires_real_webhooks_as_written(t *testing.T) {
	t.Parallel()

	base := rules(t, []trees.File{{Path: "space.yaml", Content: []byte(
		"slug: acme\nattributes: {Task Source Name: Kinetic Request CE, Task Server Scheme: https, Task Server Host: tasks.example.com}\n")}})
	translator := kinetic.Translator{Catalogue: base.Catalogue}
	lines, fired := []string{}, 0
	for i, definition := range definitions(t) {
		w, err := translator.Webhook(definition, "")
		if err != nil {
			lines = append(lines, fmt.Sprintf("%d refused: %v", i, err))
			continue
		}
		line, ok := try(t, base, w)
		if ok {
			fired++
		}
		lines = append(lines, fmt.Sprintf("%d %s / %s: %s", i, w.Type, w.Action, line))
	}
	if fired != 53 {
		t.Errorf("%d webhooks fired; want 53", fired)
	}
	golden(t, filepath.Join("testdata", "real.golden"), strings.Join(lines, "\n")+"\n")
}

// try sends an event of every occasion to one webhook. A target outside is
// held against the address as it was written; a tree is told by its title.
func try(t *testing.T, base resolve.Rules, w webhooks.Webhook) (line string, fires bool) {
	t.Helper()
	set, err := webhooks.NewSet([]webhooks.Webhook{w})
	if err != nil {
		t.Fatal(err)
	}
	base.Webhooks = set
	names := map[webhooks.Outcome][]string{}
	targets := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(occasions)) {
		e := parse(t, base, fmt.Appendf(nil, `{"event":{"type":%q,"action":%q},%s}`, w.Type, w.Action, occasions[name]))
		res := resolve.Resolve(e, base)
		verdict := res.Verdicts[0]
		names[verdict.Outcome] = append(names[verdict.Outcome], name)
		if verdict.Outcome != webhooks.Fired {
			continue
		}
		if u := res.Firings[0].URL; u != nil {
			written, err := kinetic.Render(w)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(written.URL, "${space('attribute:Task Source Name')}", "Kinetic%20Request%20CE"); u.URL != want {
				t.Errorf("%s goes to %s; want %s", w.Name, u.URL, want)
			}
			targets["the address as written"] = true
			continue
		}
		targets[verdict.Target] = true
	}
	for _, outcome := range slices.Sorted(maps.Keys(names)) {
		line += fmt.Sprintf("%s for %s; ", outcome, strings.Join(names[outcome], ", "))
	}
	return line + "to " + strings.Join(slices.Sorted(maps.Keys(targets)), " | "), len(names[webhooks.Fired]) > 0
}

func definitions(t *testing.T) []json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "kinetic", "webhooks.json"))
	if err != nil {
		t.Fatalf("the real webhooks are missing: %v; this test reads them beside the repository", err)
	}
	var exports []struct{ Webhook json.RawMessage }
	if err := json.Unmarshal(data, &exports); err != nil {
		t.Fatal(err)
	}
	all := make([]json.RawMessage, len(exports))
	for i, x := range exports {
		all[i] = x.Webhook
	}
	return all
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
