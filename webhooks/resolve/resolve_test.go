package resolve_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

var update = flag.Bool("update", false, "rewrite what the scripts want")

var noon = time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)

// rules reads a space from its files.
func rules(tb testing.TB, files []trees.File) resolve.Rules {
	tb.Helper()
	platforms, faults := webhooks.ReadPlatforms(files)
	fatal(tb, faults)
	c := event.NewCatalogue(platforms...)
	var defined []webhooks.Webhook
	library, faults := trees.Load(files, func(files []trees.File, space *trees.Space) (trees.Environment, trees.Faults) {
		for _, f := range files {
			if f.Path == webhooks.File {
				var told trees.Faults
				defined, told = webhooks.Reader{Catalogue: c, Space: space}.ReadFile(f.Path, f.Content)
				fatal(tb, told)
			}
		}
		return trees.Environment{Space: space, Names: webhooks.Names(c, space), Near: webhooks.Near(c)}, nil
	})
	fatal(tb, faults)
	set, err := webhooks.NewSet(defined)
	if err != nil {
		tb.Fatal(err)
	}
	return resolve.Rules{Catalogue: c, Webhooks: set, Trees: library}
}

func fatal(tb testing.TB, faults trees.Faults) {
	tb.Helper()
	if f := faults.Fatal(); len(f) > 0 {
		tb.Fatalf("faults:\n%s", f.Render())
	}
}

// space parts the files of a script from its events and what it wants.
func space(a *txtar.Archive) []trees.File {
	var files []trees.File
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, "in/") && f.Name != "want" {
			files = append(files, trees.File{Path: f.Name, Content: f.Data})
		}
	}
	return files
}

// Each script is a space, events sent to it, and the verdicts: one line for
// each, with what fires below it.
func TestResolve_scripts(t *testing.T) {
	t.Parallel()

	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) < 8 {
		t.Fatalf("found %d scripts, %v", len(scripts), err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			t.Parallel()

			archive, err := txtar.ParseFile(script)
			if err != nil {
				t.Fatal(err)
			}
			r := rules(t, space(archive))
			var got strings.Builder
			for _, f := range archive.Files {
				if name, ok := strings.CutPrefix(f.Name, "in/"); ok {
					e := parse(t, r, f.Data)
					fmt.Fprintf(&got, "%s: %s\n%s", strings.TrimSuffix(name, ".json"), e.Path, describe(t, r, e, resolve.Resolve(e, r)))
				}
			}
			compare(t, script, archive, got.String())
		})
	}
}

func parse(tb testing.TB, r resolve.Rules, body []byte) event.Event {
	tb.Helper()
	e, err := event.Parse(body, r.Catalogue, noon)
	if err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	return e
}

// describe writes a resolution down, with the values that each deciding
// expression saw.
func describe(t *testing.T, r resolve.Rules, e event.Event, res resolve.Resolution) string {
	t.Helper()
	var b strings.Builder
	for i, v := range res.Verdicts {
		fmt.Fprintf(&b, "  %s [%s]: %s\n", v.Webhook, v.Outcome, v.Reason)
		if v.Target != "" {
			fmt.Fprintf(&b, "    target %s\n", v.Target)
		}
		seen, _ := resolve.Explain(e, v, r)
		for _, s := range seen {
			if s.Evaluated {
				fmt.Fprintf(&b, "    saw %s = %v\n", s.Text, s.Value)
			}
		}
		for _, f := range res.Firings {
			if f.Verdict == i {
				b.WriteString(firing(f))
			}
		}
	}
	return b.String()
}

func firing(f webhooks.Firing) string {
	if f.Tree != nil {
		text := "    run"
		if f.Tree.Hash == "" {
			text += " (no such tree)"
		}
		if f.Tree.Dedupe != "" {
			text += " dedupe=" + f.Tree.Dedupe
		}
		if f.Tree.Lane != "" {
			text += " lane=" + f.Tree.Lane
		}
		return text + "\n"
	}
	text := fmt.Sprintf("    send %s %s\n", f.URL.Method, f.URL.URL)
	for _, name := range slices.Sorted(maps.Keys(f.URL.Headers)) {
		text += fmt.Sprintf("      %s: %s\n", name, f.URL.Headers[name])
	}
	if f.URL.Body != nil {
		text += fmt.Sprintf("      %s\n", f.URL.Body)
	}
	if f.URL.Auth.Kind != "" {
		text += fmt.Sprintf("      signed %s by %s\n", f.URL.Auth.Kind, f.URL.Auth.Secret)
	}
	for _, s := range f.URL.Seals {
		text += fmt.Sprintf("      sealed %s\n", s.At)
	}
	return text
}

func compare(t *testing.T, script string, archive *txtar.Archive, got string) {
	t.Helper()
	want := ""
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i >= 0 {
		want = string(archive.Files[i].Data)
	}
	if got == want {
		return
	}
	if !*update {
		t.Errorf("verdicts (-want +got):\n%s", cmp.Diff(want, got))
		return
	}
	if i < 0 {
		archive.Files = append(archive.Files, txtar.File{Name: "want"})
		i = len(archive.Files) - 1
	}
	archive.Files[i].Data = []byte(got)
	if err := os.WriteFile(script, txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
}
