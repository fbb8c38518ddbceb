package subscription_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestTrigger_publishes_an_event_for_all_others(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	for object, id := range map[string]any{"12": int64(12), "012": "012", "a-1": "a-1", "99999999999999999999": "99999999999999999999"} {
		h.published = nil
		out := h.Do(t.Context(), who, subscription.Trigger{ID: "1", Object: object})
		if out.Refusal != nil || out.Queued != 2 || len(h.published) != 1 {
			t.Fatalf("the outcome is %+v, %+v", out, out.Refusal)
		}
		e := h.published[0]
		data, _ := e.Data["data"].(map[string]any)
		if e.Type != "bakery" || e.Action != "Baked" || data["id"] != id || e.Credential != who.Credential ||
			subscription.AudienceOf(&e) != (subscription.Audience{But: sub.Name()}) {
			t.Errorf("%s: published was %+v", object, e)
		}
		var body struct{ Event map[string]string }
		if err := json.Unmarshal(e.Body, &body); err != nil || body.Event["triggeredBy"] != sub.Name() {
			t.Errorf("%s: stored is %s", object, e.Body)
		}
	}
	for object, code := range map[string]subscription.Code{"": subscription.Missing, string(make([]byte, 300)): subscription.Invalid} {
		if r := h.Do(t.Context(), who, subscription.Trigger{ID: "1", Object: object}).Refusal; r == nil || r.Code != code || r.Field != "object" {
			t.Errorf("an object of %d bytes: %+v", len(object), r)
		}
	}
}

// A notice is the server's to make: an example of one reaches only who asks for it.
func TestTrigger_makes_no_notice_of_ours(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	h.Use(event.NewCatalogue(bakery(), event.Notices()), nil)
	who := of("plain", anna)
	h.made(t, who, draft(event.SubscriptionDisabled, hookURL))
	if r := h.Do(t.Context(), who, subscription.Trigger{ID: "1", Object: "1"}).Refusal; r == nil || r.Code != subscription.Invalid || r.Field != "event" {
		t.Errorf("a notice for all others: %+v", r)
	}
	if len(h.published) != 0 {
		t.Errorf("published was %+v", h.published)
	}
	if out := h.Do(t.Context(), who, subscription.Dispatch{ID: "1"}); out.Refusal != nil || len(h.published) != 1 ||
		subscription.AudienceOf(&h.published[0]).Only != "plain/1" {
		t.Errorf("an example for one: %+v, %+v", out.Refusal, h.published)
	}
	if out := h.Do(t.Context(), who, subscription.Sample{Event: event.SubscriptionDisabled}); out.Refusal != nil || len(out.Samples) == 0 {
		t.Errorf("an example to look at: %+v", out.Refusal)
	}
}

// Rules and filters can read what is known of the object.
func TestTrigger_says_what_the_latest_event_about_the_object_did(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	h.stored = []event.Event{baked(t, 30, bert.ID), baked(t, 20, anna.ID)}
	who := of("plain", anna)
	h.made(t, who, draft("baked", hookURL))
	for object, owner := range map[string]any{"20": anna.ID, "30": bert.ID, "40": nil} {
		h.published = nil
		if r := h.Do(t.Context(), who, subscription.Trigger{ID: "1", Object: object}).Refusal; r != nil {
			t.Fatalf("%+v", r)
		}
		e := h.published[0]
		data, _ := e.Data["data"].(map[string]any)
		if e.Entity != object || data["owner_id"] != owner || e.ExternalID != "" || subscription.AudienceOf(&e).But != "plain/1" {
			t.Errorf("%s: published was %+v", object, e)
		}
	}
}

// Who may not see an object is told the same of it as of one that there is not,
// and starts nothing.
func TestPublishing_is_about_what_the_owner_may_see(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	h.see(t, "user.id == data.owner_id")
	h.stored = []event.Event{baked(t, 30, bert.ID), baked(t, 20, anna.ID)}
	who := of("plain", anna)
	h.made(t, who, draft("baked", hookURL))
	var told []string
	for _, object := range []string{"30", "40"} { // another's, and one that nothing is known of
		for _, op := range []subscription.Operation{subscription.Trigger{ID: "1", Object: object}, subscription.Dispatch{ID: "1", Object: object}} {
			r := h.Do(t.Context(), who, op).Refusal
			if r == nil || r.Code != subscription.Invalid || r.Field != "object" || len(h.published) != 0 {
				t.Fatalf("%T of %s: %+v, published %+v", op, object, r, h.published)
			}
			told = append(told, r.Message)
		}
	}
	if len(slices.Compact(told)) != 1 || strings.Contains(told[0], "owner_id") {
		t.Errorf("told is %q", told)
	}
	if r := h.Do(t.Context(), who, subscription.Trigger{ID: "1", Object: "20"}).Refusal; r != nil || len(h.published) != 1 {
		t.Errorf("of one's own: %+v", r)
	}
}

func TestDispatch_publishes_an_event_for_one(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	out := h.Do(t.Context(), who, subscription.Dispatch{ID: "1", Object: "12"})
	if out.Refusal != nil || out.Answer != 202 || len(h.published) != 1 || subscription.AudienceOf(&h.published[0]) != (subscription.Audience{Only: sub.Name()}) {
		t.Errorf("the outcome is %+v, %+v; published %+v", out, out.Refusal, h.published)
	}
	if _, r := h.Disable(t.Context(), sub.ID, "admin", ""); r != nil {
		t.Fatal(r)
	}
	if r := h.Do(t.Context(), who, subscription.Dispatch{ID: "1", Object: "12"}).Refusal; r == nil || r.Code != subscription.Invalid || len(h.published) != 1 {
		t.Errorf("a disabled one: %+v", r)
	}
}

// baked is a stored event.
func baked(t *testing.T, id, owner int64) event.Event {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"event": map[string]any{"platform": "bakery", "name": "Baked", "id": "x1"}, "data": map[string]any{"id": id, "owner_id": owner, "loaves": 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Parse(body, catalogue(), noon)
	if err != nil {
		t.Fatal(err)
	}
	e.ID = "stored" // as the runner does when it accepts one
	return e
}

func TestDispatch_of_an_example_is_about_the_latest_event_that_the_owner_may_see(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	h.see(t, "user.id == data.owner_id")
	who := of("plain", anna)
	h.made(t, who, draft("baked", hookURL))
	h.made(t, who, draft("created", hookURL))
	dataOf := func(op subscription.Operation) any {
		h.published = nil
		if r := h.Do(t.Context(), who, op).Refusal; r != nil {
			t.Fatalf("%+v", r)
		}
		data, _ := h.published[0].Data["data"].(map[string]any)
		return data["id"]
	}
	if id := dataOf(subscription.Dispatch{ID: "1"}); id != int64(7) {
		t.Errorf("without events it is about %v; want the declared example", id)
	}
	h.stored = []event.Event{baked(t, 30, bert.ID), baked(t, 20, anna.ID), baked(t, 10, anna.ID)}
	if id := dataOf(subscription.Dispatch{ID: "1"}); id != int64(20) || h.published[0].ExternalID != "" {
		t.Errorf("it is about %v, as event %q", id, h.published[0].ExternalID)
	}
	h.stored = nil
	h.see(t, "true")
	if dataOf(subscription.Dispatch{ID: "2"}); h.published[0].Type != "Space" || subscription.AudienceOf(&h.published[0]).Only != "plain/2" {
		t.Errorf("of the built-in platform it is %+v", h.published[0])
	}
	if r := h.Do(t.Context(), who, subscription.Dispatch{ID: "2", Object: "7"}).Refusal; r == nil || r.Code != subscription.Invalid {
		t.Errorf("of an object of the built-in platform: %+v", r)
	}
}

func TestSample_shows_what_the_caller_may_see(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	h.see(t, "user.id == data.owner_id")
	sample := func(name string, limit int) subscription.Outcome {
		return h.Do(t.Context(), of("plain", anna), subscription.Sample{Event: name, Limit: limit})
	}
	for _, tt := range []struct {
		name   string
		stored []event.Event
		limit  int
		want   []int64 // ids
	}{
		{"the declared example without events", nil, 3, []int64{7}},
		{"the latest first", []event.Event{baked(t, 20, anna.ID), baked(t, 10, anna.ID)}, 3, []int64{20, 10}},
		{"as many as asked for", []event.Event{baked(t, 20, anna.ID), baked(t, 10, anna.ID)}, 1, []int64{20}},
		{"nobody else's", []event.Event{baked(t, 30, bert.ID), baked(t, 10, anna.ID)}, 3, []int64{10}},
		{"nothing that the rule fails for", []event.Event{{Data: map[string]any{"data": map[string]any{"id": int64(50)}}}, baked(t, 10, anna.ID)}, 3, []int64{10}},
		{"nothing that a client tried out", []event.Event{tried(t, 30), baked(t, 10, anna.ID)}, 3, []int64{10}},
		{"the example when all are somebody else's", []event.Event{baked(t, 30, bert.ID)}, 3, []int64{7}},
	} {
		h.stored = tt.stored
		out := sample("baked", tt.limit)
		var ids []int64
		for _, body := range out.Samples {
			var m struct {
				Event string
				Data  struct{ ID int64 }
			}
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatal(err)
			}
			if m.Event == "" {
				t.Errorf("%s: an event has no id: %s", tt.name, body)
			}
			ids = append(ids, m.Data.ID)
		}
		if len(ids) != len(tt.want) || ids[0] != tt.want[0] || ids[len(ids)-1] != tt.want[len(tt.want)-1] {
			t.Errorf("%s: %v; want %v", tt.name, ids, tt.want)
		}
	}
	if r := sample("bakedd", 1).Refusal; r == nil || r.Code != subscription.NoEvent || len(r.Near) == 0 {
		t.Errorf("of an unknown event: %+v", r)
	}
	h.stored = []event.Event{{Data: map[string]any{"data": map[string]any{}}, Entity: "unbakeable"}}
	h.see(t, "true")
	if out := sample("baked", 1); out.Refusal != nil || len(out.Samples) != 0 || out.Samples == nil {
		t.Errorf("of an event that cannot be told: %+v", out)
	}
}

// tried is an event that a client had sent to its own subscription.
func tried(t *testing.T, id int64) event.Event {
	t.Helper()

	e := baked(t, id, anna.ID)
	e.Data["event"].(map[string]any)[subscription.DispatchedTo] = "plain/1" //nolint:forcetypeassert // baked makes it
	return e
}

// Whoever subscribes sees what will come, also of what never happened and says
// no example.
func TestSample_has_an_example_of_every_event(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	for _, tt := range []struct{ event, want string }{
		{"burnt", `{"data":{"id":null,"loaves":1,"owner_id":1},"event":"sample","for":"sample"}`},
		{"created", `{"data":null,"event":"sample","for":"sample"}`},
	} {
		out := h.Do(t.Context(), of("plain", anna), subscription.Sample{Event: tt.event, Limit: 3})
		if out.Refusal != nil || len(out.Samples) != 1 || string(out.Samples[0]) != tt.want {
			t.Errorf("of %s: %s, %+v; want %s", tt.event, out.Samples, out.Refusal, tt.want)
		}
	}
	h.made(t, of("plain", anna), draft("created", hookURL))
	h.Do(t.Context(), of("plain", anna), subscription.Dispatch{ID: "1"})
	if e := h.published[0]; e.Entity != "example" || e.Data["space"].(map[string]any)["slug"] != "example" { //nolint:forcetypeassert // the example has it
		t.Errorf("tried out is %+v", e)
	}
}

func TestReplay_asks_for_a_range(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	sub := h.made(t, who, draft("baked", hookURL))
	out := h.Do(t.Context(), who, subscription.Replay{ID: "1", From: "2026-04-08T10:00:00Z", To: "2026-04-08T13:00:00.5+02:00"})
	want := subscription.ReplayOrder{Subscription: sub.ID, From: noon.Add(-2 * time.Hour), To: noon.Add(-time.Hour + time.Second/2), By: "token of Anna"}
	if out.Refusal != nil || out.Queued != 5 || len(h.orders) != 1 || !h.orders[0].From.Equal(want.From) || !h.orders[0].To.Equal(want.To) || h.orders[0].By != want.By {
		t.Errorf("the outcome is %+v, ordered was %+v", out, h.orders)
	}
	for field, op := range map[string]subscription.Replay{
		"from": {ID: "1", From: "yesterday"}, "to": {ID: "1", From: "2026-04-08T13:00:00Z", To: "2026-04-08T10:00:00Z"},
	} {
		if r := h.Do(t.Context(), who, op).Refusal; r == nil || r.Code != subscription.Invalid || r.Field != field {
			t.Errorf("%s: %+v", field, r)
		}
	}
	if _, r := h.Disable(t.Context(), sub.ID, "admin", ""); r != nil {
		t.Fatal(r)
	}
	if r := h.Do(t.Context(), who, subscription.Replay{ID: "1"}).Refusal; r == nil || r.Field != "status" || len(h.orders) != 1 {
		t.Errorf("a disabled one: %+v", r)
	}
}

func TestPublishing_tells_what_its_services_fail_with(t *testing.T) {
	t.Parallel()

	h := open(t, echo)
	who := of("plain", anna)
	h.made(t, who, draft("baked", hookURL))
	for fail, code := range map[error]subscription.Code{errFull: subscription.Busy, errors.New("sector 7"): subscription.Failed} {
		h.broken = fail
		for _, op := range []subscription.Operation{
			subscription.Trigger{ID: "1", Object: "1"},
			subscription.Dispatch{ID: "1", Object: "1"},
			subscription.Dispatch{ID: "1"},
			subscription.Sample{Event: "baked"},
			subscription.Replay{ID: "1"},
		} {
			if r := h.Do(t.Context(), who, op).Refusal; r == nil || r.Code != code {
				t.Errorf("%T, %v: %+v", op, fail, r)
			}
		}
	}
}
