package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/engine/handlers"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/server/inbound"
	"hooktree/server/kinetic"
	"hooktree/server/oauth"
	"hooktree/server/resthooks"
	"hooktree/server/ui"
	"hooktree/store/sqlite"
	"hooktree/trees"
	"hooktree/webhooks/accelo"
	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/egress"
	"hooktree/webhooks/event"
	"hooktree/webhooks/keap"
	"hooktree/webhooks/source"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

// databaseFile is where a data directory holds the store.
const databaseFile = "hooktree.db"

// settle is how long the files of a space must be quiet before they are read
// again: an editor, or git, touches many at once.
const settle = 200 * time.Millisecond

// feedHeld is how many changes a client that comes back can still be told.
const feedHeld = 8192

// app is one running hooktree, joined by hand.
type app struct {
	config   Config
	log      *slog.Logger
	dialects []subscription.Dialect

	store     *sqlite.Store
	secrets   secrets
	live      *jobs.Feed
	hooks     *subscription.Service
	rules     *rules
	trees     library
	gate      *egress.Gate
	runner    *jobs.Runner
	worker    *jobs.Worker
	keeper    *jobs.Keeper
	accounts  *accounts.Service
	registrar *registrar
	server    *server.Server
	setup     string // secret of the one-time setup link; empty when there are users
}

// newApp opens the store, loads the space and joins the rooms. Outside
// applications subscribe in these dialects.
func newApp(ctx context.Context, config Config, log *slog.Logger, dialects []subscription.Dialect) (_ *app, err error) {
	a := &app{config: config, log: log, dialects: dialects}
	a.store, err = sqlite.Open(ctx, filepath.Join(config.Data, databaseFile), sqlite.Options{
		Queue: config.WriterQueue, MinFree: max(1, int64(config.MinFreeDisk)), Logger: log, // a zero would be the default
	})
	if err != nil {
		return nil, fmt.Errorf("%w; --data names the directory, which this user must be able to write", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.store.Close())
		}
	}()
	if a.secrets, err = readSecrets(config.SecretsFile); err != nil {
		return nil, err
	}
	a.gate = egress.New(egress.Config{
		Allow:        config.EgressAllow,
		ConnsPerHost: jobs.MostUnderWay(config.Workers), // the worker is fair between endpoints of one host; connections may not run out first
	})
	a.live = jobs.NewFeed(strconv.FormatInt(time.Now().UnixMilli(), 36), feedHeld)
	if err := a.joinHooks(ctx); err != nil {
		return nil, fmt.Errorf("load the subscriptions: %w", err)
	}
	if err := a.loadSpace(ctx); err != nil {
		return nil, err
	}
	a.registrar = &registrar{
		sources: func() []source.Source { return *a.rules.sources.Load() },
		secrets: a.secrets.Secret, gate: a.gate, tokens: &platformTokens{data: a.config.Data}, log: a.log, now: time.Now, id: newID,
		accept: func(ctx context.Context, e event.Event) error {
			_, err := a.runner.Accept(ctx, []event.Event{e})
			return err
		},
	}
	a.joinJobs()
	return a, a.joinServer(ctx)
}

// dialects are the ways of REST hooks that outside applications may use.
func dialects() []subscription.Dialect {
	return []subscription.Dialect{
		accelo.Dialect(),
		actionstep.Dialect(),
		keap.Dialect(),
		standard.Dialect(),
	}
}

func dialectNames() (names []string) {
	for _, d := range dialects() {
		names = append(names, d.Name)
	}
	return names
}

// acting are the handlers that trees may call.
func acting(gate *egress.Gate, log *slog.Logger) map[string]handlers.Handler {
	return map[string]handlers.Handler{
		"echo": handlers.Echo(),
		"http": handlers.HTTP(gate.Client()),
		"log":  handlers.Log(log),
		"set":  handlers.Set(),
	}
}

// acts are those of the handlers that the worker calls.
func acts(all map[string]handlers.Handler) map[string]jobs.Handler {
	called := map[string]jobs.Handler{}
	for name, h := range all {
		if h.Act != nil {
			called[name] = carryOut(h.Act)
		}
	}
	return called
}

// specs lists what handlers declare, by name.
func specs(all map[string]handlers.Handler) map[string]*engine.Spec {
	declared := make(map[string]*engine.Spec, len(all))
	for name, h := range all {
		declared[name] = h.Spec
	}
	return declared
}

// noSpace says why there is nothing to serve.
func (a *app) noSpace(faults trees.Faults) error {
	if _, err := os.Stat(filepath.Join(a.config.Space, trees.SpaceFile)); err == nil && len(faults) > 0 {
		return fmt.Errorf("the space in %s has a fault, and no version of it was served before; hooktree check shows it in its place: %w", a.config.Space, faults[0])
	}
	return fmt.Errorf("there is no space in %s; --space names the directory that holds space.yaml, of which `slug: NAME` is enough", a.config.Space)
}

// loadSpace reads the space and keeps what follows from it up to date.
func (a *app) loadSpace(ctx context.Context) (err error) {
	a.rules, err = newRules(ctx, a.store.Webhooks(), a.hooks, specs(acting(a.gate, a.log)), time.Now)
	if err != nil {
		return err
	}
	versions := a.store.Versions()
	shelf := trees.NewShelf(trees.ShelfOptions{
		Versions: versions, Directory: trees.Disk{Root: a.config.Space}, Prepare: a.rules.prepare, Now: time.Now,
	})
	a.trees = library{shelf}
	shelf.OnPublish(a.rules.publish)
	shelf.OnPublish(func(l *trees.Library) {
		a.gate.Allow(append(slices.Clone(a.config.EgressAllow), l.Space().Egress.Allow...))
	})
	if err := shelf.Start(ctx); err != nil {
		return err
	}
	if len(shelf.Library().Files()) == 0 {
		return a.noSpace(shelf.Faults())
	}
	for _, fault := range shelf.Faults() {
		a.log.Warn("the space has a fault; the last good version stays active", "fault", fault.Error())
	}
	return nil
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

// joinJobs makes what runs trees and does their work.
func (a *app) joinJobs() {
	a.runner = jobs.NewRunner(jobs.Config{
		Ledger: a.store, History: a.store, Remover: a.store, Trees: a.trees, Resolve: a.rules.Resolve, Release: a.rules.Release, Feed: a.live,
		Endpoints: a.hooks, Batches: a.store,
		Now: time.Now, ID: newID, Random: rand.Reader, Log: a.log,
	})
	a.worker = jobs.NewWorker(jobs.WorkerConfig{
		Runner: a.runner, Handlers: acts(acting(a.gate, a.log)), Secrets: a.secrets.Secret, Client: a.gate.Client(), Policy: delivery.Schedule(),
		Jitter: mathrand.Float64, Slots: a.config.Workers,
	})
	keep := jobs.Retention{Age: time.Duration(a.config.RetentionAge), Bytes: int64(a.config.RetentionBytes), Acts: jobs.MaxActs}
	if of := a.trees.Library().Space().Retention; of.Age != 0 || of.Bytes != 0 {
		keep.Age, keep.Bytes = of.Age, of.Bytes
	}
	a.keeper = &jobs.Keeper{Ledger: a.store, Keep: keep, Now: time.Now, Log: a.log}
}

// carryOut gives a handler's act the form in which the worker calls it.
func carryOut(act handlers.Act) jobs.Handler {
	return func(ctx context.Context, call jobs.HandlerCall) (map[string]any, *engine.Failure) {
		results, err := act(ctx, handlers.Call(call))
		if err != nil {
			failure := handlers.FailureOf(err)
			return nil, &failure
		}
		return results, nil
	}
}

// joinServer makes what answers HTTP.
func (a *app) joinServer(ctx context.Context) (err error) {
	a.accounts = accounts.New(a.store.Accounts(), time.Now, oauth.Terms(a.dialects))
	if a.setup, err = a.accounts.Start(ctx, string(a.config.AdminPassword)); err != nil {
		return fmt.Errorf("make the user admin of "+adminPasswordEnv+": %w", err)
	}
	declared := specs(acting(a.gate, a.log))
	sorted := make([]*engine.Spec, 0, len(declared))
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		sorted = append(sorted, declared[name])
	}
	handlers := func() []*engine.Spec { return sorted }
	vendor := kinetic.New(kinetic.Services{
		History: a.store, Runner: a.runner, Trees: a.trees, Webhooks: registry{a.rules},
		AccessKeys: a.store.AccessKeys(), Catalogue: a.rules.Catalogue, Handlers: handlers,
	}, kinetic.Config{Version: version, Threads: a.config.Workers, Limit: int64(a.config.BodyLimit), Now: time.Now, Log: a.log})
	received := inbound.New(inbound.Services{
		Intake: intake{a.runner}, Sources: a.rules.Source, Secrets: a.secrets.Secret, Catalogue: a.rules.Catalogue,
	}, inbound.Config{Limit: int64(a.config.BodyLimit), Now: time.Now, Log: a.log})
	tokens := oauth.New(oauth.Services{Accounts: a.accounts, Log: a.log, Space: func() oauth.Space {
		space := a.trees.Library().Space()
		return oauth.Space{Slug: space.Slug, Name: cmp.Or(space.Name, space.Slug)}
	}}, a.dialects)
	hooked := resthooks.New(resthooks.Services{Accounts: a.accounts, Subscriptions: a.hooks, Log: a.log}, a.dialects)
	a.server, err = server.New(server.Config{
		Version: version, TrustedProxies: a.config.TrustedProxies, Secure: a.config.TLSCert != "" || a.config.BehindProxy,
		EventLimit: int64(a.config.BodyLimit), UI: ui.Files(), Now: time.Now, Log: a.log,
	}, server.Services{
		Accounts:      a.accounts,
		Intake:        intake{a.runner},
		Resolve:       a.rules.Foresee,
		History:       a.store,
		Audit:         a.store,
		Desk:          a.runner,
		Waiting:       a.worker.Waiting,
		Trees:         a.trees,
		Versions:      a.store.Versions(),
		Webhooks:      registry{a.rules},
		Subscriptions: a.hooks,
		Dialects:      a.dialects,
		Catalogue:     a.rules.Catalogue,
		Handlers:      handlers,
		Explain:       explainer{rules: a.rules, trees: a.trees, history: a.store},
		Feed:          a.live,
		Health:        health{store: a.store, trees: a.trees.Shelf, rules: a.rules, secrets: a.secrets, registrar: a.registrar},
	}, slices.Concat(vendor, []server.Mount{received}, tokens, hooked)...)
	return err
}

// serve answers on a listener until ctx is done or the store fails, and then
// stops in order: no new requests, the work under way, the store.
func (a *app) serve(ctx context.Context, l net.Listener) error {
	running, halt := context.WithCancel(context.WithoutCancel(ctx))
	defer halt()
	var parts sync.WaitGroup
	parts.Go(func() { a.worker.Run(running) })
	parts.Go(func() { a.keeper.Run(running) })
	parts.Go(func() { a.watch(running) })
	parts.Go(func() { a.hooks.Run(running) })
	parts.Go(func() { a.registrar.run(running) })
	served := make(chan error, 1)
	go func() { served <- a.server.Serve(l) }()

	var err error
	select {
	case <-ctx.Done():
		a.log.Info("stopping")
	case <-a.store.Failed():
		err = a.store.Err()
	case err = <-served:
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.StopTimeout)
	defer cancel()
	stopped := errors.Join(a.server.Shutdown(deadline), a.worker.Stop(deadline))
	if stopped != nil {
		a.log.Warn("not everything ended in time; it goes on after the next start", "error", stopped)
	}
	halt()
	parts.Wait()
	return errors.Join(err, a.store.Close())
}

// watch reads the space again when its files change.
func (a *app) watch(ctx context.Context) {
	notices, err := trees.Disk{Root: a.config.Space}.Notices(ctx)
	if err != nil {
		a.log.Warn("changes of the space are not seen until the next start", "error", err)
		return
	}
	trees.Watch(ctx, notices, settle, a.trees.Shelf, a.log)
}

// listen opens the address to serve on, with TLS where it is set up.
func listen(ctx context.Context, config *Config) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", config.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("something else listens on %s, perhaps another hooktree; stop it, or name another address by --listen", config.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", config.Listen, err)
	}
	l = server.Linger(l)
	if config.TLSCert == "" {
		return l, nil
	}
	certificate, err := tls.LoadX509KeyPair(config.TLSCert, config.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the certificate: %w", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}), nil
}

// newLog makes the log that a config asks for.
func newLog(config *Config, h host) *slog.Logger {
	options := &slog.HandlerOptions{Level: config.LogLevel}
	if config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(h.err, options))
	}
	return slog.New(slog.NewTextHandler(h.err, options))
}
