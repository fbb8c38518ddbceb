package keap

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// batch is a delivery: what happened to up to a thousand objects of a type.
type batch struct {
	Event   string            `json:"event_key"`
	Type    string            `json:"object_type"`
	Objects []json.RawMessage `json:"object_keys"`
}

// object is one of them.
type object struct {
	ID        any    `json:"id"`
	API       string `json:"apiUrl"`
	Timestamp string `json:"timestamp"`
}

var errNoID = errors.New(`the event's data has no id: a delivery of this dialect is about an object, so send {"data":{"id":...}}`)

var errOddID = errors.New("the id of the event's data is neither text nor a whole number of at most 64 bits")

// groups is the type whose objects come with more members than an id, in forms
// that the vendor does not document: they are passed on as they are.
const groups = "contactGroup"

// Compose makes the message that tells a subscriber of an event: a batch of
// one. Batches of several are made of these by join.
func (p protocol) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	data, _ := e.Data["data"].(map[string]any)
	typ, _ := cut(s.Event)
	entry, err := p.entry(typ, data, e.Occurred)
	if err != nil {
		return subscription.Message{}, err
	}
	body, err := event.Encode(batch{Event: s.Event, Type: typ, Objects: []json.RawMessage{entry}})
	if err != nil {
		return subscription.Message{}, fmt.Errorf("the event's data cannot be written as JSON: %w", err)
	}
	return subscription.Message{Header: map[string]string{"Content-Type": "application/json"}, Body: body}, nil
}

// entry is an object's place in a batch.
func (p protocol) entry(typ string, data map[string]any, at time.Time) (json.RawMessage, error) {
	id, known := data["id"], false
	switch v := id.(type) {
	case string:
		known = v != ""
	case int64:
		known = true
	}
	if !known && (typ != groups || data["groupId"] == nil) {
		if id != nil && id != "" {
			return nil, errOddID
		}
		return nil, errNoID
	}
	o := object{ID: id, API: p.apiURL(typ, data), Timestamp: timestamp(data, at)}
	if typ != groups {
		return event.Encode(o)
	}
	whole := map[string]any{}
	for name, value := range data {
		if name != "event_key" && name != "object_type" {
			whole[name] = value
		}
	}
	if known {
		whole["id"] = o.ID
	}
	whole["apiUrl"], whole["timestamp"] = o.API, o.Timestamp
	return event.Encode(whole)
}

// apiURL is where the object is, as the event says or as its API is known.
func (p protocol) apiURL(typ string, data map[string]any) string {
	if given, ok := data["apiUrl"].(string); ok {
		return given
	}
	resource := resources[typ]
	if p.api == "" || resource == "" || data["id"] == nil {
		return ""
	}
	return strings.TrimSuffix(p.api, "/") + "/" + resource + "/" + url.PathEscape(fmt.Sprint(data["id"]))
}

// timestamp is when it happened, in UTC to the second.
func timestamp(data map[string]any, at time.Time) string {
	if given, ok := data["timestamp"].(string); ok {
		return given
	}
	return at.UTC().Format(time.RFC3339)
}

// join makes one batch of several of the same key, in their order. An object
// that changed twice stands twice, with both times.
func join(bodies [][]byte) ([]byte, error) {
	var all batch
	for _, body := range bodies {
		var one batch
		if err := json.Unmarshal(body, &one); err != nil {
			return nil, fmt.Errorf("a delivery that was kept cannot be read: %w", err)
		}
		if all.Event == "" {
			all.Event, all.Type = one.Event, one.Type
		}
		if one.Event != all.Event {
			return nil, fmt.Errorf("deliveries of %s and of %s are not joined", all.Event, one.Event)
		}
		all.Objects = append(all.Objects, one.Objects...)
	}
	switch {
	case len(bodies) == 0:
		return nil, errors.New("there is nothing to join")
	case len(all.Objects) > maxBatch:
		return nil, fmt.Errorf("%d objects are more than the %d of one delivery", len(all.Objects), maxBatch)
	case len(bodies) == 1:
		return bodies[0], nil
	}
	return event.Encode(all)
}
