package subscription

import (
	"net/http"
	"net/url"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// Dialect is a vendor's way of REST hooks. wire.go registers dialects; nothing
// else knows which there are.
type Dialect struct {
	Name    string // "keap"; in tokens, settings and names of subscriptions
	Title   string // "Keap", for people
	Vendor  event.Platform
	Options []Option // settings of space.yaml, under `dialects: NAME:`

	// Prefixes are where it is mounted: all below each is the dialect's.
	Prefixes []string
	// First is what a first subscription looks like.
	First First
	// Credentials are where its clients put their token, looked at in order.
	Credentials []Carrier
	// Tokens is how its clients get their tokens. A dialect without it has those
	// that an admin makes.
	Tokens *Tokens
	// OwnTokens lets tokens of no dialect use it, too, if they are an operator's.
	OwnTokens bool
	// Document is an OpenAPI document of its API, in JSON, which joins that of
	// ours; empty where the vendor's own documents it.
	Document []byte
	// External makes the id that the dialect shows. Number counts the
	// dialect's subscriptions from one and never repeats; id is ours.
	External func(number int64, id string) string
	// New makes the protocol for checked settings.
	New func(Settings) Protocol
}

// Carrier is a place of a request that may hold a token.
type Carrier struct {
	Kind CarrierKind
	Name string // of the header or query parameter
}

// CarrierKind is a kind of place.
type CarrierKind string

// The kinds of carriers.
const (
	Bearer CarrierKind = "bearer" // Authorization: Bearer TOKEN; it has no Name
	Header CarrierKind = "header"
	Query  CarrierKind = "query"
)

// Protocol is a dialect with its settings. It is immutable and pure: the same
// arguments give the same results.
type Protocol interface {
	// Parse makes an operation of a request. It does its own routing below
	// the prefix, so that every refusal is in the dialect's words.
	Parse(Request) (Operation, *Refusal)
	// Render answers a request, in the form that the request asks for. The
	// request is zero where the server refused before it was read.
	Render(Request, Outcome) Response
	// Offers lists the events that can be subscribed to, in the vendor's order.
	Offers(*event.Catalogue) []Offer
	// Compose makes the message that tells a subscriber of an event.
	Compose(*Subscription, *event.Event) (Message, error)
	// Traits are how its subscriptions behave.
	Traits() Traits
}

// Offer is an event that can be subscribed to.
type Offer struct {
	Key    string // as the dialect spells it: "contact.add"
	Title  string // for people
	Type   string // of the catalogue
	Action string // of the catalogue
}

// Traits are the parts of a dialect's behavior that are the service's and the
// worker's to carry out.
type Traits struct {
	Policy delivery.Policy // of deliveries, and of the endpoint that they go to
	// Auth is how a delivery is signed when its subscription has secrets. Its
	// Secret stays empty: the subscription's own are used.
	Auth webhooks.Auth
	// Handshake says that an endpoint must echo X-Hook-Secret, or confirm it
	// later, before it is delivered anything.
	Handshake bool
	// NewSecret says that a subscription made without a secret is given one.
	NewSecret bool
	// Renews says that creating what exists and is not active asks the
	// endpoint once more in place of a refusal.
	Renews bool
	Batch  Batch
}

// Batch gathers deliveries of one subscription into one. The zero value
// gathers nothing.
type Batch struct {
	Window time.Duration // from an event to the first attempt: what comes meanwhile goes along
	// Windows are those of events that have one of their own, by key of the
	// offer.
	Windows map[string]time.Duration
	Max     int // most events in one delivery
	// Join makes one body of the bodies that Compose made, in order.
	Join func(bodies [][]byte) ([]byte, error)
}

// Wait is how long a delivery of an event waits for others to go along.
func (b *Batch) Wait(event string) time.Duration {
	if own, ok := b.Windows[event]; ok {
		return own
	}
	return b.Window
}

// Message is a delivery's content, before it is signed. Its method is POST.
type Message struct {
	Header map[string]string // Content-Type included
	Body   []byte
}

// Request is a call of a dialect's API, of which all may be kept.
type Request struct {
	Method string
	Path   string // below the prefix, decoded: "" or "/12/verify"
	Query  url.Values
	Header http.Header
	Body   []byte // unpacked; at most 1 MiB
	Origin string // scheme and host as the client sees them, for links: "https://hooks.example.com"
	Prefix string // under which it came
}

// Response is what goes back.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}
