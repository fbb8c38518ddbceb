package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"hooktree/webhooks/egress"
	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

// registrar keeps the sources of a running server registered at their
// platforms.
type registrar struct {
	sources func() []source.Source
	secrets source.Secrets
	gate    *egress.Gate
	tokens  platformTokens
	log     *slog.Logger

	mu       sync.Mutex
	troubles map[string]string // source to what its latest round ended with, a sentence
}

// How often platforms are looked at: soon after the start, when the address
// can be answered, and then every hour.
const (
	firstRound = 10 * time.Second
	nextRound  = time.Hour
	roundTime  = 5 * time.Minute // for one source
)

// run brings all in step until ctx ends.
func (r *registrar) run(ctx context.Context) {
	for wait := firstRound; sleep(ctx, wait) == nil; wait = nextRound {
		troubles := map[string]string{}
		for _, s := range r.sources() {
			if s.Register == nil {
				continue
			}
			if trouble := r.round(ctx, &s); trouble != "" {
				troubles[s.Name] = fmt.Sprintf("the source %s is not registered as it should be: %s", s.Name, trouble)
				r.log.Warn(troubles[s.Name])
			}
		}
		r.mu.Lock()
		r.troubles = troubles
		r.mu.Unlock()
	}
}

// round brings one source in step, and says what is still amiss.
func (r *registrar) round(ctx context.Context, s *source.Source) (trouble string) {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	plan, err := registration.New(s, registration.Config{Secrets: r.secrets, Client: r.gate.Client(), Keeper: r.tokens, Now: time.Now})
	if err != nil {
		return err.Error()
	}
	report, err := plan.Reconcile(ctx)
	for _, step := range report.Done {
		r.log.Info("a source's subscription was brought in step", "source", s.Name, "did", wordsOf(&step))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case err != nil:
		return err.Error()
	case len(report.Pending) > 0:
		return fmt.Sprintf("the platform has not confirmed %d of %d subscriptions; it must reach %s", len(report.Pending), len(plan.Wanted), addressOf(report.Pending[0].URL))
	}
	return ""
}

// amiss gives a sentence for each source that is not registered as it should
// be.
func (r *registrar) amiss() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Values(r.troubles))
}
