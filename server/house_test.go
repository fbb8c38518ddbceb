package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
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
	t        *testing.T
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
	feed     *jobs.Feed
	health   *fakeHealth
	tokens   map[accounts.Role]string
	client   *http.Client
	listener *fasthttputil.InmemoryListener
}

// open starts a house; configure may change what it is made of.
func open(t *testing.T, configure ...func(*server.Config, *server.Services, *[]server.Mount)) *house {
	t.Helper()
	h := &house{
		t: t, clock: &clock{at: noon}, log: &syncBuffer{}, store: &memory.Accounts{},
		intake: &fakeIntake{}, history: newFakeHistory(), desk: &fakeDesk{}, trees: &fakeTrees{library: library(t)},
		webhooks: &fakeWebhooks{}, feed: jobs.NewFeed("e1", 8), health: &fakeHealth{}, tokens: map[accounts.Role]string{},
	}
	h.accounts = accounts.New(h.store, h.clock.Now)
	for role := accounts.Viewer; role <= accounts.Admin; role++ {
		secret, _, err := h.accounts.CreateToken(t.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{Name: role.String(), Role: role})
		if err != nil {
			t.Fatalf("make a token: %v", err)
		}
		h.tokens[role] = secret
	}
	config := server.Config{
		Version: "1.2.3", Now: h.clock.Now, Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	catalogue := event.NewCatalogue()
	services := server.Services{
		Accounts: h.accounts, Intake: h.intake, Resolve: h.intake.resolve, History: h.history, Desk: h.desk, Trees: h.trees, Versions: h.trees, Webhooks: h.webhooks,
		Catalogue: func() *event.Catalogue { return catalogue },
		Handlers:  func() []*engine.Spec { return []*engine.Spec{specs["echo"]} },
		Explain:   fakeExplainer{}, Feed: h.feed, Health: h.health,
	}
	var mounts []server.Mount
	for _, change := range configure {
		change(&config, &services, &mounts)
	}
	var err error
	if h.server, err = server.New(config, services, mounts...); err != nil {
		t.Fatalf("make a server: %v", err)
	}
	h.listener = fasthttputil.NewInmemoryListener()
	served := make(chan error, 1)
	go func() { served <- h.server.Serve(h.listener) }()
	h.client = &http.Client{
		Transport:     &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return h.listener.Dial() }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		h.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.server.Shutdown(ctx); err != nil {
			t.Errorf("stop the server: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return h
}

// library is one of a single tree.
func library(t *testing.T) *trees.Library {
	t.Helper()
	found, faults := trees.Check([]trees.File{{Path: "trees/laptop.yaml", Content: []byte(laptop)}}, trees.Environment{Handlers: specs})
	if found == nil {
		t.Fatalf("the test's tree has faults:\n%s", faults.Render())
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

const laptopTitle = "Kinetic Request CE :: Submissions > services > laptop-request :: Submitted"

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
	conn, err := h.listener.Dial()
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	defer conn.Close()
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

// fakeIntake keeps what it is given, and answers as a test says.
type fakeIntake struct {
	mu       sync.Mutex
	events   []event.Event
	err      error
	receipts func([]event.Event) []jobs.Receipt
	firings  []webhooks.Firing // what every event would fire
	await    func(context.Context, string) (jobs.Reply, error)
}

func (f *fakeIntake) Accept(_ context.Context, events []event.Event) ([]jobs.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.events = append(f.events, events...)
	if f.receipts != nil {
		return f.receipts(events), nil
	}
	receipts := make([]jobs.Receipt, len(events))
	for i, e := range events {
		receipts[i] = jobs.Receipt{EventID: e.ExternalID, Path: e.Path, Verdicts: []webhooks.Verdict{{Outcome: webhooks.None, Reason: "nothing wants it"}}}
	}
	return receipts, nil
}

func (f *fakeIntake) Await(ctx context.Context, runID string) (jobs.Reply, error) {
	return f.await(ctx, runID)
}

func (f *fakeIntake) resolve(event.Event) resolve.Resolution {
	return resolve.Resolution{Firings: f.firings}
}

func (f *fakeIntake) stored() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// fakeHistory answers from fixed rows and remembers what it was asked.
type fakeHistory struct {
	mu     sync.Mutex
	jobs   map[string]jobs.Job
	runs   map[int64]jobs.Run
	tasks  map[string][]engine.Task
	events map[string]jobs.EventRecord
	errs   []jobs.ErrorRecord
	err    error
	asked  any
}

func newFakeHistory() *fakeHistory {
	return &fakeHistory{
		jobs: map[string]jobs.Job{}, runs: map[int64]jobs.Run{}, tasks: map[string][]engine.Task{}, events: map[string]jobs.EventRecord{},
	}
}

func (f *fakeHistory) note(filter any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = filter
	return f.err
}

func (f *fakeHistory) lastAsked() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fakeHistory) Jobs(_ context.Context, filter jobs.JobFilter) ([]jobs.Job, string, error) {
	var all []jobs.Job
	for _, j := range f.jobs {
		all = append(all, j)
	}
	return all, "more", f.note(filter)
}

func (f *fakeHistory) Job(_ context.Context, id string) (jobs.Job, error) { return one(f.jobs, id) }

func (f *fakeHistory) Runs(_ context.Context, filter jobs.RunFilter) ([]jobs.Run, string, error) {
	var all []jobs.Run
	for _, r := range f.runs {
		all = append(all, r)
	}
	return all, "", f.note(filter)
}

func (f *fakeHistory) Run(_ context.Context, number int64) (jobs.Run, error) {
	return one(f.runs, number)
}

func (f *fakeHistory) Tasks(_ context.Context, runID string) ([]engine.Task, error) {
	return f.tasks[runID], nil
}

func (f *fakeHistory) Events(_ context.Context, filter jobs.EventFilter) ([]jobs.EventRecord, string, error) {
	return nil, "", f.note(filter)
}

func (f *fakeHistory) Event(_ context.Context, id string) (jobs.EventRecord, error) {
	return one(f.events, id)
}

func (f *fakeHistory) Errors(_ context.Context, filter jobs.ErrorFilter) ([]jobs.ErrorRecord, string, error) {
	return f.errs, "", f.note(filter)
}

func (f *fakeHistory) Count(context.Context) (jobs.Counts, error) {
	return jobs.Counts{
		Jobs: map[jobs.JobStatus]int64{jobs.JobComplete: 3}, Runs: map[engine.RunStatus]int64{engine.RunError: 2}, OpenErrors: 2, Work: 5, Bytes: 4096,
	}, f.err
}

func one[K comparable, V any](rows map[K]V, key K) (V, error) {
	row, ok := rows[key]
	if !ok {
		return row, jobs.ErrNotFound
	}
	return row, nil
}

// fakeDesk remembers the acts.
type fakeDesk struct {
	mu       sync.Mutex
	acts     []string
	err      error
	asked    jobs.Resolution
	resolved []jobs.Resolved
}

func (f *fakeDesk) act(did, what string, by jobs.Act) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acts = append(f.acts, did+" "+what+" by "+by.By+": "+by.Note)
	return f.err
}

func (f *fakeDesk) RetryJob(_ context.Context, id string, by jobs.Act) (jobs.Job, error) {
	return jobs.Job{}, f.act("retry job", id, by)
}

func (f *fakeDesk) CancelJob(_ context.Context, id string, by jobs.Act) (jobs.Job, error) {
	return jobs.Job{}, f.act("cancel job", id, by)
}

func (f *fakeDesk) CancelRun(_ context.Context, number int64, by jobs.Act) error {
	return f.act("cancel run", strconv.FormatInt(number, 10), by)
}

func (f *fakeDesk) ResolveErrors(_ context.Context, r jobs.Resolution) ([]jobs.Resolved, error) {
	f.asked = r
	return f.resolved, f.act(string(r.Action), fmt.Sprint(r.IDs), jobs.Act{By: r.By, Note: r.Note})
}

// fakeTrees is a library that a test gives.
type fakeTrees struct {
	library  *trees.Library
	versions []trees.Version
	edits    []trees.Edit
	err      error
}

func (f *fakeTrees) Library() *trees.Library { return f.library }

func (f *fakeTrees) Version(_ context.Context, hash string) (*trees.Tree, error) {
	for _, t := range f.library.All() {
		if t.Hash == hash {
			return t, nil
		}
	}
	return nil, trees.ErrNotFound
}

func (f *fakeTrees) History(context.Context, string, int) ([]trees.Version, error) {
	return f.versions, nil
}

func (f *fakeTrees) Put(_ context.Context, edit trees.Edit) (*trees.Tree, error) {
	f.edits = append(f.edits, edit)
	if f.err != nil {
		return nil, f.err
	}
	return &trees.Tree{Tree: &engine.Tree{Title: edit.Title, Hash: "h1"}, YAML: edit.YAML}, nil
}

func (f *fakeTrees) Delete(_ context.Context, edit trees.Edit) error {
	f.edits = append(f.edits, edit)
	return f.err
}

func (f *fakeTrees) Try(yaml []byte) (*trees.Tree, trees.Faults) {
	return trees.Parse("tree.yaml", yaml, trees.Environment{Handlers: specs})
}

var specs = map[string]*engine.Spec{"echo": {Name: "echo", Help: "Gives back what it gets.", Params: []engine.Param{
	{Name: "text", Type: engine.Type{Kind: engine.KindAny}, Help: "What to give back."},
}}}

// fakeWebhooks keeps webhooks in a list.
type fakeWebhooks struct {
	mu   sync.Mutex
	list []webhooks.Webhook
}

func (f *fakeWebhooks) List(context.Context) ([]webhooks.Webhook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]webhooks.Webhook(nil), f.list...), nil
}

func (f *fakeWebhooks) Put(_ context.Context, edit server.WebhookEdit) (webhooks.Webhook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := webhooks.Webhook{Name: edit.Name, Kapp: edit.Kapp, Source: string(edit.Definition), Hash: edit.Was + "+", Origin: "api"}
	f.list = append(f.without(edit), w)
	return w, nil
}

func (f *fakeWebhooks) Delete(_ context.Context, edit server.WebhookEdit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = f.without(edit)
	return nil
}

func (f *fakeWebhooks) without(edit server.WebhookEdit) []webhooks.Webhook {
	var rest []webhooks.Webhook
	for _, w := range f.list {
		if w.Name != edit.Name || w.Kapp != edit.Kapp {
			rest = append(rest, w)
		}
	}
	return rest
}

type fakeExplainer struct{}

func (fakeExplainer) Verdict(_ context.Context, _ jobs.EventRecord, v webhooks.Verdict) ([]expression.Seen, error) {
	return []expression.Seen{{Text: v.Filter, Shown: "0 > 1", Value: false, Evaluated: true}}, nil
}

func (fakeExplainer) Connector(context.Context, jobs.Run, []engine.Task, engine.Task, engine.Decision) ([]expression.Seen, error) {
	return nil, jobs.ErrNotFound
}

type fakeHealth struct{ troubles, warnings []string }

func (f *fakeHealth) Ready(context.Context) (troubles, warnings []string) {
	return f.troubles, f.warnings
}

func (*fakeHealth) Gauges(context.Context) map[string]float64 {
	return map[string]float64{"hooktree_store_writes_waiting": 12}
}

// post sends an event as bytes that no client would refuse to send.
func (h *house) post(body, contentType, key, query string) answer {
	h.t.Helper()
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
