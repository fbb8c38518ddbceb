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
	"hooktree/webhooks/event"
	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

// registrar keeps the sources of a running server registered at their
// platforms. What it cannot mend is told by the log, by /readyz, and by a
// notice on which trees can act.
type registrar struct {
	sources func() []source.Source
	secrets source.Secrets
	gate    *egress.Gate
	tokens  *platformTokens
	accept  func(context.Context, event.Event) error
	now     func() time.Time
	id      func() (string, error)
	log     *slog.Logger

	mu       sync.Mutex
	troubles map[string]trouble // source to what its latest round ended with
}

// trouble is what keeps a source from being registered as it should be.
type trouble struct {
	reason string
	letIn  bool // only a person can mend it, at the platform
	told   bool // a notice of it was published
}

// sentence is the trouble of a source, for people.
func (t trouble) sentence(name string) string {
	return fmt.Sprintf("the source %s is not registered as it should be: %s", name, t.reason)
}

// How often platforms are looked at: soon after the start, when the address
// can be answered, and then every hour, or sooner where something is amiss.
const (
	firstRound = 10 * time.Second
	nextRound  = time.Hour
	againRound = 10 * time.Minute
	roundTime  = 5 * time.Minute // for one source
)

// run brings all in step until ctx ends.
func (r *registrar) run(ctx context.Context) {
	for wait := firstRound; sleep(ctx, wait) == nil; {
		wait = nextRound
		if r.rounds(ctx) > 0 {
			wait = againRound
		}
	}
}

// rounds brings each source in step, tells of those that cannot be, and counts
// them.
func (r *registrar) rounds(ctx context.Context) int {
	troubles := map[string]trouble{}
	for _, s := range r.sources() {
		if s.Register == nil {
			continue
		}
		if t, amiss := r.round(ctx, &s); amiss {
			r.log.Warn(t.sentence(s.Name))
			t.told = r.told(&s, t) || r.announce(ctx, &s, t)
			troubles[s.Name] = t
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.troubles = troubles
	return len(troubles)
}

// round brings one source in step, and says what is still amiss.
func (r *registrar) round(ctx context.Context, s *source.Source) (trouble, bool) {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	plan, err := registration.New(s, registration.Config{Secrets: r.secrets, Client: r.gate.Client(), Keeper: r.tokens, Now: r.now})
	if err != nil {
		return trouble{reason: err.Error()}, true
	}
	report, err := plan.Reconcile(ctx)
	for _, step := range report.Done {
		r.log.Info("a source's subscription was brought in step", "source", s.Name, "did", wordsOf(&step))
	}
	_, letIn := errors.AsType[*registration.LetInError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return trouble{}, false
	case err != nil:
		return trouble{reason: err.Error(), letIn: letIn}, true
	case len(report.Pending) > 0:
		return trouble{reason: fmt.Sprintf("the platform has not confirmed %d of %d subscriptions; it must reach %s",
			len(report.Pending), len(plan.Wanted), addressOf(report.Pending[0].URL))}, true
	case len(report.Kept) < len(plan.Wanted):
		return trouble{reason: fmt.Sprintf("the platform lists %d of %d subscriptions; it takes the others and does not keep them",
			len(report.Kept), len(plan.Wanted))}, true
	}
	return trouble{}, false
}

// told reports whether a notice of a source's trouble was published before. One
// is when a trouble begins, or becomes one that only a person can mend: not at
// each round, so that a tree that writes to somebody does so once.
func (r *registrar) told(s *source.Source, t trouble) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.troubles[s.Name]
	return before.told && before.letIn == t.letIn
}

// announce publishes a notice of a trouble, and reports whether it could: else
// the next round tries again.
func (r *registrar) announce(ctx context.Context, s *source.Source, t trouble) bool {
	id, err := r.id()
	if err == nil {
		var e event.Event
		e, err = event.Notice{Name: event.RegistrationFailed, ID: id, At: r.now(), Data: map[string]any{
			"source": s.Name, "platform": s.Platform, "reason": t.reason, "letInAgain": t.letIn,
		}}.Event()
		if err == nil {
			err = r.accept(ctx, e)
		}
	}
	if err != nil {
		r.log.Error("tell that a source is not registered", "source", s.Name, "error", err)
	}
	return err == nil
}

// amiss gives a sentence for each source that is not registered as it should
// be.
func (r *registrar) amiss() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var told []string
	for _, name := range slices.Sorted(maps.Keys(r.troubles)) {
		told = append(told, r.troubles[name].sentence(name))
	}
	return told
}
