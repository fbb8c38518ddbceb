package accounts

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// AuthorizationRequest is what an application asks a user for, by sending the
// user's browser to an authorization endpoint (RFC 6749, 4.1.1).
type AuthorizationRequest struct {
	Dialect   string // whose endpoint it is
	Client    string // client_id
	Redirect  string // redirect_uri as sent; empty for the one that is registered
	Type      string // response_type
	Scope     string
	State     string
	Challenge string // code_challenge
	Method    string // code_challenge_method
}

// The bounds of what a client has told back.
const (
	maxState = 2000
	maxScope = 1000
)

// Consent is what a user is asked: may this client act in my name?
type Consent struct {
	Client   Client
	Redirect string // where the answer goes
	Scope    string // what is granted
	request  AuthorizationRequest
}

// AuthorizationError is why nobody is asked.
type AuthorizationError struct {
	Code string // of RFC 6749, 4.1.2.1
	Text string
	// Back is where the browser goes to tell the client. It is empty until the
	// client and its redirect URI are known to belong together: then only the
	// person at the browser may be told.
	Back string
}

func (e *AuthorizationError) Error() string { return e.Text }

// Consider finds out what a request asks, or fails with an
// [AuthorizationError]. Nobody need be signed in, and nothing changes.
func (s *Service) Consider(ctx context.Context, ask AuthorizationRequest) (Consent, error) {
	client, err := s.store.Client(ctx, ask.Client)
	if err != nil && !isNotFound(err) {
		return Consent{}, err
	}
	if err != nil || client.Dialect != ask.Dialect || !client.Revoked.IsZero() {
		return Consent{}, &AuthorizationError{Code: "unauthorized_client", Text: fmt.Sprintf(
			"no application of %s is registered here by the client_id %.100q, or it is revoked; an admin looks at hooktree client list", ask.Dialect, ask.Client)}
	}
	consent := Consent{Client: client, request: ask}
	if consent.Redirect, err = client.redirect(ask.Redirect); err != nil {
		return Consent{}, err
	}
	terms := s.terms[client.Dialect]
	consent.Scope = strings.TrimSpace(ask.Scope)
	if consent.Scope == "" {
		consent.Scope = terms.Scope
	}
	if code, text := consent.wrong(terms); code != "" {
		return Consent{}, consent.Refuse(code, text)
	}
	return consent, nil
}

// redirect gives where answers to a request go.
func (c Client) redirect(sent string) (string, error) {
	switch {
	case sent == "" && len(c.Redirects) == 1:
		return c.Redirects[0], nil
	case sent == "":
		return "", &AuthorizationError{Code: "invalid_request", Text: fmt.Sprintf(
			"the request of %s has no redirect_uri, and %d are registered, so it is not clear where the answer goes", c.Name, len(c.Redirects))}
	case !c.sends(sent):
		return "", &AuthorizationError{Code: "invalid_request", Text: fmt.Sprintf(
			"%.200q is no redirect_uri that was registered for %s; it must be one of them to the letter, by hooktree client create --redirect-uri", sent, c.Name)}
	default:
		return sent, nil
	}
}

// wrong says what is wrong with a request whose client is known; an empty code
// for nothing.
func (c Consent) wrong(terms Terms) (code, text string) {
	ask := c.request
	switch {
	case ask.Type != "code" && (ask.Type != "" || !terms.ImpliedCode):
		return "unsupported_response_type", "response_type is to be code"
	case len(ask.State) > maxState:
		return "invalid_request", fmt.Sprintf("state is longer than %d bytes", maxState)
	case len(c.Scope) > maxScope || !terms.Takes(c.Scope):
		return "invalid_scope", "the scope is not known here; leave it out, or send " + terms.Scope
	case ask.Challenge == "" && ask.Method != "":
		return "invalid_request", "code_challenge_method comes without a code_challenge"
	case ask.Challenge == "" && c.Client.Public:
		return "invalid_request", "a client without a secret proves itself by PKCE; send code_challenge with code_challenge_method=S256"
	case ask.Challenge == "" && ask.State == "":
		return "invalid_request", "state is missing, by which a client knows its own request again; send it, or a code_challenge"
	case ask.Challenge != "" && ask.Method != "S256":
		return "invalid_request", "code_challenge_method is to be S256; plain, which is meant when it is left out, protects nothing"
	case ask.Challenge != "" && !challengeForm.MatchString(ask.Challenge):
		return "invalid_request", "code_challenge is to be the base64url of a SHA-256, which has 43 characters"
	default:
		return "", ""
	}
}

// Refuse is the error that tells the client something.
func (c Consent) Refuse(code, text string) *AuthorizationError {
	return &AuthorizationError{Code: code, Text: text, Back: c.back("error", code, "error_description", text)}
}

// Denied is where the browser goes when the user does not want it. That needs
// no permission.
func (c Consent) Denied() string {
	return c.Refuse("access_denied", "the user did not allow it").Back
}

// back adds an answer to the redirect URI, in the order of its names.
func (c Consent) back(pairs ...string) string {
	if c.request.State != "" {
		pairs = append(pairs, "state", c.request.State)
	}
	address, separator := c.Redirect, "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	for i := 0; i < len(pairs); i += 2 {
		address += separator + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
		separator = "&"
	}
	return address
}
