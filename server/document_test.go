package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"hooktree/server"
	"hooktree/server/accounts"
)

// described mounts an API with a document of its own.
func described(document string) func(*server.Config, *server.Services, *[]server.Mount) {
	return func(_ *server.Config, _ *server.Services, mounts *[]server.Mount) {
		*mounts = append(*mounts, server.Mount{Name: "hooks", Prefixes: []string{"/hooks"}, Document: []byte(document)})
	}
}

func TestOpenAPI_isJoinedByTheDocumentsOfMounts(t *testing.T) {
	t.Parallel()

	h := open(t, described(`{"openapi":"3.1.0","paths":{"/hooks":{"get":{"summary":"List"}}},`+
		`"components":{"schemas":{"Hook":{"type":"object"}},"parameters":{"HookID":{"name":"id"}}}}`))
	var doc struct {
		Paths      map[string]map[string]struct{ Summary string }
		Components struct{ Schemas, Parameters map[string]any }
	}
	got := h.do(accounts.Public, "GET", "/openapi.json", "")
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Paths["/hooks"]["get"].Summary != "List" || doc.Paths["/api/v1/jobs"]["get"].Summary == "" {
		t.Errorf("the paths are %v", doc.Paths)
	}
	if doc.Components.Schemas["Hook"] == nil || doc.Components.Schemas["Problem"] == nil || doc.Components.Parameters["HookID"] == nil {
		t.Errorf("the components are %v", doc.Components)
	}
}

func TestNew_refusesDocumentsThatDoNotJoin(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct{ document, want string }{
		"a call twice":    {`{"paths":{"/api/v1/jobs":{}}}`, "paths has /api/v1/jobs already"},
		"a schema twice":  {`{"components":{"schemas":{"Problem":{}}}}`, "schemas has Problem already"},
		"what is no JSON": {`{`, "read the OpenAPI document of hooks"},
	} {
		broken := server.Mount{Name: "hooks", Prefixes: []string{"/hooks"}, Document: []byte(tt.document)}
		if _, err := server.New(server.Config{}, server.Services{}, broken); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", name, err, tt.want)
		}
	}
}
