package actionstep

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hooktree/webhooks/subscription"
)

// resource is where subscriptions are, below the prefix.
const resource = "resthooks"

// reader makes an operation of a request about some ids.
type reader func(ids []string, r subscription.Request) (subscription.Operation, *subscription.Refusal)

// way is what a method does to a resource.
type way struct {
	method string
	read   reader
}

// What can be done with the collection and with its items.
var (
	collection = []way{{http.MethodGet, list}, {http.MethodPost, create}}
	items      = []way{{http.MethodGet, get}, {http.MethodPut, update}, {http.MethodDelete, remove}}
)

// Parse makes an operation of a request.
func (protocol) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	ids, ways := route(r.Path)
	if ways == nil {
		return nil, refuse(subscription.NoRoute, "", "there is no such resource here; REST hooks are at /api/rest/resthooks")
	}
	if r.Method == http.MethodOptions {
		return subscription.Types{}, nil // nothing has to be looked up for what it asks
	}
	at := slices.IndexFunc(ways, func(w way) bool { return w.method == r.Method })
	if at < 0 {
		return nil, refuse(subscription.NoMethod, "", "this method is not for this resource; %s are", strings.Join(allowed(ways), " or "))
	}
	return ways[at].read(ids, r)
}

// route finds what a path names: the collection, or items by their ids. No
// ways mean that there is nothing. The API is case-sensitive.
func route(path string) (ids []string, ways []way) {
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
	switch {
	case segments[0] != resource || len(segments) > 2:
		return nil, nil
	case len(segments) == 1:
		return nil, collection
	case segments[1] == "":
		return nil, nil
	}
	return strings.SplitN(segments[1], ",", subscription.MaxOperations+2), items
}

func allowed(ways []way) []string {
	methods := make([]string, len(ways), len(ways)+1)
	for i, w := range ways {
		methods[i] = w.method
	}
	return append(methods, http.MethodOptions)
}

func list(_ []string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	v, refusal := readView(nil, r.Query)
	if refusal != nil {
		return nil, refusal
	}
	return v.operation(), nil
}

// get reads a request for one or for several by their ids, which is a list of
// those.
func get(ids []string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	if refusal := several(ids); refusal != nil {
		return nil, refusal
	}
	if len(ids) == 1 {
		if _, refusal := readFields(r.Query); refusal != nil {
			return nil, refusal
		}
		return subscription.Get{ID: ids[0]}, nil
	}
	v, refusal := readView(ids, r.Query)
	if refusal != nil {
		return nil, refusal
	}
	return v.operation(), nil
}

func remove(ids []string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	if refusal := several(ids); refusal != nil {
		return nil, refusal
	}
	return subscription.Delete{IDs: ids}, nil
}

// several refuses ids that are none, or too many.
func several(ids []string) *subscription.Refusal {
	switch {
	case slices.Contains(ids, ""):
		return refuse(subscription.Invalid, "", "an id is missing between two commas; write them as /resthooks/382,746")
	case len(ids) > subscription.MaxOperations:
		return refuse(subscription.TooLarge, "", "a request names at most %d REST hooks", subscription.MaxOperations)
	}
	return nil
}

// only gives the one id that a request names.
func only(ids []string) (string, *subscription.Refusal) {
	if len(ids) != 1 {
		return "", refuse(subscription.Invalid, "", "name one REST hook; GET and DELETE take several")
	}
	return ids[0], nil
}

// inQuery begins the field of a refusal that is about a parameter of the query.
const inQuery = "?"

func refuseQuery(code subscription.Code, parameter, message string, args ...any) *subscription.Refusal {
	return refuse(code, inQuery+parameter, message, args...)
}

func refuse(code subscription.Code, field, message string, args ...any) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Field: field, Message: fmt.Sprintf(message, args...)}
}
