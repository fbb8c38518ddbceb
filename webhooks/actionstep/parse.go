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
	at := slices.IndexFunc(ways, func(w way) bool { return w.method == r.Method })
	if at < 0 {
		return nil, refuse(subscription.NoMethod, "", "this method is not for this resource; %s is", strings.Join(allowed(ways), " or "))
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
	methods := make([]string, len(ways))
	for i, w := range ways {
		methods[i] = w.method
	}
	return methods
}

func get(ids []string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	id, refusal := only(ids)
	if refusal != nil {
		return nil, refusal
	}
	return subscription.Get{ID: id}, nil
}

func remove(ids []string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	switch {
	case slices.Contains(ids, ""):
		return nil, refuse(subscription.Invalid, "id", "an id is missing between two commas; write them as /resthooks/382,746")
	case len(ids) > subscription.MaxOperations:
		return nil, refuse(subscription.TooLarge, "id", "a request deletes at most %d REST hooks", subscription.MaxOperations)
	}
	return subscription.Delete{IDs: ids}, nil
}

// only gives the one id that a request names.
func only(ids []string) (string, *subscription.Refusal) {
	if len(ids) != 1 {
		return "", refuse(subscription.Invalid, "id", "name one REST hook; only DELETE takes several")
	}
	return ids[0], nil
}

func refuse(code subscription.Code, field, message string, args ...any) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Field: field, Message: fmt.Sprintf(message, args...)}
}
