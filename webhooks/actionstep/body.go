package actionstep

import (
	"mime"
	"strconv"
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// The content types of requests; answers always have the first.
const (
	typeAPI  = "application/vnd.api+json"
	typeJSON = "application/json"
)

// statusWords are how statuses are called. No subscription waits for a
// confirmation in this dialect; one that did would get nothing, like one that
// is disabled.
var statusWords = map[subscription.Status]string{
	subscription.Active: "Active", subscription.Disabled: "Disabled", subscription.Pending: "Disabled",
	subscription.Deleted: "Deleted", // only in the answer to a PUT that deletes
}

// hookBody is a subscription as clients write it. Members that are not named
// here are passed over, as they are on a subscription that was read before and
// is sent back changed.
type hookBody struct {
	id     string // empty when it says none
	event  string
	url    string
	status string
}

func create(_ []string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	hooks, refusal := readHooks(r)
	if refusal != nil {
		return nil, refusal
	}
	drafts := make([]subscription.Draft, len(hooks))
	for i, h := range hooks {
		switch {
		case h.event == "":
			return nil, refuse(subscription.Missing, "eventName", "eventName is missing: say which event you want, such as ActionCreated")
		case h.url == "":
			return nil, refuse(subscription.Missing, "targetUrl", "targetUrl is missing: say where deliveries go")
		case h.status != "" && h.status != statusWords[subscription.Active]:
			return nil, refuse(subscription.Invalid, "status", "a new REST hook is Active; leave status out, and disable it by PUT")
		}
		drafts[i] = subscription.Draft{Event: canonical(h.event), URL: h.url}
	}
	return subscription.Create{Drafts: drafts}, nil
}

// update reads a change. That a status enables and disables is inferred from a
// client that sends it; so is that Deleted deletes.
func update(ids []string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	id, refusal := only(ids)
	if refusal != nil {
		return nil, refusal
	}
	hooks, refusal := readHooks(r)
	if refusal != nil {
		return nil, refusal
	}
	h := hooks[0]
	switch {
	case len(hooks) > 1:
		return nil, refuse(subscription.Invalid, resource, "a PUT changes one REST hook; send one")
	case h.id != "" && h.id != id:
		return nil, refuse(subscription.Invalid, "id", "the id in the body is another than the one in the address; leave it out")
	case h.event == "" && h.url == "" && h.status == "":
		return nil, refuse(subscription.Missing, "eventName", "nothing is to be changed; send eventName and targetUrl, or a status")
	}
	draft := subscription.Draft{Event: canonical(h.event), URL: h.url}
	switch h.status {
	case "":
	case statusWords[subscription.Active]:
		draft.Status = subscription.Active
	case statusWords[subscription.Disabled]:
		draft.Status = subscription.Disabled
	case statusWords[subscription.Deleted]:
		return subscription.Delete{IDs: ids}, nil
	default:
		return nil, refuse(subscription.Invalid, "status", "status is Active, Disabled or Deleted")
	}
	return subscription.Change{ID: id, Draft: draft}, nil
}

// readHooks reads a body: {"resthooks":{...}}, {"resthooks":[{...}]}, or what
// stands in there alone. It gives at least one.
func readHooks(r subscription.Request) ([]hookBody, *subscription.Refusal) {
	if refusal := readable(r.Header.Get("Content-Type")); refusal != nil {
		return nil, refusal
	}
	value, fault := event.Decode(r.Body)
	if fault != nil {
		return nil, refuse(subscription.Malformed, "", "the body is no JSON: %s", fault.Text)
	}
	if members, ok := value.(map[string]any); ok && members[resource] != nil {
		value = members[resource]
	}
	rows, ok := value.([]any)
	if !ok {
		rows = []any{value}
	}
	switch {
	case len(rows) == 0:
		return nil, refuse(subscription.Missing, resource, "there is no REST hook in the body")
	case len(rows) > subscription.MaxOperations:
		return nil, refuse(subscription.TooLarge, resource, "a request takes at most %d REST hooks", subscription.MaxOperations)
	}
	hooks := make([]hookBody, len(rows))
	for i, row := range rows {
		members, ok := row.(map[string]any)
		if !ok {
			return nil, refuse(subscription.Malformed, resource, `the body holds no REST hook; send {"resthooks":{"eventName":...,"targetUrl":...}}`)
		}
		var refusal *subscription.Refusal
		if hooks[i], refusal = readHook(members); refusal != nil {
			return nil, refusal
		}
	}
	return hooks, nil
}

// readable refuses content types that are no JSON. None at all is JSON, too.
func readable(contentType string) *subscription.Refusal {
	if contentType == "" {
		return nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	if err == nil && (media == typeAPI || media == typeJSON) && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	return refuse(subscription.Unsupported, "", "the content type %.100q is not read here; send %s or %s", contentType, typeAPI, typeJSON)
}

func readHook(members map[string]any) (hookBody, *subscription.Refusal) {
	var h hookBody
	for _, m := range []struct {
		name string
		into *string
	}{{"eventName", &h.event}, {"targetUrl", &h.url}, {"status", &h.status}} {
		switch v := members[m.name].(type) {
		case nil:
		case string:
			*m.into = v
		default:
			return h, refuse(subscription.Invalid, m.name, "%s is text", m.name)
		}
	}
	switch id := members["id"].(type) {
	case nil:
	case string:
		h.id = id
	case int64:
		h.id = strconv.FormatInt(id, 10)
	default:
		return h, refuse(subscription.Invalid, "id", "an id is a whole number")
	}
	return h, nil
}

// encoded writes JSON that is made of texts, numbers and what was JSON before.
func encoded(value any) []byte {
	text, err := event.Encode(value)
	if err != nil {
		panic("actionstep: an answer is no JSON: " + err.Error())
	}
	return text
}
