package subscription_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

var noon = time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)

// shelf is a store in memory that can be made to fail.
type shelf struct {
	mu     sync.Mutex
	rows   map[string]subscription.Subscription
	count  map[string]int64
	audits []subscription.Audit
	fail   error               // of every change, while it is set
	before func(op, id string) // called before a change, without the lock
}

func newShelf() *shelf {
	return &shelf{rows: map[string]subscription.Subscription{}, count: map[string]int64{}}
}

func (s *shelf) Subscriptions(context.Context) ([]subscription.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Collect(maps.Values(s.rows))
	slices.SortFunc(all, func(a, b subscription.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

func (s *shelf) Create(ctx context.Context, all []subscription.Subscription, external func(int64, string) string, a subscription.Audit) ([]subscription.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil || ctx.Err() != nil {
		return nil, errors.Join(s.fail, ctx.Err())
	}
	made := slices.Clone(all)
	for i := range made {
		s.count[made[i].Dialect]++
		made[i].Revision, made[i].External = 1, external(s.count[made[i].Dialect], made[i].ID)
		for _, other := range s.rows {
			if other.Dialect == made[i].Dialect && other.Owner.Same(made[i].Owner) && other.Event == made[i].Event && other.URL == made[i].URL {
				return nil, subscription.ErrExists
			}
		}
	}
	for _, sub := range made {
		s.rows[sub.ID] = sub
	}
	s.audits = append(s.audits, a)
	return made, nil
}

func (s *shelf) Save(ctx context.Context, sub subscription.Subscription, a subscription.Audit) error {
	if s.before != nil {
		s.before("save", sub.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.rows[sub.ID]
	switch {
	case s.fail != nil || ctx.Err() != nil:
		return errors.Join(s.fail, ctx.Err())
	case !ok:
		return subscription.ErrNotFound
	case kept.Revision != sub.Revision:
		return subscription.ErrStale
	}
	sub.Revision++
	sub.Triggered, sub.LastTriggered = kept.Triggered, kept.LastTriggered
	s.rows[sub.ID] = sub
	s.audits = append(s.audits, a)
	return nil
}

func (s *shelf) Delete(ctx context.Context, ids []string, a subscription.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil || ctx.Err() != nil {
		return errors.Join(s.fail, ctx.Err())
	}
	for _, id := range ids {
		if _, ok := s.rows[id]; !ok {
			return subscription.ErrNotFound
		}
	}
	for _, id := range ids {
		delete(s.rows, id)
	}
	s.audits = append(s.audits, a)
	return nil
}

// settle saves what a delivery changed, as a store does with the job.
func (s *shelf) settle(u subscription.Update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	sub := s.rows[u.ID]
	if u.Delete {
		delete(s.rows, u.ID)
		return nil
	}
	if u.Fired > 0 {
		sub.Triggered, sub.LastTriggered = sub.Triggered+int64(u.Fired), u.At
	}
	sub.Health = u.Health
	if u.Status != "" {
		sub.Status, sub.Reason = u.Status, u.Reason
		sub.Revision++
	}
	s.rows[u.ID] = sub
	return nil
}

func (s *shelf) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *shelf) get(id string) subscription.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[id]
}

func (s *shelf) did() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var did []string
	for _, a := range s.audits {
		did = append(did, a.Did+" by "+a.Who)
	}
	return did
}

// answer plays the endpoints: it is what the client's requests are answered by.
type answer func(*http.Request) (*http.Response, error)

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

func respond(status int, header ...string) (*http.Response, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(""))}, nil
}

// echo confirms.
func echo(r *http.Request) (*http.Response, error) {
	return respond(200, "x-hook-secret", r.Header.Get("X-Hook-Secret"))
}

// bread is a dialect that offers what its platform has, and knows nothing of
// HTTP: tests make operations themselves.
type bread struct{ traits subscription.Traits }

func (bread) Parse(subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return nil, &subscription.Refusal{Code: subscription.NoRoute}
}

func (bread) Render(subscription.Request, subscription.Outcome) subscription.Response {
	return subscription.Response{}
}

func (bread) Offers(c *event.Catalogue) []subscription.Offer {
	var offers []subscription.Offer
	for _, k := range c.Kinds() {
		if k.Platform == "bakery" || k.Type == "Space" || k.Platform == event.Hooktree {
			offers = append(offers, subscription.Offer{Key: strings.ToLower(k.Action), Type: k.Type, Action: k.Action})
		}
	}
	return offers
}

func (bread) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	body, err := json.Marshal(map[string]any{"for": s.External, "event": e.ID, "data": e.Data["data"]})
	if e.Entity == "unbakeable" {
		return subscription.Message{}, errors.New("it cannot be told")
	}
	return subscription.Message{Header: map[string]string{"Content-Type": "application/json"}, Body: body}, err
}

func (b bread) Traits() subscription.Traits { return b.traits }

// bakery is the platform of the tests' events.
func bakery() event.Platform {
	p := event.Platform{Name: "bakery"}
	fields := map[string]engine.Type{"id": {Kind: engine.KindAny}, "owner_id": {Kind: engine.KindInteger}, "loaves": {Kind: engine.KindInteger}}
	for _, name := range []string{"Baked", "Burnt", "Sold"} {
		k := event.Own("bakery", name, event.Path{Group: "Bakery", Name: name}, fields, "id")
		if name != "Burnt" {
			k.Sample = map[string]any{"id": int64(7), "owner_id": int64(1), "loaves": int64(3)}
		}
		p.Kinds = append(p.Kinds, k)
	}
	return p
}

func catalogue() *event.Catalogue { return event.NewCatalogue(bakery()) }

// dialects are one that asks endpoints for confirmation and one that does not.
func dialects() []subscription.Dialect {
	made := func(traits subscription.Traits) func(subscription.Settings) subscription.Protocol {
		return func(subscription.Settings) subscription.Protocol { return bread{traits} }
	}
	return []subscription.Dialect{
		{
			Name: "plain", Title: "Plain",
			External: func(n int64, _ string) string { return strconv.FormatInt(n, 10) },
			New:      made(subscription.Traits{NewSecret: true, Auth: webhooks.Auth{Kind: webhooks.AuthStandard}, Policy: delivery.Schedule()}),
			Options: []subscription.Option{
				{Name: "crust", Kind: subscription.ChoiceOption, Choices: []string{"soft", "hard"}, Default: "soft", Note: "How it is."},
				{Name: "window", Kind: subscription.DurationOption, Default: "1s", Note: "How long it takes."},
				{Name: "label", Kind: subscription.TextOption, Default: "", Note: "What it says."},
				{Name: "shelves", Kind: subscription.NumberOption, Range: [2]int{1, 9}, Default: "3", Note: "How many there are."},
				{Name: "home", Kind: subscription.URIOption, Default: "urn:bakery", Note: "Where it is."},
				{Name: "zone", Kind: subscription.ZoneOption, Default: "UTC", Note: "When it opens."},
				{Name: "rest", Kind: subscription.DurationOption, Longest: 30 * 24 * time.Hour, Default: "5d", Note: "How long it is left."},
			},
		},
		{
			Name: "shaken", Title: "Shaken",
			External: func(n int64, _ string) string { return strconv.FormatInt(n, 10) },
			New:      made(subscription.Traits{Handshake: true, Renews: true, Policy: delivery.Policy{Timeout: 30 * time.Second}}),
		},
	}
}

// house is a service with all that it needs.
type house struct {
	*subscription.Service

	shelf     *shelf
	mu        sync.Mutex
	now       time.Time
	published []event.Event
	stored    []event.Event
	orders    []subscription.ReplayOrder
	told      []string
	broken    error // what publishing fails with
}

// open makes a house whose endpoints answer so.
func open(tb testing.TB, endpoints answer) *house {
	tb.Helper()
	h := &house{shelf: newShelf(), now: noon}
	ids := 0
	h.Service = subscription.NewService(subscription.Config{
		Store: h.shelf, Dialects: dialects(), Client: &http.Client{Transport: endpoints},
		Now: h.clock, Random: rand.NewChaCha8([32]byte{1}), Log: slog.New(slog.DiscardHandler),
		ID: func() (string, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			ids++
			return fmt.Sprintf("id-%06d", ids), nil
		},
		Guard: func(u *url.URL) error {
			if u.Hostname() == "127.0.0.1" {
				return errors.New("the address is loopback")
			}
			return nil
		},
		Accept: func(_ context.Context, e event.Event) (int, error) { return 2, h.publish(e) },
		Dispatch: func(_ context.Context, e event.Event) (int, error) {
			return http.StatusAccepted, h.publish(e)
		},
		Samples: func(_ context.Context, q subscription.SampleQuery) ([]event.Event, error) {
			var found []event.Event
			for _, e := range h.stored {
				if len(found) < q.Limit && (q.Entity == "" || q.Entity == e.Entity) {
					found = append(found, e)
				}
			}
			return found, h.broken
		},
		Replay: func(_ context.Context, o subscription.ReplayOrder) (int, error) {
			h.orders = append(h.orders, o)
			return 5, h.broken
		},
		Code: func(err error) subscription.Code {
			if errors.Is(err, errFull) {
				return subscription.Busy
			}
			return ""
		},
		Changed: func(s subscription.Subscription) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.told = append(h.told, s.Name()+" "+string(s.Status))
		},
	})
	h.Use(catalogue(), nil)
	return h
}

// What a store may fail with.
var (
	errFull = errors.New("the writer's queue is full")
	errDisk = errors.New("sector 7 is bad")
)

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) publish(e event.Event) error {
	h.published = append(h.published, e)
	return h.broken
}

// anna and bert are owners of subscriptions.
var (
	anna = subscription.Owner{ID: 1, Name: "Anna", Email: "anna@example.com"}
	bert = subscription.Owner{ID: 2, Name: "Bert", Email: "bert@example.com"}
)

func of(dialect string, o subscription.Owner) subscription.Caller {
	return subscription.Caller{Dialect: dialect, Owner: o, Name: "token of " + o.Name, Credential: "token:" + strconv.FormatInt(o.ID, 10)}
}

// made makes one subscription and gives it.
func (h *house) made(tb testing.TB, who subscription.Caller, d subscription.Draft) subscription.Subscription {
	tb.Helper()
	return only(tb, h.Do(tb.Context(), who, subscription.Create{Drafts: []subscription.Draft{d}}))
}

// only gives the one subscription of an outcome.
func only(tb testing.TB, o subscription.Outcome) subscription.Subscription {
	tb.Helper()
	if o.Refusal != nil || len(o.Subscriptions) != 1 {
		tb.Fatalf("the outcome is %+v, refusal %+v; want one subscription", o, o.Refusal)
	}
	return o.Subscriptions[0]
}

func draft(name, address string) subscription.Draft {
	return subscription.Draft{Event: name, URL: address}
}

const hookURL = "https://shop.example.com/hook"

// see makes a rule of what owners in the dialect plain may see.
func (h *house) see(tb testing.TB, rule string) {
	tb.Helper()
	setups, faults := setups("dialects: {plain: {visible: '" + rule + "'}}")
	if len(faults) > 0 {
		tb.Fatal(faults.Render())
	}
	h.Use(catalogue(), setups)
}

// setups reads the settings of a space.
func setups(yaml string) (map[string]subscription.Setup, trees.Faults) {
	files := []trees.File{{Path: trees.SpaceFile, Content: []byte("slug: acme\n" + yaml)}}
	return subscription.ReadSetups(files, dialects(), catalogue())
}
