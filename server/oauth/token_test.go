package oauth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"hooktree/server"
	"hooktree/server/accounts"
)

// paths are the token calls.
var paths = map[string]string{
	"accelo": "/oauth2/v0/token", "actionstep": "/api/oauth/token", "keap": "/token", "standard": "/api/v1/oauth/token",
}

// What each dialect tells besides the tokens, which are random.
func TestToken_answersInEachDialectsWay(t *testing.T) {
	t.Parallel()

	for dialect, want := range map[string]string{
		"accelo": `{"token_type":"Bearer","expires_in":2592000,"scope":"read(all)","deployment":"acme","deployment_name":"Acme service desk",
			"deployment_uri":"https://hooks.example.com","account_id":"7","account_details":{"id":7,"name":"Service Desk","email":"desk@example.com"}}`,
		"actionstep": `{"token_type":"Bearer","expires_in":3600,"api_endpoint":"https://hooks.example.com/api/","orgkey":"acme","refresh_token":"…"}`,
		"keap":       `{"token_type":"bearer","expires_in":86400,"scope":"full","refresh_token":"…"}`,
		"standard":   `{"token_type":"Bearer","expires_in":3600,"scope":"hooks"}`,
	} {
		h := open(t)
		c := h.client(dialect)
		a := h.do(sent{path: paths[dialect], basic: &c, body: form("grant_type", "client_credentials")})
		if a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: the answer is %d %v; want 200 that nobody keeps", dialect, a.status, a.header)
		}
		if got := h.works(a.text("access_token")); got != dialect {
			t.Errorf("%s: the access token is one of %q", dialect, got)
		}
		delete(a.told, "access_token")
		if strings.HasPrefix(a.text("refresh_token"), "hr_") {
			a.told["refresh_token"] = "…"
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

func TestToken_takesCredentialsWhereverClientsPutThem(t *testing.T) {
	t.Parallel()

	for dialect, path := range paths {
		h := open(t)
		c, another := h.client(dialect), h.client(dialect)
		inBody := []string{"grant_type", "client_credentials", "client_id", c.ID, "client_secret", c.Secret}
		object := fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q,"scope":null}`, c.ID, c.Secret)
		for name, s := range map[string]sent{
			"in the header":                {basic: &c, body: form("grant_type", "client_credentials")},
			"in a form":                    {body: form(inBody...)},
			"in both, as PHP's client has": {basic: &c, body: form(inBody...)},
			"in JSON":                      {kind: "application/json; charset=utf-8", body: object},
			"in the header, JSON":          {basic: &c, kind: "application/json", body: `{"grant_type":"client_credentials"}`},
		} {
			s.path = path
			if a := h.do(s); a.status != http.StatusOK || h.works(a.text("access_token")) != dialect {
				t.Errorf("%s: credentials %s gave %d %s", dialect, name, a.status, a.body)
			}
		}
		h.wantFailure(h.do(sent{path: path, basic: &another, body: form(inBody...)}), 400, "invalid_request", "send one of them")
	}
}

func TestToken_refusesInTheWordsOfRFC6749(t *testing.T) {
	t.Parallel()

	const secret = "&client_secret="
	for _, tt := range []struct {
		name, dialect, body string
		status              int
		code, part          string
	}{
		{"no grant type", "standard", "", 400, "invalid_request", "grant_type is missing from the body; send authorization_code, refresh_token or client_credentials"},
		{"an unknown code", "actionstep", "grant_type=authorization_code&code=1", 400, "invalid_grant", "ask the user again at /api/oauth/authorize"},
		{"no code", "actionstep", "grant_type=authorization_code", 400, "invalid_request", "code is missing"},
		{"a password", "keap", "grant_type=password", 400, "unsupported_grant_type", "the grant_type password is not offered"},
		{"a refresh token at Accelo", "accelo", "grant_type=refresh_token&refresh_token=x", 400, "invalid_grant", "unknown, expired or used"},
		{"a refresh token at ours", "standard", "grant_type=refresh_token&refresh_token=x", 400, "invalid_grant", "unknown, expired or used"},
		{"an unknown refresh token", "keap", "grant_type=refresh_token&refresh_token=x", 400, "invalid_grant", "unknown, expired or used"},
		{"a refresh without its token", "keap", "grant_type=refresh_token", 400, "invalid_request", "refresh_token is missing"},
		{"a scope of another form", "accelo", "grant_type=client_credentials&scope=everything", 400, "invalid_scope", "read(all)"},
		{"a scope that is not closed", "accelo", "grant_type=client_credentials&scope=read(all", 400, "invalid_scope", "read(all"},
		{"a scope of Keap", "keap", "grant_type=client_credentials&scope=half", 400, "invalid_scope", "send full"},
		{"a scope of ours", "standard", "grant_type=client_credentials&scope=admin", 400, "invalid_scope", "send hooks"},
		{"a life that is no number", "accelo", "grant_type=client_credentials&expires_in=long", 400, "invalid_request", "a number of seconds"},
		{"a life of nothing", "accelo", "grant_type=client_credentials&expires_in=0", 400, "invalid_request", "a number of seconds"},
		{"a parameter twice", "standard", "grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request", "comes 2 times"},
		{"a broken form", "standard", "grant_type=%zz", 400, "invalid_request", "percent-encode"},
		{"a form that is not UTF-8", "standard", "grant_type=%ff", 400, "invalid_request", "UTF-8"},
		{"another client in the body", "standard", "client_id=x" + secret, 400, "invalid_request", "send one of them"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			c := h.client(tt.dialect)
			a := h.do(sent{path: paths[tt.dialect], basic: &c, body: tt.body})
			h.wantFailure(a, tt.status, tt.code, tt.part)
			if tokens, err := h.accounts.Tokens(t.Context(), "", 9); err != nil || len(tokens) != 0 {
				t.Errorf("a refused call left %d tokens (%v)", len(tokens), err)
			}
		})
	}
}

func TestToken_refusesBodiesThatItCannotRead(t *testing.T) {
	t.Parallel()

	h := open(t)
	c := h.client("standard")
	for _, tt := range []struct {
		kind, body string
		status     int
		part       string
	}{
		{"text/xml", "<a/>", 415, "application/json"},
		{"no type", "", 415, "application/json"},
		{"application/json", `{"grant_type":`, 400, "cannot be read as JSON"},
		{"application/json", `[]`, 400, "no JSON object"},
		{"application/json", `{"grant_type":["client_credentials"]}`, 400, "grant_type is to be a text"},
		{"application/json", `{"grant_type":"a","grant_type":"b"}`, 400, "cannot be read as JSON"},
	} {
		h.wantFailure(h.do(sent{path: paths["standard"], basic: &c, kind: tt.kind, body: tt.body}), tt.status, "invalid_request", tt.part)
	}
}

func TestToken_refusesClientsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()

	for dialect, path := range paths {
		h := open(t)
		c, other := h.client(dialect), h.client(map[bool]string{true: "keap", false: "accelo"}[dialect == "accelo"])
		wrong, revoked := c, h.client(dialect)
		wrong.Secret = "guess"
		if err := h.accounts.RevokeClient(t.Context(), accounts.Identity{Name: "root"}, revoked.ID); err != nil {
			t.Fatal(err)
		}
		body := form("grant_type", "client_credentials")
		for _, who := range []*client{&wrong, &other, &revoked, {}} {
			h.wantFailure(h.do(sent{path: path, basic: who, body: body}), 401, "invalid_client", "")
		}
		h.wantFailure(h.do(sent{path: path, body: body}), 401, "invalid_client", "send Authorization: Basic")
		if strings.Contains(h.log.String(), c.Secret) || strings.Contains(h.log.String(), "guess") {
			t.Errorf("the log holds a secret: %s", h.log.String())
		}
	}
}

func TestToken_throttlesGuesses(t *testing.T) {
	t.Parallel()

	h := open(t)
	c := h.client("accelo")
	wrong := c
	wrong.Secret = "guess"
	body := form("grant_type", "client_credentials")
	for range 10 {
		h.do(sent{path: paths["accelo"], basic: &wrong, body: body})
	}
	a := h.do(sent{path: paths["accelo"], basic: &c, body: body})
	h.wantFailure(a, 429, "too_many_failed_logins", "Retry-After")
	if a.header.Get("Retry-After") != "300" || a.header.Get("X-Status-Reason") != "too_many_failed_logins" {
		t.Errorf("the headers are %v; want to retry after 300 s", a.header)
	}
}

// Whoever reads Accelo's answers by their envelope finds the same status there.
func TestToken_tellsAccelosFailuresInItsEnvelopeToo(t *testing.T) {
	t.Parallel()

	h := open(t)
	a := h.do(sent{path: paths["accelo"], body: "grant_type=client_credentials"})
	meta, _ := a.told["meta"].(map[string]any)
	if meta["status"] != "invalid_client" || meta["message"] != a.text("error_description") || a.header.Get("X-Status-Reason") != "invalid_client" {
		t.Errorf("the answer is %s %v; want the status in meta and in a header", a.body, a.header)
	}
	if response, there := a.told["response"]; !there || response != nil {
		t.Errorf("the answer is %s; want a response of null", a.body)
	}
}

func TestToken_takesAccelosScopesAndLives(t *testing.T) {
	t.Parallel()

	h := open(t)
	c := h.client("accelo")
	for _, scope := range []string{"read(all)", "write(all)", "read(all),write(companies,contacts)", "read(all) write(staff)", "write(contacts, staff)"} {
		a := h.do(sent{path: paths["accelo"], basic: &c, body: form("grant_type", "client_credentials", "scope", scope, "expires_in", "60")})
		if a.status != 200 || a.text("scope") != scope || a.told["expires_in"] != 60.0 {
			t.Errorf("scope %s gave %d %s; want it back, for 60 s", scope, a.status, a.body)
		}
	}
	a := h.do(sent{path: paths["accelo"], basic: &c, kind: "application/json", body: `{"grant_type":"client_credentials","expires_in":120}`})
	if a.told["expires_in"] != 120.0 {
		t.Errorf("a number in JSON gave %s; want 120 s", a.body)
	}
	a = h.do(sent{path: paths["accelo"], basic: &c, body: form("grant_type", "client_credentials", "expires_in", "99999999")})
	if a.told["expires_in"] != 2592000.0 {
		t.Errorf("too long a life gave %s; want 30 days", a.body)
	}
}

func TestToken_renewsOnceForEachRefreshToken(t *testing.T) {
	t.Parallel()

	for _, dialect := range []string{"actionstep", "keap"} {
		h := open(t)
		c := h.client(dialect)
		renew := func(refresh string) answer {
			return h.do(sent{path: paths[dialect], basic: &c, body: form("grant_type", "refresh_token", "refresh_token", refresh)})
		}
		first := renew(c.Refresh)
		second := renew(first.text("refresh_token"))
		if first.status != 200 || second.status != 200 || h.works(second.text("access_token")) != dialect {
			t.Fatalf("%s: renewing gave %d %s, then %d %s", dialect, first.status, first.body, second.status, second.body)
		}
		h.advance(2 * time.Minute)
		h.wantFailure(renew(c.Refresh), 400, "invalid_grant", "client_credentials")
		h.wantFailure(renew(second.text("refresh_token")), 400, "invalid_grant", "")
		if h.works(first.text("access_token")) != "" || h.works(second.text("access_token")) != "" {
			t.Errorf("%s: a token of a family that ended works", dialect)
		}
	}
}

func TestRevoke_endsATokenOfAccelo(t *testing.T) {
	t.Parallel()

	h := open(t)
	c, other := h.client("accelo"), h.client("accelo")
	access := h.do(sent{path: paths["accelo"], basic: &c, body: "grant_type=client_credentials"}).text("access_token")
	revoke := func(who *client, body string) answer {
		return h.do(sent{path: "/oauth2/v0/revoke", basic: who, body: body})
	}
	h.wantFailure(revoke(&c, ""), 400, "invalid_request", "token is missing")
	h.wantFailure(revoke(nil, form("token", access)), 401, "invalid_client", "")
	if a := revoke(&other, form("token", access)); a.status != 200 || h.works(access) == "" {
		t.Errorf("another client's revoke = %d %s; want 200 and nothing done", a.status, a.body)
	}
	a := revoke(nil, form("token", access, "client_id", c.ID, "client_secret", c.Secret))
	meta, _ := a.told["meta"].(map[string]any)
	if a.status != 200 || meta["status"] != "ok" || h.works(access) != "" {
		t.Errorf("revoke = %d %s; want ok, and a token that ended", a.status, a.body)
	}
}

// A client library that many programs use gets, uses and renews tokens here.
func TestToken_servesARealClient(t *testing.T) {
	t.Parallel()

	for dialect, path := range paths {
		h := open(t)
		c := h.client(dialect)
		served := httptest.NewServer(h)
		t.Cleanup(served.Close)
		for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams, oauth2.AuthStyleAutoDetect} {
			config := clientcredentials.Config{ClientID: c.ID, ClientSecret: c.Secret, TokenURL: served.URL + path, AuthStyle: style}
			token, err := config.Token(t.Context())
			if err != nil || !token.Valid() || token.Type() != "Bearer" || h.works(token.AccessToken) != dialect {
				t.Errorf("%s: client credentials in style %d gave %v, %v", dialect, style, token, err)
			}
		}
		if c.Refresh == "" {
			continue
		}
		config := oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, Endpoint: oauth2.Endpoint{TokenURL: served.URL + path}}
		old := &oauth2.Token{RefreshToken: c.Refresh, Expiry: time.Unix(1, 0)}
		for range 3 {
			token, err := config.TokenSource(t.Context(), old).Token()
			if err != nil || token.RefreshToken == old.RefreshToken || h.works(token.AccessToken) != dialect {
				t.Fatalf("%s: renewing gave %v, %v", dialect, token, err)
			}
			old = &oauth2.Token{RefreshToken: token.RefreshToken, Expiry: time.Unix(1, 0)}
		}
	}
}

func TestRefuse_tellsWhatTheServerRefuses(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		status int
		code   string
	}{{404, "invalid_request"}, {405, "invalid_request"}, {413, "invalid_request"}, {429, "too_many_requests"}, {500, "server_error"}} {
		for _, m := range open(t).mounts[:len(paths)] { // behind them stand the authorization endpoints
			r := m.Refuse(server.Refusal{Status: tt.status, Code: "x", Message: "what and why", RetryAfter: 1500 * time.Millisecond})
			var told map[string]any
			if err := json.Unmarshal(r.Body, &told); err != nil {
				t.Fatal(err)
			}
			if r.Status != tt.status || told["error"] != tt.code || told["error_description"] != "what and why" || r.Header.Get("Retry-After") != "2" {
				t.Errorf("%s refuses %d by %d %v %s", m.Name, tt.status, r.Status, r.Header, r.Body)
			}
		}
	}
}
