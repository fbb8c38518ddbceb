package resthooks_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/resthooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// plain is a protocol that shows what it is handed.
type plain struct{}

func (plain) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	if r.Path == "/refuse" {
		return nil, &subscription.Refusal{Code: subscription.NoRoute, Message: "nothing here"}
	}
	return subscription.Get{ID: r.Prefix + "|" + r.Path}, nil
}

func (plain) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	if o.Refusal != nil {
		text := string(o.Refusal.Code) + ": " + o.Refusal.Message
		if strings.HasSuffix(r.Path, ".xml") { // a format that a path asks for
			text = "<" + text + ">"
		}
		return subscription.Response{Status: 400, Body: []byte(text)}
	}
	return subscription.Response{Status: 200, Body: fmt.Appendf(nil, "%s %v", r.Method, o.Operation)}
}

func (plain) Offers(*event.Catalogue) []subscription.Offer { return nil }
func (plain) Traits() subscription.Traits                  { return subscription.Traits{} }
func (plain) Compose(*subscription.Subscription, *event.Event) (subscription.Message, error) {
	return subscription.Message{}, nil
}

// desk is the services, with the callers that came.
type desk struct{ callers []subscription.Caller }

func (d *desk) Do(_ context.Context, who subscription.Caller, op subscription.Operation) subscription.Outcome {
	d.callers = append(d.callers, who)
	return subscription.Outcome{Operation: op}
}

func (*desk) Protocol(string) subscription.Protocol { return plain{} }

func (*desk) Bearer(_ context.Context, secret []byte) (accounts.Identity, error) {
	switch string(secret) {
	case "mine":
		return accounts.Identity{Name: "crm", Credential: "token:1", Role: accounts.Operator, Dialect: "plain", Owner: accounts.Owner{ID: 7, Name: "Owner"}}, nil
	case "foreign":
		return accounts.Identity{Name: "other", Credential: "token:2", Role: accounts.Operator, Dialect: "other"}, nil
	case "own":
		return accounts.Identity{Name: "portal", Credential: "token:3", Role: accounts.Operator}, nil
	case "reader":
		return accounts.Identity{Name: "wall", Credential: "token:4", Role: accounts.Viewer}, nil
	case "broken":
		return accounts.Identity{}, errors.New("the disk is gone")
	}
	return accounts.Identity{}, accounts.ErrDenied
}

func dialect(ownTokens bool) subscription.Dialect {
	return subscription.Dialect{
		Name: "plain", Title: "Plain", Prefixes: []string{"/crm/hooks", "/old"}, OwnTokens: ownTokens,
		Credentials: []subscription.Carrier{
			{Kind: subscription.Bearer}, {Kind: subscription.Header, Name: "X-Key"}, {Kind: subscription.Query, Name: "access_token"},
		},
	}
}

func mounted(d *desk, ownTokens bool) server.Mount {
	services := resthooks.Services{Accounts: d, Subscriptions: d, Log: slog.New(slog.DiscardHandler)}
	return resthooks.New(services, []subscription.Dialect{dialect(ownTokens)})[0]
}

// ask calls the route of the method and path as the server would.
func ask(t *testing.T, m server.Mount, method, path string, header http.Header, query url.Values) server.Response {
	t.Helper()

	at := slices.IndexFunc(m.Routes, func(r server.Route) bool { return r.Method == method && r.Path == "/*" })
	if at < 0 {
		t.Fatalf("there is no route for %s", method)
	}
	return m.Routes[at].Handle(t.Context(), server.Request{Method: method, Path: path, Header: header, Query: query})
}

func TestMount_findsTheTokenWhereClientsCarryIt(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name   string
		header http.Header
		query  url.Values
		own    bool
		want   string // part of the answer
	}{
		{"as bearer", http.Header{"Authorization": {"Bearer mine"}}, nil, false, "GET {/crm/hooks|/8}"},
		{"the scheme in any case", http.Header{"Authorization": {"bearer  mine "}}, nil, false, "GET {"},
		{"in a header", http.Header{"X-Key": {"mine"}}, nil, false, "GET {"},
		{"in the query", nil, url.Values{"access_token": {"mine"}}, false, "GET {"},
		{"the first place wins", http.Header{"Authorization": {"Bearer wrong"}, "X-Key": {"mine"}}, nil, false, "not_signed_in: the token is unknown"},
		{"nowhere", nil, nil, false, "not_signed_in: there is no token"},
		{"another scheme", http.Header{"Authorization": {"Basic bWluZQ=="}}, nil, false, "not_signed_in: there is no token"},
		{"a token of another dialect", http.Header{"X-Key": {"foreign"}}, nil, true, "foreign: the token is none for Plain"},
		{"a token of none where they are not taken", http.Header{"X-Key": {"own"}}, nil, false, "foreign: "},
		{"a token of none where they are", http.Header{"X-Key": {"own"}}, nil, true, "GET {"},
		{"a viewer's token", http.Header{"X-Key": {"reader"}}, nil, true, "foreign: "},
		{"when tokens cannot be read", http.Header{"X-Key": {"broken"}}, nil, false, "failed: the token could not be checked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			d := &desk{}
			got := ask(t, mounted(d, tt.own), "GET", "/crm/hooks/8", tt.header, tt.query)
			if !strings.Contains(string(got.Body), tt.want) || strings.Contains(string(got.Body), "disk") {
				t.Errorf("the answer is %d %s; want %q", got.Status, got.Body, tt.want)
			}
			if passed := strings.HasPrefix(tt.want, "GET"); passed != (len(d.callers) == 1) {
				t.Errorf("the service was asked %d times", len(d.callers))
			}
		})
	}
}

func TestMount_tellsTheServiceWhoAsks(t *testing.T) {
	t.Parallel()

	d := &desk{}
	m := mounted(d, true)
	ask(t, m, "GET", "/old", http.Header{"X-Key": {"mine"}}, nil)
	ask(t, m, "GET", "/old", http.Header{"X-Key": {"own"}}, nil)
	want := []subscription.Caller{
		{Dialect: "plain", Owner: subscription.Owner{ID: 7, Name: "Owner"}, Name: "crm", Credential: "token:1"},
		{Dialect: "plain", Owner: subscription.Owner{Name: "portal"}, Name: "portal", Credential: "token:3"},
	}
	if !slices.Equal(d.callers, want) {
		t.Errorf("callers = %+v; want %+v", d.callers, want)
	}
}

func TestMount_leavesEachMethodToTheProtocol(t *testing.T) {
	t.Parallel()

	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		got := ask(t, mounted(&desk{}, false), method, "/crm/hooks/8", http.Header{"X-Key": {"mine"}}, nil)
		if want := method + " {/crm/hooks|/8}"; string(got.Body) != want {
			t.Errorf("%s is answered %s; want %s", method, got.Body, want)
		}
	}
}

func TestMount_handsPathsOnDecodedOnce(t *testing.T) {
	t.Parallel()

	for path, want := range map[string]string{
		"/crm/hooks":             "{/crm/hooks|}",
		"/crm/hooks/":            "{/crm/hooks|/}",
		"/old/8/verify/":         "{/old|/8/verify/}",
		"/crm/hooks/a%20b%2525":  "{/crm/hooks|/a b%25}",
		"/crm/hooks/%zz":         "no_route: the path is not percent-encoded",
		"/crm/hooks/refuse":      "no_route: nothing here",
		"/crm/hooks/8,9%2C10.js": "{/crm/hooks|/8,9,10.js}",
	} {
		got := ask(t, mounted(&desk{}, false), "DELETE", path, http.Header{"X-Key": {"mine"}}, nil)
		if !strings.Contains(string(got.Body), want) {
			t.Errorf("%s is answered %s; want %s", path, got.Body, want)
		}
	}
}

func TestMount_rendersTheServersRefusalsAsTheDialectDoes(t *testing.T) {
	t.Parallel()

	m := mounted(&desk{}, false)
	for status, want := range map[int]string{
		400: "malformed: why", 405: "no_method: why", 413: "too_large: why", 415: "unsupported_type: why",
		429: "busy: why", 500: "failed: why", 418: "failed: why",
	} {
		if got := m.Refuse(server.Refusal{Status: status, Message: "why"}); string(got.Body) != want {
			t.Errorf("%d is refused as %s; want %s", status, got.Body, want)
		}
	}
	got := m.Refuse(server.Refusal{Status: 413, Message: "why", Path: "/crm/hooks/8.xml"})
	if want := "<too_large: why>"; string(got.Body) != want {
		t.Errorf("a call that asks for a format is refused as %s; want %s", got.Body, want)
	}
}
