package subscription

import "time"

// Outcome is what became of an operation, for Render.
type Outcome struct {
	Operation     Operation // nil where the request could not be read
	Subscriptions []Subscription
	Total         int     // of List: how many there are besides this page
	Offers        []Offer // of Types
	Samples       [][]byte
	Answer        int    // of Dispatch: the HTTP status that the endpoint answered; zero for none
	Queued        int    // of Trigger and Replay: how many deliveries are on their way
	Secret        string // made for the subscription, shown this once
	Refusal       *Refusal
}

// Refusal is why an operation was not done. Nothing was stored.
type Refusal struct {
	Code       Code
	Message    string        // for people: what is wrong, and what to do
	Field      string        // from a protocol in its spelling, from the service one of the Fields; empty when it is none
	Near       []string      // names like an unknown one, best first
	RetryAfter time.Duration // for Busy
}

func (r *Refusal) Error() string { return r.Message }

// The fields that the service names in a refusal. Each protocol spells them in
// its own way.
const (
	FieldID          = "id"
	FieldEvent       = "event"
	FieldURL         = "url"
	FieldStatus      = "status"
	FieldContentType = "content_type"
	FieldSecret      = "secret"
	FieldFilter      = "filter"
	FieldRate        = "rate"
	FieldConcurrency = "concurrency"
	FieldExpires     = "expires"
	FieldObject      = "object"
	FieldFrom        = "from"
	FieldTo          = "to"
)

// Code says what kind of refusal it is. Each dialect maps codes to its own
// statuses and words.
type Code string

// The codes.
const (
	Malformed   Code = "malformed"        // the body or a parameter cannot be read
	Unsupported Code = "unsupported_type" // of content, or of what is accepted
	TooLarge    Code = "too_large"        // the body, or a list in it
	NoRoute     Code = "no_route"         // there is nothing at this path
	NoMethod    Code = "no_method"        // not with this method
	NotSignedIn Code = "not_signed_in"    // credentials are missing or wrong
	Foreign     Code = "foreign"          // good credentials, for something else
	Missing     Code = "missing"          // a field is
	Invalid     Code = "invalid"          // a field's value is
	NoEvent     Code = "unknown_event"    // there is no such event
	BadURL      Code = "bad_url"          // no absolute address, or one that the guard refuses
	Exists      Code = "exists"           // the same subscription is there already
	NotFound    Code = "not_found"        // there is no such subscription, or it is another owner's
	Unconfirmed Code = "unconfirmed"      // the endpoint did not confirm, or the secret is wrong
	TooMany     Code = "too_many"         // subscriptions in the space
	Busy        Code = "busy"             // try again after a moment
	NoRoom      Code = "no_room"          // the disk is too full to accept more
	Failed      Code = "failed"           // our fault
)
