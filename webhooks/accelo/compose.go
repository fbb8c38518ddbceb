package accelo

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// The content types of deliveries.
const (
	typeForm = "application/x-www-form-urlencoded" // where a subscription asks for none
	typeJSON = "application/json"
)

var errNoID = errors.New("the event's data has no id: a delivery of this dialect is about an object, so send {\"data\":{\"id\":...}}")

// Compose makes the message that tells a subscriber of an event: the object's
// id, and where it is unless it was deleted.
func (p protocol) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	data, _ := e.Data["data"].(map[string]any)
	id, ok := idOf(data["id"])
	if !ok {
		return subscription.Message{}, errNoID
	}
	header := map[string]string{"Content-Type": typeForm, "X-Accelo-Event": s.Event}
	resource := p.resource(occasionOf(s.Event), data, id)
	if s.ContentType != typeJSON {
		form := url.Values{"id": {id}}
		if resource != "" {
			form.Set("resource_url", resource)
		}
		return subscription.Message{Header: header, Body: []byte(form.Encode())}, nil
	}
	header["Content-Type"] = typeJSON
	message := struct {
		ID       any    `json:"id"`
		Resource string `json:"resource_url,omitempty"`
	}{id, resource}
	if n, err := strconv.ParseUint(id, 10, 64); err == nil {
		message.ID = n
	}
	body, err := json.Marshal(message)
	return subscription.Message{Header: header, Body: body}, err
}

func (p protocol) resource(o occasion, data map[string]any, id string) string {
	if o.deletes() {
		return ""
	}
	if given, ok := data["resource_url"].(string); ok && given != "" {
		return given
	}
	return p.api + "/" + o.plural + "/" + url.PathEscape(id)
}

// idOf reads an object's id. The vendor's are unsigned numbers.
func idOf(v any) (string, bool) {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10), true
	case string:
		return v, v != ""
	default:
		return "", false
	}
}
