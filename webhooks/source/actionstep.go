package source

import (
	"slices"
	"strings"

	"hooktree/webhooks/event"
)

// actionstep reads a delivery of Actionstep: JSON:API with one resource, or the
// older {"actions":[...]}. Its name stands in meta.debug, or else in the
// address that was registered: ?event=ActionCreated. The data is the resource.
func actionstep(r *Request) (event.Message, error) {
	doc, err := decode(r.Body) // whatever type it claims: none is documented
	if err != nil {
		return event.Message{}, err
	}
	name := word(lookup(doc.value, "/meta/debug/resthook/event_name"))
	if name == "" {
		name = r.Query.Get("event")
	}
	if name == "" {
		return event.Message{}, lacks("the member /meta/debug/resthook/event_name", "register the address with the event's name in it: ?event=ActionCreated")
	}
	if listed, ok := otherNames[name]; ok {
		name = listed
	}
	m := event.Message{Name: name, Data: doc.json}
	row := resource(doc.value)
	if row == nil {
		return m, nil
	}
	if doc, err = made(row, string(r.Body)); err != nil {
		return m, err
	}
	m.Data, m.Raw = doc.json, doc.raw
	if happensOnce(name) || dated(row) {
		m.ID = digest(name, row)
	}
	return m, nil
}

// otherNames are names under which the vendor's own examples know two events of
// its list.
var otherNames = map[string]string{
	"ActionParticipantCreated": "ActionParticipantAdded", "ActionParticipantRemoved": "ActionParticipantDeleted",
}

// resource gives what a delivery is about; nil where it is not about one thing.
// What stands beside it is about the delivery.
func resource(body any) map[string]any {
	members, _ := body.(map[string]any)
	var found []map[string]any
	for name, value := range members {
		if slices.Contains([]string{"meta", "links", "linked", "jsonapi", "included"}, name) {
			continue
		}
		if rows, ok := value.([]any); ok && len(rows) == 1 {
			value = rows[0]
		}
		row, _ := value.(map[string]any)
		found = append(found, row)
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

func happensOnce(name string) bool {
	return strings.HasSuffix(name, "Created") || strings.HasSuffix(name, "Deleted")
}

// dated reports whether a resource says when it was changed: by an attribute
// such as modifiedTimestamp.
func dated(row map[string]any) bool {
	attributes, ok := row["attributes"].(map[string]any)
	if !ok {
		attributes = row
	}
	for name, value := range attributes {
		if strings.HasPrefix(name, "modified") && word(value) != "" {
			return true
		}
	}
	return false
}
