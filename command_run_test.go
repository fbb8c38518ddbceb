package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// calledSpace makes a space with one tree that calls an endpoint, and gives
// the tree's file.
func calledSpace(t *testing.T, endpoint string) string {
	t.Helper()

	root := t.TempDir()
	tree := filepath.Join(root, "trees", "desk.yaml")
	if err := os.Mkdir(filepath.Dir(tree), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		filepath.Join(root, "space.yaml"): "slug: acme\nsecrets: [HR_TOKEN]\n",
		filepath.Join(root, "secrets"):    "HR_TOKEN: s3cret\n",
		tree: fmt.Sprintf(`tree: Submissions > services > desk / Submitted
nodes:
  - id: ask
    do: http
    with: {url: %q, headers: {Authorization: "Bearer ${ secret('HR_TOKEN') }"}}
    retry: {max: 3, wait: 1d}
  - id: out
    return: "${ nodes.ask.body.name }"
`, endpoint),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func TestRun_callsNobodyUnlessLive(t *testing.T) {
	t.Parallel()

	var calls atomic.Int64
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			t.Errorf("the call came with %q", r.Header.Get("Authorization"))
		}
		if calls.Add(1) == 1 { // the retry a day later passes on the virtual clock
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"name":"Manager"}`)
	}))
	t.Cleanup(endpoint.Close)
	tree := calledSpace(t, endpoint.URL)
	args := []string{"run", tree, "--event", "testdata/events/desk.json"}

	code, out, _ := runCLI(t, host{}, args...)
	if code != exitFailed || calls.Load() != 0 || !strings.Contains(out, "not called (use --live)") {
		t.Errorf("without --live = %d after %d calls; want a stub, whose body has no name:\n%s", code, calls.Load(), out)
	}

	args = append(args, "--live", "--secrets-file", filepath.Join(filepath.Dir(filepath.Dir(tree)), "secrets"))
	code, out, _ = runCLI(t, host{}, args...)
	if code != exitFailed || calls.Load() != 0 || !strings.Contains(out, "the address is loopback") {
		t.Errorf("a network that is not allowed = %d after %d calls; want a refusal:\n%s", code, calls.Load(), out)
	}

	code, out, errs := runCLI(t, host{}, append(args, "--egress-allow", "127.0.0.1/32")...)
	if code != exitOK || calls.Load() != 2 || !strings.Contains(out, `returned "Manager"`) || strings.Contains(out, "s3cret") {
		t.Errorf("with --live = %d after %d calls; want the answer of the second:\n%s%s", code, calls.Load(), out, errs)
	}
}

func TestSchema_ofEachKindNamesItself(t *testing.T) {
	t.Parallel()

	for _, kind := range []string{"tree", "space", "webhooks", "events"} {
		code, out, errs := runCLI(t, host{}, "schema", kind)
		var schema struct {
			Schema string `json:"$schema"`
			Title  string
		}
		err := json.Unmarshal([]byte(out), &schema)
		if code != exitOK || err != nil || schema.Title != "hooktree "+kind || !strings.HasSuffix(schema.Schema, "2020-12/schema") {
			t.Errorf("schema %s = %d, %v, %+v%s; want a schema of that title", kind, code, err, schema, errs)
		}
	}
}
