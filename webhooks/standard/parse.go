package standard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// The bounds of a list.
const (
	defaultLimit = 100
	maxLimit     = 1000
	maxSamples   = 20
)

// Parse makes an operation of a request.
func (protocol) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	path := segmentsOf(r)
	at := addressOf(path)
	if at < 0 {
		return nil, refuse(subscription.NoRoute, "", "there is nothing here; hooks are at /api/v1/hooks, their events at /api/v1/hooks/events")
	}
	read, ok := addresses[at].methods[r.Method]
	if !ok {
		return nil, refuse(subscription.NoMethod, "", "%s is not for this address; %s is", r.Method, strings.Join(addresses[at].allowed(), " or "))
	}
	return read(path[0], r)
}

// reader makes an operation of a request about a hook.
type reader func(id string, r subscription.Request) (subscription.Operation, *subscription.Refusal)

// address is one below the prefix and what can be done there.
type address struct {
	segments []string // * is a hook's id
	methods  map[string]reader
}

var addresses = []address{
	{[]string{""}, map[string]reader{http.MethodGet: list, http.MethodPost: create}},
	{[]string{"events"}, map[string]reader{http.MethodGet: types}},
	{[]string{"samples"}, map[string]reader{http.MethodGet: samples}},
	{[]string{"*"}, map[string]reader{
		http.MethodGet: get, http.MethodPatch: change, http.MethodPut: change, http.MethodDelete: remove,
	}},
	{[]string{"*", "test"}, map[string]reader{http.MethodPost: test}},
	{[]string{"*", "rotate"}, map[string]reader{http.MethodPost: rotate}},
	{[]string{"*", "replay"}, map[string]reader{http.MethodPost: replay}},
}

func segmentsOf(r subscription.Request) []string {
	return strings.Split(strings.Trim(r.Path, "/"), "/")
}

// addressOf finds the address of a path; none is below zero.
func addressOf(path []string) int {
	return slices.IndexFunc(addresses, func(p address) bool { return p.fits(path) })
}

func (p address) fits(path []string) bool {
	return len(path) == len(p.segments) && !slices.ContainsFunc(path, func(s string) bool { return len(s) > event.MaxName }) &&
		slices.EqualFunc(p.segments, path, func(want, got string) bool { return want == got || want == "*" && got != "" })
}

func (p address) allowed() []string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		if p.methods[m] != nil {
			methods = append(methods, m)
		}
	}
	return methods
}

func list(_ string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	op := subscription.List{Limit: defaultLimit, Event: r.Query.Get("event"), URL: r.Query.Get("target_url")}
	var refusal *subscription.Refusal
	if op.Limit, refusal = number(r, "limit", defaultLimit, 1, maxLimit); refusal != nil {
		return nil, refusal
	}
	if op.Offset, refusal = number(r, "offset", 0, 0, subscription.Max); refusal != nil {
		return nil, refusal
	}
	return op, nil
}

// number reads a whole number of the query.
func number(r subscription.Request, name string, otherwise, least, most int) (int, *subscription.Refusal) {
	text := r.Query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, refuse(subscription.Invalid, name, "%s is a whole number from %d to %d", name, least, most)
	}
	return n, nil
}

func types(string, subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return subscription.Types{}, nil
}

func samples(_ string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	name, kind := r.Query.Get("event"), r.Query.Get("content_type")
	if name == "" {
		return nil, refuse(subscription.Missing, subscription.FieldEvent, "say of which event: ?event=submission.submitted; the list is at /api/v1/hooks/events")
	}
	limit, refusal := number(r, "limit", 3, 1, maxSamples)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := contentType(kind); refusal != nil {
		return nil, refusal
	}
	return subscription.Sample{Event: name, ContentType: kind, Limit: limit}, nil
}

func get(id string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return subscription.Get{ID: id}, nil
}

func remove(id string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return subscription.Delete{IDs: []string{id}}, nil
}

func test(id string, _ subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return subscription.Dispatch{ID: id}, nil
}

func create(_ string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	body, refusal := readHook(r)
	if refusal != nil {
		return nil, refusal
	}
	draft, refusal := body.draft()
	switch {
	case refusal != nil:
		return nil, refusal
	case draft.Event == "":
		return nil, refuse(subscription.Missing, "event", "say which event you want; the list is at /api/v1/hooks/events")
	case draft.URL == "":
		return nil, refuse(subscription.Missing, "target_url", "say where deliveries go")
	case draft.Status != "":
		return nil, refuse(subscription.Invalid, "status", "a new hook is active; leave status out")
	}
	return subscription.Create{Drafts: []subscription.Draft{draft}}, nil
}

func change(id string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	body, refusal := readHook(r)
	if refusal != nil {
		return nil, refusal
	}
	draft, refusal := body.draft()
	if refusal != nil {
		return nil, refusal
	}
	switch {
	case body.Signature != "":
		return nil, refuse(subscription.Invalid, "signature", "how a hook signs is chosen when it is made; make another, and delete this one")
	case draft.Secret != "":
		return nil, refuse(subscription.Invalid, "secret", "a secret is changed by POST /api/v1/hooks/{id}/rotate, so that the old one stays valid for a while")
	}
	return subscription.Change{ID: id, Draft: draft}, nil
}

func rotate(id string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	var body struct {
		Secret string `json:"secret"`
	}
	if refusal := decodeSome(r, &body); refusal != nil {
		return nil, refusal
	}
	return subscription.Rotate{ID: id, Secret: body.Secret}, nil
}

func replay(id string, r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	var body struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	if refusal := decodeSome(r, &body); refusal != nil {
		return nil, refusal
	}
	return subscription.Replay{ID: id, From: body.From, To: body.To}, nil
}

// hookBody is a hook as clients write it. The other spellings are those of
// resthooks.org, Zapier and the vendors, so that a client can be pointed here.
type hookBody struct {
	Event           string   `json:"event"`
	TargetURL       string   `json:"target_url"`
	URL             string   `json:"url"`
	SubscriptionURL string   `json:"subscription_url"`
	Status          string   `json:"status"`
	ContentType     string   `json:"content_type"`
	Secret          string   `json:"secret"`
	Signature       string   `json:"signature"`
	Filter          *string  `json:"filter"`
	Ordered         *bool    `json:"ordered"`
	Rate            *float64 `json:"rate"`
	Concurrency     *int     `json:"concurrency"`
	Expires         *string  `json:"expiration_date"`
}

// The versions of Standard Webhooks' signatures.
const (
	signatureBySecret = "v1"  // HMAC-SHA256; the default
	signatureByPair   = "v1a" // ed25519
)

func (b hookBody) draft() (subscription.Draft, *subscription.Refusal) {
	d := subscription.Draft{
		Event: b.Event, ContentType: b.ContentType, Secret: b.Secret, Pair: b.Signature == signatureByPair,
		Filter: b.Filter, Ordered: b.Ordered, Rate: b.Rate, Concurrency: b.Concurrency,
	}
	for _, target := range []string{b.SubscriptionURL, b.URL, b.TargetURL} {
		if target != "" {
			d.URL = target
		}
	}
	if b.Expires != nil {
		at, err := time.Parse(time.RFC3339, *b.Expires)
		if err != nil && *b.Expires != "" {
			return d, refuse(subscription.Invalid, subscription.FieldExpires, "expiration_date is a time such as 2030-01-31T12:00:00Z, or empty for none")
		}
		d.Expires = new(at.UTC())
	}
	switch b.Status {
	case "":
	case statusWords[subscription.Active]:
		d.Status = subscription.Active
	case statusWords[subscription.Disabled]:
		d.Status = subscription.Disabled
	default:
		return d, refuse(subscription.Invalid, "status", "status is active or disabled")
	}
	if b.Signature != "" && b.Signature != signatureBySecret && b.Signature != signatureByPair {
		return d, refuse(subscription.Invalid, "signature", "signature is %s, by a secret, or %s, by a pair of keys", signatureBySecret, signatureByPair)
	}
	return d, contentType(b.ContentType)
}

// contentType refuses what deliveries cannot have; none leaves it to us.
func contentType(kind string) *subscription.Refusal {
	if kind == "" || kind == typeCloud || kind == typeJSON {
		return nil
	}
	return refuse(subscription.Invalid, subscription.FieldContentType, "content_type is %s or %s", typeCloud, typeJSON)
}

func readHook(r subscription.Request) (body hookBody, refusal *subscription.Refusal) {
	members, refusal := decode(r, &body)
	if refusal != nil {
		return body, refusal
	}
	return body, misspelled(members)
}

// decode reads a JSON object into a struct, and gives its members.
func decode(r subscription.Request, into any) (map[string]any, *subscription.Refusal) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, refuse(subscription.Unsupported, "", "the content type %.100q is not read here; send JSON with Content-Type: application/json", r.Header.Get("Content-Type"))
	}
	decoded, fault := event.Decode(r.Body)
	if fault != nil {
		return nil, refuse(subscription.Malformed, "", "the body is no JSON: %s", fault.Text)
	}
	d := json.NewDecoder(bytes.NewReader(r.Body))
	if err := d.Decode(into); err != nil {
		return nil, misfit(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse(subscription.Malformed, "", "there is more behind the JSON object; send one")
	}
	members, _ := decoded.(map[string]any)
	return members, nil
}

// decodeSome is decode of a body that may be left out.
func decodeSome[T any](r subscription.Request, into *T) *subscription.Refusal {
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return nil
	}
	members, refusal := decode(r, into)
	if refusal != nil {
		return refusal
	}
	return unread(members, membersOf(reflect.TypeFor[T]()))
}

// misfit tells which member has the wrong type.
func misfit(err error) *subscription.Refusal {
	if wrong, ok := err.(*json.UnmarshalTypeError); ok && wrong.Field != "" { //nolint:errorlint // what Decode returns
		return refuse(subscription.Invalid, wrong.Field, "%s is %s, not %s", wrong.Field, nouns[wrong.Type.Kind().String()], wrong.Value)
	}
	return refuse(subscription.Malformed, "", `the body is no JSON object; send {"event":...,"target_url":...}`)
}

var nouns = map[string]string{"string": "text", "bool": "true or false", "float64": "a number", "int": "a whole number"}

func refuse(code subscription.Code, field, format string, args ...any) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}
