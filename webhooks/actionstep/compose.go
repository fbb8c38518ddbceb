package actionstep

import (
	"errors"
	"fmt"
	"maps"
	"strconv"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

var errNoID = errors.New(`the event's data has no id: a delivery of this dialect is of a resource, so send {"data":{"id":...}}`)

// told is how a delivery says what it is: receivers find the event there.
type told struct {
	Debug struct {
		Hook struct {
			ID    any    `json:"id"`
			Event string `json:"event_name"`
		} `json:"resthook"`
	} `json:"debug"`
}

// row is a resource in the two forms in which it may come and go.
type row struct {
	id         string
	given      any            // the id as it was written: a number or a text
	attributes map[string]any // besides id and links
	links      map[string]any // relation to the id of what it leads to, or null
	types      map[string]string
}

// Compose makes the message that tells a subscriber of an event: the resource
// as a GET shows it, or as JSON:API.
func (p protocol) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	data, _ := e.Data["data"].(map[string]any)
	r, err := readRow(data)
	if err != nil {
		return subscription.Message{}, err
	}
	var about told
	about.Debug.Hook.ID, about.Debug.Hook.Event = p.id(s.External), s.Event
	var body any = map[string]any{resourceOf(s.Event): []any{r.resource()}, "meta": about}
	if p.jsonAPI {
		body = map[string]any{"data": r.document(resourceOf(s.Event)), "meta": about}
	}
	text, err := event.Encode(body)
	if err != nil {
		return subscription.Message{}, fmt.Errorf("the event's data cannot be written as JSON: %w", err)
	}
	return subscription.Message{Header: map[string]string{"Content-Type": typeAPI}, Body: text}, nil
}

// readRow reads a resource as a GET shows it or, by its attributes, as JSON:API
// has it: events that came from the vendor are told in either form again.
func readRow(data map[string]any) (row, error) {
	r := row{given: data["id"], links: map[string]any{}, types: map[string]string{}}
	switch id := data["id"].(type) {
	case int64:
		r.id = strconv.FormatInt(id, 10)
	case string:
		r.id = id
	}
	if r.id == "" {
		return r, errNoID
	}
	if attributes, ok := data["attributes"].(map[string]any); ok {
		r.attributes = maps.Clone(attributes)
		relationships, _ := data["relationships"].(map[string]any)
		r.relate(relationships)
		return r, nil
	}
	r.attributes = maps.Clone(data)
	if links, ok := data["links"].(map[string]any); ok {
		r.links = links
		delete(r.attributes, "links")
	}
	delete(r.attributes, "id")
	return r, nil
}

// relate reads the relationships of a JSON:API resource.
func (r *row) relate(relationships map[string]any) {
	for name, value := range relationships {
		relationship, _ := value.(map[string]any)
		to, _ := relationship["data"].(map[string]any)
		r.links[name] = to["id"] // null where there is none
		if typ, ok := to["type"].(string); ok {
			r.types[name] = typ
		}
	}
}

// resource is the row as a GET shows it.
func (r *row) resource() map[string]any {
	shown := maps.Clone(r.attributes)
	shown["id"] = r.given
	if len(r.links) > 0 {
		shown["links"] = r.links
	}
	return shown
}

// linkTypes are the types of what relations lead to, where a row does not say
// it. Those that are not listed are inferred to be the relation's own name.
var linkTypes = map[string]string{"assignedTo": "participants", "primaryParticipants": "participants", "action": "actions"}

// document is the row as a JSON:API resource, whose ids are texts.
func (r *row) document(typ string) map[string]any {
	d := map[string]any{"type": typ, "id": r.id, "attributes": r.attributes}
	relationships := map[string]any{}
	for name, to := range r.links {
		if to == nil {
			relationships[name] = nil
			continue
		}
		typ := r.types[name]
		if typ == "" {
			typ = linkTypes[name]
		}
		if typ == "" {
			typ = name
		}
		relationships[name] = map[string]any{"data": map[string]any{"type": typ, "id": fmt.Sprint(to)}}
	}
	if len(relationships) > 0 {
		d["relationships"] = relationships
	}
	return d
}
