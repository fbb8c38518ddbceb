package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"hooktree/server/accounts"
)

func TestCreateClient_takesRedirectURIsThatAreSafe(t *testing.T) {
	t.Parallel()

	h := open(t)
	for _, tt := range []struct {
		uri  string
		part string // of the refusal; empty where it is taken
	}{
		{"https://portal.example.com/callback", ""},
		{"https://portal.example.com:8443/callback?tenant=7", ""},
		{"http://127.0.0.1/callback", ""},
		{"http://127.0.0.1:5678/rest/oauth2-credential/callback", ""},
		{"http://localhost:5678/callback", ""},
		{"http://[::1]/", ""},
		{"com.example.desk:/callback", ""},
		{"", "is none that a code"},
		{"http://portal.example.com/callback", "is none that a code"},
		{"http://localhost.example.com/", "is none that a code"},
		{"http://127.0.0.1.example.com/", "is none that a code"},
		{"http://127.0.0.1@evil.example.com/", "has a user name"},
		{"https://user@portal.example.com/", "has a user name"},
		{"https://portal.example.com/#part", "has a fragment"},
		{"https://portal.example.com/#", "has a fragment"},
		{"https:///callback", "is none that a code"},
		{"https:portal.example.com", "is none that a code"},
		{"/callback", "is none that a code"},
		{"//portal.example.com/callback", "is none that a code"},
		{"javascript:alert(1)", "is none that a code"},
		{"data:text/html,x", "is none that a code"},
		{"desk:/callback", "is none that a code"},
		{"https://portal.example.com/a b", "cannot be read"},
		{"https://portal.example.com\\@evil.example.com/", "cannot be read"},
		{"https://pörtal.example.com/", "cannot be read"},
		{"https://portal.example.com/%zz", "cannot be read"},
		{"https://portal.example.com/" + strings.Repeat("a", 2000), "is too long"},
	} {
		_, _, err := h.CreateClient(t.Context(), root, accounts.ClientRequest{Name: "portal", Dialect: "keap", Redirects: []string{tt.uri}})
		invalid, refused := errors.AsType[*accounts.InvalidError](err)
		switch {
		case tt.part == "" && err != nil:
			t.Errorf("%s was refused: %v", tt.uri, err)
		case tt.part != "" && (!refused || invalid.Field != "redirectUris" || !strings.Contains(invalid.Text, tt.part)):
			t.Errorf("%q gave %v; want an invalid redirectUris: %s", tt.uri, err, tt.part)
		}
	}
	many := make([]string, accounts.MaxRedirects+1)
	if _, _, err := h.CreateClient(t.Context(), root, accounts.ClientRequest{Name: "portal", Dialect: "keap", Redirects: many}); err == nil || !strings.Contains(err.Error(), "at most 10") {
		t.Errorf("eleven redirect URIs gave %v", err)
	}
}

func TestCreateClient_refusesAPublicClientThatCouldDoNothing(t *testing.T) {
	t.Parallel()

	h := open(t)
	for field, want := range map[string]accounts.ClientRequest{
		"owner":  {Name: "portal", Dialect: "keap", Public: true},
		"public": {Name: "portal", Dialect: "keap", Public: true, Owner: desk, Redirects: []string{"http://127.0.0.1/"}},
	} {
		_, _, err := h.CreateClient(t.Context(), root, want)
		if invalid, ok := errors.AsType[*accounts.InvalidError](err); !ok || invalid.Field != field {
			t.Errorf("CreateClient(%v) = %v; want an invalid %s", want, err, field)
		}
	}
	nameless := accounts.ClientRequest{Name: "portal", Dialect: "keap", Owner: accounts.Owner{ID: 7}, Redirects: []string{"http://127.0.0.1/"}}
	if _, _, err := h.CreateClient(t.Context(), root, nameless); err == nil {
		t.Error("an owner without a name was taken")
	}
}

// A redirect URI is one that was registered, to the letter; only of loopback
// addresses the port is free.
func TestConsider_sendsAnswersWhereTheClientRegistered(t *testing.T) {
	t.Parallel()

	h := open(t)
	app := h.application("keap",
		"https://portal.example.com/callback", "http://127.0.0.1:5678/callback?a=1", "http://[::1]/", "com.example.desk:/callback")
	for sent, want := range map[string]bool{
		"https://portal.example.com/callback":         true,
		"com.example.desk:/callback":                  true,
		"http://127.0.0.1:5678/callback?a=1":          true,
		"http://127.0.0.1:61000/callback?a=1":         true,
		"http://127.0.0.1/callback?a=1":               true,
		"http://[::1]:61000/":                         true,
		"http://127.0.0.1:61000/callback?a=2":         false,
		"http://127.0.0.1:61000/callback":             false,
		"http://127.0.0.1:61000/other?a=1":            false,
		"http://127.0.0.1:99999999/callback?a=1":      false,
		"http://127.0.0.1:70000/callback?a=1":         true, // no browser goes there
		"http://127.0.0.2:5678/callback?a=1":          false,
		"http://localhost:5678/callback?a=1":          false,
		"http://127.0.0.1:1@evil.example.com/":        false,
		"http://[::1]:61000/#x":                       false,
		"https://portal.example.com:8443/callback":    false,
		"https://portal.example.com/callback/":        false,
		"https://portal.example.com/callback?a=1":     false,
		"https://portal.example.com/callback#x":       false,
		"https://PORTAL.example.com/callback":         false,
		"https://portal.example.com/%63allback":       false,
		"https://portal.example.com/a/../callback":    false,
		"https://portal.example.com.evil.example/":    false,
		"https://evil.example.com/callback":           false,
		"http://portal.example.com/callback":          false,
		"com.example.desk:/callback?x":                false,
		"":                                            false, // four are registered
		"https://portal.example.com/callback%0d%0a":   false,
		"https://portal.example.com/callback\r\nX: 1": false,
	} {
		ask := app.ask()
		ask.Redirect = sent
		consent, err := h.Consider(t.Context(), ask)
		if want && (err != nil || consent.Redirect != sent) {
			t.Errorf("%s gave %q, %v; want it taken", sent, consent.Redirect, err)
		}
		if refused, ok := errors.AsType[*accounts.AuthorizationError](err); !want && (!ok || refused.Back != "") {
			t.Errorf("%s gave %v; want a refusal that sends nobody anywhere", sent, err)
		}
	}
}
