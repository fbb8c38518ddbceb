package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/kinetic"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/source"
	"hooktree/webhooks/subscription"
)

// The loop guard's bounds.
const (
	loopDepth     = 20 // runs in a row that cause each other
	loopPerMinute = 60 // firings of one target for one entity
)

// rules holds what events are resolved by: one snapshot of catalogue, webhooks
// and trees, replaced as a whole whenever one of them changes.
type rules struct {
	store    webhooks.Store
	handlers map[string]*engine.Spec
	now      func() time.Time
	hooks    *subscription.Service
	meter    resolve.Meter

	active  atomic.Pointer[resolve.Rules]
	sources atomic.Pointer[[]source.Source]
	broken  atomic.Pointer[[]string] // kept webhooks that can no longer be read, each a sentence

	mu      sync.Mutex // one change at a time
	library *trees.Library
	records []webhooks.Record
}

// newRules reads the webhooks that the store keeps.
func newRules(ctx context.Context, store webhooks.Store, hooks *subscription.Service, handlers map[string]*engine.Spec, now func() time.Time) (*rules, error) {
	records, err := store.Webhooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the webhooks: %w", err)
	}
	r := &rules{store: store, hooks: hooks, handlers: handlers, now: now, records: records}
	r.active.Store(&resolve.Rules{Catalogue: event.NewCatalogue(builtIn(hooks.Dialects)...), Webhooks: new(webhooks.Set), Trees: trees.NewShelf(trees.ShelfOptions{}).Library()})
	r.sources.Store(new([]source.Source))
	r.broken.Store(new([]string))
	return r, nil
}

// prepare makes of a space's files what its trees are checked against; faults
// in webhooks.yaml, events/ and settings count as faults of the space.
func (r *rules) prepare(files []trees.File, space *trees.Space) (trees.Environment, trees.Faults) {
	found, faults := readDefinitions(files, space, r.hooks.Dialects)
	return environment(r.handlers, found.catalogue, space), faults
}

// environment is what the trees of a space are checked against.
func environment(handlers map[string]*engine.Spec, catalogue *event.Catalogue, space *trees.Space) trees.Environment {
	return trees.Environment{
		Space: space, Handlers: handlers,
		Names: webhooks.Names(catalogue, space), Near: webhooks.Near(catalogue),
	}
}

// publish takes a new library up.
func (r *rules) publish(library *trees.Library) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.library = library
	r.refreshLocked()
}

// refreshLocked makes the snapshot anew. A kept webhook that can no longer be
// read, because what it names has gone, is told and left out; the file's name
// wins over a kept one of the same name.
func (r *rules) refreshLocked() {
	found, _ := readDefinitions(r.library.Files(), r.library.Space(), r.hooks.Dialects)
	catalogue, all := found.catalogue, found.webhooks
	taken := map[[2]string]bool{}
	for _, w := range all {
		taken[[2]string{w.Kapp, w.Name}] = true
	}
	var broken []string
	for _, record := range r.records {
		w, err := read(record, catalogue, r.library.Space())
		switch {
		case err != nil:
			broken = append(broken, fmt.Sprintf("the webhook %q is not active: %v", record.Name, err))
		case taken[[2]string{w.Kapp, w.Name}]:
			broken = append(broken, fmt.Sprintf("the webhook %q is not active: webhooks.yaml has one of this name", record.Name))
		default:
			all = append(all, w)
		}
	}
	set, err := webhooks.NewSet(all)
	if err != nil { // names are apart and the store is bounded, so that this is the file's doing
		broken = append(broken, err.Error())
		set = r.active.Load().Webhooks
	}
	r.active.Store(&resolve.Rules{
		Catalogue: catalogue, Webhooks: set, Trees: r.library,
		Guard: resolve.Guard{MaxDepth: loopDepth, PerMinute: loopPerMinute, Recent: &r.meter},
	})
	r.broken.Store(&broken)
	r.sources.Store(&found.sources)
	r.hooks.Use(catalogue, found.setups)
}

// Source gives an inbound webhook of the active space.
func (r *rules) Source(name string) (source.Source, bool) {
	for _, s := range *r.sources.Load() {
		if s.Name == name {
			return s, true
		}
	}
	return source.Source{}, false
}

// read compiles a kept webhook in the dialect that it is written in.
func read(record webhooks.Record, catalogue *event.Catalogue, space *trees.Space) (webhooks.Webhook, error) {
	var w webhooks.Webhook
	switch record.Dialect {
	case "":
		var faults trees.Faults
		w, faults = webhooks.Reader{Catalogue: catalogue, Space: space}.Read(record.Source)
		if fatal := faults.Fatal(); len(fatal) > 0 {
			return w, fatal
		}
		w.Kapp = record.Kapp
	case kinetic.Dialect:
		var err error
		if w, err = (kinetic.Translator{Catalogue: catalogue, Secret: accessKeySecret(space)}).Webhook(record.Source, record.Kapp); err != nil {
			return w, err
		}
	default:
		return w, fmt.Errorf("its dialect %q is not known here", record.Dialect)
	}
	w.Hash, w.Updated = record.Hash, record.Updated
	return w, nil
}

// accessKeySecret finds the declared secret that holds the secret of one of
// the vendor's access keys: that of the key's identifier in capitals, with an
// underscore for all else.
func accessKeySecret(space *trees.Space) func(key string) (string, bool) {
	return func(key string) (string, bool) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z':
				return r - 'a' + 'A'
			case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
				return r
			default:
				return '_'
			}
		}, key)
		if space == nil || !slices.Contains(space.Secrets, name) {
			return "", false
		}
		return name, true
	}
}

// current is what events are resolved by now: the space's snapshot, and the
// subscriptions, which clients change at any time.
func (r *rules) current() resolve.Rules {
	now := *r.active.Load()
	now.Subscriptions = r.hooks.Set()
	return now
}

// Resolve decides what an event fires, and counts it for the loop guard.
func (r *rules) Resolve(e event.Event) resolve.Resolution {
	resolution := resolve.Resolve(e, r.current())
	r.meter.Note(e, resolution)
	return resolution
}

// Foresee is Resolve for a sender who asks first: nothing is counted.
func (r *rules) Foresee(e event.Event) resolve.Resolution {
	return resolve.Resolve(e, r.current())
}

// Release resolves an event that the loop guard held, without the guard.
func (r *rules) Release(e event.Event) resolve.Resolution {
	unguarded := r.current()
	unguarded.Guard = resolve.Guard{}
	return resolve.Resolve(e, unguarded)
}

// Catalogue is the active one.
func (r *rules) Catalogue() *event.Catalogue { return r.active.Load().Catalogue }

// errInFile says that a webhook cannot be changed by the API.
var errInFile = errors.New("the webhook stands in webhooks.yaml; change it there")
