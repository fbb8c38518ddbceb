package subscription

import (
	"encoding/json"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

// exampleID is the id of an event that never happened. Forms such as a
// CloudEvent's must have one.
const exampleID = "sample"

// exampleOf gives the payload, less its `event`, of an event that never
// happened: the sample of its declaration, else one value of each name's type.
func exampleOf(k *event.Kind) map[string]any {
	if k.Platform != event.Kinetic && k.Sample != nil {
		return map[string]any{"data": k.Sample}
	}
	payload := map[string]any{}
	for name, t := range k.Names {
		switch name {
		case "event", "previous", "changes", "identity":
		default:
			payload[name] = valueOf(t)
		}
	}
	return payload
}

// valueOf gives a value of a type, which people see is none of theirs.
func valueOf(t engine.Type) any {
	switch t.Kind {
	case engine.KindRecord:
		fields := make(map[string]any, len(t.Fields))
		for name, field := range t.Fields {
			fields[name] = valueOf(field)
		}
		return fields
	case engine.KindMap:
		return map[string]any{}
	case engine.KindList:
		return []any{}
	case engine.KindBool:
		return false
	case engine.KindInteger, engine.KindNumber:
		return int64(1)
	case engine.KindText:
		return "example"
	case engine.KindTime:
		return "2030-01-31T12:00:00Z"
	case engine.KindDuration:
		return "1h"
	case engine.KindAny:
	}
	return nil
}

// headOf is a payload's `event`, as its platform writes it.
func headOf(k *event.Kind) map[string]any {
	if k.Platform == event.Kinetic {
		return map[string]any{"type": k.Type, "action": k.Action}
	}
	return map[string]any{"platform": k.Platform, "name": k.Action}
}

// exampleEvent is an example as an event.
func exampleEvent(u *usage, k *event.Kind, now time.Time) (event.Event, error) {
	payload := exampleOf(k)
	payload["event"] = headOf(k)
	body, err := json.Marshal(payload)
	if err != nil {
		return event.Event{}, err
	}
	e, err := event.Parse(body, u.catalogue.WithNotices(), now)
	e.ID = exampleID
	return e, err
}
