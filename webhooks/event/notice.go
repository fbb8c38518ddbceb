package event

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"hooktree/engine"
)

// Hooktree is the platform of our own notices.
const Hooktree = "hooktree"

// hooktreeTitle begins the paths of our own notices.
const hooktreeTitle = "Hooktree"

// The names of notices.
const (
	SubscriptionDisabled = "subscription.disabled" // deliveries failed: what it would get is held
	SubscriptionDeleted  = "subscription.deleted"  // its endpoint wanted nothing more, or its dialect's policy ended it
	RegistrationFailed   = "registration.failed"   // a source of ours is not registered at its platform as it should be
)

// Notices is the platform of what happens to hooktree itself, for
// [NewCatalogue]. [Notice.Event] makes its events.
func Notices() Platform {
	kind := func(name, last, note string) *Kind {
		k := Own(Hooktree, name, Path{hooktreeTitle + separator + "subscription", last}, noticeFields(), "id")
		k.Note = note
		k.Sample = map[string]any{
			"id": "019ca000-0000-7000-8000-000000000001", "dialect": "keap", "external": "12", "event": "contact.add",
			"url": "https://crm.example.com/hooks", "owner": map[string]any{"id": int64(1), "name": "manager", "email": "manager@example.com"},
			"reason": "attempt 4 was the last: the endpoint answered 500 Internal Server Error",
			"job":    "019ca000-0000-7000-8000-000000000002", "status": last,
		}
		return k
	}
	return Platform{Name: Hooktree, Kinds: []*Kind{
		kind(SubscriptionDisabled, "disabled", "A subscription was disabled because deliveries to it failed; its events are held"),
		kind(SubscriptionDeleted, "deleted", "A subscription was deleted because deliveries to it failed, or its endpoint asked for it"),
		registrationFailed(),
	}}
}

func registrationFailed() *Kind {
	text := engine.Type{Kind: engine.KindText}
	k := Own(Hooktree, RegistrationFailed, Path{hooktreeTitle + separator + "registration", "failed"}, map[string]engine.Type{
		"source": text, "platform": text, "reason": text, "letInAgain": {Kind: engine.KindBool},
	}, "source")
	k.Note = "A source cannot be registered at its platform; with letInAgain, not before somebody lets the application in again there"
	k.Sample = map[string]any{
		"source": "crm", "platform": "keap", "letInAgain": true,
		"reason": "the refresh token is taken no more: let the application in again at the platform",
	}
	return k
}

func noticeFields() map[string]engine.Type {
	text := engine.Type{Kind: engine.KindText}
	fields := map[string]engine.Type{"owner": {Kind: engine.KindRecord, Fields: map[string]engine.Type{
		"id": {Kind: engine.KindInteger}, "name": text, "email": text,
	}}}
	for _, name := range []string{"id", "dialect", "external", "event", "url", "reason", "job", "status"} {
		fields[name] = text
	}
	return fields
}

// Notice is something that happened to hooktree itself.
type Notice struct {
	Name string    // one of the names of notices
	ID   string    // of the event: a UUIDv7
	At   time.Time // when it happened
	Data any       // makes JSON with the fields that the kind declares
}

// WithNotices is the catalogue that reads our own notices as well. It is for
// what the server itself makes, and for what happens in memory alone: by the
// catalogue as it is made, nobody who sends an event can claim to be us.
func (c *Catalogue) WithNotices() *Catalogue {
	wider := *c
	wider.notices = true
	return &wider
}

// claimed refuses an event of our own platform that comes from outside.
func (c *Catalogue) claimed(platform, pointer string) *Fault {
	if platform != Hooktree || c.notices {
		return nil
	}
	return &Fault{
		Code: CodeReserved, Pointer: pointer, Text: "the events of " + Hooktree + " are its own notices, which the server alone makes",
		Hint: "send the event under the name of your platform; a tree runs on a notice when what it tells of happens",
	}
}

// notices is a catalogue that reads notices.
var notices = sync.OnceValue(func() *Catalogue { return NewCatalogue(Notices()).WithNotices() })

// Event gives the event that tells of a notice, as if it had come in.
func (n Notice) Event() (Event, error) {
	data, err := json.Marshal(n.Data)
	if err != nil {
		return Event{}, fmt.Errorf("write the notice %s: %w", n.Name, err)
	}
	e, err := Compose(Message{Platform: Hooktree, Name: n.Name, ID: n.ID, Occurred: n.At, Data: data}, notices(), n.At)
	if err != nil {
		return Event{}, fmt.Errorf("make the notice %s: %w", n.Name, err)
	}
	e.ID, e.Credential = n.ID, Hooktree
	return e, nil
}
