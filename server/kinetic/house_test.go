package kinetic_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/engine/handlers"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/kinetic"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	dialect "hooktree/webhooks/kinetic"
	"hooktree/webhooks/resolve"
)

// house is a whole hooktree in memory, behind its HTTP server: what answers
// the calls of these tests is what answers in production, but for the store.
type house struct {
	t        *testing.T
	clock    *clock
	store    *memory.Store
	shelf    *trees.Shelf
	webhooks *registry
	keys     *memory.AccessKeys
	worker   *jobs.Worker
	feed     *jobs.Feed
	base     string
	table    []server.Listed // every route that is served
	tokens   map[accounts.Role]string
	log      *lines

	mu     sync.Mutex // guards chance
	chance *rand.Rand
}

// spaceFiles are the files of the space that the tests work on.
func spaceFiles(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", "space"))); err != nil {
		t.Fatalf("copy the space: %v", err)
	}
	made := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) // trees are as old as their files
	for _, name := range []string{"laptop", "stock", "nightly", "list", "condition"} {
		if err := os.Chtimes(filepath.Join(root, "trees", name+".yaml"), made, made); err != nil {
			t.Fatalf("date a tree: %v", err)
		}
	}
	return root
}

// open makes a house and serves it on a port of its own.
func open(t *testing.T) *house {
	t.Helper()
	h := &house{
		t: t, clock: &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}, store: memory.New(),
		keys: &memory.AccessKeys{}, feed: jobs.NewFeed("e", 1024), log: &lines{},
		chance: rand.New(rand.NewPCG(1, 2)), tokens: map[accounts.Role]string{}, //nolint:gosec // tests want the same every time
	}
	specs := []*engine.Spec{handlers.Echo().Spec, handlers.HTTP(nil).Spec, handlers.Log(slog.New(slog.DiscardHandler)).Spec, handlers.Set().Spec}
	h.loadSpace(specs)
	runner := jobs.NewRunner(jobs.Config{
		Ledger: h.store, History: h.store, Remover: h.store, Trees: library{h.shelf}, Feed: h.feed, Resolve: h.resolve,
		Now: h.clock.Now, ID: h.id, Random: (*seeds)(h),
	})
	h.worker = jobs.NewWorker(jobs.WorkerConfig{
		Runner: runner, Handlers: map[string]jobs.Handler{"http": outside}, Policy: delivery.Schedule(),
		Client:  &http.Client{Transport: receiver{}},
		Secrets: func(string) (string, bool) { return "s3cr3t", true },
	})
	h.serve(runner, specs)
	return h
}

func (h *house) loadSpace(specs []*engine.Spec) {
	h.t.Helper()
	catalogue := event.NewCatalogue()
	declared := map[string]*engine.Spec{}
	for _, s := range specs {
		declared[s.Name] = s
	}
	h.webhooks = &registry{catalogue: catalogue, now: h.clock.Now}
	h.shelf = trees.NewShelf(trees.ShelfOptions{
		Versions: &versions{active: map[string]trees.Active{}}, Directory: trees.Disk{Root: spaceFiles(h.t)}, Now: h.clock.Now,
		Prepare: func(_ []trees.File, space *trees.Space) (trees.Environment, trees.Faults) {
			return trees.Environment{Space: space, Handlers: declared, Names: webhooks.Names(catalogue, space)}, nil
		},
	})
	if err := h.shelf.Start(h.t.Context()); err != nil {
		h.t.Fatalf("load the space: %v", err)
	}
	if faults := h.shelf.Faults(); len(faults) > 0 {
		h.t.Fatalf("the space has faults:\n%s", faults.Render())
	}
}

func (h *house) resolve(e event.Event) resolve.Resolution {
	list, _ := h.webhooks.List(context.Background())
	set, err := webhooks.NewSet(list)
	if err != nil {
		h.t.Errorf("join the webhooks: %v", err)
	}
	return resolve.Resolve(e, resolve.Rules{Catalogue: h.webhooks.catalogue, Webhooks: set, Trees: h.shelf.Library()})
}

func (h *house) serve(runner *jobs.Runner, specs []*engine.Spec) {
	h.t.Helper()
	service := accounts.New(&memory.Accounts{}, h.clock.Now, nil)
	for role := accounts.Viewer; role <= accounts.Admin; role++ {
		secret, _, err := service.CreateToken(h.t.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{Name: role.String(), Role: role})
		if err != nil {
			h.t.Fatalf("make a token: %v", err)
		}
		h.tokens[role] = secret
	}
	log := slog.New(slog.NewTextHandler(h.log, nil))
	mounts := kinetic.New(kinetic.Services{
		History: h.store, Runner: runner, Trees: h.shelf, Webhooks: h.webhooks, AccessKeys: h.keys,
		Catalogue: func() *event.Catalogue { return h.webhooks.catalogue }, Handlers: func() []*engine.Spec { return specs },
	}, kinetic.Config{Version: "1.2.3", Threads: 64, Now: h.clock.Now, Log: log})
	s, err := server.New(server.Config{Version: "1.2.3", Now: h.clock.Now, Log: log}, server.Services{
		Accounts: service, Intake: runner, Resolve: h.resolve, History: h.store, Desk: runner, Trees: h.shelf,
		Versions: &versions{}, Webhooks: native{h.webhooks}, Catalogue: func() *event.Catalogue { return h.webhooks.catalogue },
		Handlers: func() []*engine.Spec { return specs }, Explain: unexplained{}, Feed: h.feed, Health: healthy{},
	}, mounts...)
	if err != nil {
		h.t.Fatalf("make a server: %v", err)
	}
	h.table = s.Table()
	l, err := new(net.ListenConfig).Listen(h.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatalf("listen: %v", err)
	}
	h.base = "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			h.t.Errorf("stop the server: %v", err)
		}
		if err := <-served; err != nil {
			h.t.Errorf("Serve = %v", err)
		}
	})
}

// sent is one request of a test.
type sent struct {
	method, target string
	role           accounts.Role // Public sends no credentials
	header         http.Header
	body           string
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func (h *house) do(s sent) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), s.method, h.base+s.target, strings.NewReader(s.body))
	if err != nil {
		h.t.Fatalf("make a request: %v", err)
	}
	req.Header.Set("X-Request-Id", "test")
	if token := h.tokens[s.role]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if s.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(req.Header, s.header)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", s.method, s.target, err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("read the answer of %s %s: %v", s.method, s.target, err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(content)}
}

// raw sends bytes as they are, and reads one answer.
func (h *house) raw(request string) answer {
	h.t.Helper()
	conn, err := new(net.Dialer).DialContext(h.t.Context(), "tcp", strings.TrimPrefix(h.base, "http://"))
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	defer conn.Close() //nolint:errcheck // the answer has been read
	if _, err := io.WriteString(conn, request); err != nil {
		h.t.Fatalf("send: %v", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		h.t.Fatalf("read the answer: %v", err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("read the answer: %v", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(content)}
}

// get reads a call's answer, which must be 200, into a value.
func (h *house) get(target string, into any) {
	h.t.Helper()
	a := h.do(sent{method: http.MethodGet, target: target, role: accounts.Admin})
	if a.status != http.StatusOK {
		h.t.Fatalf("GET %s = %d %s; want 200", target, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		h.t.Fatalf("GET %s gave %s: %v", target, a.body, err)
	}
}

// drain does the work that is due now.
func (h *house) drain() {
	h.t.Helper()
	for range 1000 {
		did, _, err := h.worker.RunOnce(h.t.Context())
		if err != nil {
			h.t.Fatalf("RunOnce: %v", err)
		}
		if !did {
			return
		}
	}
	h.t.Fatal("the work does not end")
}

// id gives UUIDv7s from the house's own clock and chance.
func (h *house) id() (string, error) {
	ms := h.clock.Now().UnixMilli()
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%08x-%04x-7%03x-8%03x-%012x", ms>>16, ms&0xffff,
		h.chance.Uint32()&0xfff, h.chance.Uint32()&0xfff, h.chance.Uint64()&0xffffffffffff), nil
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

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// seeds gives random bytes from the house's chance.
type seeds house

func (s *seeds) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range p {
		p[i] = byte(s.chance.Uint32())
	}
	return len(p), nil
}

// outside is the http handler's world: a host that begins with "down" fails.
func outside(_ context.Context, c jobs.HandlerCall) (map[string]any, *engine.Failure) {
	url, _ := c.Params["url"].(string)
	if strings.HasPrefix(url, "https://down") {
		return nil, &engine.Failure{Code: "unreachable", Message: "nobody answers at " + url}
	}
	return map[string]any{"status": int64(200), "headers": map[string]any{}, "body": map[string]any{"url": url}}, nil
}

// receiver takes every delivery.
type receiver struct{}

func (receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: req,
		Body: io.NopCloser(strings.NewReader(`{"taken":true}`)),
	}, nil
}

// library is the shelf as jobs see it.
type library struct{ shelf *trees.Shelf }

func (l library) Tree(ctx context.Context, hash string) (*engine.Tree, error) {
	t, err := l.shelf.Version(ctx, hash)
	if err != nil {
		return nil, err
	}
	return t.Tree, nil
}

func (l library) Active(title engine.Title) (string, bool) {
	t, ok := l.shelf.Library().Find(title)
	if !ok || t.Inactive {
		return "", false
	}
	return t.Hash, true
}

// versions is a trees.Versions in memory.
type versions struct {
	mu     sync.Mutex
	kept   []trees.Version
	active map[string]trees.Active
}

func (m *versions) Publish(_ context.Context, c trees.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = append(m.kept, c.Versions...)
	for _, a := range c.Active {
		m.active[a.Name] = a
	}
	for _, name := range c.Retired {
		delete(m.active, name)
	}
	return nil
}

func (m *versions) Version(_ context.Context, hash string) (trees.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.kept {
		if v.Hash == hash {
			return v, nil
		}
	}
	return trees.Version{}, trees.ErrNotFound
}

func (m *versions) Active(context.Context) ([]trees.Active, error) { return nil, nil }

func (m *versions) History(context.Context, string, int) ([]trees.Version, error) { return nil, nil }

// registry keeps webhooks in memory, those of files beside those of the API.
type registry struct {
	catalogue *event.Catalogue
	now       func() time.Time

	mu   sync.Mutex
	kept []webhooks.Webhook
}

func (g *registry) List(context.Context) ([]webhooks.Webhook, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.kept), nil
}

func (g *registry) PutKinetic(_ context.Context, edit server.WebhookEdit) (webhooks.Webhook, error) {
	translator := dialect.Translator{Catalogue: g.catalogue, Secret: func(key string) (string, bool) { return "KINOPS", key == "kinops-request-ce" }}
	w, err := translator.Webhook(edit.Definition, edit.Kapp)
	if err != nil {
		return w, err
	}
	w.Origin, w.Updated = "api", g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	at, err := g.findLocked(edit)
	if err != nil {
		return w, err
	}
	if at < 0 {
		g.kept = append(g.kept, w)
	} else {
		g.kept[at] = w
	}
	return w, nil
}

func (g *registry) Delete(_ context.Context, edit server.WebhookEdit) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, err := g.findLocked(edit)
	if err == nil {
		g.kept = slices.Delete(g.kept, at, at+1)
	}
	return err
}

func (g *registry) findLocked(edit server.WebhookEdit) (int, error) {
	at := slices.IndexFunc(g.kept, func(w webhooks.Webhook) bool { return w.Kapp == edit.Kapp && w.Name == edit.Name })
	if at < 0 && edit.Was == "" {
		return -1, nil
	}
	if at < 0 || g.kept[at].Hash != edit.Was {
		return -1, jobs.ErrStale
	}
	return at, nil
}

// fromFile adds a webhook as webhooks.yaml would.
func (g *registry) fromFile(t *testing.T, yaml string) {
	t.Helper()
	found, faults := webhooks.Reader{Catalogue: g.catalogue}.ReadFile(webhooks.File, []byte(yaml))
	if len(faults.Fatal()) > 0 {
		t.Fatalf("the file has faults:\n%s", faults.Render())
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = append(g.kept, found...)
}

// native gives the registry the form that the native API wants; it is not
// called here.
type native struct{ *registry }

func (native) Put(context.Context, server.WebhookEdit) (webhooks.Webhook, error) {
	return webhooks.Webhook{}, jobs.ErrInvalid
}

type healthy struct{}

func (healthy) Ready(context.Context) (troubles, warnings []string) { return nil, nil }
func (healthy) Gauges(context.Context) map[string]float64           { return nil }

type unexplained struct{}

func (unexplained) Verdict(context.Context, jobs.EventRecord, webhooks.Verdict) ([]expression.Seen, error) {
	return nil, jobs.ErrNotFound
}

func (unexplained) Connector(context.Context, jobs.Run, []engine.Task, engine.Task, engine.Decision) ([]expression.Seen, error) {
	return nil, jobs.ErrNotFound
}

// lines is a log that tests read while the server writes.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
