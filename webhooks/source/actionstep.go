package source

import (
	"maps"
	"strings"

	"hooktree/webhooks/event"
)

// actionstep reads a delivery of Actionstep: JSON:API with one resource, or the
// older {"actions":[...]}. Its name stands in meta.debug, or else in the
// address that was registered: ?event=ActionCreated.
func actionstep(r *Request) (event.Message, error) {
	doc, err := readJSON(r)
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
	m := event.Message{Name: name, Data: doc.json}
	content, ok := doc.value.(map[string]any)
	if ok && (happensOnce(name) || dated(content)) {
		content = maps.Clone(content)
		for _, about := range []string{"meta", "links", "jsonapi"} { // of the delivery, not of the event
			delete(content, about)
		}
		m.ID = digest(name, content)
	}
	return m, nil
}

func happensOnce(name string) bool {
	return strings.HasSuffix(name, "Created") || strings.HasSuffix(name, "Deleted")
}

// dated reports whether a resource says when it was changed: by an attribute
// such as modifiedTimestamp.
func dated(content map[string]any) bool {
	attributes, _ := lookup(content, "/data/attributes").(map[string]any)
	for name, value := range attributes {
		if strings.HasPrefix(name, "modified") && word(value) != "" {
			return true
		}
	}
	return false
}
