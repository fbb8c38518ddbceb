package standard

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/subscription"
)

// statusWords are how the statuses are called.
var statusWords = map[subscription.Status]string{
	subscription.Active: "active", subscription.Disabled: "disabled", subscription.Pending: "pending",
}

// hook is a subscription as clients read it.
type hook struct {
	ID            string  `json:"id"`
	Event         string  `json:"event"`
	TargetURL     string  `json:"target_url"`
	Status        string  `json:"status"`
	Reason        string  `json:"reason,omitempty"`
	ContentType   string  `json:"content_type"`
	Filter        string  `json:"filter,omitempty"`
	Ordered       bool    `json:"ordered"`
	Rate          float64 `json:"rate"`
	Concurrency   int     `json:"concurrency"`
	Triggered     int64   `json:"triggered_count"`
	LastTriggered string  `json:"last_triggered_at,omitempty"`
	Expires       string  `json:"expiration_date,omitempty"`
	Created       string  `json:"created_at"`
	Updated       string  `json:"updated_at"`
	Secret        string  `json:"secret,omitempty"`     // told once, when it was made
	PublicKey     string  `json:"public_key,omitempty"` // where a pair of keys signs
}

func newHook(s *subscription.Subscription) hook {
	kind := s.ContentType
	if kind == "" {
		kind = typeCloud
	}
	return hook{
		ID: s.External, Event: s.Event, TargetURL: s.URL, Status: statusWords[s.Status], Reason: s.Reason, PublicKey: s.PublicKey(),
		ContentType: kind, Filter: s.Filter, Ordered: s.Ordered, Rate: s.Rate, Concurrency: s.Concurrency,
		Triggered: s.Triggered, LastTriggered: stamp(s.LastTriggered), Expires: stamp(s.Expires), Created: stamp(s.Created), Updated: stamp(s.Updated),
	}
}

// stamp is a time as our API shows it: in UTC to the millisecond. The zero time
// is no text.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// offered is an event as clients read it.
type offered struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// Render answers a request.
func (protocol) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		return problem(r, o.Refusal)
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
		return answer(http.StatusOK, rotated(o))
	case subscription.Replay:
		return answer(http.StatusAccepted, map[string]int{"deliveries": o.Queued})
	}
	return problem(r, refuse(subscription.Failed, "", "there is no answer to this call"))
}

// rotated tells what a receiver verifies by from now on.
func rotated(o subscription.Outcome) map[string]string {
	if made := one(o); made.PublicKey != "" {
		return map[string]string{"public_key": made.PublicKey}
	}
	return map[string]string{"secret": o.Secret}
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

// spellings are those of fields that the service names otherwise.
var spellings = map[string]string{subscription.FieldURL: "target_url", subscription.FieldExpires: "expiration_date"}

// placeOf says where in a request a field stands.
func placeOf(r subscription.Request, field string) string {
	name := cmp.Or(spellings[field], field)
	switch {
	case field == subscription.FieldID:
		return "path/id"
	case r.Method == http.MethodGet:
		return "query/" + name
	default:
		return "body/" + name
	}
}

// detail is a fault with its place, as in the rest of our API.
type detail struct {
	Location    string   `json:"location"`
	Message     string   `json:"message"`
	Suggestions []string `json:"suggestions,omitempty"`
}

// problem renders a refusal as problem+json (RFC 9457).
func problem(r subscription.Request, refusal *subscription.Refusal) subscription.Response {
	status, ok := statuses[refusal.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	body := map[string]any{
		"title": http.StatusText(status), "status": status, "code": refusal.Code, "detail": refusal.Message,
	}
	if refusal.Field != "" {
		body["errors"] = []detail{{Location: placeOf(r, refusal.Field), Message: refusal.Message, Suggestions: refusal.Near}}
	}
	response := answer(status, body)
	response.Header.Set("Content-Type", "application/problem+json")
	if at := addressOf(segmentsOf(r)); refusal.Code == subscription.NoMethod && at >= 0 {
		response.Header.Set("Allow", strings.Join(addresses[at].allowed(), ", ")) // RFC 9110 wants it of a 405
	}
	if refusal.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int((refusal.RetryAfter+time.Second-1)/time.Second)))
	}
	return response
}

func answer(status int, body any) subscription.Response {
	text, err := written(body)
	if err != nil { // nothing of ours fails to marshal; a sample that is no JSON would
		status, text = http.StatusInternalServerError, []byte(`{"title":"Internal Server Error","status":500,"code":"failed","detail":"the answer could not be written"}`)
	}
	return subscription.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}

// written is JSON for people and programs, not for the inside of HTML.
func written(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
