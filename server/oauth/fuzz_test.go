package oauth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/oauth"
)

// Whatever is sent is read, or refused with a code of RFC 6749; and what is
// read of a form is what the standard library reads there.
func FuzzParseAsked(f *testing.F) {
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for _, seed := range [][3]string{
		{"", form, "grant_type=client_credentials&client_id=a&client_secret=b"},
		{"Basic YTpi", form, "grant_type=refresh_token&refresh_token=x"},
		{"Basic YTpi", form, "client_id=a"},
		{"Basic YTpi", form, "client_id=c"},
		{"basic %%%", "", "a=1&a=2"},
		{"Bearer x", object, `{"grant_type":"client_credentials","expires_in":60,"scope":null}`},
		{"Basic", object, `{"grant_type":{}}`},
		{"", object, `[1e999]`},
		{"", form, "grant_type=%ff"},
		{"", "text/plain; charset", "x"},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	codes := map[string]int{"invalid_client": 401, "invalid_request": 400}
	f.Fuzz(func(t *testing.T, authorization, kind string, body []byte) {
		header := http.Header{"Authorization": {authorization}, "Content-Type": {kind}}
		client, secret, grant, status, failed := oauth.ParseAsked(header, body)
		if failed != "" {
			if codes[failed] != status && status != http.StatusUnsupportedMediaType {
				t.Errorf("refused by %d %s", status, failed)
			}
			return
		}
		req := http.Request{Header: header}
		if id, password, ok := req.BasicAuth(); ok && (client != id || secret != password) {
			t.Errorf("the header has %q and %q; read as %q and %q", id, password, client, secret)
		}
		if kind == form {
			values, err := url.ParseQuery(string(body))
			if err != nil || values.Get("grant_type") != grant {
				t.Errorf("%q was read as grant type %q (%v)", body, grant, err)
			}
		}
		if !utf8.ValidString(grant) {
			t.Errorf("the grant type %q is not UTF-8", grant)
		}
	})
}

// Whatever is asked, a browser is sent to the page that asks its user, back to
// an address that was registered, or nowhere; and the page is handed what the
// endpoint has looked at.
func FuzzAuthorize(f *testing.F) {
	for _, seed := range []string{
		"response_type=code&client_id=ID&state=s&redirect_uri=https%3A%2F%2Fportal.example.com%2Fcallback",
		"response_type=code&client_id=ID&state=s&redirect_uri=http%3A%2F%2F127.0.0.1%3A61000%2Fcallback&scope=full",
		"response_type=token&client_id=ID&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback&state=%0d%0aSet-Cookie:x",
		"client_id=ID&redirect_uri=http://127.0.0.1:1@evil.example.com/callback",
		"client_id=ID&redirect_uri=http://127.0.0.1/callback%23&code_challenge=a&code_challenge_method=S256",
		"client_id=ID&client_id=&state=a&state=b&scope=a&scope=b&redirect_uri=",
		"client_id=%ff&redirect_uri=//evil.example.com",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		h := open(t)
		app := h.application("keap", false)
		query, err := url.ParseQuery(strings.ReplaceAll(sent, "ID", app.ID))
		if err != nil {
			return
		}
		for _, m := range h.mounts {
			if m.Name != "authorize-keap" {
				continue
			}
			r := m.Routes[0].Handle(t.Context(), server.Request{Query: query})
			to := r.Header.Get("Location")
			switch {
			case r.Status == http.StatusBadRequest && to == "":
			case r.Status == http.StatusFound && strings.HasPrefix(to, oauth.ConsentPage+"?"):
				if _, err := h.accounts.Consider(t.Context(), askedOf(t, to)); err != nil {
					t.Errorf("the page is handed %s, and the API refuses it: %v", to, err)
				}
			case r.Status == http.StatusFound && registered.MatchString(to) && !strings.ContainsAny(to, "\r\n"):
			default:
				t.Errorf("%s sends a browser to %q by %d", sent, to, r.Status)
			}
		}
	})
}

var registered = regexp.MustCompile(`^(https://portal\.example\.com|http://127\.0\.0\.1(:[0-9]{1,5})?)/callback\?error=[a-z_]+&`)

// askedOf reads what the page is handed.
func askedOf(t *testing.T, address string) accounts.AuthorizationRequest {
	t.Helper()
	page, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := page.Query()
	return accounts.AuthorizationRequest{
		Dialect: q.Get("dialect"), Client: q.Get("client_id"), Redirect: q.Get("redirect_uri"), Type: q.Get("response_type"),
		Scope: q.Get("scope"), State: q.Get("state"), Challenge: q.Get("code_challenge"), Method: q.Get("code_challenge_method"),
	}
}
