package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/oauth"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a server over services that a test controls, with one token a role.
type house struct {
	t        testing.TB
	server   *server.Server
	clock    *clock
	log      *syncBuffer
	accounts *accounts.Service
	store    *memory.Accounts
	intake   *fakeIntake
	history  *fakeHistory
	desk     *fakeDesk
	trees    *fakeTrees
	webhooks *fakeWebhooks
	hooks    *subscription.Service
	dialects []subscription.Dialect
	replays  []subscription.ReplayOrder
	feed     *jobs.Feed
	health   *fakeHealth
	tokens   map[accounts.Role]string
	client   *http.Client
	listener net.Listener // TCP: deadlines of an in-memory pipe may not be set while it is written to
}

// silent says of every job that is queued that its host does not answer.
func silent(_ context.Context, j *jobs.Job) (string, error) {
	if j.Status != jobs.JobQueued {
		return "", nil
	}
	return j.URL + " has not answered", nil
}

// open starts a house; configure may change what it is made of.
func open(tb testing.TB, configure ...func(*server.Config, *server.Services, *[]server.Mount)) *house {
	tb.Helper()
	h := &house{
		t: tb, clock: &clock{at: noon}, log: &syncBuffer{}, store: &memory.Accounts{},
		intake: &fakeIntake{}, history: newFakeHistory(), desk: &fakeDesk{}, trees: &fakeTrees{library: library(tb)},
		webhooks: &fakeWebhooks{}, feed: jobs.NewFeed("e1", 8), health: &fakeHealth{}, tokens: map[accounts.Role]string{},
	}
	h.accounts = accounts.New(h.store, h.clock.Now, oauth.Terms(asking))
	for role := accounts.Viewer; role <= accounts.Admin; role++ {
		secret, _, err := h.accounts.CreateToken(tb.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{Name: role.String(), Role: role})
		if err != nil {
			tb.Fatalf("make a token: %v", err)
		}
		h.tokens[role] = secret
	}
	config := server.Config{
		Version: "1.2.3", Now: h.clock.Now, Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	catalogue := event.NewCatalogue(event.Notices())
	services := server.Services{
		Accounts: h.accounts, Intake: h.intake, Resolve: h.intake.resolve, History: h.history, Audit: h.history, Desk: h.desk, Waiting: silent, Trees: h.trees, Versions: h.trees, Webhooks: h.webhooks,
		Catalogue: func() *event.Catalogue { return catalogue },
		Handlers:  func() []*engine.Spec { return []*engine.Spec{specs["echo"]} },
		Explain:   fakeExplainer{}, Feed: h.feed, Health: h.health, Subscriptions: h.subscribe(),
	}
	services.Dialects = h.dialects
	var mounts []server.Mount
	for _, change := range configure {
		change(&config, &services, &mounts)
	}
	var err error
	if h.server, err = server.New(config, services, mounts...); err != nil {
		tb.Fatalf("make a server: %v", err)
	}
	if h.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.server.Serve(server.Linger(h.listener)) }()
	h.client = &http.Client{
		Transport:     &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return h.dial() }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	tb.Cleanup(func() {
		h.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.server.Shutdown(ctx); err != nil {
			tb.Errorf("stop the server: %v", err)
		}
		if err := <-served; err != nil {
			tb.Errorf("Serve = %v", err)
		}
	})
	return h
}

// dial opens a connection to the server.
func (h *house) dial() (net.Conn, error) { return net.Dial("tcp", h.listener.Addr().String()) }

// library is one of a single tree.
func library(tb testing.TB) *trees.Library {
	tb.Helper()
	found, faults := trees.Check([]trees.File{{Path: "trees/laptop.yaml", Content: []byte(laptop)}}, trees.Environment{
		Handlers: specs, Space: &trees.Space{Slug: "acme", Name: "Acme service desk", Source: "Kinetic Request CE"},
	})
	if found == nil {
		tb.Fatalf("the test's tree has faults:\n%s", faults.Render())
	}
	return found
}

const laptop = `tree: Submissions > services > laptop-request / Submitted
note: Approve and order
nodes:
  - id: say
    do: echo
    with: {text: hello}
  - id: answer
    after: {node: say, when: values.Quantity > 0, label: Wanted}
    return: {said: hello}
`

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// problem reads the body as one.
func (a answer) problem(t *testing.T) server.Problem {
	t.Helper()
	var p server.Problem
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("Content-Type = %q; want application/problem+json (body %s)", kind, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("the body %q is no problem: %v", a.body, err)
	}
	return p
}

// do sends a request by a role; headers are name, value, name, value.
func (h *house) do(role accounts.Role, method, target, body string, headers ...string) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://hooktree.test"+target, strings.NewReader(body))
	if err != nil {
		h.t.Fatalf("make a request: %v", err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token := h.tokens[role]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := h.client.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("read the answer of %s %s: %v", method, target, err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(content)}
}

// raw sends bytes as they are and reads one answer.
func (h *house) raw(request string) answer {
	h.t.Helper()
	conn, err := h.dial()
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	defer func() { _ = conn.Close() }()                  // the server closes it as a rule
	go func() { _, _ = io.WriteString(conn, request) }() // the server may stop reading
	var resp fasthttp.Response
	if err := resp.Read(bufio.NewReader(conn)); err != nil {
		h.t.Fatalf("read the answer to %q: %v", clipped(request), err)
	}
	header := http.Header{}
	for name, value := range resp.Header.All() {
		header.Add(string(name), string(value))
	}
	return answer{status: resp.StatusCode(), header: header, body: string(resp.Body())}
}

func clipped(text string) string { return text[:min(len(text), 80)] }

// post sends an event as bytes that no client would refuse to send.
func (h *house) post(body, contentType, key, query string) answer {
	var ctx fasthttp.RequestCtx
	req := &ctx.Request
	req.Header.SetMethod("POST")
	req.Header.SetContentType(contentType)
	req.Header.Set("Authorization", "Bearer "+h.tokens[accounts.Operator])
	req.Header.Set("Idempotency-Key", key)
	req.SetRequestURI("http://hooktree.test/api/v1/events")
	req.URI().SetQueryString(query)
	req.SetBodyString(body)
	h.server.Handler()(&ctx)
	return answer{status: ctx.Response.StatusCode(), header: http.Header{
		"Content-Type": {string(ctx.Response.Header.ContentType())},
	}, body: string(ctx.Response.Body())}
}

// syncBuffer is a log that tests read while the server writes.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
