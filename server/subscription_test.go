package server_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/store/memory"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// letters is a dialect whose subscriptions are to users' logins. Its clients
// are the tests themselves.
type letters struct{ handshake bool }

func (letters) Parse(subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return nil, &subscription.Refusal{Code: subscription.NoRoute}
}

func (letters) Render(subscription.Request, subscription.Outcome) subscription.Response {
	return subscription.Response{}
}

func (letters) Offers(*event.Catalogue) []subscription.Offer {
	return []subscription.Offer{{Key: "login", Type: "User", Action: "Login"}, {Key: "logout", Type: "User", Action: "Logout"}}
}

func (letters) Compose(*subscription.Subscription, *event.Event) (subscription.Message, error) {
	return subscription.Message{}, nil
}

func (l letters) Traits() subscription.Traits { return subscription.Traits{Handshake: l.handshake} }

// refused is a transport that reaches nobody.
type refused struct{}

func (refused) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

// subscribe makes the service of subscriptions; its ids count up.
func (h *house) subscribe() *subscription.Service {
	ids := 0
	dialect := func(name string, handshake bool) subscription.Dialect {
		return subscription.Dialect{
			Name: name, Title: "The " + name + " one", Prefixes: []string{"/" + name},
			First:       subscription.First{Path: "/hooks", ContentType: "text/plain", Body: "it's login"},
			Credentials: []subscription.Carrier{{Kind: subscription.Header, Name: "X-Key"}},
			External:    func(n int64, _ string) string { return strconv.FormatInt(n, 10) },
			New:         func(subscription.Settings) subscription.Protocol { return letters{handshake} },
		}
	}
	h.dialects = []subscription.Dialect{dialect("plain", false), dialect("shaken", true)}
	h.hooks = subscription.NewService(subscription.Config{
		Store: memory.New().Subscriptions(), Dialects: h.dialects,
		Now: h.clock.Now, Random: rand.Reader, Client: &http.Client{Transport: refused{}}, Log: slog.New(slog.DiscardHandler),
		Guard: func(*url.URL) error { return nil },
		ID: func() (string, error) {
			ids++
			return fmt.Sprintf("00000000-0000-7000-8000-%012d", ids), nil
		},
		Replay: func(_ context.Context, o subscription.ReplayOrder) (int, error) {
			h.replays = append(h.replays, o)
			return 4, nil
		},
		Changed: func(s subscription.Subscription) {
			h.feed.Publish(jobs.Change{Kind: jobs.ChangeSubscription, ID: s.ID, Status: string(s.Status)})
		},
	})
	return h.hooks
}

// subscribed gives a house four subscriptions, of which the fourth is pending.
func subscribed(t *testing.T) *house {
	t.Helper()
	h := open(t)
	for i, want := range []struct {
		dialect, event, url string
		owner               subscription.Owner
	}{
		{"plain", "login", "https://crm.example.com/in?key=Unguessable", subscription.Owner{ID: 1, Name: "manager", Email: "manager@example.com"}},
		{"plain", "logout", "https://crm.example.com/out", subscription.Owner{ID: 1, Name: "manager", Email: "manager@example.com"}},
		{"plain", "login", "https://erp.example.com/in", subscription.Owner{ID: 2, Name: "clerk", Email: "clerk@example.com"}},
		{"shaken", "login", "https://erp.example.com/in", subscription.Owner{ID: 2, Name: "clerk", Email: "clerk@example.com"}},
	} {
		draft := subscription.Draft{Event: want.event, URL: want.url}
		if i == 0 {
			draft.Secret, draft.Ordered, draft.Rate = "tell-nobody", new(true), new(2.5)
		}
		out := h.hooks.Do(t.Context(), subscription.Caller{Dialect: want.dialect, Owner: want.owner}, subscription.Create{Drafts: []subscription.Draft{draft}})
		if out.Refusal != nil {
			t.Fatal(out.Refusal)
		}
	}
	return h
}

func idOf(n int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", n) }

func TestSubscriptions_areShownWithoutTheirSecrets(t *testing.T) {
	t.Parallel()

	h := subscribed(t)
	h.history.jobs["j1"] = jobs.Job{ID: "j1", Status: jobs.JobHeld}
	got := h.do(accounts.Viewer, "GET", "/api/v1/subscriptions/"+idOf(1), "")
	wantJSON(t, got, `{
		"id":"`+idOf(1)+`","name":"plain/1","dialect":"plain","externalId":"1","event":"login","url":"https://crm.example.com/in?key=•••",
		"owner":{"id":1,"name":"manager","email":"manager@example.com"},"status":"active","ordered":true,"rate":2.5,"secrets":1,"triggered":0,
		"health":{"failures":0,"timeouts":0},"held":1,"jobs":"/api/v1/jobs?subscription=`+idOf(1)+`",
		"createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z"}`)
	if f, _ := h.history.lastAsked().(jobs.JobFilter); f.Subscription != idOf(1) || len(f.Status) != 1 || f.Status[0] != jobs.JobHeld {
		t.Errorf("held deliveries were sought by %+v", f)
	}
	pending, _ := h.hooks.Find(idOf(4))
	if pending.Challenge == "" {
		t.Fatal("the pending one has no challenge")
	}
	for _, target := range []string{"", "/" + idOf(1), "/" + idOf(4)} {
		body := h.do(accounts.Admin, "GET", "/api/v1/subscriptions"+target, "").body
		if strings.Contains(body, "tell-nobody") || strings.Contains(body, "Unguessable") || strings.Contains(body, pending.Challenge) {
			t.Errorf("%s shows a secret: %s", target, body)
		}
	}
}

func TestSubscriptions_areListedByFilter(t *testing.T) {
	t.Parallel()

	h := subscribed(t)
	failed := func(subscription.Endpoint) (*subscription.Update, error) {
		return &subscription.Update{Health: delivery.Health{Failures: 1}}, nil
	}
	if err := h.hooks.Settle(t.Context(), idOf(3), failed); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                             "4 3 2 1",
		"?dialect=plain":               "3 2 1",
		"?status=pending":              "4",
		"?status=pending,active":       "4 3 2 1",
		"?event=logout":                "2",
		"?owner=2":                     "4 3",
		"?owner=manager":               "2 1",
		"?owner=clerk@example.com":     "4 3",
		"?owner=0":                     "",
		"?q=CRM.example":               "2 1",
		"?q=Plain/2":                   "2",
		"?q=shaken":                    "4",
		"?failing=true":                "3",
		"?failing=true&status=pending": "",
		"?failing=false":               "4 3 2 1",
		"?limit=2":                     "4 3 next 0." + idOf(3),
		"?limit=2&cursor=0." + idOf(3): "2 1",
		"?limit=4":                     "4 3 2 1",
		"?dialect=keap":                "",
	} {
		got := h.do(accounts.Viewer, "GET", "/api/v1/subscriptions"+query, "")
		var list []string
		for _, part := range strings.Split(got.body, `"id":"00000000-0000-7000-8000-`)[1:] {
			list = append(list, strings.TrimLeft(part[:12], "0"))
		}
		if _, next, ok := strings.Cut(got.body, `"next":"`); ok {
			list = append(list, "next", next[:38])
		}
		if strings.Join(list, " ") != want || got.status != 200 {
			t.Errorf("%s gives %d %v; want %s", query, got.status, list, want)
		}
	}
}

func TestSubscriptions_inTroubleComeFirst(t *testing.T) {
	t.Parallel()

	h := open(t)
	plain := subscription.Caller{Dialect: "plain", Owner: subscription.Owner{ID: 1}}
	for i := range 8 {
		draft := subscription.Draft{Event: "login", URL: fmt.Sprintf("https://crm.example.com/%d", i+1)}
		if i+1 == 4 || i+1 == 8 {
			draft.Expires = new(noon.Add(time.Hour))
		}
		if out := h.hooks.Do(t.Context(), plain, subscription.Create{Drafts: []subscription.Draft{draft}}); out.Refusal != nil {
			t.Fatal(out.Refusal)
		}
	}
	shaken := subscription.Caller{Dialect: "shaken", Owner: subscription.Owner{ID: 1}}
	h.hooks.Do(t.Context(), shaken, subscription.Create{Drafts: []subscription.Draft{{Event: "login", URL: "https://crm.example.com/9"}}})
	for n, update := range map[int]subscription.Update{
		2: {Status: subscription.Disabled},
		3: {Health: delivery.Health{Failures: 2}},
		5: {Health: delivery.Health{Failures: 9, OpenUntil: noon.Add(3 * time.Hour)}},
		6: {Health: delivery.Health{Failures: 9, OpenUntil: noon.Add(time.Hour)}}, // it probes by then
		8: {Status: subscription.Disabled},                                        // and has expired by then
	} {
		if err := h.hooks.Settle(t.Context(), idOf(n), func(subscription.Endpoint) (*subscription.Update, error) { return &update, nil }); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Advance(2 * time.Hour)

	var got []string
	for cursor := ""; ; {
		var page struct {
			Subscriptions []struct{ URL string }
			Next          string
		}
		told := h.do(accounts.Viewer, "GET", "/api/v1/subscriptions?order=trouble&limit=2&cursor="+cursor, "")
		if err := json.Unmarshal([]byte(told.body), &page); err != nil {
			t.Fatalf("the page is %s: %v", told.body, err)
		}
		for _, s := range page.Subscriptions {
			got = append(got, s.URL[len(s.URL)-1:])
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if want := "2 5 6 3 9 8 4 7 1"; strings.Join(got, " ") != want {
		t.Errorf("by trouble these come: %v; want %s", got, want)
	}
	h.do(accounts.Viewer, "GET", "/api/v1/subscriptions?cursor=x", "").refuses(t, 422, "invalid_cursor", "leave it out")
	h.do(accounts.Viewer, "GET", "/api/v1/subscriptions?order=luck", "").refuses(t, 422, "invalid", "query/order")
}

func TestDialects_sayHowAnApplicationBegins(t *testing.T) {
	t.Parallel()

	h := open(t)
	curl := func(name string) string {
		return `curl \"http://hooktree.test/` + name + `/hooks\" \\\n  -H \"X-Key: $TOKEN\" -H 'Content-Type: text/plain' \\\n  -d 'it'\\''s login'`
	}
	got := h.do(accounts.Viewer, "GET", "/api/v1/dialects", "")
	wantJSON(t, got, `{"dialects":[
		{"name":"plain","title":"The plain one","address":"http://hooktree.test/plain/hooks","confirms":false,"signs":false,
		 "token":"hooktree token create --dialect plain --owner integrations","curl":"`+curl("plain")+`"},
		{"name":"shaken","title":"The shaken one","address":"http://hooktree.test/shaken/hooks","confirms":true,"signs":false,
		 "token":"hooktree token create --dialect shaken --owner integrations","curl":"`+curl("shaken")+`"}]}`)
}

func TestTokens_areOfTheDialectsThatThereAre(t *testing.T) {
	t.Parallel()

	h := open(t)
	const body = `{"name":"a","role":"operator","dialect":%q,"owner":{"id":7,"name":"desk","email":""}}`
	if made := h.do(accounts.Admin, "POST", "/api/v1/tokens", fmt.Sprintf(body, "shaken")); made.status != 201 {
		t.Errorf("a token of a dialect = %d %s", made.status, made.body)
	}
	h.do(accounts.Admin, "POST", "/api/v1/tokens", fmt.Sprintf(body, "broken")).refuses(t, 422, "invalid", "give one of plain, shaken")
}

func TestSubscriptions_areOperated(t *testing.T) {
	t.Parallel()

	h := subscribed(t)
	at := "/api/v1/subscriptions/" + idOf(1)
	off := h.do(accounts.Operator, "POST", at+"/disable", `{"note":"it is loud"}`)
	if off.status != 200 || !strings.Contains(off.body, `"status":"disabled","reason":"operator disabled it: it is loud"`) {
		t.Errorf("disable = %d %s", off.status, off.body)
	}
	h.do(accounts.Operator, "POST", at+"/replay", "").refuses(t, 422, "invalid", "enable it first")
	on := h.do(accounts.Operator, "POST", at+"/enable", "")
	if on.status != 200 || !strings.Contains(on.body, `"status":"active"`) || strings.Contains(on.body, "reason") {
		t.Errorf("enable = %d %s", on.status, on.body)
	}
	again := h.do(accounts.Operator, "POST", at+"/replay", `{"from":"2026-03-01T10:00:00Z"}`)
	wantJSON(t, again, `{"queued":4}`)
	if len(h.replays) != 1 || h.replays[0] != (subscription.ReplayOrder{Subscription: idOf(1), From: noon.Add(-2 * time.Hour), By: "operator"}) {
		t.Errorf("replayed was %+v", h.replays)
	}
	h.do(accounts.Operator, "POST", at+"/verify", "").refuses(t, 422, "invalid", "do not confirm")
	asked := h.do(accounts.Operator, "POST", "/api/v1/subscriptions/"+idOf(4)+"/verify", "")
	if asked.status != 200 || !strings.Contains(asked.body, `"status":"pending"`) || !strings.Contains(asked.body, "connection refused") {
		t.Errorf("verify = %d %s", asked.status, asked.body)
	}
	if gone := h.do(accounts.Operator, "DELETE", at, ""); gone.status != 204 {
		t.Errorf("delete = %d %s", gone.status, gone.body)
	}
	for _, call := range [][2]string{
		{"GET", ""}, {"DELETE", ""}, {"POST", "/enable"}, {"POST", "/disable"}, {"POST", "/verify"}, {"POST", "/replay"},
	} {
		h.do(accounts.Operator, call[0], at+call[1], "").refuses(t, 404, "not_found", "subscription")
	}
	h.do(accounts.Operator, "POST", at+"/replay", `{"from":"yesterday"}`).refuses(t, 422, "invalid", "body/from")
	h.do(accounts.Operator, "POST", at+"/enable", `{"why":"x"}`).refuses(t, 422, "invalid", "body/why")
}

// refuses checks that an answer is a problem of this kind.
func (a answer) refuses(t *testing.T, status int, code, part string) {
	t.Helper()
	p := a.problem(t)
	if a.status != status || p.Code != code || !strings.Contains(a.body, part) {
		t.Errorf("refused with %d %s; want %d %s with %q", a.status, a.body, status, code, part)
	}
}
