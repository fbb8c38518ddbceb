package server_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/oauth"
	"hooktree/webhooks/subscription"
)

// asking are dialects whose clients ask for tokens.
var asking = []subscription.Dialect{
	{Name: "accelo", Tokens: &subscription.Tokens{
		Prefix: "/oauth2/v0", Token: "/token", Authorize: "/oauth2/v0/authorize",
		Access: time.Hour, Allowed: 24 * time.Hour, Scope: "read(all)", Scopes: regexp.MustCompile(`^read\(all\)$`),
	}},
	{Name: "keap", Tokens: &subscription.Tokens{
		Prefix: "/token", Authorize: "/app/oauth/authorize",
		Access: time.Hour, Refresh: 24 * time.Hour, Allowed: 24 * time.Hour, Scope: "full", Scopes: regexp.MustCompile(`^full$`),
	}},
}

// withEndpoints mounts the endpoints where applications send their users.
func withEndpoints(_ *server.Config, services *server.Services, mounts *[]server.Mount) {
	for _, m := range oauth.New(oauth.Services{
		Accounts: services.Accounts, Space: func() oauth.Space { return oauth.Space{} }, Log: slog.New(slog.DiscardHandler),
	}, asking) {
		if strings.HasPrefix(m.Name, "authorize-") {
			*mounts = append(*mounts, m)
		}
	}
}

const callback = "https://portal.example.com/callback"

// asking makes an application of Keap, and gives what it sends its users with.
func (h *house) asking() url.Values {
	h.t.Helper()
	made := h.do(accounts.Admin, "POST", "/api/v1/clients", `{"name":"portal","dialect":"keap","redirectUris":["`+callback+`"]}`)
	var told struct{ ID, Secret, RefreshToken string }
	if err := json.Unmarshal([]byte(made.body), &told); err != nil || made.status != 201 || told.Secret == "" || told.RefreshToken != "" {
		h.t.Fatalf("POST /clients = %d %s; want a secret, and no refresh token", made.status, made.body)
	}
	return url.Values{"client_id": {told.ID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"s"}}
}

// body is a request as the page sends it.
func body(tb testing.TB, query url.Values) string {
	tb.Helper()
	members := map[string]string{}
	for name := range query {
		members[name] = query.Get(name)
	}
	text, err := json.Marshal(members)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestConsent_leadsFromTheEndpointToACode(t *testing.T) {
	t.Parallel()

	h := open(t, withEndpoints)
	cookie, query := h.signIn(), h.asking()
	sent := h.do(accounts.Public, "GET", "/app/oauth/authorize?"+query.Encode(), "")
	page, err := url.Parse(sent.header.Get("Location"))
	if err != nil || sent.status != 302 || page.Path != "/consent" || sent.header.Get("Cache-Control") != "no-store" || sent.header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("the endpoint = %d %v, %v", sent.status, sent.header, err)
	}

	checkProblem(t, h.do(accounts.Public, "GET", "/api/v1/consent?"+page.RawQuery, ""), 401, "not_signed_in", "sign in")
	shown := h.do(accounts.Public, "GET", "/api/v1/consent?"+page.RawQuery, "", "Cookie", cookie)
	var told struct {
		Client    struct{ Name string }
		Scope     string
		Allows    []string
		DeniedURL string
	}
	if err := json.Unmarshal([]byte(shown.body), &told); err != nil || told.Client.Name != "portal" || told.Scope != "full" || len(told.Allows) < 3 ||
		!strings.HasPrefix(told.DeniedURL, callback+"?error=access_denied&") || !strings.HasSuffix(told.DeniedURL, "&state=s") {
		t.Errorf("GET /consent = %d %s", shown.status, shown.body)
	}
	if strings.Contains(shown.body, "code=") {
		t.Errorf("a code was given before the user allowed it: %s", shown.body)
	}

	allowed := h.do(accounts.Public, "POST", "/api/v1/consent", body(t, page.Query()), "Cookie", cookie)
	if allowed.status != 200 || !strings.HasPrefix(allowed.body, `{"url":"`+callback+`?code=hc_`) {
		t.Errorf("POST /consent = %d %s; want where the browser goes, with a code", allowed.status, allowed.body)
	}
	if strings.Contains(h.log.String(), "hc_") {
		t.Error("the log holds a code")
	}
}

// Nothing but a click on our own page lets an application in.
func TestConsent_isGivenByNoOtherSite(t *testing.T) {
	t.Parallel()

	h := open(t)
	cookie, query := h.signIn(), h.asking()
	query.Set("dialect", "keap")
	for what, headers := range map[string][]string{
		"a page of another site":  {"Sec-Fetch-Site", "cross-site"},
		"one of a sister site":    {"Sec-Fetch-Site", "same-site"},
		"one of another origin":   {"Origin", "https://evil.example.com"},
		"a page without a sender": {"Origin", "null"},
	} {
		a := h.do(accounts.Public, "POST", "/api/v1/consent", body(t, query), append(headers, "Cookie", cookie)...)
		if a.status != 403 || !strings.Contains(a.body, "cross_origin") {
			t.Errorf("%s gave consent: %d %s", what, a.status, a.body)
		}
	}
	a := h.do(accounts.Public, "POST", "/api/v1/consent", query.Encode(), "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")
	if a.status != 415 {
		t.Errorf("a form gave consent: %d %s", a.status, a.body)
	}
	if h.do(accounts.Public, "GET", "/api/v1/consent?"+query.Encode(), "", "Cookie", cookie); len(h.store.Audits()) == 0 {
		t.Fatal("there is no audit")
	}
	for _, row := range h.store.Audits() {
		if row.Did == "client.allow" {
			t.Errorf("the audit has %+v; nobody allowed it", row)
		}
	}
}

func TestConsent_isRefusedWithWhatIsWrong(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.signIn()
	query := h.asking()
	query.Set("dialect", "keap")
	checkProblem(t, h.do(accounts.Operator, "POST", "/api/v1/consent", body(t, query)), 409, "no_user", "sign in as the user")
	checkProblem(t, h.do(accounts.Viewer, "POST", "/api/v1/consent", body(t, query)), 403, "forbidden", "operator")
	for name, tt := range map[string][2]string{
		"client_id":     {"nobody", "unauthorized_client"},
		"redirect_uri":  {"https://evil.example.com/", "invalid_request"},
		"response_type": {"token", "unsupported_response_type"},
		"scope":         {"half", "invalid_scope"},
		"dialect":       {"accelo", "unauthorized_client"},
	} {
		wrong := url.Values{}
		for member := range query {
			wrong.Set(member, query.Get(member))
		}
		wrong.Set(name, tt[0])
		checkProblem(t, h.do(accounts.Viewer, "GET", "/api/v1/consent?"+wrong.Encode(), ""), 422, tt[1], "")
		checkProblem(t, h.do(accounts.Operator, "POST", "/api/v1/consent", body(t, wrong)), 422, tt[1], "")
	}
}

func TestEndpoint_refusesOtherMethodsOnAPage(t *testing.T) {
	t.Parallel()

	h := open(t, withEndpoints)
	a := h.do(accounts.Public, "POST", "/oauth2/v0/authorize", "")
	if a.status != http.StatusMethodNotAllowed || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("POST = %d %v %s; want 405 on a page", a.status, a.header, a.body)
	}
}
