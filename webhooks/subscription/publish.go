package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"hooktree/webhooks/event"
)

// The members of a payload's `event` by which it says whom it is for. Each
// holds the name of a subscription, and such an event goes to subscriptions
// alone: a client of a dialect cannot start trees by it.
const (
	TriggeredBy  = "triggeredBy"  // all others of the event
	DispatchedTo = "dispatchedTo" // this one only
)

// Audience says whom an event was published for. The zero value is everybody.
type Audience struct {
	But  string // name of the subscription that does not get it; empty for none
	Only string // name of the one that does; empty for all
}

// AudienceOf reads whom an event is for.
func AudienceOf(e *event.Event) Audience {
	head, _ := e.Data["event"].(map[string]any)
	but, _ := head[TriggeredBy].(string)
	only, _ := head[DispatchedTo].(string)
	return Audience{But: but, Only: only}
}

// trigger publishes an event about an object for all subscriptions but one.
func (s *Service) trigger(ctx context.Context, who Caller, op Trigger) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	if op.Object == "" {
		return refused(&Refusal{Code: Missing, Field: FieldObject, Message: "it does not say which object the event is about"})
	}
	e, refusal := s.occurrence(ctx, who, &sub, publication{member: TriggeredBy, object: op.Object})
	if refusal != nil {
		return refused(refusal)
	}
	queued, err := s.Accept(ctx, e)
	if err != nil {
		return refused(s.trouble("publish an event", err))
	}
	return Outcome{Queued: queued}
}

// dispatch publishes an event about an object, or an example, for one
// subscription, and waits for its answer.
func (s *Service) dispatch(ctx context.Context, who Caller, op Dispatch) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	if sub.Status != Active {
		return refused(&Refusal{Code: Invalid, Field: FieldStatus, Message: "the subscription is not active: " + sub.Reason})
	}
	e, refusal := s.occurrence(ctx, who, &sub, publication{member: DispatchedTo, object: op.Object})
	if refusal != nil {
		return refused(refusal)
	}
	status, err := s.Dispatch(ctx, e)
	if err != nil {
		return refused(s.trouble("publish an event", err))
	}
	return Outcome{Subscriptions: []Subscription{sub}, Answer: status}
}

// publication is what a client wants published.
type publication struct {
	member string // of the payload's `event`, which says whom it is for
	object string // what it is about; empty for an example
}

// occurrence makes the event that a client asks for. Of an object it says what
// the latest such event about it did, so that rules and filters have something
// to read; else no more is known than its id.
func (s *Service) occurrence(ctx context.Context, who Caller, sub *Subscription, p publication) (event.Event, *Refusal) {
	usage := s.roster.current()
	entry := usage.entry(*sub)
	if entry == nil {
		return event.Event{}, &Refusal{Code: Invalid, Field: FieldEvent, Message: "the event " + quoted(sub.Event) + " is not offered any more"}
	}
	kind, _ := usage.catalogue.Find(entry.Type, entry.Action) // the entry has it
	if kind.Platform == event.Hooktree && p.member == TriggeredBy {
		return event.Event{}, &Refusal{Code: Invalid, Field: FieldEvent, Message: "the event " + quoted(sub.Event) + " is a notice, which the server alone makes"}
	}
	payload, refusal := s.payload(ctx, entry, kind, p.object)
	if refusal != nil {
		return event.Event{}, refusal
	}
	head := headOf(kind)
	head[p.member] = sub.Name()
	payload["event"] = head
	body, err := json.Marshal(payload)
	if err != nil {
		return event.Event{}, s.trouble("write an event", err)
	}
	e, err := event.Parse(body, usage.catalogue.WithNotices(), s.Now()) // one to itself is an example
	if err != nil {
		return event.Event{}, s.trouble("write an event", err)
	}
	e.Credential = who.Credential
	return e, s.hidden(entry, kind, &e)
}

// hidden refuses to publish what the client's own owner may not see, in the same
// words whether it is there or not.
func (s *Service) hidden(entry *Entry, kind *event.Kind, e *event.Event) *Refusal {
	seen, err := entry.sees(kind, e)
	if err != nil {
		s.Log.Warn("a rule of visibility failed", "subscription", entry.Name(), "object", e.Entity, "error", err)
	}
	if seen {
		return nil
	}
	return &Refusal{Code: Invalid, Field: FieldObject, Message: "there is no such object that the subscription's owner may see"}
}

// payload gives what an event says besides what happened.
func (s *Service) payload(ctx context.Context, e *Entry, kind *event.Kind, object string) (map[string]any, *Refusal) {
	switch {
	case object == "":
		return s.example(ctx, e, kind)
	case len(object) > event.MaxName:
		return nil, &Refusal{Code: Invalid, Field: FieldObject, Message: fmt.Sprintf("the object's id has %d bytes; at most %d are taken", len(object), event.MaxName)}
	case kind.Platform == event.Kinetic:
		return nil, &Refusal{Code: Invalid, Field: FieldObject, Message: "an event " + quoted(e.Event) + " is about more than one object: send an example in its place"}
	}
	known, err := s.Samples(ctx, SampleQuery{Type: e.Type, Action: e.Action, Entity: object, Limit: 1})
	switch {
	case err != nil:
		return nil, s.trouble("read the latest events", err)
	case len(known) > 0:
		return maps.Clone(known[0].Data), nil
	}
	var id any = object
	if n, err := strconv.ParseInt(object, 10, 64); err == nil && strconv.FormatInt(n, 10) == object {
		id = n
	}
	return map[string]any{"data": map[string]any{"id": id}}, nil
}
