package actionstep

import (
	"net/http"

	"hooktree/webhooks/subscription"
)

// hook is a subscription as clients read it. Both names of the last time are
// always there: the vendor's page has the first, all known clients the second.
type hook struct {
	ID            any     `json:"id"`
	EventName     string  `json:"eventName"`
	TargetURL     string  `json:"targetUrl"`
	Status        string  `json:"status"`
	Count         int64   `json:"triggeredCount"`
	LastTriggered string  `json:"lastTriggered"`          // "" for never
	LastTimestamp *string `json:"triggeredLastTimestamp"` // null for never
}

// timeForm is how times are written: with an offset, never as Z.
const timeForm = "2006-01-02T15:04:05-07:00"

func (p protocol) hook(s *subscription.Subscription) hook {
	h := hook{
		ID: p.id(s.External), EventName: s.Event, TargetURL: s.URL, Status: statusWords[s.Status], Count: s.Triggered,
	}
	if !s.LastTriggered.IsZero() {
		h.LastTriggered = s.LastTriggered.In(p.zone).Format(timeForm)
		h.LastTimestamp = &h.LastTriggered
	}
	return h
}

// envelope is the body of an answer that is no refusal.
type envelope struct {
	Hooks any   `json:"resthooks"` // one is an object, several are an array
	Meta  *meta `json:"meta,omitempty"`
}

type meta struct {
	Paging map[string]paging `json:"paging"`
}

// Render answers a request.
func (p protocol) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		return refusal(r, o.Refusal)
	}
	switch o.Operation.(type) {
	case subscription.List:
		return p.list(r, o)
	case subscription.Get:
		return p.one(r, o)
	case subscription.Create, subscription.Change:
		return answer(http.StatusOK, envelope{Hooks: p.rows(o.Subscriptions, nil)})
	case subscription.Types:
		return allow(r, nothing())
	case subscription.Delete:
		if r.Method == http.MethodPut {
			return answer(http.StatusOK, envelope{Hooks: p.rows(o.Subscriptions, nil)})
		}
		return nothing()
	}
	return refusal(r, refuse(subscription.Failed, "", "there is no answer to this call"))
}

// list answers with a page. One without rows has no body.
func (p protocol) list(r subscription.Request, o subscription.Outcome) subscription.Response {
	ids, _ := route(r.Path)
	v, why := readView(ids, r.Query)
	if why != nil {
		return refusal(r, why)
	}
	if id := v.missing(o.Subscriptions); id != "" {
		return refusal(r, refuse(subscription.NotFound, "id", "there is no REST hook %.50q", id))
	}
	rows, total := v.of(o.Subscriptions, o.Total)
	if len(rows) == 0 {
		return nothing()
	}
	return answer(http.StatusOK, envelope{
		Hooks: p.rows(rows, v.fields),
		Meta:  &meta{Paging: map[string]paging{resource: v.paging(r, total)}},
	})
}

// one answers with the REST hook that was asked for.
func (p protocol) one(r subscription.Request, o subscription.Outcome) subscription.Response {
	fields, why := readFields(r.Query)
	if why != nil {
		return refusal(r, why)
	}
	return answer(http.StatusOK, envelope{Hooks: p.rows(o.Subscriptions, fields)})
}

// rows are an object when there is one, as clients count on, else an array.
func (p protocol) rows(all []subscription.Subscription, fields []string) any {
	hooks := make([]any, len(all))
	for i := range all {
		hooks[i] = show(p.hook(&all[i]), fields)
	}
	if len(hooks) == 1 {
		return hooks[0]
	}
	return hooks
}

func answer(status int, body any) subscription.Response {
	return subscription.Response{Status: status, Header: http.Header{"Content-Type": {typeAPI}}, Body: encoded(body)}
}

// nothing has the content type of all answers, and no content.
func nothing() subscription.Response {
	return subscription.Response{Status: http.StatusNoContent, Header: http.Header{"Content-Type": {typeAPI}}}
}
