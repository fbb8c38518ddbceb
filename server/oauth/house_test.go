package oauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/oauth"
	"hooktree/store/memory"
	"hooktree/webhooks/accelo"
	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/keap"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

// dialects are those of the product, and one whose tokens an admin makes.
var dialects = []subscription.Dialect{
	accelo.Dialect(), actionstep.Dialect(), keap.Dialect(), standard.Dialect(), {Name: "pigeon"},
}

// house is the token calls over accounts in memory, with a clock that tests set.
type house struct {
	t        *testing.T
	accounts *accounts.Service
	store    *memory.Accounts
	mounts   []server.Mount
	log      bytes.Buffer

	mu sync.Mutex
	at time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: &memory.Accounts{}, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	h.accounts = accounts.New(h.store, h.now, oauth.Terms(dialects))
	h.mounts = oauth.New(oauth.Services{
		Accounts: h.accounts, Space: func() oauth.Space { return oauth.Space{Slug: "acme", Name: "Acme service desk"} },
		Log: h.logger(),
	}, dialects)
	return h
}

func (h *house) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&h.log, nil)) }

// broken is a store that finds no client, and not because there is none.
type broken struct{ *memory.Accounts }

var errBroken = errors.New("the disk is on fire")

func (broken) Client(context.Context, string) (accounts.Client, error) {
	return accounts.Client{}, errBroken
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// client is what a client knows of itself.
type client struct{ ID, Secret, Refresh string }

func (h *house) client(dialect string) client {
	h.t.Helper()
	made, secrets, err := h.accounts.CreateClient(h.t.Context(), accounts.Identity{Name: "root"}, accounts.ClientRequest{
		Name: "portal", Dialect: dialect, Owner: accounts.Owner{ID: 7, Name: "Service Desk", Email: "desk@example.com"},
	})
	if err != nil {
		h.t.Fatalf("CreateClient(%s) = %v", dialect, err)
	}
	return client{made.ID, secrets.Secret, secrets.Refresh}
}

// The addresses of an application that asks users.
const (
	callback = "https://portal.example.com/callback"
	local    = "http://127.0.0.1/callback"
)

// application is a client that asks users. A public one has no secret.
func (h *house) application(dialect string, public bool) client {
	h.t.Helper()
	made, secrets, err := h.accounts.CreateClient(h.t.Context(), accounts.Identity{Name: "root"}, accounts.ClientRequest{
		Name: "portal", Dialect: dialect, Redirects: []string{callback, local}, Public: public,
	})
	if err != nil {
		h.t.Fatalf("CreateClient(%s) = %v", dialect, err)
	}
	return client{made.ID, secrets.Secret, secrets.Refresh}
}

// grace makes a user who may let applications in.
func (h *house) grace() accounts.Identity {
	h.t.Helper()
	role, password, email := accounts.Operator, "correct horse", "grace@example.com"
	edit := accounts.UserEdit{Role: &role, Password: &password, Email: &email}
	if _, err := h.accounts.CreateUser(h.t.Context(), accounts.Identity{Name: "root"}, "grace", edit); err != nil {
		h.t.Fatalf("CreateUser = %v", err)
	}
	return accounts.Identity{Name: "grace", Role: role, Credential: "user:grace", Session: true}
}

// form is a body of names and values.
func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// sent is one request of a test.
type sent struct {
	path  string
	basic *client
	kind  string // content type; a form when empty
	body  string
}

// answer is a response with its members.
type answer struct {
	status int
	header http.Header
	body   string
	told   map[string]any
}

// text gives a member that is a text.
func (a answer) text(member string) string {
	text, _ := a.told[member].(string)
	return text
}

func (h *house) do(s sent) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "https://hooks.example.com"+s.path, strings.NewReader(s.body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.kind != "" {
		req.Header.Set("Content-Type", s.kind)
	}
	if s.basic != nil {
		req.SetBasicAuth(s.basic.ID, s.basic.Secret)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	a := answer{status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	if err := json.Unmarshal(rec.Body.Bytes(), &a.told); err != nil {
		h.t.Fatalf("POST %s = %d %s: %v", s.path, a.status, a.body, err)
	}
	return a
}

// ServeHTTP answers by the mounts, as hooktree's server would.
func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, m := range h.mounts {
		at := slices.IndexFunc(m.Routes, func(route server.Route) bool {
			return r.Method == route.Method && r.URL.Path == m.Prefixes[0]+route.Path
		})
		if at < 0 {
			continue
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			h.t.Errorf("read a body: %v", err)
		}
		response := m.Routes[at].Handle(r.Context(), server.Request{
			Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: body,
			Remote: netip.MustParseAddr("192.0.2.1"), Origin: "https://hooks.example.com",
		})
		maps.Copy(w.Header(), response.Header)
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body)
		return
	}
	http.NotFound(w, r)
}

// works reports what an access token is good for: its dialect, or nothing.
func (h *house) works(access string) string {
	id, err := h.accounts.Bearer(h.t.Context(), []byte(access))
	if err != nil {
		return ""
	}
	return id.Dialect
}

// wantFailure wants an error in RFC 6749's form.
func (h *house) wantFailure(a answer, status int, code, part string) {
	h.t.Helper()
	if a.status != status || a.text("error") != code || !strings.Contains(a.text("error_description"), part) {
		h.t.Errorf("the answer is %d %s; want %d %s with %q", a.status, a.body, status, code, part)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json" {
		h.t.Errorf("the headers are %v; want JSON that nobody keeps", a.header)
	}
	if status == http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") {
		h.t.Errorf("a 401 names no scheme: %v", a.header)
	}
}
