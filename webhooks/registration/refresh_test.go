package registration_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

// tokenCall gives tokens for refresh tokens that are good once.
type tokenCall struct {
	mu     sync.Mutex // an answer that is lost leaves its handler behind
	good   string     // the refresh token that is good now
	calls  int
	broken int  // status to answer with, before anything is given; zero answers
	lost   bool // the next answer does not reach who asked
}

func (c *tokenCall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.broken != 0 {
		w.WriteHeader(c.broken)
		return
	}
	if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != c.good || r.FormValue("client_id") != "app" || r.FormValue("client_secret") != "the-secret" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s of %s is no good"}`, r.FormValue("refresh_token"), r.FormValue("client_secret"))
		return
	}
	c.good = fmt.Sprintf("refresh-%d", c.calls)
	if c.lost {
		c.lost = false
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, `{"access_token":"the-token-%d","expires_in":3600,"refresh_token":%q}`, c.calls, c.good)
}

// ward is a source that gets its tokens by a refresh token.
type ward struct {
	platform *platform
	call     *tokenCall
	of       *source.Source
	seed     string
	now      time.Time
	keeper   *shelf
}

func newWard(t *testing.T) *ward {
	t.Helper()
	call := &tokenCall{good: "first"}
	s := httptest.NewServer(call)
	t.Cleanup(s.Close)
	p, of := registered(t, source.Actionstep, "ActionCreated")
	of.Register.Token, of.Register.Client, of.Register.ClientSecret = "", "app", "SECRET"
	of.Register.RefreshToken, of.Register.TokenURL = "REFRESH", s.URL+"/api/oauth/token"
	return &ward{platform: p, call: call, of: of, seed: "first", now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), keeper: &shelf{}}
}

func (w *ward) round(t *testing.T) error {
	t.Helper()
	plan, err := registration.New(w.of, registration.Config{
		Secrets: func(name string) (string, bool) {
			if name == "REFRESH" {
				return w.seed, true
			}
			return secrets(name)
		},
		Client: http.DefaultClient, Keeper: w.keeper, Now: func() time.Time { return w.now },
	})
	if err != nil {
		return err
	}
	_, err = plan.Reconcile(t.Context())
	return err
}

func TestRefresh_usesEachTokenOnceAndKeepsTheNext(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	call := w.call
	for _, tt := range []struct {
		name  string
		do    func()
		calls int
		fails string // part of the error; empty for none
	}{
		{"the first round exchanges what the admin gave", func() {}, 1, ""},
		{"a token that lives is used again", func() { w.now = w.now.Add(58 * time.Minute) }, 1, ""},
		{"one that lapses within the minute is renewed by the next", func() { w.now = w.now.Add(time.Minute) }, 2, ""},
		{"one that was used elsewhere is told, without secrets", func() { call.good, w.now = "elsewhere", w.now.Add(time.Hour) }, 3, "let the application in again"},
		{"what the admin gives anew begins anew", func() { w.seed, call.good = "second", "second" }, 4, ""},
	} {
		tt.do()
		err := w.round(t)
		if (err == nil) != (tt.fails == "") || err != nil && (!strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "refresh-2") || strings.Contains(err.Error(), "the-secret")) {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if call.calls != tt.calls {
			t.Fatalf("%s: %d exchanges; want %d", tt.name, call.calls, tt.calls)
		}
	}
}

// A token is not exchanged where the next one could not be kept.
func TestRefresh_asksForNothingThatItCannotKeep(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	w.keeper.full, w.keeper.times = 1, 1
	if err := w.round(t); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "nothing was asked") || w.call.calls != 0 {
		t.Errorf("with a full disk there were %d exchanges and %v", w.call.calls, err)
	}
	w.keeper.full = 0
	if err := w.round(t); err != nil || w.call.calls != 1 {
		t.Errorf("with room again there were %d exchanges and %v", w.call.calls, err)
	}
}

// An exchange whose answer is lost is remembered, and told when the platform
// takes the old token no more: by whom it can be mended, and how.
func TestRefresh_saysThatATokenWasLost(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	w.call.lost = true
	if err := w.round(t); err == nil || errors.As(err, new(*registration.LetInError)) {
		t.Fatalf("an answer that does not come gives %v; want an error that may pass", err)
	}
	lostAt := w.now
	w.now = w.now.Add(time.Hour)
	for range 2 { // it stays so until somebody acts
		err := w.round(t)
		told, ok := errors.AsType[*registration.LetInError](err)
		if !ok || !told.Lost.Equal(lostAt) || told.Secret != "REFRESH" {
			t.Fatalf("the next round gives %v, %+v", err, told)
		}
		for _, want := range []string{"the exchange of 2030-01-01T00:00:00Z never came to the disk", "let the application in again at the platform", "the secret REFRESH", "POST /api/oauth/token is answered 400"} {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "the-secret") {
				t.Errorf("%v\ndoes not say %q, or says too much", err, want)
			}
		}
	}
	w.call.mu.Lock()
	w.seed, w.call.good = "second", "second"
	w.call.mu.Unlock()
	if err := w.round(t); err != nil {
		t.Errorf("let in again: %v", err)
	}
}

// A token that was used elsewhere is not told as one that we lost.
func TestRefresh_blamesNoLossWhereNothingWasLost(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	w.call.good = "elsewhere"
	for range 2 {
		told, ok := errors.AsType[*registration.LetInError](w.round(t))
		if !ok || !told.Lost.IsZero() || !strings.Contains(told.Error(), "used elsewhere, or taken back") {
			t.Errorf("the round gives %v", told)
		}
	}
}

// Of a platform that lets the old token be used once more, nothing is lost.
func TestRefresh_triesTheOldTokenOnceMore(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	w.call.lost = true
	if err := w.round(t); err == nil {
		t.Fatal("an answer that does not come is no error")
	}
	w.call.mu.Lock()
	w.call.good = "first" // a grace period
	w.call.mu.Unlock()
	if err := w.round(t); err != nil || !w.keeper.kept["crm"].Asked.IsZero() {
		t.Errorf("the second try gives %v and keeps %+v", err, w.keeper.kept)
	}
}

// What passes by itself sends nobody to the platform.
func TestRefresh_waitsForAPlatformThatIsBroken(t *testing.T) {
	t.Parallel()

	w := newWard(t)
	for _, status := range []int{http.StatusBadGateway, http.StatusTooManyRequests} {
		w.call.broken = status
		if err := w.round(t); err == nil || errors.As(err, new(*registration.LetInError)) {
			t.Errorf("%d gives %v", status, err)
		}
	}
	w.call.broken = 0
	if err := w.round(t); err != nil {
		t.Errorf("mended: %v", err)
	}
}
