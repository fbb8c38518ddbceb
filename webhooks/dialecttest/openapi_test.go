package dialecttest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

const spec = `
openapi: 3.0.3
info: {title: Hooks, version: "1"}
paths:
  /hooks/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Hook'}}}}
      responses:
        '200': {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/Hook'}}}}
components:
  schemas:
    Hook: {type: object, required: [url], properties: {id: {type: integer}, url: {type: string}}}
`

func TestSpec_tellsWhatDeviates(t *testing.T) {
	t.Parallel()

	const good = `{"id":1,"url":"https://x"}`
	unwrap := func(body any) (any, bool) {
		inner, ok := body.(map[string]any)["hook"]
		return inner, ok
	}
	for _, tt := range []struct {
		name, path, body, answer, media string
		status                          int
		deviations                      []dialecttest.Deviation
		want                            string // part of the only fault; empty for none
	}{
		{name: "all is as it says", path: "/crm/hooks/1", body: good, answer: good},
		{name: "an id that is no number", path: "/hooks/x", body: good, answer: good, want: "an invalid integer"},
		{name: "a place that is none", path: "/other", body: good, answer: good, want: "no matching operation was found"},
		{name: "a member that is missing", path: "/hooks/1", body: `{}`, answer: good, want: `property "url" is missing`},
		{name: "a member that nobody named", path: "/hooks/1", body: good, answer: `{"url":"u","more":1}`, want: `property "more" is unsupported`},
		{name: "an answer of another type", path: "/hooks/1", body: good, answer: `{"url":1}`, want: "value must be a string"},
		{name: "another status", path: "/hooks/1", body: good, answer: good, status: 201, want: "status is not supported"},
		{name: "another content type", path: "/hooks/1", body: good, answer: good, media: "text/x", want: "Content-Type"},
		{name: "no JSON", path: "/hooks/1", body: good, answer: "{", want: "no JSON"},
		{
			name: "deviations that are named", path: "/hooks/1", body: `{"hook":` + good + `}`, answer: `{"hook":{"url":"u","more":1}}`, media: "application/vnd.api+json",
			deviations: []dialecttest.Deviation{
				{Name: "media", Media: "application/vnd.api+json"},
				{Name: "requests", Request: unwrap},
				{Name: "answers", Answer: unwrap},
				{Name: "more", Fault: `property "more"`},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join(t.TempDir(), "spec.yaml")
			if err := os.WriteFile(path, []byte(spec), 0o600); err != nil {
				t.Fatal(err)
			}
			s := dialecttest.OpenAPI(t, path, tt.deviations...)
			answer := subscription.Response{Status: max(tt.status, 200), Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(tt.answer)}
			if tt.media != "" {
				answer.Header.Set("Content-Type", tt.media)
			}
			faults := s.Faults(dialecttest.Request("PUT", tt.path, "application/json", tt.body), answer)
			got := strings.Join(faults, "\n")
			if len(faults) > 1 || (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("faults = %q; want one with %q", faults, tt.want)
			}
		})
	}
}

func TestSpec_tellsWhichDeviationsAreStale(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(path, []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	s := dialecttest.OpenAPI(t, path, dialecttest.Deviation{Name: "more is told", Fault: `property "more"`})
	if got := s.Stale(); len(got) != 1 || got[0] != "more is told" {
		t.Errorf("before any exchange, stale = %q", got)
	}
	answer := subscription.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"url":"u","more":1}`)}
	s.Check(t, dialecttest.Request("PUT", "/hooks/1", "application/json", `{"url":"u"}`), answer)
	if got := s.Stale(); len(got) != 0 {
		t.Errorf("after an exchange that deviates, stale = %q", got)
	}
}
