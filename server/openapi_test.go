package server_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

// The document describes every call of the native API, with the role that the
// table gives it, and parameters that it really has.
func TestOpenAPI_describesEveryCallOfTheTable(t *testing.T) {
	t.Parallel()

	h := open(t)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary    string
			Parameters []struct{ Name, In string }
			Role       string `json:"x-role"`
		}
	}
	got := h.do(accounts.Public, "GET", "/openapi.json", "")
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("GET /openapi.json = %d, %v, version %q", got.status, err, doc.OpenAPI)
	}
	described := 0
	for _, r := range h.server.Table() {
		if r.API != "native" {
			continue
		}
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		call, ok := doc.Paths[path][strings.ToLower(r.Method)]
		if !ok || call.Summary == "" || call.Role != r.Role.String() {
			t.Errorf("%s %s is described as %+v; want a summary and the role %s", r.Method, path, call, r.Role)
		}
		described++
		for _, name := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
			found := false
			for _, p := range call.Parameters {
				found = found || p.In == "path" && p.Name == name[1]
			}
			if !found {
				t.Errorf("%s %s does not describe its parameter %s", r.Method, path, name[1])
			}
		}
	}
	calls := 0
	for _, methods := range doc.Paths {
		calls += len(methods)
	}
	if calls != described {
		t.Errorf("the document describes %d calls; the table has %d", calls, described)
	}
}
