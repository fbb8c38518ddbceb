package keap

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// headerSecret is how an endpoint proves that it was asked.
const headerSecret = "X-Hook-Secret"

// Parse makes an operation of a request. Slashes at the end of a path, and
// bodies of calls that need none, are passed over: real clients send both.
func (protocol) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	calls, refusal := route(r.Path)
	if refusal != nil {
		return nil, refusal
	}
	read := calls[r.Method]
	if read == nil {
		return nil, refuse(subscription.NoMethod, "", "%s is not for this resource; %s is", r.Method, strings.Join(methodsOf(calls), " or "))
	}
	return read(r)
}

// route finds what can be done at a path, by method.
func route(path string) (map[string]reader, *subscription.Refusal) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if segments[0] != "hooks" || slices.Contains(segments, "") {
		return nil, refuse(subscription.NoRoute, "", "there is no such resource here; hooks are at /crm/rest/v1/hooks")
	}
	calls := callsAt(segments[1:])
	if calls == nil {
		return nil, refuse(subscription.NoRoute, "", "there is no such resource; below a hook there are verify and delayedVerify")
	}
	return calls, nil
}

// reader makes an operation of a request whose place is known.
type reader func(subscription.Request) (subscription.Operation, *subscription.Refusal)

// callsAt gives what can be done at a place below the hooks, by method; nil
// where there is nothing.
func callsAt(path []string) map[string]reader {
	switch {
	case len(path) == 0:
		return map[string]reader{http.MethodGet: always(subscription.List{}), http.MethodPost: create}
	case len(path) == 1 && path[0] == "event_keys":
		return map[string]reader{http.MethodGet: always(subscription.Types{})}
	case len(path) == 1:
		return map[string]reader{
			http.MethodGet: always(subscription.Get{ID: path[0]}),
			http.MethodPut: func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				return change(path[0], r)
			},
			http.MethodDelete: always(subscription.Delete{IDs: path[:1]}),
		}
	case len(path) == 2 && path[1] == "verify":
		return map[string]reader{http.MethodPost: always(subscription.Verify{ID: path[0]})}
	case len(path) == 2 && path[1] == "delayedVerify":
		return map[string]reader{http.MethodPost: func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
			return confirm(path[0], r)
		}}
	}
	return nil
}

func methodsOf(calls map[string]reader) []string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if calls[m] != nil {
			methods = append(methods, m)
		}
	}
	return methods
}

func always(op subscription.Operation) reader {
	return func(subscription.Request) (subscription.Operation, *subscription.Refusal) { return op, nil }
}

func create(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	draft, refusal := draftOf(r)
	switch {
	case refusal != nil:
		return nil, refusal
	case draft.Event == "":
		return nil, refuse(subscription.Missing, "eventKey", "eventKey is missing; the keys are at /crm/rest/v1/hooks/event_keys")
	case draft.URL == "":
		return nil, refuse(subscription.Missing, "hookUrl", "hookUrl is missing: say where deliveries go")
	}
	return subscription.Create{Drafts: []subscription.Draft{draft}}, nil
}

func change(key string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	draft, refusal := draftOf(r)
	switch {
	case refusal != nil:
		return nil, refusal
	case draft.Event == "" && draft.URL == "":
		return nil, refuse(subscription.Missing, "eventKey", "there is nothing to change: send eventKey, hookUrl or both")
	}
	return subscription.Change{ID: key, Draft: draft}, nil
}

func confirm(key string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	secret := r.Header.Get(headerSecret)
	if secret == "" {
		return nil, refuse(subscription.Missing, headerSecret, "the header %s is missing: send the secret that the endpoint was told", headerSecret)
	}
	return subscription.Confirm{ID: key, Secret: secret}, nil
}

// draftOf reads a hook as clients write it.
func draftOf(r subscription.Request) (subscription.Draft, *subscription.Refusal) {
	var d subscription.Draft
	kind := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); kind != "" && (err != nil || media != "application/json") {
		return d, refuse(subscription.Unsupported, "", "the content type %.100q is not read here; send JSON with Content-Type: application/json", kind)
	}
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return d, refuse(subscription.Malformed, "", `the body is empty; send {"eventKey":...,"hookUrl":...}`)
	}
	value, fault := event.Decode(r.Body)
	if fault != nil {
		return d, refuse(subscription.Malformed, "", "the body is no JSON: %s", fault.Text)
	}
	body, ok := value.(map[string]any)
	if !ok {
		return d, refuse(subscription.Malformed, "", `the body is no JSON object; send {"eventKey":...,"hookUrl":...}`)
	}
	for _, member := range []struct {
		name string
		into *string
	}{{"eventKey", &d.Event}, {"hookUrl", &d.URL}} {
		switch v := body[member.name].(type) {
		case nil:
		case string:
			*member.into = v
		default:
			return d, refuse(subscription.Invalid, member.name, "%s is one text; several events are several hooks", member.name)
		}
	}
	return d, nil
}

func refuse(code subscription.Code, field, message string, args ...any) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Field: field, Message: fmt.Sprintf(message, args...)}
}
