package event

import (
	"encoding/json"
	"time"
)

// Message is what a platform sent in its own form, read by somebody who knows
// that form: an event of an own platform whose payload is still to be made.
type Message struct {
	Platform string
	Name     string    // of the event, as the platform spells it
	ID       string    // the same when the message is sent again; empty for none
	Source   string    // through which it came in: event.source
	Occurred time.Time // zero when the message does not say
	Data     []byte    // JSON: what `data` of the payload holds, byte for byte
	Raw      string    // the body as it was received, where Data is not all of it
}

// heading is the payload's `event`, in the order in which it is written.
type heading struct {
	Platform string `json:"platform"`
	Name     string `json:"name"`
	ID       string `json:"id,omitempty"`
	Time     string `json:"timestamp,omitempty"`
	Source   string `json:"source,omitempty"`
}

// Compose makes the event of a message. Its Body is the payload
//
//	{"event":{"platform":...,"name":...,"id":...,"timestamp":...,"source":...},"data":...,"raw":...}
//
// because an event is read from its body again. The same message gives the
// same body, whenever it comes. The error is a *[Refusal].
func Compose(m Message, c *Catalogue, received time.Time) (Event, error) {
	h := heading{Platform: m.Platform, Name: m.Name, ID: m.ID, Source: m.Source}
	if !m.Occurred.IsZero() {
		h.Time = m.Occurred.UTC().Format(time.RFC3339Nano)
	}
	text, err := json.Marshal(h)
	if err != nil { // texts always marshal
		return Event{}, &Refusal{Faults: []*Fault{{Code: CodeMalformed, Text: "the event cannot be written: " + err.Error()}}}
	}
	body := make([]byte, 0, len(text)+len(m.Data)+len(m.Raw)+40)
	body = append(append(body, `{"event":`...), text...)
	body = append(append(body, `,"data":`...), m.Data...)
	if m.Raw != "" {
		raw, _ := json.Marshal(m.Raw) // a text always marshals
		body = append(append(body, `,"raw":`...), raw...)
	}
	return Parse(append(body, '}'), c, received)
}
