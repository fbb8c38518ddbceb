package source

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// unbranded gives the headers of a delivery under the names of Standard
// Webhooks. Svix, by which many providers send, has its own for the same.
func unbranded(h http.Header) http.Header {
	if h.Get(delivery.HeaderID) != "" || h.Get("Svix-Id") == "" {
		return h
	}
	h = h.Clone()
	for _, name := range []string{"Id", "Timestamp", "Signature"} {
		h["Webhook-"+name] = h["Svix-"+name]
	}
	return h
}

// standard reads a delivery by Standard Webhooks: {type, timestamp, data}, or a
// CloudEvent, whose attributes stand in the body or in ce- headers. The id is
// that of the delivery.
func standard(r *Request) (event.Message, error) {
	doc, err := readJSON(r)
	if err != nil {
		return event.Message{}, err
	}
	m := event.Message{ID: unbranded(r.Header).Get(delivery.HeaderID), Data: doc.json}
	if name := r.Header.Get("Ce-Type"); name != "" && r.Header.Get("Ce-Specversion") != "" {
		m.Name, m.Occurred = name, moment(r.Header.Get("Ce-Time"))
		return m, nil
	}
	if m.Name, err = named(doc.value, "/type"); err != nil {
		return m, err
	}
	for _, member := range []string{"/time", "/timestamp"} {
		if m.Occurred.IsZero() {
			m.Occurred = moment(word(lookup(doc.value, member)))
		}
	}
	inner, err := data(doc)
	if err == nil && inner != nil {
		m.Data, m.Raw = inner, string(r.Body)
	}
	return m, err
}

// data gives the JSON of the member that holds what the envelope is about; nil
// where there is none, and the whole body is.
func data(doc document) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc.json, &members); err != nil {
		return nil, lacks("the member /type", "send an object with type, timestamp and data")
	}
	if inner, ok := members["data"]; ok {
		return inner, nil
	}
	encoded, ok := member(doc.value, "data_base64").(string)
	if !ok {
		return nil, nil
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, refuse(&event.Fault{Code: event.CodeWrongType, Pointer: "/data_base64", Text: "this is not base64", Hint: "send the data as `data`"})
	}
	inner, err := decode(text)
	return inner.json, err
}
