package accounts_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

// The example of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

const callback = "https://portal.example.com/callback"

// application is a client that asks users.
type application struct {
	accounts.Client

	secret string
}

// application makes one; a public client where it has only loopback addresses.
func (h *house) application(dialect string, redirects ...string) application {
	h.t.Helper()
	public := len(redirects) > 0 && !strings.HasPrefix(redirects[0], "https:")
	c, secrets, err := h.CreateClient(h.t.Context(), root, accounts.ClientRequest{Name: "portal", Dialect: dialect, Redirects: redirects, Public: public})
	if err != nil {
		h.t.Fatalf("CreateClient(%s) = %v", dialect, err)
	}
	if public != (secrets.Secret == "") || secrets.Refresh != "" {
		h.t.Errorf("the secrets of a client (public: %t) are %v", public, secrets)
	}
	return application{c, secrets.Secret}
}

// ask is a request that is well made.
func (a application) ask() accounts.AuthorizationRequest {
	return accounts.AuthorizationRequest{
		Dialect: a.Dialect, Client: a.ID, Redirect: a.Redirects[0], Type: "code", State: "s t&a=te", Challenge: challenge, Method: "S256",
	}
}

func TestConsider_tellsWhatIsAsked(t *testing.T) {
	t.Parallel()

	for dialect, scope := range map[string]string{"actionstep": "all", "keap": "full", "accelo": "read(all)", "standard": "hooks"} {
		h := open(t)
		app := h.application(dialect, callback)
		ask := app.ask()
		consent, err := h.Consider(t.Context(), ask)
		if err != nil || consent.Client.ID != app.ID || consent.Redirect != callback || consent.Scope != scope {
			t.Errorf("%s: Consider = %+v, %v", dialect, consent, err)
		}
		ask.Redirect = "" // the one that is registered is meant
		if consent, err = h.Consider(t.Context(), ask); err != nil || consent.Redirect != callback {
			t.Errorf("%s: without a redirect_uri Consider = %+v, %v; want the one registered", dialect, consent, err)
		}
		denied, err := url.Parse(consent.Denied())
		if err != nil || denied.Query().Get("error") != "access_denied" || denied.Query().Get("state") != ask.State || denied.Query().Has("code") {
			t.Errorf("%s: the denial is sent as %s, %v", dialect, consent.Denied(), err)
		}
		h.wantAudit("root client.create " + app.ID)
	}
}

func TestConsider_keepsTheQueryOfTheRedirectURI(t *testing.T) {
	t.Parallel()

	h := open(t)
	consent, err := h.Consider(t.Context(), h.application("keap", callback+"?tenant=7").ask())
	if err != nil || !strings.HasPrefix(consent.Denied(), callback+"?tenant=7&error=access_denied&") {
		t.Errorf("the denial is sent as %s, %v", consent.Denied(), err)
	}
}

// Before it is sure that client and redirect URI belong together, nobody but
// the person at the browser is told anything.
func TestConsider_showsFaultsOfUnknownSendersAlone(t *testing.T) {
	t.Parallel()

	h := open(t)
	app, revoked, silent := h.application("keap", callback), h.application("keap", callback), application{}
	silent.Client, _ = h.client("keap")
	if err := h.RevokeClient(t.Context(), root, revoked.ID); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*accounts.AuthorizationRequest){
		"an unknown client":                   func(a *accounts.AuthorizationRequest) { a.Client = "nobody" },
		"no client":                           func(a *accounts.AuthorizationRequest) { a.Client = "" },
		"a revoked client":                    func(a *accounts.AuthorizationRequest) { a.Client = revoked.ID },
		"a client of another dialect":         func(a *accounts.AuthorizationRequest) { a.Dialect = "accelo" },
		"a client without redirect URIs":      func(a *accounts.AuthorizationRequest) { a.Client = silent.ID },
		"one without, and none sent":          func(a *accounts.AuthorizationRequest) { a.Client, a.Redirect = silent.ID, "" },
		"another redirect URI, and no state":  func(a *accounts.AuthorizationRequest) { a.Redirect, a.State = callback+"x", "" },
		"another redirect URI and type token": func(a *accounts.AuthorizationRequest) { a.Redirect, a.Type = callback+"x", "token" },
	} {
		ask := app.ask()
		change(&ask)
		_, err := h.Consider(t.Context(), ask)
		if refused, ok := errors.AsType[*accounts.AuthorizationError](err); !ok || refused.Back != "" || refused.Text == "" {
			t.Errorf("%s gave %v; want a refusal that sends nobody anywhere", what, err)
		}
	}
}

func TestConsider_sendsOtherFaultsBack(t *testing.T) {
	t.Parallel()

	h := open(t)
	app, public := h.application("keap", callback), h.application("standard", "http://127.0.0.1/callback")
	for _, tt := range []struct {
		what   string
		app    application
		change func(*accounts.AuthorizationRequest)
		code   string
	}{
		{"another response type", app, func(a *accounts.AuthorizationRequest) { a.Type = "token" }, "unsupported_response_type"},
		{"no response type", public, func(a *accounts.AuthorizationRequest) { a.Type = "" }, "unsupported_response_type"},
		{"an unknown scope", app, func(a *accounts.AuthorizationRequest) { a.Scope = "half" }, "invalid_scope"},
		{"a state without end", app, func(a *accounts.AuthorizationRequest) { a.State = strings.Repeat("s", 2001) }, "invalid_request"},
		{"plain", app, func(a *accounts.AuthorizationRequest) { a.Method, a.Challenge = "plain", verifier }, "invalid_request"},
		{"plain by default", app, func(a *accounts.AuthorizationRequest) { a.Method = "" }, "invalid_request"},
		{"a method alone", app, func(a *accounts.AuthorizationRequest) { a.Challenge = "" }, "invalid_request"},
		{"a challenge of another length", app, func(a *accounts.AuthorizationRequest) { a.Challenge += "A" }, "invalid_request"},
		{"a challenge with padding", app, func(a *accounts.AuthorizationRequest) { a.Challenge = challenge[:42] + "=" }, "invalid_request"},
		{"neither state nor PKCE", app, func(a *accounts.AuthorizationRequest) { a.State, a.Challenge, a.Method = "", "", "" }, "invalid_request"},
		{"no PKCE of a public client", public, func(a *accounts.AuthorizationRequest) { a.Challenge, a.Method = "", "" }, "invalid_request"},
	} {
		ask := tt.app.ask()
		tt.change(&ask)
		_, err := h.Consider(t.Context(), ask)
		refused, ok := errors.AsType[*accounts.AuthorizationError](err)
		if !ok || refused.Code != tt.code {
			t.Errorf("%s gave %v; want %s", tt.what, err, tt.code)
			continue
		}
		back, err := url.Parse(refused.Back)
		if err != nil || !strings.HasPrefix(refused.Back, ask.Redirect+"?") || back.Query().Get("error") != tt.code ||
			back.Query().Get("error_description") != refused.Text || back.Query().Get("state") != ask.State {
			t.Errorf("%s is sent back as %s, %v", tt.what, refused.Back, err)
		}
	}
	for what, change := range map[string]func(*accounts.AuthorizationRequest){
		"state without PKCE":           func(a *accounts.AuthorizationRequest) { a.Challenge, a.Method = "", "" },
		"PKCE without state":           func(a *accounts.AuthorizationRequest) { a.State = "" },
		"no response type, as at Keap": func(a *accounts.AuthorizationRequest) { a.Type = "" },
	} {
		ask := app.ask()
		change(&ask)
		if _, err := h.Consider(t.Context(), ask); err != nil {
			t.Errorf("%s gave %v; want it taken", what, err)
		}
	}
}
