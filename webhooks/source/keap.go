package source

import (
	"fmt"
	"maps"

	"hooktree/webhooks/event"
)

// keap reads a delivery of Keap: up to 1,000 objects that one kind of event
// happened to, each an event. The data of each is what stands at its object,
// with event_key and object_type beside it. A delivery without object_keys, as
// contactGroup.applied is said to come, is one event with the body as its data.
func keap(r *Request) ([]event.Message, error) {
	doc, err := decode(r.Body) // whatever type it claims: none is documented
	if err != nil {
		return nil, err
	}
	name, err := named(doc.value, "/event_key")
	if err != nil {
		return nil, err
	}
	keys, ok := member(doc.value, "object_keys").([]any)
	if !ok {
		return []event.Message{{Name: name, Data: doc.json}}, nil
	}
	if len(keys) > MaxEvents {
		return nil, refuse(&event.Fault{
			Code: event.CodeTooLong, Pointer: "/object_keys", Text: fmt.Sprintf("the delivery has %d objects; at most %d are taken", len(keys), MaxEvents),
			Hint: "send them in several deliveries",
		})
	}
	messages := make([]event.Message, len(keys))
	for i, key := range keys {
		if messages[i], err = keapObject(name, member(doc.value, "object_type"), key); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// keapObject makes the message about one object. What happened to it is known
// again by its digest if it says when.
func keapObject(name string, typ, key any) (event.Message, error) {
	entry, ok := key.(map[string]any)
	if !ok {
		entry = map[string]any{"id": key}
	}
	content := maps.Clone(entry)
	content["event_key"] = name
	if typ != nil {
		content["object_type"] = typ
	}
	doc, err := made(content, "")
	if err != nil {
		return event.Message{}, err
	}
	m := event.Message{Name: name, Data: doc.json}
	if stamp := word(entry["timestamp"]); stamp != "" {
		m.Occurred, m.ID = moment(stamp), digest(content)
	}
	return m, nil
}
