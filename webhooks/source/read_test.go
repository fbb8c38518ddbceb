package source_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"hooktree/trees"
	"hooktree/webhooks/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each file of testdata/faults is a space.yaml and the faults that it gives.
func TestFaults_areToldWithPlaceAndHint(t *testing.T) {
	t.Parallel()

	names, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil || len(names) < 4 {
		t.Fatalf("found %d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()

			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found, faults := read(t, string(archive.Files[0].Data))
			if found != nil {
				t.Errorf("%d sources were read; want none beside faults", len(found))
			}
			got := faults.Render()
			holds(t, name, archive, txtar.File{Name: "faults", Data: []byte(got)})
		})
	}
}

// holds compares what came out with the last file of an archive; -update writes
// it there.
func holds(t *testing.T, name string, archive *txtar.Archive, got txtar.File) {
	t.Helper()

	last := len(archive.Files) - 1
	if *update {
		if last >= 0 && archive.Files[last].Name == got.Name {
			archive.Files = archive.Files[:last]
		}
		archive.Files = append(archive.Files, got)
		if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if last < 0 || archive.Files[last].Name != got.Name || !bytes.Equal(archive.Files[last].Data, got.Data) {
		t.Errorf("%s differs; `go test ./webhooks/source -update` rewrites it\ngot:\n%s", name, got.Data)
	}
}

// read reads a space.yaml and its sources.
func read(tb testing.TB, text string) ([]source.Source, trees.Faults) {
	tb.Helper()
	space, faults := trees.ParseSpace(trees.SpaceFile, []byte(text))
	if space == nil {
		tb.Fatalf("the space has faults besides those of its sources:\n%s", faults.Render())
	}
	return source.ReadAll([]trees.File{{Path: "trees/a.yaml"}, {Path: trees.SpaceFile, Content: []byte(text)}}, space, platforms()...)
}

// sound reads sources that have no fault.
func sound(tb testing.TB, text string) []source.Source {
	tb.Helper()
	found, faults := read(tb, "slug: acme\nsecrets: [A, B]\nsources:\n"+text)
	if len(faults) > 0 {
		tb.Fatalf("faults:\n%s", faults.Render())
	}
	return found
}

// every has a source of each kind with each of its keys.
const every = `  accelo: {kind: accelo, secret: A, token: B, register: {api: "https://acme.api.accelo.com/api/v0", url: "https://hooks.example.com/", events: [assign_task], client: app, client_secret: B}}
  actionstep: {kind: actionstep, tokens: [A, B], note: the firm's}
  door: {kind: basic, user: door, secret: A, event: body /type, platform: house, title: House, id: body /id, timestamp: body /at}
  repo: {kind: github, secrets: [A, B]}
  legacy: {kind: hmac, secret: A, header: x-signature, algorithm: sha1, encoding: base64, prefix: "sha1=", signs: timestamp.body, id: header x-delivery, event: header x-event, timestamp: header x-time, tolerance: 1m}
  least: {kind: hmac, secret: A, header: X-Signature}
  crm: {kind: keap, open: true}
  kinetic: {kind: kinetic, key: AK1, secret: A}
  store: {kind: shopify, secret: A}
  chat: {kind: slack, secret: A, tolerance: 2m}
  partner: {kind: standard, secret: A, tolerance: 10m}
  billing: {kind: stripe, secret: A}
  plain: {kind: token, header: Authorization, prefix: "Bearer ", secret: A, event: ping}
`

func TestReadAll_readsEachKind(t *testing.T) {
	t.Parallel()

	body := source.Place{Body: "/type"}
	want := []source.Source{
		{
			Name: "accelo", Kind: source.Accelo, Secrets: []string{"A"}, Tokens: []string{"B"}, Platform: "accelo", Title: "Accelo",
			Register: &source.Register{
				API: "https://acme.api.accelo.com/api/v0", URL: "https://hooks.example.com", Events: []string{"assign_task"},
				Client: "app", ClientSecret: "B",
			},
		},
		{Name: "actionstep", Kind: source.Actionstep, Tokens: []string{"A", "B"}, Platform: "actionstep", Title: "Actionstep"},
		{
			Name: "door", Kind: source.Basic, Secrets: []string{"A"}, Platform: "house", Title: "House", User: "door", Event: body,
			ID: source.Place{Body: "/id"}, Timestamp: source.Place{Body: "/at"},
		},
		{Name: "repo", Kind: source.GitHub, Secrets: []string{"A", "B"}, Platform: "github", Title: "GitHub"},
		{
			Name: "legacy", Kind: source.HMAC, Secrets: []string{"A"}, Platform: "legacy", Title: "Legacy", Tolerance: time.Minute,
			Proof: source.Proof{Header: "x-signature", Prefix: "sha1=", Algorithm: "sha1", Encoding: "base64", Signs: "timestamp.body"},
			ID:    source.Place{Header: "X-Delivery"}, Event: source.Place{Header: "X-Event"}, Timestamp: source.Place{Header: "X-Time"},
		},
		{
			Name: "least", Kind: source.HMAC, Secrets: []string{"A"}, Platform: "least", Title: "Least", Event: source.Place{Fixed: "received"},
			Proof: source.Proof{Header: "X-Signature", Algorithm: "sha256", Encoding: "hex", Signs: "body"},
		},
		{Name: "crm", Kind: source.Keap, Platform: "keap", Title: "Keap"},
		{Name: "kinetic", Kind: source.Kinetic, Secrets: []string{"A"}, Platform: "kinetic", Key: "AK1"},
		{Name: "store", Kind: source.Shopify, Secrets: []string{"A"}, Platform: "shopify", Title: "Shopify"},
		{Name: "chat", Kind: source.Slack, Secrets: []string{"A"}, Platform: "slack", Title: "Slack", Tolerance: 2 * time.Minute},
		{Name: "partner", Kind: source.Standard, Secrets: []string{"A"}, Platform: "partner", Title: "Partner", Tolerance: 10 * time.Minute},
		{Name: "billing", Kind: source.Stripe, Secrets: []string{"A"}, Platform: "stripe", Title: "Stripe"},
		{
			Name: "plain", Kind: source.Token, Secrets: []string{"A"}, Platform: "plain", Title: "Plain", Event: source.Place{Fixed: "ping"},
			Proof: source.Proof{Header: "Authorization", Prefix: "Bearer "},
		},
	}
	if diff := cmp.Diff(want, sound(t, every)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadAll_leavesOtherFaultsToTheirReader(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{
		"no sources": "slug: acme", "nothing in them": "slug: acme\nsources:", "a list": "slug: acme\nsources: [x]",
		"no YAML": "slug: [", "a list for a space": "- a", "nothing": "",
	} {
		found, faults := source.ReadAll([]trees.File{{Path: trees.SpaceFile, Content: []byte(text)}}, nil)
		if found != nil || faults != nil {
			t.Errorf("%s: got %v, %v", name, found, faults)
		}
	}
	if found, faults := source.ReadAll(nil, nil); found != nil || faults != nil {
		t.Errorf("no file: got %v, %v", found, faults)
	}
}

func TestReadAll_boundsTheNumberOfSources(t *testing.T) {
	t.Parallel()

	var b strings.Builder
	b.WriteString("slug: acme\nsources:\n")
	for i := range source.MaxSources + 1 {
		b.WriteString("  s" + strings.Repeat("x", i%90) + string(rune('a'+i/90)) + ": {kind: keap, open: true}\n")
	}
	found, faults := read(t, b.String())
	if found != nil || len(faults) != 1 || !strings.Contains(faults[0].Message, "more than 200 sources") {
		t.Errorf("got %d sources and %v", len(found), faults)
	}
}

// What the schema takes, ReadAll takes, and the other way round, as far as a
// schema can say it.
func TestSchema_agreesWithTheReader(t *testing.T) {
	t.Parallel()

	text, err := json.Marshal(source.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sources.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sources.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(every), "\n") {
		for _, changed := range []struct{ from, to string }{
			{"", ""},                         // as it stands
			{"{kind: ", "{wrong: 1, kind: "}, // a key that no kind has
			{"secret: A", "note: none"},
			{"token: ", "tokens: "},
			{"secret: A", "secret: a b"},
			{"header: ", "note: "},
			{"user: ", "note: "},
			{"open: true", "note: none"},
			{"sha1, ", "md5, "},
			{"base64", "base65"},
			{"10m", "soon"},
			{"id: header x-delivery", "id: x-delivery"},
			{"kind: stripe", "kind: stripee"},
		} {
			if !strings.Contains(line, changed.from) {
				continue
			}
			text := strings.Replace(line, changed.from, changed.to, 1)
			var plain any
			if err := yaml.Unmarshal([]byte(text), &plain); err != nil {
				t.Fatal(err)
			}
			_, faults := read(t, "slug: acme\nsecrets: [A, B]\nsources:\n  "+strings.TrimSpace(text)+"\n")
			if err := schema.Validate(plain); (err == nil) != (len(faults) == 0) {
				t.Errorf("%s\nthe schema says %v, the reader %v", text, err, faults)
			}
		}
	}
}

// Whatever stands in space.yaml gives sources or faults, and never both.
func FuzzReadAll(f *testing.F) {
	f.Add("  " + strings.TrimSpace(every))
	names, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, list, _ := strings.Cut(string(archive.Files[0].Data), "sources:\n")
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		text := "slug: acme\nsecrets: [A, B, HOOK]\nsources:\n" + list
		found, faults := source.ReadAll([]trees.File{{Path: trees.SpaceFile, Content: []byte(text)}}, &trees.Space{Secrets: []string{"A", "B", "HOOK"}})
		if len(found) > 0 && len(faults.Fatal()) > 0 {
			t.Errorf("%d sources beside the faults\n%s", len(found), faults.Render())
		}
		for _, s := range found {
			if s.Kind != source.Keap && s.Kind != source.Actionstep && s.Kind != source.Accelo && len(s.Secrets) == 0 {
				t.Errorf("the source %s of the kind %s has no secret", s.Name, s.Kind)
			}
			if _, err := url.Parse("/in/" + s.Name); err != nil || strings.ContainsAny(s.Name, "/?#%") {
				t.Errorf("%q stands in no address: %v", s.Name, err)
			}
		}
	})
}
