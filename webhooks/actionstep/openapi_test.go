package actionstep_test

import (
	"path/filepath"
	"testing"

	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

// deviations are where we do not do what the vendor's OpenAPI says, because
// its pages or all known clients say otherwise. docs/actionstep.md has them.
func deviations() []dialecttest.Deviation {
	unwrapped := func(body any) (any, bool) {
		members, _ := body.(map[string]any)
		inner, ok := members["resthooks"]
		return inner, ok
	}
	first := func(body any) (any, bool) {
		rows, ok := body.([]any)
		if !ok || len(rows) == 0 {
			return body, false
		}
		return rows[0], true
	}
	return []dialecttest.Deviation{
		{Name: "bodies are application/vnd.api+json", Media: api},
		{Name: "a request may wrap its REST hook in resthooks", Request: unwrapped},
		{Name: "a request may hold REST hooks in an array, also several", Request: first},
		{Name: "a request may repeat what an answer has, and a status", Request: func(body any) (any, bool) {
			members, _ := body.(map[string]any)
			had := len(members)
			for _, name := range []string{"id", "status", "triggeredCount", "lastTriggered"} {
				delete(members, name)
			}
			return body, len(members) < had
		}},
		{Name: "a PUT may change some members only", Fault: `" is missing`},
		{Name: "a request without a content type is JSON", Fault: `header Content-Type has unexpected value ""`},
		{Name: "a GET or DELETE may name several, with commas", Fault: `parameter "id" in path has an error: value 382,746`},
		{Name: "an answer about one REST hook wraps it in resthooks", Answer: func(body any) (any, bool) {
			if members, _ := body.(map[string]any); members["meta"] != nil || members["errors"] != nil {
				return body, false
			}
			return unwrapped(body)
		}},
		{Name: "several that were made are an array", Answer: first},
		{Name: "a page with one row is an object", Answer: func(body any) (any, bool) {
			members, _ := body.(map[string]any)
			row, one := members["resthooks"].(map[string]any)
			if !one || members["meta"] == nil {
				return body, false
			}
			return map[string]any{"resthooks": []any{row}, "meta": members["meta"]}, true
		}},
		{Name: "lastTriggered stands beside triggeredLastTimestamp", Fault: `property "lastTriggered" is unsupported`},
		{Name: "triggeredLastTimestamp is null before the first time", Fault: `triggeredLastTimestamp": Value is not nullable`},
		{Name: "prevPage and nextPage are null where there is none", Fault: `Page": Value is not nullable`},
		{Name: "a page without rows is 204", Fault: "status is not supported"},
	}
}

// TestDialect_isTheVendorsOpenAPI holds the exchanges of the table against the
// vendor's own description.
func TestDialect_isTheVendorsOpenAPI(t *testing.T) {
	t.Parallel()

	spec := dialecttest.OpenAPI(t, filepath.Join(dialecttest.Samples(actionstep.Name), "openapi-resthooks.yml"), deviations()...)
	p := protocol("number", "resource")
	for _, call := range table("number", "resource").Calls {
		for _, n := range []int{0, 1, 2} {
			outcome := subscription.Outcome{Operation: call.Want, Subscriptions: hooks(n), Total: n}
			if list, ok := call.Want.(subscription.List); ok {
				outcome.Total += list.Offset
			} else if created, ok := call.Want.(subscription.Create); n != 1 && !(ok && len(created.Drafts) == n) {
				continue
			}
			spec.Check(t, call.Request, p.Render(call.Request, outcome))
		}
	}
	several := ask("GET", base+"/382,746?status=Disabled", "") // none of them is
	spec.Check(t, several, p.Render(several, subscription.Outcome{Operation: subscription.List{}, Subscriptions: named("382", "746"), Total: 2}))
}

// named makes subscriptions with these ids.
func named(ids ...string) []subscription.Subscription {
	all := hooks(len(ids))
	for i, id := range ids {
		all[i].External = id
	}
	return all
}

func TestDeviations_areDocumented(t *testing.T) {
	t.Parallel()

	dialecttest.Documented(t, "../../docs/actionstep.md", deviations())
}
