package event_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"hooktree/webhooks/event"
)

func TestNotice_is_an_event_that_the_catalogue_knows(t *testing.T) {
	t.Parallel()
	const id = "019ca000-0000-7000-8000-000000000009"
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	c := event.NewCatalogue(event.Notices())
	for name, path := range map[string]string{
		event.SubscriptionDisabled: "Hooktree > subscription / disabled",
		event.SubscriptionDeleted:  "Hooktree > subscription / deleted",
		event.RegistrationFailed:   "Hooktree > registration / failed",
	} {
		kind, fault := c.Find(event.Hooktree, name)
		if fault != nil {
			t.Fatalf("%s: %v", name, fault)
		}
		e, err := event.Notice{Name: name, ID: id, At: at, Data: kind.Sample}.Event()
		if err != nil {
			t.Fatal(err)
		}
		if e.Path != path || e.Entity != cmp.Or(kind.Sample["id"], kind.Sample["source"]) || e.ID != id || e.ExternalID != id || !e.Occurred.Equal(at) {
			t.Errorf("%s: the event is %+v; want the path %s and the subscription as its entity", name, e, path)
		}
		again, err := event.Parse(e.Body, c.WithNotices(), at)
		if err != nil || again.Path != path {
			t.Errorf("%s: read again it is %+v, %v", name, again, err)
		}
		var head struct {
			Event struct{ Platform, Name, ID, Timestamp string }
		}
		if err := json.Unmarshal(e.Body, &head); err != nil || head.Event.Platform != "hooktree" || head.Event.Name != name || head.Event.Timestamp == "" {
			t.Errorf("%s: the payload is %s, %v", name, e.Body, err)
		}
	}
}

func TestNotice_cannot_be_declared_by_a_space(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hooktree", "Hooktree"} {
		if !event.Reserved(name) {
			t.Errorf("a space may declare %s", name)
		}
	}
}

func TestNotice_refuses_what_it_does_not_know(t *testing.T) {
	t.Parallel()
	if e, err := (event.Notice{Name: "subscription.born", ID: "x", Data: map[string]any{}}).Event(); err == nil {
		t.Errorf("an unknown notice became %+v", e)
	}
	if e, err := (event.Notice{Name: event.SubscriptionDeleted, ID: "x", Data: func() {}}).Event(); err == nil {
		t.Errorf("a notice without JSON became %+v", e)
	}
}

// Whoever may send events may not tell trees what only the server knows.
func TestNotice_cannot_be_sent(t *testing.T) {
	t.Parallel()
	c := event.NewCatalogue(event.Notices())
	for _, tt := range []struct{ name, body, pointer string }{
		{"by its platform", `{"event":{"platform":"hooktree","name":"subscription.disabled"},"data":{}}`, "/event/platform"},
		{"by a name that there is not", `{"event":{"platform":"hooktree","name":"subscription.born"}}`, "/event/platform"},
		{"by its type", `{"event":{"type":"hooktree","action":"subscription.deleted"}}`, "/event/type"},
		{"by its type, in the long dialect", `{"event":{"type":"hooktree","action":"hooktree subscription.deleted"}}`, "/event/type"},
		{"as a CloudEvent", `{"specversion":"1.0","id":"1","source":"/x","type":"com.example.hooktree.subscription.disabled","data":{}}`, "/type"},
		{"as a CloudEvent's payload", `{"specversion":"1.0","id":"1","source":"/x","type":"x","data":{"event":{"platform":"hooktree","name":"subscription.disabled"}}}`, "/event/platform"},
		{"among others", `[{"event":{"type":"Space","action":"Created"}},{"event":{"platform":"hooktree","name":"subscription.disabled"}}]`, "/1/event/platform"},
	} {
		events, err := event.ParseAll([]byte(tt.body), c, time.Unix(0, 0))
		refusal, ok := errors.AsType[*event.Refusal](err)
		if !ok || refusal.Faults[0].Code != event.CodeReserved || refusal.Faults[0].Pointer != tt.pointer {
			t.Errorf("%s: got %v, %v; want a fault at %s", tt.name, events, err, tt.pointer)
		}
		if refusal != nil && event.CodeReserved.Unreadable() {
			t.Errorf("%s: the code says that the body cannot be read", tt.name)
		}
	}
	header := map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/x", "ce-type": "hooktree.subscription.disabled", "content-type": "application/json"}
	if e, err := event.ParseCloud(func(name string) string { return header[name] }, []byte(`{}`), c, time.Unix(0, 0)); err == nil {
		t.Errorf("a CloudEvent in headers became %s", e.Path)
	}
}
