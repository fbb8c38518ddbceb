package standard_test

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

func protocol() subscription.Protocol {
	return standard.Dialect().New(subscription.Settings{"source": "urn:example", "disable_after": "5d"})
}

func ask(method, target, body string) subscription.Request {
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	r := dialecttest.Request(method, target, contentType, body)
	r.Prefix = "/api/v1/hooks"
	return r
}

func TestParse_wantsJSON(t *testing.T) {
	t.Parallel()

	for _, kind := range []string{"", "text/plain", "application/json; charset=latin1", ";"} {
		r := ask("POST", "", `{"event":"a.b","target_url":"https://x"}`)
		r.Header.Set("Content-Type", kind)
		if _, refusal := protocol().Parse(r); refusal == nil || refusal.Code != subscription.Unsupported {
			t.Errorf("Content-Type %q: refusal = %+v", kind, refusal)
		}
	}
}

// made is a subscription as the service gives it.
func made() subscription.Subscription {
	return subscription.Subscription{
		ID: "internal", External: "0198", Dialect: "standard", Event: "submission.submitted", URL: "https://app.example.com/in",
		Status: subscription.Disabled, Reason: "it failed for five days", Secrets: []subscription.Secret{{Value: "whsec_c2VjcmV0"}},
		Triggered: 3, LastTriggered: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Created: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), Updated: time.Date(2030, 1, 1, 0, 0, 0, 123456789, time.UTC),
	}
}

func TestRender_showsAHookWithoutItsSecret(t *testing.T) {
	t.Parallel()

	r := protocol().Render(ask("GET", "/0198", ""), subscription.Outcome{Operation: subscription.Get{}, Subscriptions: []subscription.Subscription{made()}})
	want := `{"id":"0198","event":"submission.submitted","target_url":"https://app.example.com/in","status":"disabled","reason":"it failed for five days",` +
		`"content_type":"application/cloudevents+json","ordered":false,"rate":0,"concurrency":0,"triggered_count":3,"last_triggered_at":"2030-01-02T03:04:05.000Z",` +
		`"created_at":"2030-01-01T00:00:00.000Z","updated_at":"2030-01-01T00:00:00.123Z"}`
	if r.Status != 200 || string(r.Body) != want {
		t.Errorf("GET = %d %s", r.Status, r.Body)
	}
}

// A public key is shown whenever one asks, its private key never.
func TestRender_showsThePublicKeyOfAPair(t *testing.T) {
	t.Parallel()

	private, public := delivery.NewStandardPair(rand.Reader)
	hook := made()
	hook.Secrets = []subscription.Secret{{Value: private}}
	for _, op := range []subscription.Operation{subscription.Create{}, subscription.Get{}, subscription.Rotate{}} {
		r := protocol().Render(ask("POST", "", ""), subscription.Outcome{Operation: op, Subscriptions: []subscription.Subscription{hook}})
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		if _, told := body["secret"]; told || body["public_key"] != public || strings.Contains(string(r.Body), private) {
			t.Errorf("%T = %s; want the public key %s", op, r.Body, public)
		}
	}
}

func TestRender_answersACreationAsZapierWantsIt(t *testing.T) {
	t.Parallel()

	r := protocol().Render(ask("POST", "", "{}"), subscription.Outcome{
		Operation: subscription.Create{}, Subscriptions: []subscription.Subscription{made()}, Secret: "whsec_c2VjcmV0",
	})
	var body struct{ ID, Secret string }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatal(err)
	}
	if r.Status != 201 || body.ID != "0198" || body.Secret != "whsec_c2VjcmV0" || r.Header.Get("Location") != "https://hooks.example.com/api/v1/hooks/0198" {
		t.Errorf("POST = %d %s %s", r.Status, r.Header, r.Body)
	}
}

func TestRender_tellsTheNearestNamesOfAnUnknownEvent(t *testing.T) {
	t.Parallel()

	r := protocol().Render(ask("POST", "", "{}"), subscription.Outcome{Refusal: &subscription.Refusal{
		Code: subscription.NoEvent, Field: "event", Message: "there is no event submission.submited", Near: []string{"submission.submitted"},
	}})
	if r.Status != 422 || r.Header.Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(string(r.Body), `"suggestions":["submission.submitted"]`) || !strings.Contains(string(r.Body), `"code":"unknown_event"`) {
		t.Errorf("POST = %d %s %s", r.Status, r.Header, r.Body)
	}
}

// The service names fields in words of its own.
func TestRender_saysWhereAFieldStands(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ method, field, want string }{
		{"POST", subscription.FieldURL, "body/target_url"},
		{"POST", subscription.FieldExpires, "body/expiration_date"},
		{"PATCH", subscription.FieldFilter, "body/filter"},
		{"DELETE", subscription.FieldID, "path/id"},
		{"GET", subscription.FieldID, "path/id"},
		{"GET", "limit", "query/limit"},
		{"GET", subscription.FieldEvent, "query/event"},
	} {
		r := protocol().Render(ask(tt.method, "", ""), subscription.Outcome{Refusal: &subscription.Refusal{Code: subscription.Invalid, Field: tt.field, Message: "a <b> & c"}})
		if !strings.Contains(string(r.Body), `"errors":[{"location":"`+tt.want+`","message":"a <b> & c"}]`) {
			t.Errorf("%s of %s is told as %s; want %s", tt.field, tt.method, r.Body, tt.want)
		}
	}
}

func TestRender_tellsWhichMethodsAnAddressTakes(t *testing.T) {
	t.Parallel()

	for path, want := range map[string]string{"": "GET, POST", "/events": "GET", "/7": "GET, PATCH, PUT, DELETE", "/7/test": "POST"} {
		r := ask("TRACE", path, "")
		_, refusal := protocol().Parse(r)
		if answer := protocol().Render(r, subscription.Outcome{Refusal: refusal}); answer.Status != 405 || answer.Header.Get("Allow") != want {
			t.Errorf("TRACE %s = %d, allowed %q; want 405, %q", path, answer.Status, answer.Header.Get("Allow"), want)
		}
	}
}

func TestOffers_areTheWholeCatalogueEachByItsOwnName(t *testing.T) {
	t.Parallel()

	own := event.Platform{Name: "warehouse", Kinds: []*event.Kind{
		event.Own("warehouse", "StockLow", event.Path{Group: "Warehouse", Name: "StockLow"}, nil, "sku"),
	}}
	notices := event.Platform{Name: "hooktree", Kinds: []*event.Kind{
		event.Own("hooktree", "subscription.disabled", event.Path{Group: "Hooktree > subscription", Name: "disabled"}, nil, "id"),
	}}
	c := event.NewCatalogue(own, notices)
	seen := map[string]bool{}
	for _, o := range protocol().Offers(c) {
		if seen[o.Key] {
			t.Errorf("%s is offered twice", o.Key)
		}
		seen[o.Key] = true
		if k, fault := c.Find(o.Type, o.Action); fault != nil || k.Action != o.Action {
			t.Errorf("%s is offered as %s %s, which is not in the catalogue", o.Key, o.Type, o.Action)
		}
	}
	for _, want := range []string{"submission.submitted", "datastore-submission.updated", "user.membership-change", "warehouse.StockLow"} {
		if !seen[want] {
			t.Errorf("%s is not offered", want)
		}
	}
	if len(seen) != len(c.Kinds())-1 || seen["hooktree.subscription.disabled"] {
		t.Errorf("%d of %d kinds are offered; want all but the notice", len(seen), len(c.Kinds()))
	}
}

// A delivery read as a CloudEvent is the event that was sent: another hooktree
// can be the endpoint.
func TestCompose_isReadBackAsTheSameEvent(t *testing.T) {
	t.Parallel()

	own := event.Platform{Name: "warehouse", Kinds: []*event.Kind{
		event.Own("warehouse", "StockLow", event.Path{Group: "Warehouse", Name: "StockLow"}, nil, "sku"),
	}}
	c := event.NewCatalogue(own)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct{ name, payload string }{
		{"submission.submitted", `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"laptop"},"submission":{"id":"s1"},"values":{"Cost":5}}`},
		{"warehouse.StockLow", `{"event":{"platform":"warehouse","name":"StockLow"},"data":{"sku":"A-1","left":3}}`},
	} {
		sent, err := event.Parse([]byte(tt.payload), c, at)
		if err != nil {
			t.Fatal(err)
		}
		sent.ID = "e1"
		m, err := protocol().Compose(&subscription.Subscription{Event: tt.name}, &sent)
		if err != nil {
			t.Fatal(err)
		}
		if m.Header["Content-Type"] != "application/cloudevents+json" {
			t.Errorf("Content-Type = %q", m.Header["Content-Type"])
		}
		got, err := event.Parse(m.Body, c, at)
		if err != nil {
			t.Fatalf("%s: %v", m.Body, err)
		}
		if got.Path != sent.Path || got.Entity != sent.Entity || !got.Occurred.Equal(sent.Occurred) || !cmp.Equal(got.Data["values"], sent.Data["values"]) || !cmp.Equal(got.Data["data"], sent.Data["data"]) {
			t.Errorf("%s became %+v; want %+v", m.Body, got, sent)
		}
	}
}

func TestCompose_canBeThePayloadOfStandardWebhooks(t *testing.T) {
	t.Parallel()

	e := event.Event{
		ID: "e1", Platform: "warehouse", Occurred: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Data: map[string]any{"event": map[string]any{"name": "StockLow"}, "data": map[string]any{"sku": "A-1"}},
	}
	m, err := protocol().Compose(&subscription.Subscription{Event: "warehouse.StockLow", ContentType: "application/json"}, &e)
	if want := `{"type":"warehouse.StockLow","timestamp":"2030-01-02T03:04:05.000Z","data":{"sku":"A-1"}}`; err != nil || string(m.Body) != want {
		t.Errorf("body = %s, %v; want %s", m.Body, err, want)
	}
}

// What we document is what we do.
func TestDocument_isWhatIsAnswered(t *testing.T) {
	t.Parallel()

	spec := dialecttest.OpenAPI(t, "openapi.json")
	p := protocol()
	one := made()
	paired := made()
	private, _ := delivery.NewStandardPair(rand.Reader)
	paired.Secrets = []subscription.Secret{{Value: private}}
	for _, tt := range []struct {
		method, path, body string
		outcome            subscription.Outcome
	}{
		{"GET", "?limit=5&offset=1&event=a.b&target_url=https://x", "", subscription.Outcome{Subscriptions: []subscription.Subscription{one}, Total: 7}},
		{"POST", "", `{"event":"a.b","target_url":"https://x","filter":"true","ordered":true,"rate":1.5,"concurrency":2}`, subscription.Outcome{Subscriptions: []subscription.Subscription{one}, Secret: "whsec_AAAA"}},
		{"POST", "", `{"event":"a.b","target_url":"https://x","signature":"v1a"}`, subscription.Outcome{Subscriptions: []subscription.Subscription{paired}}},
		{"GET", "/events", "", subscription.Outcome{Offers: p.Offers(event.NewCatalogue())}},
		{"GET", "/samples?event=a.b", "", subscription.Outcome{Samples: [][]byte{[]byte(`{"type":"a.b"}`)}}},
		{"GET", "/samples?event=a.b&limit=2&content_type=application/json", "", subscription.Outcome{Samples: [][]byte{}}},
		{"GET", "/7", "", subscription.Outcome{Subscriptions: []subscription.Subscription{one}}},
		{"PATCH", "/7", `{"status":"active"}`, subscription.Outcome{Subscriptions: []subscription.Subscription{one}}},
		{"PUT", "/7", `{"filter":""}`, subscription.Outcome{Subscriptions: []subscription.Subscription{one}}},
		{"DELETE", "/7", "", subscription.Outcome{}},
		{"POST", "/7/test", "", subscription.Outcome{Answer: 200}},
		{"POST", "/7/rotate", "", subscription.Outcome{Secret: "whsec_AAAA"}},
		{"POST", "/7/rotate", "", subscription.Outcome{Subscriptions: []subscription.Subscription{paired}}},
		{"POST", "/7/replay", `{"from":"2030-01-01T00:00:00Z"}`, subscription.Outcome{Queued: 3}},
	} {
		r := ask(tt.method, tt.path, tt.body)
		op, refusal := p.Parse(r)
		if refusal != nil {
			t.Fatalf("%s %s: %s", tt.method, tt.path, refusal.Message)
		}
		tt.outcome.Operation = op
		spec.Check(t, r, p.Render(r, tt.outcome))
		spec.Check(t, r, p.Render(r, subscription.Outcome{Refusal: &subscription.Refusal{Code: subscription.Busy, Field: "event", Message: "why", Near: []string{"a.b"}}}))
	}
}
