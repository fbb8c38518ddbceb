package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/egress"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// forgetful is Keap's API and its token call, in several moods.
type forgetful struct {
	broken  bool // answers nothing
	refuses bool // takes no refresh token
	forgets bool // takes subscriptions, and does not keep them
	hooks   []string
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.broken:
		w.WriteHeader(http.StatusBadGateway)
	case r.URL.Path == "/token" && f.refuses:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	case r.URL.Path == "/token":
		fmt.Fprint(w, `{"access_token":"a","refresh_token":"r","expires_in":0}`)
	case r.Method == http.MethodPost:
		var hook struct{ HookURL string }
		_ = json.NewDecoder(r.Body).Decode(&hook)
		text := fmt.Sprintf(`{"key":"1","eventKey":"contact.add","hookUrl":%q,"status":"Verified"}`, hook.HookURL)
		if !f.forgets {
			f.hooks = []string{text}
		}
		fmt.Fprint(w, text)
	default:
		fmt.Fprintf(w, "[%s]", strings.Join(f.hooks, ","))
	}
}

// registrarOf keeps one source registered at a platform.
func registrarOf(t *testing.T, platform string, log io.Writer, accept func(event.Event) error) *registrar {
	t.Helper()

	crm := source.Source{Name: "crm", Kind: source.Keap, Platform: "keap", Tokens: []string{"PATH"}, Register: &source.Register{
		API: platform, URL: "https://us.example.com", Events: []string{"contact.add"},
		Client: "app", ClientSecret: "SECRET", RefreshToken: "REFRESH", TokenURL: platform + "/token",
	}}
	return &registrar{
		sources: func() []source.Source { return []source.Source{crm} },
		secrets: func(name string) (string, bool) { return strings.ToLower(name) + "-value", true },
		gate:    egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
		tokens:  &platformTokens{data: t.TempDir()},
		accept:  func(_ context.Context, e event.Event) error { return accept(e) },
		now:     func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
		id:      newID, log: slog.New(slog.NewTextHandler(log, nil)),
	}
}

// A source that cannot be registered is told by the log, by what /readyz shows,
// and by a notice: one when it begins, and one when only a person can mend it.
func TestRegistrar_isNeverSilent(t *testing.T) {
	t.Parallel()

	platform := &forgetful{}
	s := httptest.NewServer(platform)
	t.Cleanup(s.Close)
	var log bytes.Buffer
	var notices []event.Event
	r := registrarOf(t, s.URL, &log, func(e event.Event) error { notices = append(notices, e); return nil })
	for _, tt := range []struct {
		name   string
		mood   forgetful
		says   string // by readyz and the log; empty for nothing
		notice string // letInAgain of the one that is published; empty for none
	}{
		{"all is well", forgetful{}, "", ""},
		{"the platform is down", forgetful{broken: true}, "502", "false"},
		{"still down", forgetful{broken: true}, "502", ""},
		{"it takes the token no more", forgetful{refuses: true}, "let the application in again", "true"},
		{"still not", forgetful{refuses: true}, "give the secret REFRESH its new value", ""},
		{"it is back, and keeps nothing", forgetful{forgets: true}, "lists 0 of 1 subscriptions", "false"},
		{"all is well again", forgetful{}, "", ""},
		{"down once more", forgetful{broken: true}, "502", "false"},
	} {
		*platform = tt.mood
		log.Reset()
		notices = nil
		failed := r.rounds(t.Context())
		told := strings.Join(r.amiss(), "\n")
		if (failed == 0) != (tt.says == "") || !strings.Contains(told, tt.says) || (told == "") != (tt.says == "") || strings.Contains(told+log.String(), "-value") {
			t.Errorf("%s: %d sources are amiss, and readyz says %q; want %q", tt.name, failed, told, tt.says)
		}
		if tt.says != "" && !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%s: the log says %s", tt.name, log.String())
		}
		var seen []string
		for _, n := range notices {
			data, _ := n.Data["data"].(map[string]any)
			if n.Path != "Hooktree > registration / failed" || data["source"] != "crm" || data["platform"] != "keap" || !strings.Contains(told, data["reason"].(string)) {
				t.Errorf("%s: the notice is %+v", tt.name, n)
			}
			seen = append(seen, fmt.Sprint(data["letInAgain"]))
		}
		if !slices.Equal(seen, strings.Fields(tt.notice)) {
			t.Errorf("%s: notices %q; want %q", tt.name, seen, tt.notice)
		}
	}
}

// A notice that could not be published is published by a later round, once.
func TestRegistrar_triesANoticeAgain(t *testing.T) {
	t.Parallel()

	s := httptest.NewServer(&forgetful{broken: true})
	t.Cleanup(s.Close)
	full, published := true, 0
	r := registrarOf(t, s.URL, io.Discard, func(event.Event) error {
		if full {
			return jobs.ErrDiskFull
		}
		published++
		return nil
	})
	r.rounds(t.Context())
	full = false
	for range 3 {
		r.rounds(t.Context())
	}
	if published != 1 || len(r.amiss()) != 1 {
		t.Errorf("%d notices were published, and %q is amiss; want one each", published, r.amiss())
	}
}
