package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/oauth"
)

// endpoints are where the vendors' applications send their users.
var endpoints = map[string]string{
	"accelo": "/oauth2/v0/authorize", "actionstep": "/api/oauth/authorize", "keap": "/app/oauth/authorize", "standard": "/api/v1/oauth/authorize",
}

// visit is what a browser is told that an application sends to an address.
func (h *house) visit(address string) *httptest.ResponseRecorder {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		h.t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

// consent reads what the endpoint hands to the page.
func (h *house) consent(address string) accounts.AuthorizationRequest {
	h.t.Helper()
	rec := h.visit(address)
	page, err := url.Parse(rec.Header().Get("Location"))
	if err != nil || rec.Code != http.StatusFound || page.Path != oauth.ConsentPage || page.Host != "" {
		h.t.Fatalf("GET %s = %d to %s, %v; want the page that asks", address, rec.Code, page, err)
	}
	return askedOf(h.t, page.String())
}

// allow is the user's consent; it gives the code.
func (h *house) allow(by accounts.Identity, address, state string) string {
	h.t.Helper()
	to, err := h.accounts.Allow(h.t.Context(), by, h.consent(address))
	if err != nil {
		h.t.Fatalf("Allow = %v", err)
	}
	back, err := url.Parse(to)
	if err != nil || back.Query().Get("state") != state {
		h.t.Fatalf("the browser goes to %s, %v; want the state %s", to, err, state)
	}
	return back.Query().Get("code")
}

// config is the application in a client library that many programs use.
func (h *house) config(dialect string, c client, base, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ID, ClientSecret: c.Secret, RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: base + endpoints[dialect], TokenURL: base + paths[dialect]},
	}
}

func (h *house) serve() string {
	served := httptest.NewServer(h)
	h.t.Cleanup(served.Close)
	return served.URL
}

func TestAuthorize_servesARealClientFromConsentToRenewal(t *testing.T) {
	t.Parallel()

	for dialect := range endpoints {
		for _, public := range []bool{false, true} {
			h := open(t)
			by, base := h.grace(), h.serve()
			redirect := callback
			if public {
				redirect = "http://127.0.0.1:61234/callback"
			}
			config := h.config(dialect, h.application(dialect, public), base, redirect)
			verifier := oauth2.GenerateVerifier()
			code := h.allow(by, config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)), "a state")
			token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
			if err != nil || !token.Valid() || h.works(token.AccessToken) != dialect || token.RefreshToken == "" {
				t.Fatalf("%s (public: %t): Exchange = %v, %v", dialect, public, token, err)
			}
			old := &oauth2.Token{RefreshToken: token.RefreshToken, Expiry: time.Unix(1, 0)}
			next, err := config.TokenSource(t.Context(), old).Token()
			if err != nil || next.RefreshToken == token.RefreshToken || h.works(next.AccessToken) != dialect {
				t.Errorf("%s (public: %t): renewed = %v, %v", dialect, public, next, err)
			}
			h.advance(2 * time.Minute)
			if _, err := config.TokenSource(t.Context(), old).Token(); codeOf(err) != "invalid_grant" || h.works(next.AccessToken) != "" {
				t.Errorf("%s (public: %t): a spent refresh token gave %v, and its family works", dialect, public, err)
			}
		}
	}
}

// codeOf gives the code of RFC 6749 that an exchange failed with.
func codeOf(err error) string {
	failed, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return ""
	}
	return failed.ErrorCode
}

// What each dialect tells of whom the tokens are for.
func TestAuthorize_answersInEachDialectsWay(t *testing.T) {
	t.Parallel()

	for dialect, want := range map[string]string{
		"accelo": `{"token_type":"Bearer","expires_in":3600,"scope":"read(all),write(companies)","deployment":"acme","deployment_name":"Acme service desk",
			"deployment_uri":"https://hooks.example.com","account_id":"…","account_details":{"id":"…","name":"grace","email":"grace@example.com"}}`,
		"actionstep": `{"token_type":"Bearer","expires_in":3600,"api_endpoint":"https://hooks.example.com/api/","orgkey":"acme"}`,
		"keap":       `{"token_type":"bearer","expires_in":86400,"scope":"full"}`,
		"standard":   `{"token_type":"Bearer","expires_in":3600,"scope":"hooks"}`,
	} {
		h := open(t)
		by, app := h.grace(), h.application(dialect, false)
		query := []string{"response_type", "code", "client_id", app.ID, "redirect_uri", callback, "state", "s"}
		fields := []string{"grant_type", "authorization_code", "redirect_uri", callback}
		if dialect == "accelo" {
			query, fields = append(query, "scope", "read(all),write(companies)"), append(fields, "expires_in", "3600")
		}
		code := h.allow(by, "https://hooks.example.com"+endpoints[dialect]+"?"+form(query...), "s")
		a := h.do(sent{path: paths[dialect], basic: &app, body: form(append(fields, "code", code)...)})
		if a.status != http.StatusOK || !strings.HasPrefix(a.text("access_token"), "ht_") || !strings.HasPrefix(a.text("refresh_token"), "hr_") {
			t.Errorf("%s: the answer is %d %s; want both tokens", dialect, a.status, a.body)
		}
		delete(a.told, "access_token")
		delete(a.told, "refresh_token")
		if details, ok := a.told["account_details"].(map[string]any); ok {
			if number, _ := details["id"].(float64); number < 1<<52 || len(a.text("account_id")) != 16 {
				t.Errorf("%s: the user's number is %v and %s", dialect, details["id"], a.text("account_id"))
			}
			details["id"], a.told["account_id"] = "…", "…"
		}
		var wanted map[string]any
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wanted, a.told); diff != "" {
			t.Errorf("%s: the answer differs (-want +got):\n%s", dialect, diff)
		}
	}
}

func TestAuthorize_refusesWhatIsExchangedWrongly(t *testing.T) {
	t.Parallel()

	for dialect := range endpoints {
		other := map[bool]string{true: "keap", false: "accelo"}[dialect == "accelo"]
		for what, wrong := range map[string]func(h *house, c *oauth2.Config, verifier *string){
			"another redirect URI":     func(_ *house, c *oauth2.Config, _ *string) { c.RedirectURL = local },
			"another verifier":         func(_ *house, _ *oauth2.Config, v *string) { *v = oauth2.GenerateVerifier() },
			"a foreign client":         func(h *house, c *oauth2.Config, _ *string) { become(c, h.application(dialect, false)) },
			"a code of another client": func(h *house, c *oauth2.Config, _ *string) { become(c, h.application(dialect, true)) },
			"a code that is over":      func(h *house, _ *oauth2.Config, _ *string) { h.advance(accounts.CodeLife) },
			"a code of another dialect": func(h *house, c *oauth2.Config, _ *string) {
				become(c, h.application(other, false))
				c.Endpoint.TokenURL = strings.TrimSuffix(c.Endpoint.TokenURL, paths[dialect]) + paths[other]
			},
		} {
			h := open(t)
			config := h.config(dialect, h.application(dialect, false), h.serve(), callback)
			verifier := oauth2.GenerateVerifier()
			code := h.allow(h.grace(), config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), "s")
			right, proof := *config, verifier
			wrong(h, config, &verifier)
			if token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); codeOf(err) != "invalid_grant" {
				t.Errorf("%s: %s gave %v, %v; want invalid_grant", dialect, what, token, err)
			}
			if what == "a code that is over" {
				continue
			}
			token, err := right.Exchange(t.Context(), code, oauth2.VerifierOption(proof))
			if err != nil {
				t.Errorf("%s: after %s the right exchange gave %v", dialect, what, err)
				continue
			}
			if _, err := right.Exchange(t.Context(), code, oauth2.VerifierOption(proof)); codeOf(err) != "invalid_grant" || h.works(token.AccessToken) != "" {
				t.Errorf("%s: a code that was used again gave %v, and its token works: %t", dialect, err, h.works(token.AccessToken) != "")
			}
		}
	}
}

func become(c *oauth2.Config, other client) { c.ClientID, c.ClientSecret = other.ID, other.Secret }

func TestAuthorize_refusesAClientThatShowsNoSecret(t *testing.T) {
	t.Parallel()

	h := open(t)
	app := h.application("keap", false)
	code := h.allow(h.grace(), "https://hooks.example.com"+endpoints["keap"]+"?"+form("client_id", app.ID, "redirect_uri", callback, "state", "s"), "s")
	h.wantFailure(h.do(sent{path: paths["keap"], body: form("grant_type", "authorization_code", "code", code, "redirect_uri", callback, "client_id", app.ID)}),
		401, "invalid_client", "")
	h.wantFailure(h.do(sent{path: paths["keap"], basic: &app, body: form("grant_type", "client_credentials")}), 400, "unauthorized_client", "no owner")
}

// Faults of an application that is known go back to it; all others stay here.
func TestAuthorize_sendsNobodyToAnAddressThatIsNotRegistered(t *testing.T) {
	t.Parallel()

	for dialect, path := range endpoints {
		h := open(t)
		app, public := h.application(dialect, false), h.application(dialect, true)
		good := []string{"response_type", "code", "client_id", app.ID, "redirect_uri", callback, "state", "a&b"}
		for _, tt := range []struct {
			what  string
			query string
			back  string // error that goes back; empty for a page
		}{
			{"nothing", "", ""},
			{"an unknown client", form("client_id", "nobody", "redirect_uri", callback), ""},
			{"another redirect URI", form("client_id", app.ID, "redirect_uri", "https://evil.example.com/"), ""},
			{"a script", form("client_id", app.ID, "redirect_uri", "javascript:alert(1)"), ""},
			{"two clients", form(append(good, "client_id", public.ID)...), ""},
			{"two redirect URIs", form(append(good, "redirect_uri", "https://evil.example.com/")...), ""},
			{"two states", form(append(good, "state", "c")...), "invalid_request"},
			{"an implicit grant", form(append([]string{"response_type", "token"}, good[2:]...)...), "unsupported_response_type"},
			{"an unknown scope", form(append(good, "scope", "!")...), "invalid_scope"},
			{"plain", form(append(good, "code_challenge", strings.Repeat("a", 43), "code_challenge_method", "plain")...), "invalid_request"},
			{"neither state nor PKCE", form(good[:6]...), "invalid_request"},
			{"a public client without PKCE", form("response_type", "code", "client_id", public.ID, "redirect_uri", callback, "state", "a&b"), "invalid_request"},
		} {
			rec := h.visit("https://hooks.example.com" + path + "?" + tt.query)
			to := rec.Header().Get("Location")
			if tt.back == "" {
				h.wantPage(dialect+": "+tt.what, rec)
				continue
			}
			back, err := url.Parse(to)
			if err != nil || rec.Code != http.StatusFound || !strings.HasPrefix(to, callback+"?error="+tt.back+"&error_description=") {
				t.Errorf("%s: %s = %d to %s; want %s sent back", dialect, tt.what, rec.Code, to, tt.back)
			} else if want := strings.Contains(tt.query, "state="); want != (back.Query().Get("state") == "a&b") {
				t.Errorf("%s: %s goes to %s; want the state as it came: %t", dialect, tt.what, to, want)
			}
		}
	}
}

// wantPage wants a page that says what is wrong, runs nothing and leads nowhere.
func (h *house) wantPage(what string, rec *httptest.ResponseRecorder) {
	h.t.Helper()
	policy := rec.Header().Get("Content-Security-Policy")
	if rec.Code != http.StatusBadRequest || rec.Header().Get("Location") != "" || !strings.Contains(rec.Body.String(), "<strong>") ||
		!strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") {
		h.t.Errorf("%s = %d %v %s; want a page with what is wrong", what, rec.Code, rec.Header(), rec.Body)
	}
}

func TestAuthorize_showsWhatWasSentAsText(t *testing.T) {
	t.Parallel()

	h := open(t)
	rec := h.visit("https://hooks.example.com" + endpoints["keap"] + "?" + form("client_id", `<script>alert(1)</script>`))
	if body := rec.Body.String(); strings.Contains(body, "<script") || !strings.Contains(body, "&lt;script&gt;") {
		t.Errorf("the page has what was sent as it came: %s", body)
	}
}

func TestAuthorize_breaksWithAPageAndALineInTheLog(t *testing.T) {
	t.Parallel()

	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mounts := oauth.New(oauth.Services{
		Accounts: accounts.New(broken{h.store}, h.now, oauth.Terms(dialects)), Space: func() oauth.Space { return oauth.Space{} }, Log: h.logger(),
	}, dialects)
	for _, m := range mounts[len(paths):] {
		r := m.Routes[0].Handle(ctx, server.Request{Query: url.Values{"client_id": {"x"}}})
		if r.Status != http.StatusInternalServerError || strings.Contains(string(r.Body), errBroken.Error()) || !strings.Contains(h.log.String(), errBroken.Error()) {
			t.Errorf("%s: a store that is broken = %d %s, logged %q", m.Name, r.Status, r.Body, h.log.String())
		}
		if r = m.Refuse(server.Refusal{Status: 405, Message: "send GET"}); r.Status != 405 || !strings.Contains(string(r.Body), "send GET.") {
			t.Errorf("%s refuses by %d %s", m.Name, r.Status, r.Body)
		}
	}
}
