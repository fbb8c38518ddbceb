package inbound_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/engine/handlers"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/inbound"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/source"
)

// space is what the tests receive by.
const space = `slug: acme
secrets: [HOOK, PATH_TOKEN, NOTHING]
sources:
  repo: {kind: github, secret: HOOK}
  crm: {kind: keap, token: PATH_TOKEN}
  plain: {kind: token, header: X-Token, secret: HOOK, id: header X-Id, event: body /type}
  chat: {kind: slack, secret: HOOK}
  platform: {kind: kinetic, secret: HOOK}
  everybody: {kind: accelo, open: true}
  door: {kind: basic, user: door, secret: HOOK, event: body /type}
  unready: {kind: github, secret: NOTHING}
  stock: {kind: token, header: X-Token, secret: HOOK, event: body /type, platform: warehouse}
`

const tree = `tree: GitHub / issues
when: event.source == 'repo'
nodes:
  - id: note
    do: set
    with: {title: "${ data.issue.title }", name: "${ event.name }"}
  - id: answer
    return: "${ nodes.note }"
`

// hook is the value of HOOK.
const hook = "It's a Secret to Everybody"

// house takes deliveries into a store in memory.
type house struct {
	t      *testing.T
	mount  server.Mount
	store  *memory.Store
	log    bytes.Buffer
	now    time.Time
	refuse error // what storing events fails with

	mu  sync.Mutex // guards ids
	ids int
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: memory.New(), now: time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)}
	files := []trees.File{{Path: trees.SpaceFile, Content: []byte(space)}, {Path: "trees/issues.yaml", Content: []byte(tree)}}
	var catalogue *event.Catalogue
	var sources []source.Source
	library, faults := trees.Load(files, func(files []trees.File, space *trees.Space) (trees.Environment, trees.Faults) {
		var faults trees.Faults
		sources, faults = source.ReadAll(files, space)
		known := []event.Platform{
			{Name: "keap", Kinds: []*event.Kind{event.Own("keap", "contact.add", event.Path{Group: "Keap > contact", Name: "add"}, nil, "id")}},
			{Name: "warehouse", Kinds: []*event.Kind{event.Own("warehouse", "StockLow", event.Path{Group: "Warehouse", Name: "StockLow"}, nil, "")}},
		}
		catalogue = event.NewCatalogue(append(known, source.Platforms(sources, known)...)...)
		return trees.Environment{
			Space: space, Handlers: map[string]*engine.Spec{"set": handlers.Set().Spec}, Names: webhooks.Names(catalogue, space), Near: webhooks.Near(catalogue),
		}, faults
	})
	if len(faults) > 0 {
		t.Fatalf("the space has faults:\n%s", faults.Render())
	}
	set, err := webhooks.NewSet(nil)
	if err != nil {
		t.Fatal(err)
	}
	runner := jobs.NewRunner(jobs.Config{
		Ledger: h.store, History: h.store, Remover: h.store, Trees: shelf{library}, Feed: jobs.NewFeed("e", 64),
		Resolve: func(e event.Event) resolve.Resolution {
			return resolve.Resolve(e, resolve.Rules{Catalogue: catalogue, Webhooks: set, Trees: library})
		},
		Now: func() time.Time { return h.now }, ID: h.id, Random: rand.Reader,
	})
	h.mount = inbound.New(inbound.Services{
		Intake: intake{h, runner}, Catalogue: func() *event.Catalogue { return catalogue },
		Sources: func(name string) (source.Source, bool) {
			for _, s := range sources {
				if s.Name == name {
					return s, true
				}
			}
			return source.Source{}, false
		},
		Secrets: func(name string) (string, bool) {
			value, ok := map[string]string{"HOOK": hook, "PATH_TOKEN": "a part of the path"}[name]
			return value, ok
		},
	}, inbound.Config{Now: func() time.Time { return h.now }, Log: slog.New(slog.NewTextHandler(&h.log, nil))})
	return h
}

func (h *house) id() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ids++
	return fmt.Sprintf("00000000-0000-7000-8000-%012d", h.ids), nil
}

// intake stores events, unless the test wants it to fail.
type intake struct {
	house  *house
	runner *jobs.Runner
}

func (i intake) Accept(ctx context.Context, events []event.Event) ([]jobs.Receipt, error) {
	if i.house.refuse != nil {
		return nil, fmt.Errorf("accept: %w", i.house.refuse)
	}
	return i.runner.Accept(ctx, events)
}

// shelf gives the runner its trees.
type shelf struct{ library *trees.Library }

func (s shelf) Tree(_ context.Context, hash string) (*engine.Tree, error) {
	for _, t := range s.library.All() {
		if t.Hash == hash {
			return t.Tree, nil
		}
	}
	return nil, trees.ErrNotFound
}

func (s shelf) Active(title engine.Title) (string, bool) {
	t, ok := s.library.Find(title)
	if !ok {
		return "", false
	}
	return t.Hash, true
}

// ask sends a request to the mount: a path below /in, a body, and headers in
// pairs.
func (h *house) ask(method, target, body string, header ...string) server.Response {
	h.t.Helper()
	address, err := url.Parse(target)
	if err != nil {
		h.t.Fatal(err)
	}
	req := server.Request{
		ID: "r1", Method: method, Path: inbound.Prefix + address.Path, Params: map[string]string{"source": address.Path[1:]},
		Query: address.Query(), Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	for _, route := range h.mount.Routes {
		if route.Method == method {
			r := route.Handle(h.t.Context(), req)
			if r.Status == 0 {
				r.Status = http.StatusOK
			}
			return r
		}
	}
	h.t.Fatalf("there is no route for %s", method)
	return server.Response{}
}

// stored lists the events in the store, the first first.
func (h *house) stored() []jobs.EventRecord {
	h.t.Helper()
	list, _, err := h.store.Events(h.t.Context(), jobs.EventFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}
