package standard

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"hooktree/webhooks/subscription"
)

// statusWords are how the statuses are called.
var statusWords = map[subscription.Status]string{
	subscription.Active: "active", subscription.Disabled: "disabled", subscription.Pending: "pending",
}

// hook is a subscription as clients read it.
type hook struct {
	ID            string    `json:"id"`
	Event         string    `json:"event"`
	TargetURL     string    `json:"target_url"`
	Status        string    `json:"status"`
	Reason        string    `json:"reason,omitempty"`
	ContentType   string    `json:"content_type"`
	Filter        string    `json:"filter,omitempty"`
	Ordered       bool      `json:"ordered"`
	Rate          float64   `json:"rate"`
	Concurrency   int       `json:"concurrency"`
	Triggered     int64     `json:"triggered_count"`
	LastTriggered time.Time `json:"last_triggered_at,omitzero"`
	Expires       time.Time `json:"expiration_date,omitzero"`
	Created       time.Time `json:"created_at"`
	Updated       time.Time `json:"updated_at"`
	Secret        string    `json:"secret,omitempty"` // told once, when it was made
}

func newHook(s *subscription.Subscription) hook {
	kind := s.ContentType
	if kind == "" {
		kind = typeCloud
	}
	return hook{
		ID: s.External, Event: s.Event, TargetURL: s.URL, Status: statusWords[s.Status], Reason: s.Reason,
		ContentType: kind, Filter: s.Filter, Ordered: s.Ordered, Rate: s.Rate, Concurrency: s.Concurrency,
		Triggered: s.Triggered, LastTriggered: s.LastTriggered.UTC(), Expires: s.Expires.UTC(), Created: s.Created.UTC(), Updated: s.Updated.UTC(),
	}
}

// offered is an event as clients read it.
type offered struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// Render answers a request.
func (protocol) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		return problem(o.Refusal)
	}
	switch o.Operation.(type) {
	case subscription.Create:
		made := one(o)
		response := answer(http.StatusCreated, made)
		response.Header.Set("Location", r.Origin+r.Prefix+"/"+made.ID)
		return response
	case subscription.Get, subscription.Change:
		return answer(http.StatusOK, one(o))
	case subscription.List:
		return answer(http.StatusOK, page(o))
	case subscription.Delete:
		return subscription.Response{Status: http.StatusNoContent, Header: http.Header{}}
	case subscription.Types:
		return answer(http.StatusOK, map[string]any{"events": events(o.Offers)})
	case subscription.Sample:
		return answer(http.StatusOK, bodies(o.Samples))
	case subscription.Dispatch:
		return answer(http.StatusOK, map[string]int{"status": o.Answer})
	case subscription.Rotate:
		return answer(http.StatusOK, map[string]string{"secret": o.Secret})
	case subscription.Replay:
		return answer(http.StatusAccepted, map[string]int{"deliveries": o.Queued})
	}
	return problem(refuse(subscription.Failed, "", "there is no answer to this call"))
}

// one gives the only subscription of an outcome, with the secret that was made
// for it.
func one(o subscription.Outcome) hook {
	if len(o.Subscriptions) == 0 {
		return hook{}
	}
	h := newHook(&o.Subscriptions[0])
	h.Secret = o.Secret
	return h
}

type hookPage struct {
	Hooks []hook `json:"hooks"`
	Total int    `json:"total"`
}

func page(o subscription.Outcome) hookPage {
	p := hookPage{Hooks: make([]hook, len(o.Subscriptions)), Total: o.Total}
	for i := range o.Subscriptions {
		p.Hooks[i] = newHook(&o.Subscriptions[i])
	}
	return p
}

func events(offers []subscription.Offer) []offered {
	list := make([]offered, len(offers))
	for i, offer := range offers {
		list[i] = offered{Name: offer.Key, Path: offer.Title}
	}
	return list
}

func bodies(samples [][]byte) []json.RawMessage {
	list := make([]json.RawMessage, len(samples))
	for i, s := range samples {
		list[i] = s
	}
	return list
}

// statuses are those of refusals.
var statuses = map[subscription.Code]int{
	subscription.Malformed: http.StatusBadRequest, subscription.Unsupported: http.StatusUnsupportedMediaType,
	subscription.TooLarge: http.StatusRequestEntityTooLarge, subscription.NoRoute: http.StatusNotFound,
	subscription.NoMethod: http.StatusMethodNotAllowed, subscription.NotSignedIn: http.StatusUnauthorized,
	subscription.Foreign: http.StatusForbidden, subscription.Missing: http.StatusUnprocessableEntity,
	subscription.Invalid: http.StatusUnprocessableEntity, subscription.NoEvent: http.StatusUnprocessableEntity,
	subscription.BadURL: http.StatusUnprocessableEntity, subscription.Exists: http.StatusConflict,
	subscription.NotFound: http.StatusNotFound, subscription.Unconfirmed: http.StatusConflict,
	subscription.TooMany: http.StatusConflict, subscription.Busy: http.StatusTooManyRequests,
	subscription.NoRoom: http.StatusInsufficientStorage, subscription.Failed: http.StatusInternalServerError,
}

// detail is a fault with its place, as in the rest of our API.
type detail struct {
	Location    string   `json:"location"`
	Message     string   `json:"message"`
	Suggestions []string `json:"suggestions,omitempty"`
}

// problem renders a refusal as problem+json (RFC 9457).
func problem(refusal *subscription.Refusal) subscription.Response {
	status, ok := statuses[refusal.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	body := map[string]any{
		"title": http.StatusText(status), "status": status, "code": refusal.Code, "detail": refusal.Message,
	}
	if refusal.Field != "" {
		body["errors"] = []detail{{Location: "body/" + refusal.Field, Message: refusal.Message, Suggestions: refusal.Near}}
	}
	response := answer(status, body)
	response.Header.Set("Content-Type", "application/problem+json")
	if refusal.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int(refusal.RetryAfter.Round(time.Second).Seconds())))
	}
	return response
}

func answer(status int, body any) subscription.Response {
	text, err := json.Marshal(body)
	if err != nil { // nothing of ours fails to marshal; a sample that is no JSON would
		status, text = http.StatusInternalServerError, []byte(`{"title":"Internal Server Error","status":500,"code":"failed","detail":"the answer could not be written"}`)
	}
	return subscription.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}
