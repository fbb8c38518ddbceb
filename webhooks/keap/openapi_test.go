package keap_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

// openAPI is the vendor's OpenAPI, made usable: it names a schema Throwable that
// it does not have, and does not say that its objects have no other members.
func openAPI(t *testing.T) string {
	t.Helper()

	doc := decoded(t, sample(t, "openapi-v1-hooks-2025-11-05.json"))
	schemas := doc.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any)
	schemas["Throwable"] = schemas["Error"]
	closed(doc)
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

// closed lets no object have members that are not named.
func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, named := v["properties"]; named && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closed(inner)
		}
	case []any:
		for _, inner := range v {
			closed(inner)
		}
	}
}

// deviation is one from the vendor's OpenAPI, and an exchange that shows it.
type deviation struct {
	dialecttest.Deviation

	request subscription.Request
	outcome subscription.Outcome
}

// deviations are where we do not do what the vendor's OpenAPI says. They stand
// in docs/keap.md with the reason of each.
func deviations() []deviation {
	create, update, verify := ask("POST", "/hooks", jsonType, hook), ask("PUT", "/hooks/8", jsonType, hook), ask("POST", "/hooks/8/verify", jsonType, "[]")
	one := []subscription.Subscription{hookOf(subscription.Active)}
	answered := func(name string, r subscription.Request, code subscription.Code) deviation {
		why := &subscription.Refusal{Code: code, Message: "why", RetryAfter: time.Second}
		return deviation{dialecttest.Deviation{Name: name, Fault: "status is not supported"}, r, subscription.Outcome{Refusal: why}}
	}
	return []deviation{
		{
			dialecttest.Deviation{Name: "a request without a content type is JSON", Fault: `header Content-Type has unexpected value ""`},
			ask("POST", "/hooks", "", hook),
			subscription.Outcome{Operation: subscription.Create{}, Subscriptions: one},
		},
		{
			dialecttest.Deviation{Name: "a request may repeat what an answer has", Fault: `is unsupported`},
			ask("PUT", "/hooks/8", jsonType, `{"key":"8","status":"Verified",`+hook[1:]),
			subscription.Outcome{Operation: subscription.Change{}, Subscriptions: one},
		},
		{
			dialecttest.Deviation{Name: "another method is 405", Fault: "no matching operation was found"},
			ask("PATCH", "/hooks/8", jsonType, hook),
			subscription.Outcome{Refusal: &subscription.Refusal{Code: subscription.NoMethod, Message: "why"}},
		},
		answered("what cannot be read, and an unknown event or address, is 400", create, subscription.NoEvent),
		answered("a hook that is Verified and made again is 400", create, subscription.Exists),
		answered("a wrong secret of a delayed verification is 400", confirmation(), subscription.Unconfirmed),
		answered("a body that is too large is 413", create, subscription.TooLarge),
		answered("another content type is 415", update, subscription.Unsupported),
		answered("too much at a time is 429, with Retry-After", update, subscription.Busy),
		answered("a full disk is 507, with Retry-After", create, subscription.NoRoom),
		answered("verify of an unknown key is 404", verify, subscription.NotFound),
		answered("delayedVerify of an unknown key is 404", confirmation(), subscription.NotFound),
	}
}

// TestDeviations_areEachNeeded holds each deviation against the OpenAPI by
// itself: its exchange has that one and no other.
func TestDeviations_areEachNeeded(t *testing.T) {
	t.Parallel()

	path := openAPI(t)
	for _, d := range deviations() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()

			spec := dialecttest.OpenAPI(t, path, d.Deviation)
			spec.Check(t, d.request, protocol("").Render(d.request, d.outcome))
		})
	}
}

// TestDialect_isTheVendorsOpenAPI holds all other exchanges of the table against
// the vendor's own description, with the refusals that it lists.
func TestDialect_isTheVendorsOpenAPI(t *testing.T) {
	t.Parallel()

	spec := dialecttest.OpenAPI(t, openAPI(t))
	p := protocol("")
	for _, call := range table().Calls {
		if call.Name == "create without a content type" || call.Name == "update of one member" {
			continue // their deviations have tests of their own
		}
		for _, status := range []subscription.Status{subscription.Active, subscription.Pending, subscription.Disabled} {
			outcome := subscription.Outcome{Operation: call.Want, Subscriptions: []subscription.Subscription{hookOf(status)}, Offers: p.Offers(nil)}
			spec.Check(t, call.Request, p.Render(call.Request, outcome))
		}
		for _, code := range listed(call.Want) {
			spec.Check(t, call.Request, p.Render(call.Request, subscription.Outcome{Refusal: &subscription.Refusal{Code: code, Message: "why", Near: []string{"contact.add"}}}))
		}
	}
	empty := ask("GET", "/hooks", "", "")
	spec.Check(t, empty, p.Render(empty, subscription.Outcome{Operation: subscription.List{}}))
}

// listed are refusals for which the vendor lists a status.
func listed(op subscription.Operation) []subscription.Code {
	codes := []subscription.Code{subscription.NotSignedIn, subscription.Foreign, subscription.TooMany, subscription.Failed}
	switch op.(type) {
	case subscription.Create, subscription.Verify, subscription.Confirm:
		return codes
	}
	return append(codes, subscription.NotFound)
}

func TestDeviations_areDocumented(t *testing.T) {
	t.Parallel()

	var all []dialecttest.Deviation
	for _, d := range deviations() {
		all = append(all, d.Deviation)
	}
	dialecttest.Documented(t, "../../docs/keap.md", all)
}
