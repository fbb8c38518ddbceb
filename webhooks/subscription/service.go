package subscription

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"hooktree/webhooks/event"
)

// Config is what a [Service] works by. Every member is required, but for those
// that say otherwise.
type Config struct {
	Store    Store
	Dialects []Dialect
	Now      func() time.Time
	ID       func() (string, error) // UUIDv7
	Random   io.Reader              // of secrets
	Client   *http.Client           // guarded; asks endpoints for their confirmation
	// Guard refuses an address that the client would not dial, as far as that
	// can be told without resolving its name.
	Guard func(*url.URL) error
	// Accept publishes an event, and says how many deliveries it made.
	Accept func(context.Context, event.Event) (queued int, err error)
	// Dispatch publishes an event that makes one delivery, waits for its first
	// attempt, and gives the status that the endpoint answered; zero for none.
	Dispatch func(context.Context, event.Event) (status int, err error)
	// Samples gives the latest stored events, the newest first.
	Samples func(context.Context, SampleQuery) ([]event.Event, error)
	// Replay sends what was held or failed once more, and says how much.
	Replay func(context.Context, ReplayOrder) (queued int, err error)
	// Code classes what the members above fail with; nil, and an empty code,
	// are Failed, whose cause goes to the log and not to a client.
	Code func(error) Code
	// Changed is told of each subscription that an operation made, changed or
	// deleted; nil for nobody. Who settles deliveries tells of those.
	Changed func(Subscription)
	Log     *slog.Logger
}

// SampleQuery says which stored events are wanted.
type SampleQuery struct {
	Type, Action string
	Entity       string // what they happened to; empty for anything
	Limit        int
}

// ReplayOrder says which deliveries of a subscription are sent once more.
type ReplayOrder struct {
	Subscription string    // its ID
	From, To     time.Time // of their events; zero has no bound
	By           string    // for the audit
}

// Service is the one place where subscriptions are made and changed, whatever
// dialect asks. It is safe for concurrent use.
//
// What it holds in memory is the authority for status and health between two
// saves: one process serves a space. A change is saved first and taken up
// after, so that a failed save changes nothing; and no two changes of one
// subscription run at a time, be they an operation or a delivery's.
type Service struct {
	Config

	roster   roster
	shaking  chan struct{} // one token for each handshake under way
	creating chan struct{} // held while subscriptions are counted and made

	expiring sync.Mutex    // guards what follows
	untold   []event.Event // notices of what expired that are still to be published, at most Max
}

// NewService makes a service without subscriptions, whose dialects have their
// default settings and no events to offer: [Service.Load] and [Service.Use]
// come next.
func NewService(c Config) *Service {
	s := &Service{Config: c, shaking: make(chan struct{}, maxHandshakes), creating: make(chan struct{}, 1)}
	catalogue := event.NewCatalogue()
	s.roster = newRoster(newUsage(c.Dialects, catalogue, nil))
	return s
}

// Load reads the subscriptions that the store keeps.
func (s *Service) Load(ctx context.Context) error {
	all, err := s.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	s.roster.load(all)
	return nil
}

// Use takes the space's catalogue and settings up. Dialects that setups does
// not name have their defaults.
func (s *Service) Use(catalogue *event.Catalogue, setups map[string]Setup) {
	s.roster.use(newUsage(s.Dialects, catalogue, setups))
}

// Set is the snapshot that events are resolved by.
func (s *Service) Set() *Set { return s.roster.snapshot() }

// Protocol gives a dialect's protocol with the space's settings of now; nil
// for a dialect that there is not.
func (s *Service) Protocol(dialect string) Protocol {
	if r := s.roster.current().rooms[dialect]; r != nil {
		return r.protocol
	}
	return nil
}

// Do carries an operation out for a caller.
func (s *Service) Do(ctx context.Context, who Caller, op Operation) Outcome {
	out := s.do(ctx, who, op)
	out.Operation = op
	return out
}

func (s *Service) do(ctx context.Context, who Caller, op Operation) Outcome {
	r := s.roster.current().rooms[who.Dialect]
	if r == nil {
		return refused(&Refusal{Code: Failed, Message: "there is no dialect " + who.Dialect})
	}
	switch op := op.(type) {
	case List:
		return s.list(who, op)
	case Get:
		return one(s.find(who, op.ID))
	case Types:
		return Outcome{Offers: r.offers}
	case Create:
		return s.create(ctx, who, op.Drafts)
	case Change:
		return one(s.change(ctx, who, op))
	case Delete:
		return s.delete(ctx, who, op.IDs)
	case Verify:
		return one(s.verify(ctx, who, op.ID))
	case Confirm:
		return one(s.confirm(ctx, who, op))
	case Rotate:
		return s.rotate(ctx, who, op)
	case Trigger:
		return s.trigger(ctx, who, op)
	case Dispatch:
		return s.dispatch(ctx, who, op)
	case Sample:
		return s.sample(ctx, who, op)
	case Replay:
		return s.replay(ctx, who, op)
	}
	return refused(&Refusal{Code: Failed, Message: "there is no such operation"})
}

// refused is the outcome of an operation that was not done.
func refused(r *Refusal) Outcome { return Outcome{Refusal: r} }

// one is the outcome of an operation on one subscription.
func one(sub Subscription, refusal *Refusal) Outcome {
	if refusal != nil {
		return refused(refusal)
	}
	return Outcome{Subscriptions: []Subscription{sub}}
}

// find gives the subscription that a caller means by the dialect's id. What is
// another owner's is not there for it.
func (s *Service) find(who Caller, id string) (Subscription, *Refusal) {
	sub, ok := s.roster.named(who.Dialect, id)
	if !ok || !who.sees(&sub) {
		return Subscription{}, &Refusal{Code: NotFound, Field: FieldID, Message: "there is no subscription " + quoted(id)}
	}
	return sub, nil
}

// sees reports whether a subscription is there for the caller at all.
func (c Caller) sees(s *Subscription) bool {
	return s.Dialect == c.Dialect && (c.All || s.Owner.Same(c.Owner))
}

// list gives a page of the caller's subscriptions.
func (s *Service) list(who Caller, op List) Outcome {
	all := []Subscription{}
	s.roster.each(func(sub *Subscription) bool {
		if who.sees(sub) && (op.Event == "" || sub.Event == op.Event) && (op.URL == "" || sub.URL == op.URL) {
			all = append(all, *sub)
		}
		return true
	})
	if op.Pick != nil {
		all = op.Pick(all)
	}
	from := min(op.Offset, len(all))
	to := len(all)
	if op.Limit > 0 {
		to = min(to, from+op.Limit)
	}
	return Outcome{Subscriptions: all[from:to], Total: len(all)}
}
