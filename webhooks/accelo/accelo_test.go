package accelo_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"hooktree/webhooks/accelo"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

const (
	form = "application/x-www-form-urlencoded"
	base = "/webhooks/subscriptions"
)

func protocol() subscription.Protocol {
	return accelo.Dialect().New(subscription.Settings{
		"deployment": "your-deployment", "api": "https://your-deployment.api.accelo.com/api/v0", "signature": "sha1", "timeouts": "10",
	})
}

func ask(method, target, contentType, body string) subscription.Request {
	r := dialecttest.Request(method, target, contentType, body)
	r.Prefix = "/api/v0"
	return r
}

func sample(t *testing.T, name string) []byte {
	t.Helper()

	return dialecttest.Sample(t, accelo.Name, name)
}

func decoded(t *testing.T, text []byte) map[string]any {
	t.Helper()

	return dialecttest.Decoded[map[string]any](t, text)
}

func TestRender_givesEachRefusalItsStatus(t *testing.T) {
	t.Parallel()

	for code, want := range map[subscription.Code]struct {
		status int
		word   string
	}{
		subscription.NotFound: {400, "invalid_request"}, subscription.NoEvent: {400, "invalid_request"},
		subscription.BadURL: {400, "invalid_request"}, subscription.Exists: {400, "duplicate"},
		subscription.NotSignedIn: {401, "invalid_client"}, subscription.Foreign: {403, "invalid_permission"},
		subscription.TooMany: {403, "invalid_permission"}, subscription.Busy: {429, "too_many_requests"},
		subscription.NoRoom: {500, "server_error"}, subscription.Failed: {500, "server_error"},
	} {
		r := protocol().Render(subscription.Request{}, subscription.Outcome{Refusal: &subscription.Refusal{Code: code, Message: "why"}})
		body := decoded(t, r.Body)
		meta, _ := body["meta"].(map[string]any)
		response, told := body["response"]
		if r.Status != want.status || meta["status"] != want.word || meta["message"] != "why" || response != nil || !told {
			t.Errorf("%s is answered %d %s; want %d %s", code, r.Status, r.Body, want.status, want.word)
		}
	}
}

// documented is the subscription of the vendor's samples.
func documented(owner subscription.Owner, external, address string) subscription.Subscription {
	return subscription.Subscription{
		External: external, Dialect: "accelo", Event: "assign_task", URL: address, ContentType: form, Owner: owner,
		Secrets: []subscription.Secret{{Value: "hush"}}, Status: subscription.Active,
	}
}

func TestRender_isTheVendorsSample(t *testing.T) {
	t.Parallel()

	p := protocol()
	support := subscription.Owner{ID: 1, Name: "Accelo Support", Email: "support_user@accelo.com"}
	made := documented(support, "583f4b8028dc59073860a6d1", "http://google.com/asda/asd")
	for _, tt := range []struct {
		name, file string
		outcome    subscription.Outcome
		status     int
		change     func(want map[string]any)
	}{
		{"create", "create-response-201.json", subscription.Outcome{Operation: subscription.Create{}, Subscriptions: []subscription.Subscription{made}}, 201, func(want map[string]any) {
			dig(want, "response", "subscription")["user_deployment"] = "your-deployment"
		}},
		{"types", "types-response.json", subscription.Outcome{Operation: subscription.Types{}, Offers: p.Offers(nil)[:5]}, 200, nil},
		{"refusal", "error-invalid_request.json", subscription.Outcome{Refusal: &subscription.Refusal{
			Code: subscription.NotFound, Message: "The request could not be interpreted. This can be caused by missing or invalid data. Please ensure that the resource you are requesting actually exists.",
		}}, 400, nil},
		{"too many requests", "error-429-meta.json", subscription.Outcome{Refusal: &subscription.Refusal{
			Code: subscription.Busy, Message: "Rate limit exceeded for planet-express.api.accelo.com",
		}}, 429, func(want map[string]any) { // the sample is the meta alone
			meta := maps.Clone(want)
			clear(want)
			want["meta"], want["response"] = meta, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			want := decoded(t, sample(t, tt.file))
			if tt.change != nil {
				tt.change(want)
			}
			got := p.Render(subscription.Request{}, tt.outcome)
			if diff := cmp.Diff(want, decoded(t, got.Body)); diff != "" || got.Status != tt.status {
				t.Errorf("%d; answer (-vendor +ours):\n%s", got.Status, diff)
			}
		})
	}
}

func dig(v map[string]any, names ...string) map[string]any {
	for _, name := range names {
		v, _ = v[name].(map[string]any)
	}
	return v
}

func TestRender_listsAsTheVendorDoes(t *testing.T) {
	t.Parallel()

	want := decoded(t, sample(t, "list-response.json"))
	users, _ := dig(want, "response")["subscriptions_users"].([]any)
	user, _ := users[0].(map[string]any)
	name, _ := user["name"].(string)
	email, _ := user["email"].(string)
	one := documented(subscription.Owner{ID: 1, Name: name, Email: email}, "583e3c6328dc591a33139361", "https://your-domain.com/callback")
	r := protocol().Render(subscription.Request{}, subscription.Outcome{Operation: subscription.List{}, Subscriptions: []subscription.Subscription{one}, Total: 1})
	if diff := cmp.Diff(want, decoded(t, r.Body)); diff != "" {
		t.Errorf("list (-vendor +ours):\n%s", diff)
	}
}

func TestRender_givesWhatParametersAskFor(t *testing.T) {
	t.Parallel()

	owner := subscription.Owner{ID: 1, Name: "Owner", Email: "owner@example.com"}
	o := subscription.Outcome{Operation: subscription.List{}, Subscriptions: []subscription.Subscription{documented(owner, "a1", "https://x")}, Total: 1}
	refused := subscription.Outcome{Refusal: &subscription.Refusal{Code: subscription.NotFound, Message: "why"}}
	const whole = `{"content_type":"application/x-www-form-urlencoded","event_id":"assign_task","subscription_id":"a1","trigger_table":"task","trigger_type":"update","trigger_url":"https://x"`
	const rest = `,"user_deployment":"your-deployment","user_id":1}],"subscriptions_users":[`
	for _, tt := range []struct {
		name, query string
		outcome     subscription.Outcome
		status      int
		want        string
	}{
		{"a field that is there anyway", "_fields=event_id", o, 200, whole + rest},
		{"fields alone", "_hide_defaults=1&_fields=event_id", o, 200, `{"subscriptions":[{"event_id":"assign_task"}],`},
		{"no fields at all", "_hide_defaults=yes", o, 200, `{"subscriptions":[{}],`},
		{"the id of a linked object", "_fields=user", o, 200, `"trigger_url":"https://x","user":1,`},
		{"a linked object", "_fields=user()", o, 200, `"user":{"email":"owner@example.com","id":1,"name":"Owner"}`},
		{"a linked object with a field it has anyway", "_fields=user( name )", o, 200, `"user":{"email":"owner@example.com","id":1,"name":"Owner"}`},
		{"part of a linked object", "_fields=event_id,user(name)&_hide_defaults=1", o, 200, `[{"event_id":"assign_task","user":{"name":"Owner"}}]`},
		{"all fields", "_fields=_ALL", o, 200, whole + `,"user":1,"user_deployment"`},
		{"all fields and a linked object", "_fields=user(_ALL),_ALL&_hide_defaults=1", o, 200, `"user":{"email":"owner@example.com","id":1,"name":"Owner"}`},
		{"fields that there are not", "_fields=breadcrumbs,nobody(x)", o, 200, whole + rest},
		{"no message", "_suppress_message=yes", o, 200, `{"meta":{"status":"ok"},`},
		{"no HTTP status", "_suppress_http_status=1&_suppress_message=1", refused, 200, `{"meta":{"response_code":400,"status":"invalid_request"},"response":null}`},
		{"no meta", "_suppress_meta=yes", refused, 400, `{"response":null}`},
		{"a flag that is off", "_suppress_meta=no", refused, 400, `"meta":`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := protocol().Render(ask("GET", base+"?"+tt.query, "", ""), tt.outcome)
			if r.Status != tt.status || !strings.Contains(string(r.Body), tt.want) {
				t.Errorf("answer = %d %s; want %d with %s", r.Status, r.Body, tt.status, tt.want)
			}
		})
	}
}

func TestRender_writesTheSameInEachFormat(t *testing.T) {
	t.Parallel()

	one := documented(subscription.Owner{ID: 1, Name: "A & <B>"}, "a1", "https://x?a=1&b=2")
	o := subscription.Outcome{Operation: subscription.List{}, Subscriptions: []subscription.Subscription{one, one}, Total: 2}
	p := protocol()
	asJSON := decoded(t, p.Render(ask("GET", base+".json", "", ""), o).Body)

	yml := p.Render(ask("GET", base+".yml", "", ""), o)
	var asYAML map[string]any
	if err := yaml.Unmarshal(yml.Body, &asYAML); err != nil || yml.Header.Get("Content-Type") != "text/x-yaml; charset=utf-8" {
		t.Fatalf("%s %s: %v", yml.Header, yml.Body, err)
	}
	text, err := json.Marshal(asYAML)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON, decoded(t, text)); diff != "" {
		t.Errorf("YAML differs from JSON:\n%s", diff)
	}

	marked := p.Render(subscription.Request{Path: base, Header: http.Header{"Accept-Type": {"text/xml"}}}, o)
	if marked.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("Content-Type = %q", marked.Header.Get("Content-Type"))
	}
	for d := xml.NewDecoder(bytes.NewReader(marked.Body)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v", marked.Body, err)
		}
	}
	for _, want := range []string{
		"<subscriptions><subscription><content_type>", "<trigger_url>https://x?a=1&amp;b=2</trigger_url>",
		"<subscriptions_users><user><email></email><id>1</id><name>A &amp; &lt;B&gt;</name></user></subscriptions_users>",
	} {
		if !strings.Contains(string(marked.Body), want) {
			t.Errorf("%s is not in %s", want, marked.Body)
		}
	}
}

func TestCompose_isSkinny(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, event, kind string
		data              map[string]any
		file, want        string // a sample of the vendor's, or the body itself
	}{
		{"JSON", "assign_task", "application/json", map[string]any{"id": int64(1), "more": "x"}, "delivery-json-constructed.json", ""},
		{"an object that is gone", "delete_invoice", "application/json", map[string]any{"id": int64(1)}, "delivery-delete-json-constructed.json", ""},
		{"a form", "assign_task", "", map[string]any{"id": int64(1)}, "delivery-form-constructed.txt", ""},
		{"a form of one that is gone", "delete_activity", form, map[string]any{"id": int64(1)}, "", "id=1"},
		{"a URL of its own", "create_sale", "application/json", map[string]any{"id": "7", "resource_url": "https://crm.example.com/7"}, "", `{"id":7,"resource_url":"https://crm.example.com/7"}`},
		{"an id that is no number", "create_company", "application/json", map[string]any{"id": "a/b"}, "", `{"id":"a/b","resource_url":"https://your-deployment.api.accelo.com/api/v0/companies/a%2Fb"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			s := subscription.Subscription{Event: tt.event, ContentType: tt.kind}
			m, err := protocol().Compose(&s, &event.Event{Platform: "accelo", Data: map[string]any{"data": tt.data}})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if tt.file != "" {
				want = strings.TrimSpace(string(sample(t, tt.file)))
			}
			same := string(m.Body) == want
			if tt.kind == "application/json" {
				same = cmp.Equal(decoded(t, m.Body), decoded(t, []byte(want)))
			}
			if !same || m.Header["X-Accelo-Event"] != tt.event {
				t.Errorf("message = %s %s; want %s", m.Header, m.Body, want)
			}
		})
	}
}

func TestCompose_needsAnObject(t *testing.T) {
	t.Parallel()

	for _, data := range []any{nil, "text", map[string]any{}, map[string]any{"id": ""}, map[string]any{"id": true}} {
		m, err := protocol().Compose(&subscription.Subscription{Event: "assign_task"}, &event.Event{Data: map[string]any{"data": data}})
		if err == nil || !strings.Contains(err.Error(), "has no id") {
			t.Errorf("data %v became %s, %v", data, m.Body, err)
		}
	}
}

func TestOffers_areTheVendorsEventsAtTheirPaths(t *testing.T) {
	t.Parallel()

	vendor := accelo.Dialect().Vendor
	c := event.NewCatalogue(vendor)
	var paths []string
	for _, o := range protocol().Offers(c) {
		k, fault := c.Find(o.Type, o.Action)
		if fault != nil {
			t.Fatal(fault)
		}
		paths = append(paths, k.Path())
	}
	if len(paths) != 20 || !slices.Contains(paths, "Accelo > task / assign_task") || !slices.Contains(paths, "Accelo > prospect / update_sale") {
		t.Errorf("paths = %q", paths)
	}
}

func TestDialect_makesIDsLikeTheVendors(t *testing.T) {
	t.Parallel()

	if got, want := accelo.Dialect().External(1, "01936f0c-1f7a-7c3e-8f00-0123456789ab"), "1f7a7c3e8f000123456789ab"; got != want {
		t.Errorf("External = %s; want %s", got, want)
	}
}
