package standard

import (
	"fmt"
	"maps"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// The content types of deliveries.
const (
	typeCloud = "application/cloudevents+json" // a CloudEvent in structured form; the default
	typeJSON  = "application/json"             // {"type","timestamp","data"}, as Standard Webhooks recommends
)

// cloud is a CloudEvent 1.0. Path is an extension attribute.
type cloud struct {
	Version string         `json:"specversion"`
	ID      string         `json:"id"`
	Source  string         `json:"source"`
	Type    string         `json:"type"`
	Subject string         `json:"subject,omitempty"`
	Time    string         `json:"time"`
	Content string         `json:"datacontenttype"`
	Path    string         `json:"path"`
	Data    map[string]any `json:"data"`
}

// plain is the payload that Standard Webhooks recommends.
type plain struct {
	Type      string         `json:"type"`
	Timestamp string         `json:"timestamp"`
	Data      map[string]any `json:"data"`
}

// Compose makes the message that tells a subscriber of an event.
func (p protocol) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	at := stamp(e.Occurred)
	var payload any = cloud{
		Version: "1.0", ID: e.ID, Source: p.source, Type: s.Event, Subject: e.Entity,
		Time: at, Content: typeJSON, Path: e.Path, Data: dataOf(e),
	}
	kind := typeCloud
	if s.ContentType == typeJSON {
		payload, kind = plain{Type: s.Event, Timestamp: at, Data: dataOf(e)}, typeJSON
	}
	body, err := written(payload)
	if err != nil {
		return subscription.Message{}, fmt.Errorf("the event's data cannot be written as JSON: %w", err)
	}
	return subscription.Message{Header: map[string]string{"Content-Type": kind}, Body: body}, nil
}

// dataOf gives what an event says besides what it is: `data` of an own
// platform, and of the built-in one all members but `event`.
func dataOf(e *event.Event) map[string]any {
	if e.Platform != event.Kinetic {
		data, _ := e.Data["data"].(map[string]any)
		return data
	}
	data := maps.Clone(e.Data)
	delete(data, "event")
	return data
}
