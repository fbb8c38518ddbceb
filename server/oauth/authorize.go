package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"hooktree/server"
	"hooktree/server/accounts"
)

// ConsentPage is the page of the UI that asks the user.
const ConsentPage = "/consent"

// endpoint is where an application sends a browser. The browser's session
// stands in no way yet: the page asks who is there.
func (c *calls) endpoint() []server.Route {
	return []server.Route{{Method: http.MethodGet, Own: true, Handle: c.authorize}}
}

// authorize sends the browser on to the page that asks the user, or back to
// the client with what is wrong. What is wrong before it is sure that the
// client and the address belong together is shown here and sent nowhere.
func (c *calls) authorize(ctx context.Context, req server.Request) server.Response {
	ask, twice := parseAuthorization(c.name, req.Query)
	if twice == "client_id" || twice == "redirect_uri" {
		return faultPage(http.StatusBadRequest, twice+" comes twice, so it is not clear who asks.")
	}
	consent, err := c.Accounts.Consider(ctx, ask)
	if err == nil && twice != "" {
		err = consent.Refuse("invalid_request", clip(twice)+" comes twice; send it once")
	}
	refused, known := errors.AsType[*accounts.AuthorizationError](err)
	switch {
	case err == nil:
		return goTo(ConsentPage + "?" + askedOnPage(ask).Encode())
	case known && refused.Back != "":
		return goTo(refused.Back)
	case known:
		return faultPage(http.StatusBadRequest, refused.Text+".")
	default:
		return faultPage(http.StatusInternalServerError, c.failed(err).message+".")
	}
}

// parseAuthorization reads a request, and gives the name of a parameter that
// came twice, which none may (RFC 6749, 3.1); empty for none. Those that make
// unclear who asks come first.
func parseAuthorization(dialect string, query url.Values) (ask accounts.AuthorizationRequest, twice string) {
	ask.Dialect = dialect
	for _, p := range parameters(&ask) {
		values := query[p.name]
		if len(values) > 0 {
			*p.value = values[0]
		}
		if len(values) > 1 && twice == "" {
			twice = p.name
		}
	}
	return ask, twice
}

// askedOnPage is the request as the page gets it, and hands it to the API.
func askedOnPage(ask accounts.AuthorizationRequest) url.Values {
	query := url.Values{"dialect": {ask.Dialect}}
	for _, p := range parameters(&ask) {
		if *p.value != "" {
			query.Set(p.name, *p.value)
		}
	}
	return query
}

type parameter struct {
	name  string
	value *string
}

func parameters(ask *accounts.AuthorizationRequest) []parameter {
	return []parameter{
		{"client_id", &ask.Client},
		{"redirect_uri", &ask.Redirect},
		{"response_type", &ask.Type},
		{"scope", &ask.Scope},
		{"state", &ask.State},
		{"code_challenge", &ask.Challenge},
		{"code_challenge_method", &ask.Method},
	}
}

func goTo(address string) server.Response {
	return server.Response{Status: http.StatusFound, Header: http.Header{"Location": {address}}}
}
