package subscription

import (
	"regexp"
	"time"
)

// Tokens is how applications get the tokens of a dialect by themselves, at the
// calls that the vendor's clients already make (OAuth 2.0, RFC 6749).
type Tokens struct {
	Prefix    string // where the calls are
	Token     string // path of the token call below the prefix
	Revoke    string // path of the call that ends a token (RFC 7009); empty for none
	Authorize string // whole path where applications send users to be asked

	// Scopes is what may be asked for, and Scope what is granted where nothing
	// is; none of both is a dialect without scopes.
	Scopes *regexp.Regexp
	Scope  string
	// ImpliedCode lets an application leave response_type out when it sends a
	// user to be asked.
	ImpliedCode bool
	// AskedLife lets a token call ask for a shorter life of its token, in
	// expires_in.
	AskedLife bool

	Access  time.Duration // how long an access token works
	Refresh time.Duration // how long a refresh token does that a client's own credentials gave, from its last use; zero gives none
	Allowed time.Duration // the same of what a user has allowed

	Type         string // token_type, as the vendor spells it
	TellScope    bool   // answers tell the scope
	StatusHeader string // header in which answers tell their status; empty for none
	// Tell adds what the vendor tells besides RFC 6749; nil adds nothing.
	Tell func(answer map[string]any, about Granted)
	// Envelope adds what the vendor's other calls tell of a status; nil adds
	// nothing.
	Envelope func(answer map[string]any, status, message string)
}

// Granted is what answers of a token call are made of besides the tokens.
type Granted struct {
	Owner  Owner  // for whom they are
	Slug   string // of the space
	Name   string // of the space, for people
	Origin string // scheme and host as the client sees them
}
