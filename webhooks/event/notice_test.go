package event_test

import (
	"encoding/json"
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
	} {
		kind, fault := c.Find(event.Hooktree, name)
		if fault != nil {
			t.Fatalf("%s: %v", name, fault)
		}
		e, err := event.Notice{Name: name, ID: id, At: at, Data: kind.Sample}.Event()
		if err != nil {
			t.Fatal(err)
		}
		if e.Path != path || e.Entity != kind.Sample["id"] || e.ID != id || e.ExternalID != id || !e.Occurred.Equal(at) {
			t.Errorf("%s: the event is %+v; want the path %s and the subscription as its entity", name, e, path)
		}
		again, err := event.Parse(e.Body, c, at)
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
