package server_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

const password = "correct horse"

// signIn makes the first user by the setup link, and gives the cookie.
func (h *house) signIn() string {
	h.t.Helper()
	secret, err := h.accounts.Start(h.t.Context(), "")
	if err != nil {
		h.t.Fatalf("Start = %v", err)
	}
	got := h.do(accounts.Public, "POST", "/api/v1/setup", `{"secret":"`+secret+`","name":"ada","password":"`+password+`"}`)
	if got.status != 201 {
		h.t.Fatalf("POST /setup = %d %s", got.status, got.body)
	}
	return cookieOf(h.t, got)
}

func cookieOf(tb testing.TB, a answer) string {
	tb.Helper()
	c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		tb.Fatalf("Set-Cookie = %q: %v", a.header.Get("Set-Cookie"), err)
	}
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
		tb.Errorf("the cookie %s can be read by scripts or comes along from other sites", c)
	}
	return c.Name + "=" + c.Value
}

func TestSession_lastsFromSetUpToLogOut(t *testing.T) {
	t.Parallel()

	h := open(t)
	cookie := h.signIn()
	wantJSON(t, h.do(accounts.Public, "GET", "/api/v1/session", "", "Cookie", cookie), `{"name":"ada","role":"admin","kind":"session","space":"Acme service desk"}`)

	if got := h.do(accounts.Public, "DELETE", "/api/v1/session", "", "Cookie", cookie); got.status != 204 || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("DELETE /session = %d %s", got.status, got.header)
	}
	checkProblem(t, h.do(accounts.Public, "GET", "/api/v1/session", "", "Cookie", cookie), 401, "not_signed_in", "sign in")

	// A cookie that is over does not keep its owner from signing in anew.
	again := h.do(accounts.Public, "POST", "/api/v1/session", `{"name":"Ada","password":"`+password+`"}`, "Cookie", cookie)
	if again.status != 201 || cookieOf(t, again) == cookie {
		t.Errorf("POST /session = %d %s; want another session", again.status, again.body)
	}
	checkProblem(t, h.do(accounts.Public, "POST", "/api/v1/session", `{"name":"ada","password":"wrong"}`), 401, "denied", "wrong")
	checkProblem(t, h.do(accounts.Public, "POST", "/api/v1/setup", `{"secret":"x","password":"`+password+`"}`), 409, "set_up", "sign in")
}

// A page of another site can make a browser send its cookie, but not with
// effect.
func TestSession_isOfNoUseToOtherSites(t *testing.T) {
	t.Parallel()

	h := open(t)
	cookie := h.signIn()
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example.com"}, {"Origin", "null"}} {
		got := h.do(accounts.Public, "DELETE", "/api/v1/users/ada", "", "Cookie", cookie, header[0], header[1])
		checkProblem(t, got, 403, "cross_origin", "another site")
	}
	for _, header := range [][2]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://hooktree.test"}} {
		got := h.do(accounts.Public, "POST", "/api/v1/users", `{}`, "Cookie", cookie, header[0], header[1])
		checkProblem(t, got, 422, "invalid", "")
	}
}

func TestAuthentication_takesAPasswordInBasic(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.signIn()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:"+password))
	wantJSON(t, h.do(accounts.Public, "GET", "/api/v1/session", "", "Authorization", basic), `{"name":"ada","role":"admin","kind":"password","space":"Acme service desk"}`)
}

func TestPassword_isChangedByItsOwnerAlone(t *testing.T) {
	t.Parallel()

	h := open(t)
	cookie := h.signIn()
	put := func(body string, headers ...string) answer {
		return h.do(accounts.Public, "PUT", "/api/v1/session/password", body, headers...)
	}
	checkProblem(t, put(`{"old":"wrong","new":"battery staple"}`, "Cookie", cookie), 401, "denied", "")
	checkProblem(t, put(`{"old":"`+password+`","new":"short"}`, "Cookie", cookie), 422, "invalid", "8 to 256")
	checkProblem(t, h.do(accounts.Viewer, "PUT", "/api/v1/session/password", `{"old":"a","new":"b"}`), 409, "no_password", "token")
	if got := put(`{"old":"`+password+`","new":"battery staple"}`, "Cookie", cookie); got.status != 204 {
		t.Fatalf("PUT = %d %s", got.status, got.body)
	}
	if got := h.do(accounts.Public, "GET", "/api/v1/session", "", "Cookie", cookie); got.status != 401 {
		t.Errorf("the session of before the change = %d; want 401", got.status)
	}
}

func TestUsers_areKeptByAdmins(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.signIn()
	made := h.do(accounts.Admin, "POST", "/api/v1/users", `{"name":"bob","role":"operator","password":"`+password+`","email":"bob@example.com"}`)
	if made.status != 201 || made.header.Get("ETag") != `"1"` || strings.Contains(made.body, "argon") {
		t.Fatalf("POST /users = %d %s %s", made.status, made.header, made.body)
	}
	checkProblem(t, h.do(accounts.Admin, "POST", "/api/v1/users", `{"name":"bob","role":"viewer","password":"`+password+`"}`), 409, "exists", "another")
	checkProblem(t, h.do(accounts.Admin, "PUT", "/api/v1/users/bob", `{"disabled":true}`), 428, "if_match_required", "ETag")
	checkProblem(t, h.do(accounts.Admin, "PUT", "/api/v1/users/bob", `{"disabled":true}`, "If-Match", `"9"`), 412, "stale", "again")
	if got := h.do(accounts.Admin, "PUT", "/api/v1/users/bob", `{"role":"author"}`, "If-Match", `"1"`); got.status != 200 || !strings.Contains(got.body, `"role":"author"`) || !strings.Contains(got.body, "bob@example.com") {
		t.Errorf("PUT = %d %s; want the role changed and the rest as it was", got.status, got.body)
	}
	checkProblem(t, h.do(accounts.Admin, "DELETE", "/api/v1/users/ada", "", "If-Match", "*"), 409, "last_admin", "another user admin")
	if got := h.do(accounts.Admin, "DELETE", "/api/v1/users/bob", "", "If-Match", `"2"`); got.status != 204 {
		t.Errorf("DELETE = %d %s", got.status, got.body)
	}
	checkProblem(t, h.do(accounts.Admin, "GET", "/api/v1/users/bob", ""), 404, "not_found", "")
}

func TestTokens_workUntilTheyAreRevoked(t *testing.T) {
	t.Parallel()

	h := open(t, func(_ *server.Config, s *server.Services, _ *[]server.Mount) {
		s.Dialects = []subscription.Dialect{{Name: "standard"}}
	})
	made := h.do(accounts.Admin, "POST", "/api/v1/tokens", `{"name":"portal","role":"viewer","dialect":"standard","owner":{"id":7,"name":"Desk"}}`)
	var told struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(made.body), &told); err != nil || made.status != 201 {
		t.Fatalf("POST /tokens = %d %s", made.status, made.body)
	}
	use := func() answer {
		return h.do(accounts.Public, "GET", "/api/v1/session", "", "Authorization", "Bearer "+told.Secret)
	}
	wantJSON(t, use(), `{"name":"portal","role":"viewer","kind":"token","space":"Acme service desk"}`)
	if list := h.do(accounts.Admin, "GET", "/api/v1/tokens", ""); strings.Contains(list.body, told.Secret) || !strings.Contains(list.body, told.ID) {
		t.Errorf("GET /tokens = %s; want the token without its secret", list.body)
	}
	if got := h.do(accounts.Admin, "DELETE", "/api/v1/tokens/"+told.ID, ""); got.status != 204 {
		t.Errorf("DELETE = %d %s", got.status, got.body)
	}
	checkProblem(t, use(), 401, "denied", "revoked")
	if strings.Contains(h.log.String(), told.Secret) {
		t.Error("the log holds the secret")
	}
}
