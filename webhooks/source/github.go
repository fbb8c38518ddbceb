package source

import (
	"hooktree/webhooks/event"
)

// github reads a delivery of GitHub: the header X-GitHub-Event with the body's
// action is its name, such as pull_request.opened. A webhook that is set to
// send forms holds the JSON in the field payload.
func github(r *Request) (event.Message, error) {
	name, err := header(r, "X-GitHub-Event")
	if err != nil {
		return event.Message{}, err
	}
	doc, err := readAny(r)
	if err != nil {
		return event.Message{}, err
	}
	if doc.raw != "" {
		payload, err := named(doc.value, "/payload")
		if err != nil {
			return event.Message{}, err
		}
		raw := doc.raw
		if doc, err = decode([]byte(payload)); err != nil {
			return event.Message{}, err
		}
		doc.raw = raw
	}
	return event.Message{Name: narrowed(name, member(doc.value, "action")), ID: r.Header.Get("X-GitHub-Delivery"), Data: doc.json, Raw: doc.raw}, nil
}
