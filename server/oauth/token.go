package oauth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// authenticate gives the client that sends a request.
func (c *calls) authenticate(ctx context.Context, req server.Request, sent asked) (accounts.Client, *failure) {
	if sent.client == "" {
		return accounts.Client{}, fail(http.StatusUnauthorized, "invalid_client",
			"the request has no client credentials; send Authorization: Basic with base64 of client_id:client_secret, or both in the body")
	}
	client, err := c.Accounts.Client(ctx, c.name, accounts.Login{Name: sent.client, Password: sent.secret, Remote: req.Remote})
	if err != nil {
		return client, c.failed(err)
	}
	return client, nil
}

// token gives tokens.
func (c *calls) token(ctx context.Context, client accounts.Client, sent asked, origin string) (map[string]any, *failure) {
	terms := c.Accounts.Terms(c.name)
	if sent.scope == "" {
		sent.scope = terms.Scope
	}
	if !terms.Takes(sent.scope) {
		return nil, fail(http.StatusBadRequest, "invalid_scope", "the scope %q is not known here; leave it out, or send %s", clip(sent.scope), terms.Scope)
	}
	grant, refused := c.grant(ctx, client, sent)
	if refused != nil {
		return nil, refused
	}
	answer := map[string]any{
		"access_token": grant.Access, "token_type": c.Type, "expires_in": int64(grant.Life / time.Second),
	}
	if grant.Refresh != "" {
		answer["refresh_token"] = grant.Refresh
	}
	if c.TellScope {
		answer["scope"] = cmp.Or(grant.Scope, sent.scope)
	}
	if c.Tell != nil {
		space := c.Space()
		c.Tell(answer, subscription.Granted{Owner: subscription.Owner(grant.Owner), Slug: space.Slug, Name: space.Name, Origin: origin})
	}
	return answer, nil
}

// grant carries out what grant_type asks for.
func (c *calls) grant(ctx context.Context, client accounts.Client, sent asked) (accounts.Grant, *failure) {
	var grant accounts.Grant
	var life time.Duration
	if c.AskedLife {
		var refused *failure
		if life, refused = sent.seconds(); refused != nil {
			return grant, refused
		}
	}
	var err error
	switch {
	case sent.grant == "":
		return grant, invalid("grant_type is missing from the body; send %s", grants)
	case sent.grant == "client_credentials":
		grant, err = c.Accounts.Issue(ctx, client, life)
	case sent.grant == "refresh_token" && sent.refresh == "":
		return grant, invalid("refresh_token is missing from the body")
	case sent.grant == "refresh_token":
		grant, err = c.Accounts.Renew(ctx, client, sent.refresh)
	case sent.grant == "authorization_code" && sent.code == "":
		return grant, invalid("code is missing from the body: what came back to the redirect URI")
	case sent.grant == "authorization_code":
		grant, err = c.Accounts.Exchange(ctx, client, accounts.Exchange{Code: sent.code, Redirect: sent.redirect, Verifier: sent.verifier, Life: life})
	default:
		return grant, fail(http.StatusBadRequest, "unsupported_grant_type", "the grant_type %s is not offered; send %s", clip(sent.grant), grants)
	}
	if err != nil {
		return grant, c.failed(err)
	}
	return grant, nil
}

// revoke ends an access token of the client. One that is not the client's, or
// is gone, is no failure.
func (c *calls) revoke(ctx context.Context, client accounts.Client, sent asked, _ string) (map[string]any, *failure) {
	if sent.token == "" {
		return nil, invalid("token is missing from the body: the access token to end")
	}
	if err := c.Accounts.RevokeGrant(ctx, client, sent.token); err != nil {
		return nil, c.failed(err)
	}
	answer := map[string]any{}
	if c.Envelope != nil {
		c.Envelope(answer, "ok", "Everything executed as expected.")
	}
	return answer, nil
}

// failed turns a service's error into what the client is told. What it does
// not know is logged, once; no secret stands in it.
func (c *calls) failed(err error) *failure {
	if throttled, ok := errors.AsType[*accounts.ThrottledError](err); ok {
		f := fail(http.StatusTooManyRequests, "too_many_failed_logins", "too many credentials were wrong; wait as long as Retry-After says, and look at the client's id and secret")
		f.retry = throttled.RetryAfter
		return f
	}
	switch {
	case errors.Is(err, accounts.ErrDenied):
		return fail(http.StatusUnauthorized, "invalid_client", "the client_id or client_secret is wrong, revoked or of another dialect than %s; `hooktree client list` shows the clients", c.name)
	case errors.Is(err, accounts.ErrGrant):
		return fail(http.StatusBadRequest, "invalid_grant", "the refresh token is unknown, expired or used, or who allowed it may no longer; a client gets another by grant_type=client_credentials, or asks its user again")
	case errors.Is(err, accounts.ErrCode):
		return fail(http.StatusBadRequest, "invalid_grant", "the code is unknown, older than %s, used, or was given to another client_id, redirect_uri or code_verifier; ask the user again at %s", accounts.CodeLife, c.Authorize)
	case errors.Is(err, accounts.ErrNoOwner):
		return fail(http.StatusBadRequest, "unauthorized_client", "this client has no owner, so it acts for users alone; ask one at %s", c.Authorize)
	default:
		c.Log.Error("a token call failed", "error", err, "dialect", c.name)
		return fail(http.StatusInternalServerError, "server_error", "something broke here; the log of the server says what")
	}
}
