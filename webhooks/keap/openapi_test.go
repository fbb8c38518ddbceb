package keap_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

// vendorOpenAPI is the vendor's, of which an extract was kept that refers to a
// schema it lacks: Throwable, of which no more is known than what Error says.
func vendorOpenAPI(t *testing.T) string {
	t.Helper()

	var doc map[string]any
	if err := json.Unmarshal(sample(t, "openapi-v1-hooks-2025-11-05.json"), &doc); err != nil {
		t.Fatal(err)
	}
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	schemas["Throwable"] = map[string]any{"type": "object"}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// deviations are where we do not do what the vendor's OpenAPI says.
// docs/keap.md has them.
func deviations() []dialecttest.Deviation {
	return []dialecttest.Deviation{
		{Name: "there are statuses besides 200, 204, 401, 403, 404 and 500, and 404 of verify and delayedVerify", Fault: "status is not supported"},
	}
}

// exchanges are the calls of the table, each done and each refused in all ways.
func exchanges(check func(subscription.Request, subscription.Response)) {
	p := protocol("")
	of := table()
	for _, call := range of.Calls {
		r := call.Request
		r.Prefix = "/crm/rest/v1"
		o := subscription.Outcome{Operation: call.Want, Subscriptions: []subscription.Subscription{hookOf(subscription.Active)}, Offers: p.Offers(nil)}
		check(r, p.Render(r, o))
		for code := range of.Statuses {
			check(r, p.Render(r, subscription.Outcome{Refusal: &subscription.Refusal{Code: code, Message: "why"}}))
		}
	}
}

func TestDialect_isTheVendorsOpenAPI(t *testing.T) {
	t.Parallel()

	spec := dialecttest.OpenAPI(t, vendorOpenAPI(t), deviations()...)
	exchanges(func(r subscription.Request, answer subscription.Response) { spec.Check(t, r, answer) })
	p := protocol("")
	for _, r := range []subscription.Request{
		dialecttest.Request("PUT", "/hooks/8", jsonType, `{"hookUrl":"https://example.com/hook"}`),
		dialecttest.Request("PUT", "/hooks/8", jsonType, `{"eventKey":"contact.add"}`),
	} {
		r.Prefix = "/crm/rest/v1"
		op, refusal := p.Parse(r)
		if refusal != nil {
			t.Fatal(refusal)
		}
		spec.Check(t, r, p.Render(r, subscription.Outcome{Operation: op, Subscriptions: []subscription.Subscription{hookOf(subscription.Active)}}))
	}
}

// TestDeviations_areDocumented holds the page's table against the list here.
func TestDeviations_areDocumented(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "keap.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| deviation | because |\n|---|---|\n")
	for _, d := range deviations() {
		if !strings.Contains(table, "| "+d.Name+" |") {
			t.Errorf("docs/keap.md lacks the deviation: %s", d.Name)
		}
	}
	if rows := strings.Count(table, "\n"); rows != len(deviations()) {
		t.Errorf("docs/keap.md has %d deviations; want %d", rows, len(deviations()))
	}
}
