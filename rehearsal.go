package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"hooktree/engine"
	"hooktree/engine/handlers"
	"hooktree/jobs"
	"hooktree/store/memory"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/egress"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// rehearsal is one run of a tree in memory.
type rehearsal struct {
	tree  *trees.Tree
	event event.Event
	live  bool
	clock virtualClock
	rules resolve.Rules

	verdict webhooks.Verdict // on the tree; zero when the event does not concern it
	store   *memory.Store
	runner  *jobs.Runner
	worker  *jobs.Worker
	run     int64 // number; zero while none was started
}

// virtualClock is a clock that is moved over what there is to wait for.
type virtualClock struct {
	base  func() time.Time
	ahead time.Duration
}

func (c *virtualClock) now() time.Time { return c.base().Add(c.ahead) }

func (c *virtualClock) moveTo(at time.Time) {
	if d := at.Sub(c.now()); d > 0 {
		c.ahead += d
	}
}

// newRehearsal joins what a run needs, with the handlers of the real server or
// with ones that do nothing.
func newRehearsal(s *checkedSpace, tree *trees.Tree, e event.Event, c *runCommand) (*rehearsal, error) {
	set, err := webhooks.NewSet(s.webhooks)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{
		tree: tree, event: e, live: c.Live, store: memory.New(),
		rules: resolve.Rules{Catalogue: s.catalogue, Webhooks: set, Trees: s.library},
	}
	r.clock.base = time.Now
	if !c.Live && !e.Occurred.IsZero() {
		r.clock.base = func() time.Time { return e.Occurred }
	}
	r.event.Received = r.clock.now()
	if r.event.Occurred.IsZero() {
		r.event.Occurred = r.event.Received
	}
	r.runner = jobs.NewRunner(jobs.Config{
		Ledger: r.store, History: r.store, Trees: pinned{s.library}, Feed: jobs.NewFeed("rehearsal", 1),
		Resolve: func(event.Event) resolve.Resolution { return resolve.Resolution{} },
		Direct:  r.decide, Now: r.clock.now, ID: newID, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	return r, r.hire(s, c)
}

// hire makes the worker.
func (r *rehearsal) hire(s *checkedSpace, c *runCommand) error {
	gate := egress.New(egress.Config{Allow: c.EgressAllow})
	if space := s.library.Space(); space != nil {
		gate.Allow(append(c.EgressAllow, space.Egress.Allow...))
	}
	all := acting(gate, slog.New(slog.DiscardHandler))
	config := jobs.WorkerConfig{Runner: r.runner, Policy: delivery.Schedule()}
	if c.Live {
		known, err := readSecrets(c.SecretsFile)
		if err != nil {
			return err
		}
		config.Handlers, config.Secrets, config.Client = acts(all), known.Secret, gate.Client()
	} else {
		config.Handlers = stubs(all)
		config.Secrets = func(name string) (string, bool) { return name, true }
	}
	r.worker = jobs.NewWorker(config)
	return nil
}

// stubs stand in for the handlers that act.
func stubs(all map[string]handlers.Handler) map[string]jobs.Handler {
	stand := map[string]jobs.Handler{}
	for name, h := range all {
		if h.Act != nil {
			stand[name] = stub(h.Spec)
		}
	}
	return stand
}

// stub gives empty results of the declared types, and does nothing.
func stub(spec *engine.Spec) jobs.Handler {
	return func(context.Context, jobs.HandlerCall) (map[string]any, *engine.Failure) {
		results := map[string]any{}
		for _, result := range spec.Results {
			results[result.Name] = empty(result.Type)
		}
		return results, nil
	}
}

// empty is the empty value of a type. Of what nothing is known it is an empty
// mapping, in which `?.` finds nothing.
func empty(t engine.Type) any {
	switch t.Kind {
	case engine.KindBool:
		return false
	case engine.KindInteger:
		return int64(0)
	case engine.KindNumber:
		return float64(0)
	case engine.KindText:
		return ""
	case engine.KindTime:
		return time.Time{}.Format(time.RFC3339)
	case engine.KindDuration:
		return "0s"
	case engine.KindList:
		return []any{}
	case engine.KindRecord:
		record := map[string]any{}
		for name, field := range t.Fields {
			record[name] = empty(field)
		}
		return record
	case engine.KindMap, engine.KindAny:
	}
	return map[string]any{}
}

// decide gives what of the event's resolution concerns the tree. An event that
// does not concern it starts it directly.
func (r *rehearsal) decide(title engine.Title, e event.Event) resolve.Resolution {
	all := resolve.Resolve(e, r.rules)
	for _, f := range all.Firings {
		if f.Tree != nil && f.Tree.Hash == r.tree.Hash {
			r.verdict, f.Verdict = all.Verdicts[f.Verdict], 0
			return resolve.Resolution{Verdicts: []webhooks.Verdict{r.verdict}, Firings: []webhooks.Firing{f}}
		}
	}
	for _, v := range all.Verdicts {
		if v.Target == title.String() {
			r.verdict = v
			return resolve.Resolution{Verdicts: []webhooks.Verdict{v}}
		}
	}
	return resolve.Resolution{
		Verdicts: []webhooks.Verdict{{Webhook: jobs.Direct, Outcome: webhooks.Fired, Target: title.String()}},
		Firings: []webhooks.Firing{{Webhook: jobs.Direct, Tree: &webhooks.TreeFiring{
			Source: title.Source, Group: title.Group, Name: title.Name, Hash: r.tree.Hash,
		}}},
	}
}

// maxRehearsed is how many pieces of work a rehearsal does before it gives up.
const maxRehearsed = 100_000

// play starts the run and does its work until there is none.
func (r *rehearsal) play(ctx context.Context) error {
	receipt, err := r.runner.RunTree(ctx, r.tree.Title, r.event)
	if err != nil {
		return err
	}
	if len(receipt.Jobs) == 0 {
		return nil
	}
	r.event.ID, r.run = receipt.EventID, receipt.Jobs[0].Run
	for range maxRehearsed {
		did, next, err := r.worker.RunOnce(ctx)
		switch {
		case err != nil:
			return err
		case did:
		case next.IsZero():
			return nil
		default:
			r.clock.moveTo(next)
		}
	}
	return fmt.Errorf("the run did %d pieces of work and is not at its end: does a loop or a retry of it ever end?", maxRehearsed)
}

// pinned finds the versions of a library.
type pinned struct{ *trees.Library }

// Tree gives a version by its hash.
func (p pinned) Tree(_ context.Context, hash string) (*engine.Tree, error) {
	for _, t := range p.All() {
		if t.Hash == hash {
			return t.Tree, nil
		}
	}
	return nil, fmt.Errorf("the space has no version %s", hash)
}

// Active gives the hash of a title.
func (p pinned) Active(title engine.Title) (string, bool) {
	t, ok := p.Find(title)
	if !ok || t.Inactive {
		return "", false
	}
	return t.Hash, true
}
