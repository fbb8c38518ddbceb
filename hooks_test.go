package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hooktree/server/accounts"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// pigeons is a fifth dialect, of two calls in plain text: all that it takes
// besides this is its line in the list of dialects.
//
//	POST /pigeon/hooks     EVENT URL      201 ID
//	DELETE /pigeon/hooks/ID               204
//	POST /pigeon/token     a form of RFC 6749
func pigeons() subscription.Dialect {
	kind := event.Own("pigeon", "letter.sent", event.Path{Group: "Pigeon > letter", Name: "sent"}, nil, "id")
	kind.Sample = map[string]any{"id": "L-1"}
	return subscription.Dialect{
		Name: "pigeon", Title: "Pigeon", Vendor: event.Platform{Name: "pigeon", Kinds: []*event.Kind{kind}},
		Prefixes:    []string{"/pigeon/hooks"},
		First:       subscription.First{ContentType: "text/plain", Body: "letter.sent " + subscription.ExampleURL},
		Credentials: []subscription.Carrier{{Kind: subscription.Header, Name: "X-Ring"}},
		Tokens: &subscription.Tokens{
			Prefix: "/pigeon/token", Authorize: "/pigeon/ask", Type: "ring", Access: time.Minute,
			Tell: func(answer map[string]any, about subscription.Granted) { answer["keeper"] = about.Owner.Name },
		},
		External: func(n int64, _ string) string { return strconv.FormatInt(n, 10) },
		Options:  []subscription.Option{{Name: "greeting", Kind: subscription.TextOption, Default: "coo", Note: "How letters begin."}},
		New:      func(s subscription.Settings) subscription.Protocol { return pigeon{s["greeting"]} },
	}
}

type pigeon struct{ greeting string }

func (pigeon) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	switch r.Method {
	case http.MethodPost:
		name, address, _ := strings.Cut(string(r.Body), " ")
		return subscription.Create{Drafts: []subscription.Draft{{Event: name, URL: address}}}, nil
	case http.MethodDelete:
		return subscription.Delete{IDs: []string{strings.Trim(r.Path, "/")}}, nil
	default:
		return nil, &subscription.Refusal{Code: subscription.NoMethod, Message: "coo?"}
	}
}

func (pigeon) Render(_ subscription.Request, o subscription.Outcome) subscription.Response {
	switch {
	case o.Refusal != nil:
		return subscription.Response{Status: 422, Body: []byte(string(o.Refusal.Code) + ": " + o.Refusal.Message)}
	case len(o.Subscriptions) == 1 && o.Subscriptions[0].Status != subscription.Deleted:
		return subscription.Response{Status: 201, Body: []byte(o.Subscriptions[0].External)}
	default:
		return subscription.Response{Status: 204}
	}
}

func (pigeon) Offers(*event.Catalogue) []subscription.Offer {
	return []subscription.Offer{{Key: "letter.sent", Title: "Letter sent", Type: "pigeon", Action: "letter.sent"}}
}

func (p pigeon) Compose(_ *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	return subscription.Message{Header: map[string]string{"Content-Type": "text/plain"}, Body: []byte(p.greeting + " " + e.Entity)}, nil
}

func (pigeon) Traits() subscription.Traits {
	return subscription.Traits{Handshake: true, Policy: delivery.Schedule()}
}

// loft is where letters arrive.
type loft struct {
	*httptest.Server

	letters chan string
	asked   chan http.Header
}

func newLoft(t *testing.T) *loft {
	t.Helper()
	l := &loft{letters: make(chan string, 16), asked: make(chan http.Header, 16)}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if secret := r.Header.Get("X-Hook-Secret"); secret != "" {
			w.Header().Set("X-Hook-Secret", secret)
			l.asked <- r.Header
			return
		}
		body, _ := io.ReadAll(r.Body)
		l.letters <- string(body)
	}))
	t.Cleanup(l.Close)
	return l
}

// next gives the next letter.
func (l *loft) next(t *testing.T) string {
	t.Helper()
	select {
	case letter := <-l.letters:
		return letter
	case <-time.After(30 * time.Second):
		t.Fatal("no letter arrived within 30 s")
		return ""
	}
}

// whole is a running hooktree of this process.
type whole struct {
	t     *testing.T
	url   string
	ring  string // a token of the dialect
	owner accounts.Owner
	admin string
}

// serveWhole starts a hooktree that speaks one dialect more.
func serveWhole(t *testing.T, files map[string]string) *whole {
	t.Helper()
	space := t.TempDir()
	for name, content := range files {
		path := filepath.Join(space, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := newApp(t.Context(), Config{
		Space: space, Data: t.TempDir(), AdminPassword: "a long password", WriterQueue: 64, Workers: 4, BodyLimit: 1 << 20,
		StopTimeout: 10 * time.Second, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}, slog.New(slog.DiscardHandler), append(dialects(), pigeons()))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- a.serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve = %v", err)
		}
	})
	w := &whole{t: t, url: "http://" + l.Addr().String(), owner: accounts.Owner{ID: 7, Name: "keeper", Email: "keeper@example.com"}}
	for _, token := range []struct {
		into *string
		accounts.TokenRequest
	}{
		{&w.ring, accounts.TokenRequest{Name: "ring", Role: accounts.Operator, Dialect: "pigeon", Owner: w.owner}},
		{&w.admin, accounts.TokenRequest{Name: "admin", Role: accounts.Admin}},
	} {
		if *token.into, _, err = a.accounts.CreateToken(t.Context(), accounts.Identity{Name: "test"}, token.TokenRequest); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// ask sends a request as a client of the dialect, or as an admin.
func (w *whole) ask(method, path, body string) (status int, answer string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if strings.HasPrefix(path, "/pigeon") {
		req.Header.Set("X-Ring", w.ring)
	} else {
		req.Header.Set("Authorization", "Bearer "+w.admin)
	}
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// wants asks, and checks the status and parts of the answer.
func (w *whole) wants(status int, method, path, body string, parts ...string) string {
	w.t.Helper()
	got, answer := w.ask(method, path, body)
	if got != status {
		w.t.Errorf("%s %s = %d %s; want %d", method, path, got, answer, status)
	}
	for _, part := range parts {
		if !strings.Contains(answer, part) {
			w.t.Errorf("%s %s = %s; want %q in it", method, path, answer, part)
		}
	}
	return answer
}

// until reads a page again until a part stands in it.
func (w *whole) until(path, part string) string {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); ; <-tick.C {
		_, answer := w.ask(http.MethodGet, path, "")
		if strings.Contains(answer, part) {
			return answer
		}
		if time.Since(start) > 30*time.Second {
			w.t.Fatalf("after 30 s GET %s = %s; want %q in it", path, answer, part)
		}
	}
}

// sent publishes a letter, and gives the receipt.
func (w *whole) sent(id string, owner int) string {
	w.t.Helper()
	return w.wants(202, "POST", "/api/v1/events",
		fmt.Sprintf(`{"event":{"platform":"pigeon","name":"letter.sent"},"data":{"id":%q,"owner_id":%d}}`, id, owner))
}

func TestHooks_takeAnotherDialectByOneLine(t *testing.T) {
	t.Parallel()

	w := serveWhole(t, map[string]string{
		"space.yaml":        "slug: acme\ndialects:\n  pigeon: {greeting: ahoy, visible: user.id == data.owner_id}\n",
		"trees/letter.yaml": "tree: Pigeon > letter / sent\nnodes: [{id: out, return: {got: \"${ data.id }\"}}]\n",
	})
	home := newLoft(t)

	w.ring = w.tokenOfItsOwn("pigeon", "/pigeon/token")
	w.wants(200, "GET", "/api/v1/dialects", "", `"title":"Pigeon","address":"`+w.url+`/pigeon/hooks"`,
		`hooktree token create --dialect pigeon`, `-H \"X-Ring: $TOKEN\"`, `-d 'letter.sent https://example.com/hook'`, `"title":"Accelo"`)
	w.wants(200, "GET", "/api/v1/catalogue", "", `"platform":"pigeon"`, `"Pigeon > letter / sent"`, `"platform":"accelo"`, `"Hooktree > subscription / disabled"`)
	w.wants(422, "POST", "/pigeon/hooks", "letter.snet "+home.URL, "unknown_event", "did you mean letter.sent?")
	w.wants(422, "POST", "/pigeon/hooks", "letter.sent http://169.254.169.254/latest", "bad_url", "link-local")
	w.wants(422, "POST", "/pigeon/hooks", "letter.sent http://[::1]:80/", "bad_url", "loopback")
	w.wants(422, "GET", "/pigeon/hooks", "", "no_method")
	w.wants(200, "GET", "/api/v1/subscriptions", "", `{"subscriptions":[]}`)

	address, body := w.first("pigeon")
	w.wants(201, "POST", address, strings.Replace(body, subscription.ExampleURL, home.URL, 1), "1")
	<-home.asked
	w.wants(422, "POST", "/pigeon/hooks", "letter.sent "+home.URL, "exists")

	receipt := w.sent("L-7", 7)
	if got := home.next(t); got != "ahoy L-7" {
		t.Errorf("the letter is %q", got)
	}
	if !strings.Contains(receipt, `"webhook":"pigeon/1"`) || !strings.Contains(receipt, `"tree":"Kinetic Request CE :: Pigeon > letter :: sent"`) {
		t.Errorf("the receipt is %s; want the subscriber's job and the tree's run", receipt)
	}
	hidden := w.sent("L-8", 8)
	w.wants(200, "GET", "/api/v1/events/"+eventOf(t, hidden), "",
		"its owner keeper (7) may not see it", `"expression":"user.id == data.owner_id","shown":"7 == 8"`)

	w.operate(home)
	w.wants(204, "DELETE", "/pigeon/hooks/1", "")
	w.wants(422, "DELETE", "/pigeon/hooks/1", "", "not_found")
}

// tokenOfItsOwn gives what a new client gets at the token call of its dialect.
func (w *whole) tokenOfItsOwn(dialect, path string) string {
	w.t.Helper()
	var made struct{ ID, Secret string }
	owner := fmt.Sprintf(`{"id":%d,"name":%q,"email":%q}`, w.owner.ID, w.owner.Name, w.owner.Email)
	answer := w.wants(201, "POST", "/api/v1/clients", fmt.Sprintf(`{"name":"ring","dialect":%q,"owner":%s}`, dialect, owner))
	if err := json.Unmarshal([]byte(answer), &made); err != nil {
		w.t.Fatalf("%v: %s", err, answer)
	}
	answer = w.wants(200, "POST", path,
		fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, made.ID, made.Secret),
		`"token_type":"ring"`, `"expires_in":60`, `"keeper":"keeper"`)
	var told struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(answer), &told); err != nil || told.Token == "" {
		w.t.Fatalf("%v: %s", err, answer)
	}
	return told.Token
}

// first gives the first subscription of a dialect as the API tells it.
func (w *whole) first(dialect string) (path, body string) {
	w.t.Helper()
	var told struct {
		Dialects []struct{ Name, Address, Curl string }
	}
	if err := json.Unmarshal([]byte(w.wants(200, "GET", "/api/v1/dialects", "")), &told); err != nil {
		w.t.Fatal(err)
	}
	for _, d := range told.Dialects {
		if d.Name == dialect {
			_, quoted, _ := strings.Cut(d.Curl, " -d '")
			return strings.TrimPrefix(d.Address, w.url), strings.TrimSuffix(quoted, "'")
		}
	}
	w.t.Fatalf("there is no dialect %s", dialect)
	return "", ""
}

// operate disables the subscription, which holds a letter, and replays it.
func (w *whole) operate(home *loft) {
	w.t.Helper()
	var list struct {
		Subscriptions []struct{ ID string }
	}
	answer := w.until("/api/v1/subscriptions?owner=keeper@example.com", `"triggered":1`) // it counts after the letter arrived
	if err := json.Unmarshal([]byte(answer), &list); err != nil || len(list.Subscriptions) != 1 {
		w.t.Fatalf("%v: %s", err, answer)
	}
	at := "/api/v1/subscriptions/" + list.Subscriptions[0].ID
	w.wants(200, "POST", at+"/disable", `{"note":"at rest"}`, `"reason":"admin disabled it: at rest"`)
	w.sent("L-9", 7)
	w.wants(200, "GET", at, "", `"held":1`)
	w.wants(200, "GET", "/api/v1/jobs?status=Held&subscription="+list.Subscriptions[0].ID, "", `"status":"Held"`)
	w.wants(422, "POST", at+"/replay", "", "enable it first")
	w.wants(200, "POST", at+"/enable", "", `"status":"active"`)
	w.wants(200, "POST", at+"/replay", "", `"queued":1`)
	if got := home.next(w.t); got != "ahoy L-9" {
		w.t.Errorf("the letter is %q", got)
	}
}

// eventOf gives the id of a receipt's event.
func eventOf(t *testing.T, receipt string) string {
	t.Helper()
	var told struct {
		Events []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(receipt), &told); err != nil || len(told.Events) != 1 {
		t.Fatalf("%v: %s", err, receipt)
	}
	return told.Events[0].ID
}
