package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/event"
)

// MaxEvents is how many events one delivery may become.
const MaxEvents = event.MaxEvents

// Events makes the events of a delivery that was verified: one, or for Keap one
// for each object. The error is a *[event.Refusal] or a *[MediaTypeError].
func (s *Source) Events(r Request, c *event.Catalogue, received time.Time) ([]event.Event, error) {
	if s.Kind == Kinetic {
		return s.kinetic(&r, c, received)
	}
	messages, err := s.messages(&r)
	if err != nil {
		return nil, err
	}
	events := make([]event.Event, len(messages))
	for i, m := range messages {
		m.Platform, m.Source, m.ID = s.Platform, s.Name, shortened(m.ID)
		if s.Kind == Standard {
			m.Name = c.Meant(m.Platform, m.Name)
		}
		if events[i], err = event.Compose(m, c, received); err != nil {
			return nil, asSent(err)
		}
		events[i].Credential = s.Credential()
	}
	return events, nil
}

// messages reads a delivery in its provider's form.
func (s *Source) messages(r *Request) ([]event.Message, error) {
	switch s.Kind {
	case Accelo:
		return one(accelo(r))
	case Actionstep:
		return one(actionstep(r))
	case GitHub:
		return one(github(r))
	case Keap:
		return keap(r)
	case Shopify:
		return one(shopify(r))
	case Slack:
		return one(slack(r))
	case Standard:
		return one(standard(r))
	case Stripe:
		return one(stripe(r))
	default: // HMAC, Basic, Token
		return one(s.generic(r))
	}
}

// asSent takes the places of a payload's members out of faults: the sender
// never saw the payload that was made of the delivery.
func asSent(err error) error {
	refusal, ok := errors.AsType[*event.Refusal](err)
	if !ok {
		return err
	}
	for _, f := range refusal.Faults {
		if rest, inside := strings.CutPrefix(f.Pointer, "/data"); inside {
			f.Pointer = rest
		} else {
			f.Pointer = ""
		}
	}
	return refusal
}

func one(m event.Message, err error) ([]event.Message, error) {
	if err != nil {
		return nil, err
	}
	return []event.Message{m}, nil
}

// kinetic reads what the Kinetic platform sends: payloads of its own events.
// One without an id is known by its digest where it says when it happened.
func (s *Source) kinetic(r *Request, c *event.Catalogue, received time.Time) ([]event.Event, error) {
	if kind := r.Header.Get("Content-Type"); kind != "" && mediaType(kind) != "application/json" {
		return nil, &MediaTypeError{kind, "the platform's payload with Content-Type: application/json"}
	}
	events, err := event.ParseAll(r.Body, c, received)
	for i := range events {
		e := &events[i]
		e.Credential = s.Credential()
		if e.ExternalID == "" && member(e.Data["event"], "timestamp") != nil {
			e.ExternalID = digest(e.Data)
		}
	}
	return events, err
}

// generic reads a delivery by the places that the source names.
func (s *Source) generic(r *Request) (event.Message, error) {
	doc, err := readAny(r)
	if err != nil {
		return event.Message{}, err
	}
	m := event.Message{Data: doc.json, Raw: doc.raw, Name: s.Event.of(r, doc.value)}
	if m.Name == "" {
		return m, lacks("the "+s.Event.String(), "the source "+s.Name+" reads the event's name there; send it, or change `event:` in space.yaml")
	}
	m.ID = s.ID.of(r, doc.value)
	m.Occurred = moment(s.Timestamp.of(r, doc.value))
	return m, nil
}

// digest tells whether two deliveries are of one event. Members in another
// order make no difference.
func digest(parts ...any) string {
	text, err := json.Marshal(parts) // members are sorted
	if err != nil {                  // what was decoded from JSON always marshals
		return ""
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// shortened keeps an id within what an event's id may be, and still unique.
func shortened(id string) string {
	if len(id) <= event.MaxName {
		return id
	}
	return digest(id)
}

// moment reads a time: RFC 3339, or seconds or milliseconds since 1970. One
// that cannot be read is none, because an event is not lost for it.
func moment(text string) time.Time {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return within(at)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	if n > math.MaxInt32*10 { // seconds as large as this are in the year 2650
		return within(time.UnixMilli(n))
	}
	return within(time.Unix(n, 0))
}

// within drops a time that no payload can hold.
func within(at time.Time) time.Time {
	if at = at.UTC(); at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}
	}
	return at
}

// narrowed adds to a name what tells its events further apart, behind a dot;
// what cannot stand there, such as a level of the path, stays in the data.
func narrowed(name string, by any) string {
	text, _ := by.(string)
	if text == "" || strings.Contains(text, "/") || !event.OpenName(name+"."+text) {
		return name
	}
	return name + "." + text
}

// header gives a header that says what happened.
func header(r *Request, name string) (string, error) {
	value := strings.TrimSpace(r.Header.Get(name))
	if value == "" {
		return "", lacks("the header "+name, "the provider sends it with each delivery; look whether something on the way removes it")
	}
	return value, nil
}

// named gives the text of a member that says what happened.
func named(value any, pointer string) (string, error) {
	name, _ := lookup(value, pointer).(string)
	if name == "" {
		return "", lacks("the member "+pointer, fmt.Sprintf("send a delivery as the provider does, with a text at %s", pointer))
	}
	return name, nil
}
