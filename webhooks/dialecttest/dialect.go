package dialecttest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// Dialect is a dialect and how its clients speak it. Every member is required,
// but for those that say otherwise.
type Dialect struct {
	Dialect  subscription.Dialect
	Settings subscription.Settings // nil for the defaults
	// Catalogue is what events are offered from; nil holds the vendor's own
	// platform besides the built-in one.
	Catalogue *event.Catalogue

	// Calls are the documented requests, at least one for each operation that
	// the dialect offers. All of them are understood, with members, parameters
	// and headers besides that nobody knows.
	Calls []Call
	// Refused are requests that the dialect refuses, besides those that the
	// suite makes up. It may be empty.
	Refused []Refused
	// Statuses are those of refusals: every code has one.
	Statuses map[subscription.Code]int
	// Words are how statuses are called in answers; nil for a dialect that
	// does not show them.
	Words map[subscription.Status]string
	// Paths are where trees of events stand, by key of the offer: as many as
	// are documented, at least one.
	Paths map[string]string

	// Hooks reads the subscriptions out of an answer: of a list, or of one.
	Hooks func(subscription.Response) ([]Hook, error)
	// Fault reads the sentence out of an answer that refuses, and fails if the
	// answer is not in the dialect's own form.
	Fault func(subscription.Response) (string, error)
	// Told reads what a delivery says, as the vendor's receivers do.
	Told func(subscription.Message) ([]Told, error)
}

// Call is a documented request.
type Call struct {
	Name    string
	Request subscription.Request
	Want    subscription.Operation
	Status  int // of the answer, when it was done
}

// Refused is a request that is none.
type Refused struct {
	Name    string
	Request subscription.Request
	Code    subscription.Code
	Field   string // empty when it is none
	Says    string // part of the message
}

// Hook is a subscription as an answer shows it. What the dialect does not show
// stays empty.
type Hook struct {
	ID, Event, URL, Status string
}

// Told is one event as a delivery tells it.
type Told struct {
	Event  string // key of the offer; empty where deliveries do not say it
	Entity string // what it happened to; empty where deliveries do not say it
}

// Origin is where the requests of [Request] came to.
const Origin = "https://hooks.example.com"

// Request makes a call of a dialect's API: target is the path below the prefix,
// with its query. A content type of "" sends none.
func Request(method, target, contentType, body string) subscription.Request {
	path, query, _ := strings.Cut(target, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(fmt.Sprintf("dialecttest: the query of %s: %v", target, err))
	}
	r := subscription.Request{
		Method: method, Path: path, Query: values, Header: http.Header{}, Body: []byte(body), Origin: Origin,
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// under puts the requests of a table under the dialect's first prefix.
func (d *Dialect) under(r subscription.Request) subscription.Request {
	if r.Prefix == "" && len(d.Dialect.Prefixes) > 0 {
		r.Prefix = d.Dialect.Prefixes[0]
	}
	return r
}

func (d *Dialect) settings() subscription.Settings {
	if d.Settings != nil {
		return d.Settings
	}
	return d.Dialect.Defaults()
}

func (d *Dialect) protocol() subscription.Protocol { return d.Dialect.New(d.settings()) }

func (d *Dialect) catalogue() *event.Catalogue {
	if d.Catalogue != nil {
		return d.Catalogue
	}
	if d.Dialect.Vendor.Name == "" {
		return event.NewCatalogue()
	}
	return event.NewCatalogue(d.Dialect.Vendor)
}
