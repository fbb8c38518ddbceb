package registration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

// tokenCall gives tokens for refresh tokens that are good once.
type tokenCall struct {
	good  string // the refresh token that is good now
	calls int
}

func (c *tokenCall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.calls++
	if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != c.good || r.FormValue("client_id") != "app" || r.FormValue("client_secret") != "the-secret" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s of %s is no good"}`, r.FormValue("refresh_token"), r.FormValue("client_secret"))
		return
	}
	c.good = fmt.Sprintf("refresh-%d", c.calls)
	fmt.Fprintf(w, `{"access_token":"the-token","expires_in":3600,"refresh_token":%q}`, c.good)
}

func TestRefresh_usesEachTokenOnceAndKeepsTheNext(t *testing.T) {
	t.Parallel()

	call := &tokenCall{good: "first"}
	s := httptest.NewServer(call)
	t.Cleanup(s.Close)
	_, of := registered(t, source.Actionstep, "ActionCreated")
	of.Register.Token, of.Register.Client, of.Register.ClientSecret = "", "app", "SECRET"
	of.Register.RefreshToken, of.Register.TokenURL = "REFRESH", s.URL
	seed, now, keeper := "first", time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), &shelf{}
	round := func() error {
		plan, err := registration.New(of, registration.Config{
			Secrets: func(name string) (string, bool) {
				if name == "REFRESH" {
					return seed, true
				}
				return secrets(name)
			},
			Client: http.DefaultClient, Keeper: keeper, Now: func() time.Time { return now },
		})
		if err != nil {
			return err
		}
		_, err = plan.Reconcile(t.Context())
		return err
	}
	for _, tt := range []struct {
		name  string
		do    func()
		calls int
		fails string // part of the error; empty for none
	}{
		{"the first round exchanges what the admin gave", func() {}, 1, ""},
		{"a token that lives is used again", func() { now = now.Add(58 * time.Minute) }, 1, ""},
		{"one that lapses within the minute is renewed by the next", func() { now = now.Add(time.Minute) }, 2, ""},
		{"one that was used elsewhere is told, without secrets", func() { call.good, now = "elsewhere", now.Add(time.Hour) }, 3, "let the application in again"},
		{"what the admin gives anew begins anew", func() { seed, call.good = "second", "second" }, 4, ""},
	} {
		tt.do()
		err := round()
		if (err == nil) != (tt.fails == "") || err != nil && (!strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "refresh-2") || strings.Contains(err.Error(), "the-secret")) {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if call.calls != tt.calls {
			t.Fatalf("%s: %d exchanges; want %d", tt.name, call.calls, tt.calls)
		}
	}
}
