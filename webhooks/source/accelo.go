package source

import (
	"strconv"
	"strings"

	"hooktree/webhooks/event"
)

// accelo reads a delivery of Accelo: the header X-Accelo-Event is its name, and
// the body, JSON or a form, says only which object it is about. An object is
// created and deleted once; of its other events nothing tells a repeat.
func accelo(r *Request) (event.Message, error) {
	name, err := header(r, "X-Accelo-Event")
	if err != nil {
		return event.Message{}, err
	}
	doc, err := readAny(r)
	if err != nil {
		return event.Message{}, err
	}
	if doc.raw != "" { // an id is a number in JSON, and here as well
		fields, _ := doc.value.(map[string]any)
		if id, err := strconv.ParseInt(word(fields["id"]), 10, 64); err == nil {
			fields["id"] = id
		}
		if doc, err = made(fields, doc.raw); err != nil {
			return event.Message{}, err
		}
	}
	m := event.Message{Name: name, Data: doc.json, Raw: doc.raw}
	id := word(member(doc.value, "id"))
	if id != "" && acceloOnce(name) {
		m.ID = digest(name, id)
	}
	return m, nil
}

// acceloOnce reports whether an event happens to an object once. A document is
// written as often as somebody asks for it.
func acceloOnce(name string) bool {
	made := strings.HasPrefix(name, "create_") && !strings.HasSuffix(name, "_pdf")
	return made || strings.HasPrefix(name, "delete_")
}
