package webhooks_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func reader() webhooks.Reader {
	return webhooks.Reader{
		Catalogue: event.NewCatalogue(),
		Space: &trees.Space{
			Slug: "acme", Source: "Kinetic Request CE", Secrets: []string{"SIGNING", "TOKEN"},
			Kapps: map[string]trees.Kapp{"services": {Forms: map[string]trees.Form{
				"laptop": {Fields: map[string]engine.Type{"Cost": {Kind: engine.KindNumber}}},
			}}},
			Datastore: map[string]trees.Form{"people": {Fields: map[string]engine.Type{"Email": {Kind: engine.KindText}}}},
		},
	}
}

// Each file of testdata/faults is an archive of input and the faults that it
// gives: webhooks.yaml, or files of events/.
func TestFaults_are_told_with_place_and_hint(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()

			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			if archive.Files[last].Name != "faults" {
				t.Fatal("the last part must be called faults")
			}
			var got strings.Builder
			var events []trees.File
			for _, f := range archive.Files[:last] {
				if f.Name != webhooks.File {
					events = append(events, trees.File{Path: f.Name, Content: f.Data})
					continue
				}
				found, faults := reader().ReadFile(f.Name, f.Data)
				if found != nil {
					t.Errorf("%d webhooks in spite of faults", len(found))
				}
				got.WriteString(faults.Render())
			}
			platforms, faults := webhooks.ReadPlatforms(events)
			if platforms != nil && len(events) > 0 {
				t.Errorf("%d platforms in spite of faults", len(platforms))
			}
			got.WriteString(faults.Render())
			if *update {
				archive.Files[last].Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[last].Data), got.String()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

const definition = `{
  "name": "Tell procurement", "note": "big ones", "type": "Submission", "event": "Submission Submitted",
  "kapp": "services", "form": "laptop", "filter": "values.Cost > 1000 && form.slug != \"\u00e9\ud83d\ude00\"",
  "targets": [
    {"tree": "Purchases > ${ kapp.slug } / ${ form.slug }", "source": "Another"},
    {"url": "https://procurement.example.com/hooks", "method": "PUT", "headers": {"x-token": "${ secret('TOKEN') }"},
     "body": {"cost": "${ values.Cost }"}, "auth": {"kind": "hmac", "secret": "SIGNING", "header": "X-Signature"}}
  ],
  "active": false
}`

func TestReader_reads_what_the_API_is_sent(t *testing.T) {
	t.Parallel()

	w, faults := reader().Read([]byte(definition))
	if len(faults) > 0 {
		t.Fatalf("faults:\n%s", faults.Render())
	}
	if w.Name != "Tell procurement" || w.Kapp != "services" || w.Form != "laptop" || w.Type != "Submission" || w.Action != "Submitted" || !w.Inactive || w.Origin != "api" || w.Dialect != "" {
		t.Errorf("webhook %+v", w)
	}
	if got := w.Filter.String(); got != `values.Cost > 1000 && form.slug != "é😀"` {
		t.Errorf("filter %q", got)
	}
	tree, url := w.Targets[0].Tree, w.Targets[1].URL
	if got := tree.Source.String() + " :: " + tree.Group.String() + " :: " + tree.Name.String(); got != "Another :: Purchases > ${ kapp.slug } :: ${ form.slug }" {
		t.Errorf("tree %q", got)
	}
	if url.Method != http.MethodPut || url.Headers["X-Token"] == nil || url.Body == nil || url.Auth != (webhooks.Auth{Kind: webhooks.AuthHMAC, Secret: "SIGNING", Header: "X-Signature"}) {
		t.Errorf("url %+v", url)
	}
	var want, got map[string]any
	if json.Unmarshal([]byte(definition), &want) != nil || json.Unmarshal([]byte(w.Source), &got) != nil {
		t.Fatalf("source is no JSON: %s", w.Source)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	again, faults := reader().Read([]byte(w.Source))
	if len(faults) > 0 || again.Hash != w.Hash || len(w.Hash) != 64 {
		t.Errorf("read again: hash %q, %v; want %q", again.Hash, faults, w.Hash)
	}
}

func TestReader_points_into_what_the_API_is_sent(t *testing.T) {
	t.Parallel()

	_, faults := reader().Read([]byte(`{"name":"n","type":"Submission","event":"Submited","url":"https://h.example.com"}`))
	const want = "webhook:2:12: there is no action \"Submited\" of type Submission\n" +
		"    2 |   \"event\": \"Submited\",\n" +
		"      |            ^^^^^^^^^^\n" +
		"      = did you mean \"Submitted\"?\n"
	if got := faults.Render(); got != want {
		t.Errorf("faults:\n%s\nwant:\n%s", got, want)
	}
}

func TestReader_takes_a_path_for_type_event_and_scope(t *testing.T) {
	t.Parallel()

	for path, want := range map[string][4]string{
		"Submissions > services > laptop / Submitted": {"Submission", "Submitted", "services", "laptop"},
		"Submissions > services / Closed":             {"Submission", "Closed", "services", ""},
		"Submissions / Saved":                         {"Submission", "Saved", "", ""},
		"services > laptop / Created":                 {"Form", "Created", "services", "laptop"},
		"Datastore Submissions > people / Updated":    {"Datastore Submission", "Updated", "", "people"},
		"Teams / Membership Change":                   {"Team", "Membership Change", "", ""},
	} {
		w, faults := reader().Read([]byte("name: n\npath: " + path + "\ntree: A / B\n"))
		if got := [4]string{w.Type, w.Action, w.Kapp, w.Form}; got != want || len(faults) > 0 {
			t.Errorf("%s is %q, %v; want %q", path, got, faults, want)
		}
	}
}

// Whatever a file holds: webhooks that have targets, or faults with a place.
func FuzzReadFile(f *testing.F) {
	f.Add([]byte("webhooks:\n  - " + strings.ReplaceAll(definition, "\n", "\n    ")))
	f.Add([]byte("webhooks: [{name: a, path: Users / Created, tree: A / ${ user.username }}]"))
	f.Add([]byte("webhooks: [{name: a, type: x, event: y, url: 'ftp://x', headers: {a: [b]}, auth: {kind: x}}]"))
	r := reader()
	f.Fuzz(func(t *testing.T, content []byte) {
		found, faults := r.ReadFile(webhooks.File, content)
		for _, w := range found {
			if w.Name == "" || w.Type == "" || len(w.Targets) == 0 || w.Hash == "" {
				t.Fatalf("half a webhook: %+v", w)
			}
			for _, target := range w.Targets {
				if (target.Tree == nil) == (target.URL == nil) {
					t.Fatalf("a target that is not one thing: %+v", target)
				}
			}
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 || fault.Message == "" {
				t.Fatalf("fault without a place: %+v", fault)
			}
		}
	})
}
