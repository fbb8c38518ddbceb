package actionstep

import (
	"net/http"
	"time"

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
		h.LastTriggered = s.LastTriggered.UTC().Truncate(time.Second).Format(timeForm)
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
	switch op := o.Operation.(type) {
	case subscription.List:
		return p.list(r, op, o)
	case subscription.Get, subscription.Create, subscription.Change:
		return answer(http.StatusOK, envelope{Hooks: p.rows(o.Subscriptions)})
	case subscription.Delete:
		if r.Method == http.MethodPut {
			return answer(http.StatusOK, envelope{Hooks: p.rows(o.Subscriptions)})
		}
		return nothing()
	}
	return refusal(r, refuse(subscription.Failed, "", "there is no answer to this call"))
}

// list answers with a page. One without rows has no body.
func (p protocol) list(r subscription.Request, op subscription.List, o subscription.Outcome) subscription.Response {
	if len(o.Subscriptions) == 0 {
		return nothing()
	}
	return answer(http.StatusOK, envelope{
		Hooks: p.rows(o.Subscriptions),
		Meta:  &meta{Paging: map[string]paging{resource: pagingOf(r, op, o.Total)}},
	})
}

// rows are an object when there is one, as clients count on, else an array.
func (p protocol) rows(all []subscription.Subscription) any {
	if len(all) == 1 {
		return p.hook(&all[0])
	}
	hooks := make([]hook, len(all))
	for i := range all {
		hooks[i] = p.hook(&all[i])
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
