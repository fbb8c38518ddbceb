package accelo

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hooktree/webhooks/subscription"
)

// The bounds of a page. The vendor's default size holds where a page is asked
// for; a list without any such parameter is whole, since the vendor's own says
// that it takes none, and clients look through it for their subscription.
const (
	pageSize    = 10
	maxPageSize = 100
	maxPage     = subscription.Max
)

// Parse makes an operation of a request.
func (p protocol) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	c, refusal := newCall(r)
	if refusal != nil {
		return nil, refusal
	}
	path := c.path
	if len(path) < 2 || path[0] != "webhooks" || path[1] != "subscriptions" || slices.Contains(path, "") {
		return nil, refuse(subscription.NoRoute, "", "there is no such resource here; subscriptions are at /api/v0/webhooks/subscriptions")
	}
	read, methods := c.reader(p, path[2:])
	switch {
	case methods == nil:
		return nil, refuse(subscription.NoRoute, "", "there is no such resource; below a subscription there are trigger and dispatch")
	case read == nil:
		return nil, refuse(subscription.NoMethod, "", "%.20s is not for this resource; %s is", c.method, strings.Join(methods, " or "))
	}
	return read()
}

// reader finds what reads the rest of a call. No methods mean that there is
// nothing at the path, no function that the method is another.
func (c *call) reader(p protocol, path []string) (read func() (subscription.Operation, *subscription.Refusal), methods []string) {
	readers := map[string]func() (subscription.Operation, *subscription.Refusal){}
	switch {
	case len(path) == 0:
		readers[http.MethodGet], readers[http.MethodPost] = func() (subscription.Operation, *subscription.Refusal) { return c.list(p) }, c.create
	case len(path) == 1 && path[0] == "types":
		readers[http.MethodGet] = func() (subscription.Operation, *subscription.Refusal) { return subscription.Types{}, nil }
	case len(path) == 1:
		readers[http.MethodDelete] = func() (subscription.Operation, *subscription.Refusal) {
			return subscription.Delete{IDs: path}, nil
		}
	case len(path) == 2 && path[1] == "trigger":
		readers[http.MethodPost] = c.about(func(object string) subscription.Operation {
			return subscription.Trigger{ID: path[0], Object: object}
		})
	case len(path) == 2 && path[1] == "dispatch":
		readers[http.MethodPost] = c.about(func(object string) subscription.Operation {
			return subscription.Dispatch{ID: path[0], Object: object}
		})
	default:
		return nil, nil
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		if readers[method] != nil {
			methods = append(methods, method)
		}
	}
	return readers[c.method], methods
}

func (c *call) list(p protocol) (subscription.Operation, *subscription.Refusal) {
	op, refusal := c.page()
	if refusal != nil {
		return nil, refusal
	}
	if _, err := readTerms(c.params["_fields"]); err != nil {
		return nil, refuse(subscription.Invalid, "_fields", "_fields cannot be read: %s", err)
	}
	f, refusal := c.filter()
	if refusal != nil {
		return nil, refusal
	}
	op.Pick = f.pick(p)
	return op, nil
}

// page gives the part of a list that is asked for. `_page` comes before
// `_offset`.
func (c *call) page() (subscription.List, *subscription.Refusal) {
	if c.params["_limit"] == "" && c.params["_page"] == "" && c.params["_offset"] == "" {
		return subscription.List{}, nil
	}
	limit, refusal := c.number("_limit", pageSize, 1, maxPageSize)
	if refusal != nil {
		return subscription.List{}, refusal
	}
	offset, refusal := c.number("_offset", 0, 0, maxPage)
	if refusal != nil {
		return subscription.List{}, refusal
	}
	if c.params["_page"] != "" {
		page, refusal := c.number("_page", 0, 0, maxPage)
		if refusal != nil {
			return subscription.List{}, refusal
		}
		offset = page * limit
	}
	return subscription.List{Offset: offset, Limit: limit}, nil
}

// filter reads `_filters` and `_search`, of which both hold.
func (c *call) filter() (filter, *subscription.Refusal) {
	f, err := readFilter(c.params["_filters"])
	if err != nil {
		return f, refuse(subscription.Invalid, "_filters", "_filters cannot be used: %s", err)
	}
	if text := c.params["_search"]; text != "" {
		finds, err := search(text)
		if err != nil {
			return f, refuse(subscription.Invalid, "_search", "_search cannot be used: %s", err)
		}
		f.tests = append(f.tests, finds)
	}
	return f, nil
}

// fields reads which fields are to be shown. What cannot be read of it was
// refused.
func (c *call) fields() fields {
	asked, _ := readTerms(c.params["_fields"])
	return fields{asked: asked, bare: c.flag("_hide_defaults")}
}

func (c *call) create() (subscription.Operation, *subscription.Refusal) {
	draft := subscription.Draft{
		URL: c.params["trigger_url"], Event: c.params["event_id"],
		ContentType: c.params["content_type"], Secret: c.params["secret"],
	}
	switch {
	case draft.URL == "":
		return nil, refuse(subscription.Missing, "trigger_url", "trigger_url is missing: say where deliveries go")
	case draft.Event == "":
		return nil, refuse(subscription.Missing, "event_id", "event_id is missing; the events are at /api/v0/webhooks/subscriptions/types")
	case draft.ContentType != "" && draft.ContentType != typeForm && draft.ContentType != typeJSON:
		return nil, refuse(subscription.Invalid, "content_type", "content_type is %s or %s", typeForm, typeJSON)
	}
	if draft.ContentType == "" {
		draft.ContentType = typeForm
	}
	return subscription.Create{Drafts: []subscription.Draft{draft}}, nil
}

// about reads the object that an operation is about.
func (c *call) about(of func(object string) subscription.Operation) func() (subscription.Operation, *subscription.Refusal) {
	return func() (subscription.Operation, *subscription.Refusal) {
		object := c.params["object_id"]
		if object == "" {
			return nil, refuse(subscription.Missing, "object_id", "object_id is missing: say which object the event is about")
		}
		if _, err := strconv.ParseUint(object, 10, 63); err != nil {
			return nil, refuse(subscription.Invalid, "object_id", "object_id is the number of an object, such as 12")
		}
		return of(object), nil
	}
}
