package actionstep_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func sample(t *testing.T, name string) []byte {
	t.Helper()

	return dialecttest.Sample(t, actionstep.Name, name)
}

func decoded(t *testing.T, text []byte) map[string]any {
	t.Helper()

	return dialecttest.Decoded[map[string]any](t, text)
}

func TestParse_readsTheDocumentedRequests(t *testing.T) {
	t.Parallel()

	created := func(event, url string) subscription.Create {
		return subscription.Create{Drafts: []subscription.Draft{{Event: event, URL: url}}}
	}
	changed := func(id, url string) subscription.Change {
		return subscription.Change{ID: id, Draft: subscription.Draft{Event: "ActionCreated", URL: url}}
	}
	for _, tt := range []struct {
		file, method, target string
		want                 subscription.Operation
	}{
		{"create-request-object.json", "POST", base, created("ActionCreated", "https://www.mydomain.com/path/endpoint")},
		{"create-request-array-legacy.json", "POST", base, created("ActionCreated", "https://your-application-url.com/resthook-callbacks?callback_id=12345")},
		{"create-request-bare-openapi.json", "POST", base, created("ActionDocumentCreated", "https://0486-222-152-188-245.ngrok-free.app/api/resthook")},
		{"update-request-object.json", "PUT", base + "/382", changed("382", "https://www.mydomain.com/newpath/newendpoint")},
		{"update-request-array-legacy.json", "PUT", base + "/42", changed("42", "https://your-application-url.com/some-other-resthook-callback-url?callback_id=12345")},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()

			got, refusal := protocol("number", "resource").Parse(ask(tt.method, tt.target, string(sample(t, tt.file))))
			if refusal != nil {
				t.Fatalf("refused: %s", refusal.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("operation (-want +got):\n%s", diff)
			}
		})
	}
}

// documented is a subscription of the samples. Its times are those of the
// samples, at whose offset we do not write them.
func documented(t *testing.T, external, eventName, url string, status subscription.Status, count int64, last string) subscription.Subscription {
	t.Helper()

	s := subscription.Subscription{External: external, Event: eventName, URL: url, Status: status, Triggered: count}
	if last != "" {
		at, err := time.Parse(time.RFC3339, last)
		if err != nil {
			t.Fatal(err)
		}
		s.LastTriggered = at
	}
	return s
}

// TestRender_isTheVendorsSample compares what the samples show: members that
// only we have, because other sources do, are left out.
func TestRender_isTheVendorsSample(t *testing.T) {
	t.Parallel()

	const page = "https://www.mydomain.com/path/endpoint"
	action := documented(t, "382", "ActionCreated", page, subscription.Active, 73, "2020-04-03T12:34:30+13:00")
	fresh := documented(t, "382", "ActionCreated", page, subscription.Active, 0, "")
	note := documented(t, "746", "FileNoteCreated", "https://www.mydomain.com/anotherpath/anotherendpoint", subscription.Disabled, 28, "2020-05-20T09:29:52+13:00")
	document := documented(t, "685", "ActionDocumentCreated", "https://0486-222-152-188-245.ngrok-free.app/api/resthook", subscription.Active, 870, "2022-05-03T00:09:00+12:00")
	for _, tt := range []struct {
		file, ids string
		query     string
		op        subscription.Operation
		rows      []subscription.Subscription
		ours      string // the name of the last time that the sample does not have
		meta      bool   // the sample tells of the page
	}{
		{"create-response.json", "text", "", subscription.Create{}, []subscription.Subscription{fresh}, "triggeredLastTimestamp", true},
		{"get-response.json", "text", "", subscription.Get{}, []subscription.Subscription{action}, "triggeredLastTimestamp", true},
		{"list-response.json", "text", "", subscription.List{Limit: 50}, []subscription.Subscription{action, note}, "triggeredLastTimestamp", false},
		{"list-response-one-row-constructed.json", "number", "?pageSize=10", subscription.List{Limit: 10}, []subscription.Subscription{document}, "lastTriggered", true},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()

			answer := protocol(tt.ids, "resource").Render(ask("GET", base+tt.query, ""), subscription.Outcome{Operation: tt.op, Subscriptions: tt.rows, Total: len(tt.rows)})
			got, want := decoded(t, answer.Body), decoded(t, sample(t, tt.file))
			if !tt.meta {
				delete(got, "meta")
			}
			for _, row := range rowsOf(got) {
				delete(row, tt.ours)
				utc(t, row)
			}
			for _, row := range rowsOf(want) {
				utc(t, row)
			}
			if diff := cmp.Diff(want, got); diff != "" || answer.Status != 200 || answer.Header.Get("Content-Type") != api {
				t.Errorf("%d %s; answer (-vendor +ours):\n%s", answer.Status, answer.Header, diff)
			}
		})
	}
}

func rowsOf(body map[string]any) []map[string]any {
	if one, ok := body["resthooks"].(map[string]any); ok {
		return []map[string]any{one}
	}
	var rows []map[string]any
	for _, row := range body["resthooks"].([]any) {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}

// utc writes the times of a row at one offset.
func utc(t *testing.T, row map[string]any) {
	t.Helper()

	for _, name := range []string{"lastTriggered", "triggeredLastTimestamp"} {
		text, _ := row[name].(string)
		if text == "" {
			continue
		}
		at, err := time.Parse("2006-01-02T15:04:05-07:00", text)
		if err != nil {
			t.Errorf("%s is %q: %v", name, text, err)
			continue
		}
		row[name] = at.UTC().String()
	}
}

func TestRender_hasTheShapeOfTheKnownError(t *testing.T) {
	t.Parallel()

	answer := protocol("number", "resource").Render(ask("GET", base+"/9", ""), subscription.Outcome{Refusal: &subscription.Refusal{
		Code: subscription.NotFound, Message: "there is no subscription",
	}})
	got, want := decoded(t, answer.Body), decoded(t, sample(t, "error-shape-thirdparty.json"))
	if diff := cmp.Diff(shape(want), shape(got)); diff != "" {
		t.Errorf("shape (-known +ours):\n%s", diff)
	}
	errors := got["errors"].(map[string]any)
	if answer.Status != 404 || errors["status"] != 404.0 || errors["title"] != "Not Found" {
		t.Errorf("it is answered %d %s", answer.Status, answer.Body)
	}
}

// shape is what types a value is made of.
func shape(value any) any {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprintf("%T", value)
	}
	shapes := map[string]any{}
	for name, v := range members {
		shapes[name] = shape(v)
	}
	return shapes
}

// received makes an event of the vendor's as a publisher sends it.
func received(t *testing.T, name string, data any) event.Event {
	t.Helper()

	body, err := json.Marshal(map[string]any{"event": map[string]any{"platform": "actionstep", "name": name}, "data": data})
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Parse(body, event.NewCatalogue(actionstep.Dialect().Vendor), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// delivered is the body of a delivery.
func delivered(t *testing.T, delivery, external, name string, data any) map[string]any {
	t.Helper()

	e := received(t, name, data)
	m, err := protocol("number", delivery).Compose(&subscription.Subscription{External: external, Event: name}, &e)
	if err != nil {
		t.Fatal(err)
	}
	if m.Header["Content-Type"] != api {
		t.Errorf("the content type is %s", m.Header["Content-Type"])
	}
	return decoded(t, m.Body)
}

func TestCompose_isTheDocumentedDelivery(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ file, delivery, external, name, data string }{
		{"delivery-legacy-shape.json", "resource", "382", "ActionCreated", "actions"},
		{"delivery-jsonapi-action-constructed.json", "jsonapi", "382", "ActionCreated", "data"},
		{"delivery-jsonapi-filenote-constructed.json", "jsonapi", "746", "FileNoteCreated", "data"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()

			want := decoded(t, sample(t, tt.file))
			data := want[tt.data]
			if rows, ok := data.([]any); ok {
				data = rows[0]
			}
			got := delivered(t, tt.delivery, tt.external, tt.name, data)
			if want["meta"] == nil { // the older page does not show it
				delete(got, "meta")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("delivery (-documented +ours):\n%s", diff)
			}
		})
	}
}

// TestCompose_translatesBetweenTheForms tells an event that came in one form in
// the other, and back.
func TestCompose_translatesBetweenTheForms(t *testing.T) {
	t.Parallel()

	flat := map[string]any{"id": 3.0, "name": "Matter No 3", "links": map[string]any{"assignedTo": "10", "step": nil}}
	document := map[string]any{
		"type": "actions", "id": "3", "attributes": map[string]any{"name": "Matter No 3"},
		"relationships": map[string]any{"assignedTo": map[string]any{"data": map[string]any{"type": "participants", "id": "10"}}, "step": nil},
	}
	if diff := cmp.Diff(document, delivered(t, "jsonapi", "1", "ActionUpdated", flat)["data"]); diff != "" {
		t.Errorf("a row as JSON:API (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{flat}, delivered(t, "resource", "1", "ActionUpdated", flat)["actions"]); diff != "" {
		t.Errorf("a row as it came (-want +got):\n%s", diff)
	}
	flat["id"] = "3" // JSON:API has texts
	if diff := cmp.Diff([]any{flat}, delivered(t, "resource", "1", "StepChanged", document)["actions"]); diff != "" {
		t.Errorf("JSON:API as a row (-want +got):\n%s", diff)
	}
}

func TestCompose_needsAnID(t *testing.T) {
	t.Parallel()

	e := received(t, "TaskCreated", map[string]any{"name": "Call back"})
	if m, err := protocol("number", "resource").Compose(&subscription.Subscription{Event: "TaskCreated"}, &e); err == nil {
		t.Errorf("a task without an id is told as %s", m.Body)
	}
}

func TestOffers_areTheVendorsEvents(t *testing.T) {
	t.Parallel()

	var known struct {
		Current []string          `json:"current"`
		Legacy  []string          `json:"legacy_confluence"`
		Aliases map[string]string `json:"aliases_seen"`
	}
	if err := json.Unmarshal(sample(t, "events.json"), &known); err != nil {
		t.Fatal(err)
	}
	p := protocol("number", "resource")
	offered := map[string]bool{}
	var names []string
	for _, o := range p.Offers(event.NewCatalogue(actionstep.Dialect().Vendor)) {
		names, offered[o.Key] = append(names, o.Key), true
	}
	if diff := cmp.Diff(known.Current, names); diff != "" || len(names) != 21 {
		t.Errorf("%d events (-vendor +ours):\n%s", len(names), diff)
	}
	for _, name := range known.Legacy {
		if !offered[name] {
			t.Errorf("the older page's %s is not offered", name)
		}
	}
	want := map[string]string{"ActionParticipantCreated": "ActionParticipantAdded", "ActionParticipantRemoved": "ActionParticipantDeleted"}
	for alias := range known.Aliases {
		op, refusal := p.Parse(ask("POST", base, `{"eventName":"`+alias+`","targetUrl":"https://x"}`))
		created, _ := op.(subscription.Create)
		if refusal != nil || created.Drafts[0].Event != want[alias] || !offered[want[alias]] {
			t.Errorf("%s is read as %+v (%v)", alias, op, refusal)
		}
	}
}

// An event that comes under a name of the vendor's examples is the one that
// the list has.
func TestVendor_takesTheNamesOfItsExamples(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(actionstep.Dialect().Vendor)
	for alias, want := range map[string]string{
		"ActionParticipantCreated": "Actionstep > actionparticipants / ActionParticipantAdded",
		"ActionParticipantRemoved": "Actionstep > actionparticipants / ActionParticipantDeleted",
	} {
		e, err := event.Parse([]byte(`{"event":{"platform":"actionstep","name":"`+alias+`"},"data":{"id":3}}`), c, time.Time{})
		if err != nil || e.Path != want || e.Entity != "3" {
			t.Errorf("%s became %q of %q, %v; want %q", alias, e.Path, e.Entity, err, want)
		}
	}
	if n := len(c.Actions("actionstep")); n != 21 {
		t.Errorf("the catalogue lists %d events; want the 21 of the vendor's page", n)
	}
}
