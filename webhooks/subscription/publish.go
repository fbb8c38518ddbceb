package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"hooktree/engine"
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
	e, refusal := s.occurrence(who, &sub, TriggeredBy, op.Object)
	if refusal != nil {
		return refused(refusal)
	}
	queued, err := s.Accept(ctx, e)
	if err != nil {
		return refused(s.trouble("publish an event", err))
	}
	return Outcome{Queued: queued}
}

// dispatch publishes an event about an object for one subscription, and waits
// for its answer.
func (s *Service) dispatch(ctx context.Context, who Caller, op Dispatch) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	if sub.Status != Active {
		return refused(&Refusal{Code: Invalid, Field: FieldID, Message: "the subscription is not active: " + sub.Reason})
	}
	e, refusal := s.occurrence(who, &sub, DispatchedTo, op.Object)
	if refusal != nil {
		return refused(refusal)
	}
	status, err := s.Dispatch(ctx, e)
	if err != nil {
		return refused(s.trouble("publish an event", err))
	}
	return Outcome{Subscriptions: []Subscription{sub}, Answer: status}
}

// occurrence makes the event that a client asks for: it says what it is about,
// and no more is known of it.
func (s *Service) occurrence(who Caller, sub *Subscription, member, object string) (event.Event, *Refusal) {
	usage := s.roster.current()
	offer, ok := usage.rooms[sub.Dialect].keys[sub.Event]
	kind := usage.kind(offer)
	switch {
	case object == "":
		return event.Event{}, &Refusal{Code: Missing, Field: FieldObject, Message: "it does not say which object the event is about"}
	case len(object) > event.MaxName:
		return event.Event{}, &Refusal{Code: Invalid, Field: FieldObject, Message: fmt.Sprintf("the object's id has %d bytes; at most %d are taken", len(object), event.MaxName)}
	case !ok || kind == nil || kind.Platform == event.Kinetic:
		return event.Event{}, &Refusal{Code: Invalid, Field: FieldEvent, Message: "the event " + quoted(sub.Event) + " cannot be sent on request"}
	}
	var id any = object
	if n, err := strconv.ParseInt(object, 10, 64); err == nil && strconv.FormatInt(n, 10) == object {
		id = n
	}
	body, err := json.Marshal(map[string]any{
		"event": map[string]any{"platform": kind.Platform, "name": kind.Action, member: sub.Name()},
		"data":  map[string]any{"id": id},
	})
	if err != nil {
		return event.Event{}, s.trouble("write an event", err)
	}
	e, err := event.Parse(body, usage.catalogue, s.Now())
	if err != nil {
		return event.Event{}, s.trouble("write an event", err)
	}
	e.Credential = who.Credential
	return e, nil
}

// The bounds of examples.
const (
	maxSamples   = 25
	sampleSearch = 100 // stored events that are looked at
)

// sample composes examples of an event's messages: the latest stored events
// that the caller may see, else one of the event's declaration.
func (s *Service) sample(ctx context.Context, who Caller, op Sample) Outcome {
	usage := s.roster.current()
	check := draftCheck{room: usage.rooms[who.Dialect], usage: usage}
	stand := Subscription{Dialect: who.Dialect, Owner: who.Owner, Event: op.Event, External: "sample", Created: s.Now()}
	if refusal := check.event(nil, &stand); refusal != nil {
		return refused(refusal)
	}
	e := usage.entry(stand)
	if e == nil {
		return refused(&Refusal{Code: Failed, Message: "the event " + quoted(op.Event) + " is offered, and not in the catalogue"})
	}
	kind, _ := usage.catalogue.Find(e.Type, e.Action) // the entry has it
	stored, err := s.Samples(ctx, e.Type, e.Action, sampleSearch)
	if err != nil {
		return refused(s.trouble("read the latest events", err))
	}
	limit := min(max(op.Limit, 1), maxSamples)
	out := Outcome{Samples: [][]byte{}}
	for i := range stored {
		if len(out.Samples) < limit && e.sees(kind, &stored[i]) {
			out.Samples = s.composed(out.Samples, e, &stored[i])
		}
	}
	if len(out.Samples) == 0 {
		if declared, ok := s.declared(usage, kind); ok {
			out.Samples = s.composed(out.Samples, e, &declared)
		}
	}
	return out
}

// composed adds an event in the dialect's form; one that it cannot tell is
// left out.
func (s *Service) composed(to [][]byte, e *Entry, of *event.Event) [][]byte {
	m, err := e.Protocol.Compose(&e.Subscription, of)
	if err != nil {
		s.Log.Warn("an event is no example", "event", of.ID, "error", err)
		return to
	}
	return append(to, m.Body)
}

// sees reports whether the owner may see an event. A rule that fails hides it.
func (e *Entry) sees(kind *event.Kind, of *event.Event) bool {
	if e.Visible == nil {
		return true
	}
	scope := make(engine.Scope, len(of.Data)+len(kind.Names)+1)
	for name := range kind.Names {
		scope[name] = nil
	}
	maps.Copy(scope, of.Data)
	scope[User] = e.Owner.Seen()
	seen, err := e.Visible.Eval(scope)
	return err == nil && seen == true
}

// declared makes an event of the example in a kind's declaration.
func (s *Service) declared(u *usage, kind *event.Kind) (event.Event, bool) {
	if kind.Sample == nil || kind.Platform == event.Kinetic {
		return event.Event{}, false
	}
	data, err := json.Marshal(kind.Sample)
	if err != nil {
		return event.Event{}, false
	}
	e, err := event.Compose(event.Message{Platform: kind.Platform, Name: kind.Action, Data: data}, u.catalogue, s.Now())
	return e, err == nil
}

// replay sends deliveries of a subscription once more.
func (s *Service) replay(ctx context.Context, who Caller, op Replay) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	order := ReplayOrder{Subscription: sub.ID, By: who.Name}
	for _, bound := range []struct {
		field, text string
		into        *time.Time
	}{{FieldFrom, op.From, &order.From}, {FieldTo, op.To, &order.To}} {
		if bound.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, bound.text)
		if err != nil {
			return refused(&Refusal{Code: Invalid, Field: bound.field, Message: quoted(bound.text) + " is no time; write it as 2026-01-31T12:00:00Z"})
		}
		*bound.into = at
	}
	return s.replayed(ctx, sub, order)
}

func (s *Service) replayed(ctx context.Context, sub Subscription, order ReplayOrder) Outcome {
	if sub.Status != Active {
		return refused(&Refusal{Code: Invalid, Field: FieldStatus, Message: "the subscription is not active, so that nothing would be sent: enable it first"})
	}
	queued, err := s.Replay(ctx, order)
	if err != nil {
		return refused(s.trouble("replay deliveries", err))
	}
	return Outcome{Subscriptions: []Subscription{sub}, Queued: queued}
}
