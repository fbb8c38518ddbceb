package webhooks_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// matches reports whether a YAML text matches a schema.
func matches(t *testing.T, schema []byte, text string) bool {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(v) == nil
}

// The schema and the reader agree about the shape of webhooks.yaml.
func TestSchema_agreesWithTheReader(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"a URL", "webhooks:\n  - {name: a, type: Submission, event: Submitted, url: https://a.example.com/}\n", true},
		{"the long dialect", "webhooks:\n  - {name: a, type: Submission, event: Submission Submitted, url: https://a.example.com/}\n", true},
		{"a path and a tree", "webhooks:\n  - {name: a, path: Submissions > k > f / Submitted, tree: \"G / ${ form.slug }\"}\n", true},
		{"targets", "webhooks:\n  - name: a\n    type: User\n    event: Created\n    filter: true\n    active: false\n    targets:\n" +
			"      - {tree: G / N, source: S}\n      - {url: https://a.example.com/, method: PUT, headers: {A: b}, body: {c: 1}, auth: {kind: bearer, secret: S}}\n", true},
		{"every kind of authorization", "webhooks:\n  - name: a\n    type: User\n    event: Created\n    targets:\n" +
			"      - {url: https://a.example.com/, auth: {kind: kinetic, key: k, secret: S}}\n      - {url: https://b.example.com/, auth: {kind: hmac, secret: S, header: X}}\n" +
			"      - {url: https://c.example.com/, auth: {kind: standard, secret: S}}\n      - {url: https://d.example.com/, auth: {kind: basic, key: k, secret: S}}\n", true},
		{"no name", "webhooks:\n  - {type: Submission, event: Submitted, url: https://a.example.com/}\n", false},
		{"no event", "webhooks:\n  - {name: a, url: https://a.example.com/}\n", false},
		{"no target", "webhooks:\n  - {name: a, type: Submission, event: Submitted}\n", false},
		{"an unknown key", "webhooks:\n  - {name: a, type: Submission, event: Submitted, urls: x}\n", false},
		{"two targets in one", "webhooks:\n  - name: a\n    type: User\n    event: Created\n    targets: [{tree: G / N, url: https://a.example.com/}]\n", false},
		{"a method that is none", "webhooks:\n  - {name: a, type: User, event: Created, url: https://a.example.com/, method: FETCH}\n", false},
		{"a tree without a name", "webhooks:\n  - {name: a, type: User, event: Created, tree: G}\n", false},
		{"authorization without its secret", "webhooks:\n  - {name: a, type: User, event: Created, url: https://a.example.com/, auth: {kind: hmac}}\n", false},
		{"a list of webhooks alone", "- {name: a}\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			reader := webhooks.Reader{Catalogue: event.NewCatalogue(), Space: &trees.Space{Source: "S", Secrets: []string{"S"}}}
			_, faults := reader.ReadFile(webhooks.File, []byte(tt.text))
			if read := len(faults.Fatal()) == 0; read != tt.want {
				t.Errorf("the reader takes it: %t; want %t\n%s", read, tt.want, faults.Render())
			}
			if got := matches(t, webhooks.Schema(), tt.text); got != tt.want {
				t.Errorf("the schema takes it: %t; want %t", got, tt.want)
			}
		})
	}
}

// The schema and the reader agree about the shape of the files of events/.
func TestPlatformSchema_agreesWithTheReader(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"all keys", "platform: warehouse\ntitle: Warehouse\nnote: n\nevents:\n  - {name: StockLow, path: Warehouse > stock / StockLow, note: n, entity: sku, fields: {sku: text, left: integer}, sample: {sku: A, left: 3}}\n", true},
		{"a name alone", "platform: warehouse\nevents: [{name: StockLow}]\n", true},
		{"no platform", "events: [{name: StockLow}]\n", false},
		{"no events", "platform: warehouse\n", false},
		{"a name that is none", "platform: ware house\nevents: [{name: StockLow}]\n", false},
		{"an unknown type", "platform: warehouse\nevents: [{name: StockLow, fields: {left: int}}]\n", false},
		{"an unknown key", "platform: warehouse\nevents: [{name: StockLow, field: {left: integer}}]\n", false},
		{"a path without a name", "platform: warehouse\nevents: [{name: StockLow, path: Warehouse}]\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, faults := webhooks.ReadPlatforms([]trees.File{{Path: "events/warehouse.yaml", Content: []byte(tt.text)}})
			if read := len(faults.Fatal()) == 0; read != tt.want {
				t.Errorf("the reader takes it: %t; want %t\n%s", read, tt.want, faults.Render())
			}
			if got := matches(t, webhooks.PlatformSchema(), tt.text); got != tt.want {
				t.Errorf("the schema takes it: %t; want %t", got, tt.want)
			}
		})
	}
}
