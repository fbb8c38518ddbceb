package subscription

import (
	"context"
	"maps"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

// example gives the payload of the latest stored event that the owner may see,
// else one of an event that never happened.
func (s *Service) example(ctx context.Context, e *Entry, kind *event.Kind) (map[string]any, *Refusal) {
	latest, err := s.latestSeen(ctx, e, kind, 1)
	switch {
	case err != nil:
		return nil, s.trouble("read the latest events", err)
	case len(latest) > 0:
		return maps.Clone(latest[0].Data), nil
	}
	return exampleOf(kind), nil
}

// The bounds of examples.
const (
	maxSamples   = 25
	sampleSearch = 25 // stored events that are looked at: each may have megabytes
)

// latestSeen gives the latest stored events of a kind that the owner may see.
// What a client asked for is none: it would hide what happened behind examples.
func (s *Service) latestSeen(ctx context.Context, e *Entry, kind *event.Kind, limit int) ([]event.Event, error) {
	stored, err := s.Samples(ctx, SampleQuery{Type: e.Type, Action: e.Action, Limit: sampleSearch})
	if err != nil {
		return nil, err
	}
	var seen []event.Event
	for i := range stored {
		if len(seen) == limit || AudienceOf(&stored[i]) != (Audience{}) {
			continue
		}
		if ok, _ := e.sees(kind, &stored[i]); ok { // why not was told when it happened
			seen = append(seen, stored[i])
		}
	}
	return seen, nil
}

// sees reports whether the owner may see an event. A rule that fails hides it,
// with an error that is for operators: it names what the event holds.
func (e *Entry) sees(kind *event.Kind, of *event.Event) (bool, error) {
	if e.Visible == nil {
		return true, nil
	}
	scope := make(engine.Scope, len(of.Data)+len(kind.Names)+1)
	for name := range kind.Names {
		scope[name] = nil
	}
	maps.Copy(scope, of.Data)
	scope[User] = e.Owner.Seen()
	seen, err := e.Visible.Eval(scope)
	return err == nil && seen == true, err
}

// sample composes examples of an event's messages: of the latest stored events
// that the caller may see, else of one that never happened.
func (s *Service) sample(ctx context.Context, who Caller, op Sample) Outcome {
	usage := s.roster.current()
	check := draftCheck{room: usage.rooms[who.Dialect], usage: usage}
	stand := Subscription{Dialect: who.Dialect, Owner: who.Owner, Event: op.Event, ContentType: op.ContentType, External: exampleID, Created: s.Now()}
	if refusal := check.event(nil, &stand); refusal != nil {
		return refused(refusal)
	}
	e := usage.entry(stand)
	if e == nil {
		return refused(&Refusal{Code: Failed, Message: "the event " + quoted(op.Event) + " is offered, and not in the catalogue"})
	}
	kind, _ := usage.catalogue.Find(e.Type, e.Action) // the entry has it
	shown, err := s.latestSeen(ctx, e, kind, min(max(op.Limit, 1), maxSamples))
	if err != nil {
		return refused(s.trouble("read the latest events", err))
	}
	if len(shown) == 0 {
		made, err := exampleEvent(usage, kind, s.Now())
		if err != nil {
			return refused(s.trouble("make an example", err))
		}
		shown = append(shown, made)
	}
	out := Outcome{Samples: [][]byte{}}
	for i := range shown {
		m, err := e.Protocol.Compose(&e.Subscription, &shown[i])
		if err != nil { // it cannot be told in the dialect's form, and is no example
			s.Log.Warn("an event is no example", "event", shown[i].ID, "error", err)
			continue
		}
		out.Samples = append(out.Samples, m.Body)
	}
	return out
}
