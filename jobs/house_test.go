package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/engine/handlers"
	"hooktree/jobs"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// house is a runner and a worker over a store in memory, with a clock, chance
// and an outside world that a test controls.
type house struct {
	t      testing.TB
	clock  *clock
	store  *memory.Store
	trees  *library
	feed   *jobs.Feed
	runner *jobs.Runner
	worker *jobs.Worker
	desk   *desk // the outside world

	chancing sync.Mutex // guards chance
	chance   *rand.Rand

	resolve func(event.Event) resolve.Resolution // nil fires the tree of the event's path
	config  func(*jobs.Config)
	working func(*jobs.WorkerConfig)
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

const source = "Kinetic Request CE"

// build makes a house with trees, written in YAML.
func build(tb testing.TB, texts ...string) *house {
	tb.Helper()
	h := &house{
		t:      tb,
		clock:  &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)},
		store:  memory.New(),
		trees:  &library{byHash: map[string]*engine.Tree{}, active: map[engine.Title]string{}},
		feed:   jobs.NewFeed("e", 1024),
		desk:   &desk{},
		chance: rand.New(rand.NewPCG(1, 2)), //nolint:gosec // a test wants the same every time
	}
	for _, text := range texts {
		h.trees.add(tb, text)
	}
	h.start()
	return h
}

// start makes a runner and a worker that know nothing but what is stored.
func (h *house) start() {
	c := jobs.Config{
		Ledger: h.store, History: h.store, Remover: h.store, Trees: h.trees, Feed: h.feed,
		Resolve: h.resolution, Release: h.unguarded, Now: h.clock.Now, ID: h.id, Random: (*seeds)(h),
	}
	if h.config != nil {
		h.config(&c)
	}
	h.runner = jobs.NewRunner(c)
	w := jobs.WorkerConfig{
		Runner:   h.runner,
		Handlers: map[string]jobs.Handler{"http": h.desk.call},
		Secrets:  func(name string) (string, bool) { v, ok := secrets[name]; return v, ok },
		Client:   &http.Client{Transport: h.desk},
		Policy:   delivery.Schedule(),
	}
	if h.working != nil {
		h.working(&w)
	}
	h.worker = jobs.NewWorker(w)
}

var secrets = map[string]string{"HR_TOKEN": "s3cret/value"}

func (h *house) resolution(e event.Event) resolve.Resolution {
	if h.resolve != nil {
		return h.resolve(e)
	}
	group, name, _ := strings.Cut(e.Path, " / ")
	return fires("convention", h.trees.firing(engine.Title{Source: source, Group: group, Name: name}))
}

// unguarded is resolution without a guard: what a test's guard holds, it fires.
func (h *house) unguarded(e event.Event) resolve.Resolution {
	guarded := h.resolve
	h.resolve = nil
	defer func() { h.resolve = guarded }()
	return h.resolution(e)
}

func fires(webhook string, f webhooks.Firing) resolve.Resolution {
	f.Webhook = webhook
	return resolve.Resolution{
		Verdicts: []webhooks.Verdict{{Webhook: webhook, Hash: "hash of the webhook", Outcome: webhooks.Fired, Reason: "it matches"}},
		Firings:  []webhooks.Firing{f},
	}
}

// id gives UUIDv7s from the house's own clock and chance.
func (h *house) id() (string, error) {
	ms := uint64(h.clock.Now().UnixMilli())
	h.chancing.Lock()
	defer h.chancing.Unlock()
	return fmt.Sprintf("%08x-%04x-7%03x-8%03x-%012x", ms>>16, ms&0xffff,
		h.chance.Uint32()&0xfff, h.chance.Uint32()&0xfff, h.chance.Uint64()&0xffffffffffff), nil
}

// seed begins the house's chance anew.
func (h *house) seed(seed uint64) { h.chance = rand.New(rand.NewPCG(seed, 7)) } //nolint:gosec // as above

// seeds gives random bytes from the house's chance.
type seeds house

func (s *seeds) Read(p []byte) (int, error) {
	s.chancing.Lock()
	defer s.chancing.Unlock()
	for i := range p {
		p[i] = byte(s.chance.Uint32())
	}
	return len(p), nil
}

// library is the trees of a house. Lost makes its versions unreadable.
type library struct {
	mu     sync.Mutex
	byHash map[string]*engine.Tree
	active map[engine.Title]string
	lane   map[engine.Title]string
	lost   error
}

func (l *library) add(tb testing.TB, text string) {
	tb.Helper()
	specs := map[string]*engine.Spec{"set": handlers.Set().Spec, "echo": handlers.Echo().Spec, "http": handlers.HTTP(nil).Spec}
	space := &trees.Space{Source: source, Secrets: []string{"HR_TOKEN"}}
	tree, faults := trees.Parse("tree.yaml", []byte(text), trees.Environment{Handlers: specs, Space: space})
	if tree == nil {
		for _, f := range faults {
			tb.Log(f.Render())
		}
		tb.Fatal("the tree of the test has faults")
	}
	prepared, err := engine.NewTree(*tree.Tree)
	if err != nil {
		tb.Fatal(err)
	}
	l.byHash[tree.Hash] = prepared
	l.active[tree.Title] = tree.Hash
}

func (l *library) Tree(_ context.Context, hash string) (*engine.Tree, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tree := l.byHash[hash]
	if l.lost != nil || tree == nil {
		return nil, fmt.Errorf("version %.8s: %w", hash, l.lost)
	}
	return tree, nil
}

func (l *library) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = err
}

func (l *library) Active(title engine.Title) (string, bool) {
	hash, ok := l.active[title]
	return hash, ok
}

func (l *library) firing(t engine.Title) webhooks.Firing {
	return webhooks.Firing{Tree: &webhooks.TreeFiring{
		Source: t.Source, Group: t.Group, Name: t.Name, Hash: l.active[t], Lane: l.lane[t],
	}}
}

// desk is the outside world: it answers calls and deliveries, and remembers
// them.
type desk struct {
	mu        sync.Mutex
	calls     []jobs.HandlerCall
	requests  []*http.Request
	bodies    []string
	answer    func(jobs.HandlerCall) (map[string]any, *engine.Failure)
	wait      func(context.Context, jobs.HandlerCall) // before a call is answered
	transport func(*http.Request) (*http.Response, error)
}

func (d *desk) call(ctx context.Context, c jobs.HandlerCall) (map[string]any, *engine.Failure) {
	d.mu.Lock()
	d.calls = append(d.calls, c)
	answer, wait := d.answer, d.wait
	d.mu.Unlock()
	if wait != nil {
		wait(ctx, c)
	}
	if answer != nil {
		return answer(c)
	}
	return map[string]any{"status": int64(200), "body": map[string]any{"ok": true}}, nil
}

func (d *desk) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.requests = append(d.requests, req)
	d.bodies = append(d.bodies, string(body))
	transport := d.transport
	d.mu.Unlock()
	if transport != nil {
		return transport(req)
	}
	return answer(http.StatusOK, "taken"), nil
}

// made gives the calls and the requests so far, for tests with goroutines.
func (d *desk) made() ([]jobs.HandlerCall, []*http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls), slices.Clone(d.requests)
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func (h *house) event() event.Event {
	return event.Event{
		Platform: "kinetic", Type: "Submission", Action: "Submitted",
		Scope: event.Scope{Kapp: "services", Form: "laptop-request"},
		Path:  "Submissions > services > laptop-request / Submitted", Entity: "s-1",
		Data:       map[string]any{"values": map[string]any{"Cost": int64(1200)}, "submission": map[string]any{"id": "s-1"}},
		Body:       []byte(`{"values":{"Cost":1200},"submission":{"id":"s-1"}}`),
		Credential: "portal",
	}
}

// fire accepts the usual event and gives its receipt.
func (h *house) fire() jobs.Receipt {
	h.t.Helper()
	receipts, err := h.runner.Accept(h.t.Context(), []event.Event{h.event()})
	if err != nil {
		h.t.Fatalf("Accept: %v", err)
	}
	return receipts[0]
}

// fired accepts the usual event and gives the run that it started.
func (h *house) fired() jobs.Run {
	h.t.Helper()
	r := h.fire()
	if len(r.Jobs) != 1 || r.Jobs[0].Run == 0 {
		h.t.Fatalf("the event made the jobs %+v; want one with a run", r.Jobs)
	}
	return h.run(r.Jobs[0].Run)
}

// work does what is due now, and reports how many pieces there were.
func (h *house) work() (n int) {
	h.t.Helper()
	for {
		did, _, err := h.worker.RunOnce(h.t.Context())
		if err != nil {
			h.t.Fatalf("RunOnce: %v", err)
		}
		if !did {
			return n
		}
		n++
	}
}

// drain does all work, whenever it is due.
func (h *house) drain() {
	h.t.Helper()
	for range 1000 {
		did, next, err := h.worker.RunOnce(h.t.Context())
		switch {
		case err != nil:
			h.t.Fatalf("RunOnce: %v", err)
		case !did && next.IsZero():
			return
		case !did:
			h.clock.move(next.Sub(h.clock.Now()))
		}
	}
	h.t.Fatal("the work does not end")
}

func (h *house) run(number int64) jobs.Run {
	h.t.Helper()
	run, err := h.store.Run(h.t.Context(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

func (h *house) job(id string) jobs.Job {
	h.t.Helper()
	job, err := h.store.Job(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return job
}

func (h *house) openErrors() []jobs.ErrorRecord {
	h.t.Helper()
	list, _, err := h.store.Errors(h.t.Context(), jobs.ErrorFilter{Open: new(true)})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// onlyError gives the one error that is open.
func (h *house) onlyError() jobs.ErrorRecord {
	h.t.Helper()
	list := h.openErrors()
	if len(list) != 1 {
		h.t.Fatalf("%d errors are open: %+v; want one", len(list), list)
	}
	return list[0]
}

func (h *house) audits() []string {
	h.t.Helper()
	list, _, err := h.store.Audits(h.t.Context(), jobs.Page{})
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for _, a := range list {
		lines = append(lines, strings.TrimSpace(a.Who+" "+a.Did+" "+a.Note))
	}
	return lines
}

// tasks gives the status of each task of a run.
func (h *house) tasks(run jobs.Run) map[engine.NodeID]engine.TaskStatus {
	h.t.Helper()
	list, err := h.store.Tasks(h.t.Context(), run.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	byNode := map[engine.NodeID]engine.TaskStatus{}
	for _, t := range list {
		byNode[t.Node] = t.Status
	}
	return byNode
}

func (h *house) wantRun(number int64, want engine.RunStatus) jobs.Run {
	h.t.Helper()
	run := h.run(number)
	if run.Status != want {
		h.t.Fatalf("run #%d is %s; want %s (tasks %v, errors %+v)", number, run.Status, want, h.tasks(run), h.openErrors())
	}
	return run
}

var errLost = errors.New("the disk is gone")

// The trees that most tests run.
const (
	pureTree = `tree: Submissions > services > laptop-request / Submitted
nodes:
  - id: price
    do: set
    with: {cost: "${ values.Cost }"}
  - id: out
    return: {cost: "${ nodes.price.cost }"}
`
	callTree = `tree: Submissions > services > laptop-request / Submitted
nodes:
  - id: order
    do: http
    with:
      url: https://stock.example.com/orders
      headers: {Authorization: "Bearer ${ secret('HR_TOKEN') }"}
    retry: {max: 3, wait: 10s}
  - id: out
    return: {status: "${ nodes.order.status }"}
`
	waitTree = `tree: Submissions > services > laptop-request / Submitted
nodes:
  - id: pause
    wait: 2d
  - id: out
    return: done
`
)

func failing(code string, retryable bool) func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
	return func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
		return nil, &engine.Failure{Code: code, Message: "the answer was 503", Retryable: retryable}
	}
}

func members(m map[string]any) string { return fmt.Sprint(maps.Collect(maps.All(m))) }

// ordered lets the house's ids rise within a millisecond, too, as those of the
// binary do.
func (h *house) ordered() {
	var n uint64
	h.config = func(c *jobs.Config) {
		c.ID = func() (string, error) {
			n++
			ms := uint64(h.clock.Now().UnixMilli())
			return fmt.Sprintf("%08x-%04x-7%03x-8000-%012x", ms>>16, ms&0xffff, n>>48, n), nil
		}
	}
}
