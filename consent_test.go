package main_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"hooktree/server/accounts"
)

// visitor is a browser whose user has signed in. It follows no redirect.
type visitor struct {
	b      *binary
	client http.Client
}

func (b *binary) visitor() *visitor {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	v := &visitor{b, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if status, _ := v.do(http.MethodPost, "http://"+b.addr+"/api/v1/session", map[string]string{"name": "admin", "password": b.password}, nil); status != http.StatusCreated {
		b.t.Fatalf("sign in = %d", status)
	}
	return v
}

// do sends a request as a page of ours does, and gives where it leads.
func (v *visitor) do(method, address string, body map[string]string, into any) (int, string) {
	v.b.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		v.b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(v.b.t.Context(), method, address, strings.NewReader(string(text)))
	if err != nil {
		v.b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	response, err := v.client.Do(request)
	if err != nil {
		v.b.t.Fatal(err)
	}
	defer response.Body.Close()
	if into != nil {
		if err := json.NewDecoder(response.Body).Decode(into); err != nil {
			v.b.t.Fatalf("%s %s = %d: %v", method, address, response.StatusCode, err)
		}
	}
	return response.StatusCode, response.Header.Get("Location")
}

// allow goes where an application sends its user, allows what is asked, and
// gives the code.
func (v *visitor) allow(address, state string) string {
	v.b.t.Helper()
	_, page := v.do(http.MethodGet, address, nil, nil)
	asked, err := url.Parse(page)
	if err != nil || asked.Path != "/consent" {
		v.b.t.Fatalf("%s leads to %q, %v; want the page that asks", address, page, err)
	}
	members := map[string]string{}
	for name := range asked.Query() {
		members[name] = asked.Query().Get(name)
	}
	var told struct{ URL string }
	status, _ := v.do(http.MethodPost, "http://"+v.b.addr+"/api/v1/consent", members, &told)
	back, err := url.Parse(told.URL)
	if err != nil || status != http.StatusOK || back.Query().Get("state") != state {
		v.b.t.Fatalf("POST /consent = %d %s, %v", status, told.URL, err)
	}
	return back.Query().Get("code")
}

// consentDialect is what an application of a dialect knows of its vendor.
type consentDialect struct{ authorize, token, hooks, hook string }

var consentDialects = map[string]consentDialect{
	"actionstep": {"/api/oauth/authorize", "/api/oauth/token", "/api/rest/resthooks", `{"resthooks":{"eventName":"ActionCreated","targetUrl":"https://example.com/hook"}}`},
	"keap":       {"/app/oauth/authorize", "/token", "/crm/rest/v1/hooks", `{"eventKey":"contact.add","hookUrl":"https://example.com/hook"}`},
	"accelo":     {"/oauth2/v0/authorize", "/oauth2/v0/token", "/api/v0/webhooks/subscriptions", `{"event_id":"create_task","trigger_url":"https://example.com/hook"}`},
	"standard":   {"/api/v1/oauth/authorize", "/api/v1/oauth/token", "/api/v1/hooks", `{"event":"submission.submitted","target_url":"https://example.com/hook"}`},
}

// application registers one by the command, as an admin does.
func (b *binary) application(dialect string, more ...string) *oauth2.Config {
	b.t.Helper()
	args := []string{"client", "create", "Booking sync", "--dialect", dialect, "--json", "--data", b.data}
	var told struct {
		ID      string `json:"client_id"`
		Secret  string `json:"client_secret"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(must(b.t, "", append(args, more...)...)), &told); err != nil || told.Refresh != "" {
		b.t.Fatalf("client create = %+v, %v; want no refresh token", told, err)
	}
	at := consentDialects[dialect]
	return &oauth2.Config{
		ClientID: told.ID, ClientSecret: told.Secret, RedirectURL: "http://127.0.0.1:61234/callback",
		Endpoint: oauth2.Endpoint{AuthURL: "http://" + b.addr + at.authorize, TokenURL: "http://" + b.addr + at.token},
	}
}

// A client library that many programs use goes the whole way: its user is
// asked, it has its tokens, makes a hook by them and renews them, also after
// the server was killed, until an admin revokes it.
func TestConsent_leadsARealClientToAHookInEachDialect(t *testing.T) {
	t.Parallel()

	for dialect, at := range consentDialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()

			b := newBinary(t, deskSpace)
			b.start()
			user, config := b.visitor(), b.application(dialect, "--redirect-uri", "http://127.0.0.1/callback", "--redirect-uri", "https://portal.example.com/a,b")
			verifier := oauth2.GenerateVerifier()
			code := user.allow(config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)), "a state")
			b.kill()
			b.start() // what was allowed is kept
			token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatalf("Exchange = %v", err)
			}
			if status, answer, err := b.call(http.MethodPost, at.hooks, at.hook, bearer(token.AccessToken)); err != nil || status/100 != 2 {
				t.Errorf("a hook by the token = %d %s, %v", status, answer, err)
			}
			if owned := b.ownerOfHooks(); owned != "admin" {
				t.Errorf("the hook is %q's; want that of who allowed it", owned)
			}
			next, err := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken, Expiry: time.Unix(1, 0)}).Token()
			if err != nil || next.AccessToken == token.AccessToken {
				t.Fatalf("renewed = %v, %v", next, err)
			}
			if _, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); !isInvalidGrant(err) {
				t.Errorf("a code that was used again gave %v; want invalid_grant", err)
			}
			if status, answer, err := b.call(http.MethodGet, at.hooks, "", bearer(next.AccessToken)); err != nil || status != http.StatusUnauthorized {
				t.Errorf("a token of a code that was used again = %d %s, %v; want 401", status, answer, err)
			}
			b.endsWithItsClient(config, user)
			log := b.stop()
			for _, secret := range []string{code, token.AccessToken, token.RefreshToken, next.AccessToken, config.ClientSecret} {
				if strings.Contains(log, secret) {
					t.Error("a secret stands in the log")
				}
			}
		})
	}
}

func isInvalidGrant(err error) bool {
	failed, ok := errors.AsType[*oauth2.RetrieveError](err)
	return ok && failed.ErrorCode == "invalid_grant"
}

// ownerOfHooks gives the name of whose the only subscription is.
func (b *binary) ownerOfHooks() string {
	b.t.Helper()
	var told struct {
		Subscriptions []struct{ Owner struct{ Name string } }
	}
	b.get("/api/v1/subscriptions", b.token("viewer"), &told)
	if len(told.Subscriptions) != 1 {
		b.t.Fatalf("there are %d subscriptions; want one", len(told.Subscriptions))
	}
	return told.Subscriptions[0].Owner.Name
}

// endsWithItsClient has a user let the application in once more, and an admin
// revoke it beside the running server.
func (b *binary) endsWithItsClient(config *oauth2.Config, user *visitor) {
	b.t.Helper()
	token, err := config.Exchange(b.t.Context(), user.allow(config.AuthCodeURL("s"), "s"))
	if err != nil {
		b.t.Fatalf("without PKCE Exchange = %v", err)
	}
	must(b.t, "", "client", "revoke", config.ClientID, "--data", b.data)
	b.refusedWithin(accounts.Noticed+slack, bearer(token.AccessToken))
	if status, to := user.do(http.MethodGet, config.AuthCodeURL("s"), nil, nil); status != http.StatusBadRequest || to != "" {
		b.t.Errorf("a revoked application still asks users: %d to %q", status, to)
	}
}
