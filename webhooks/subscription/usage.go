package subscription

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"hooktree/engine"
	"hooktree/trees/expression"
	"hooktree/webhooks/event"
)

// usage is the dialects as a space uses them: with its settings, over its
// catalogue. It is immutable.
type usage struct {
	catalogue *event.Catalogue
	rooms     map[string]*room // by name of dialect
}

// room is one dialect in use.
type room struct {
	dialect  *Dialect
	protocol Protocol
	traits   Traits
	offers   []Offer
	keys     map[string]Offer
	visible  engine.Expr // nil lets everybody see all
}

func newUsage(dialects []Dialect, catalogue *event.Catalogue, setups map[string]Setup) *usage {
	u := &usage{catalogue: catalogue, rooms: make(map[string]*room, len(dialects))}
	for i := range dialects {
		d := &dialects[i]
		setup, ok := setups[d.Name]
		if !ok {
			setup.Settings = d.Defaults()
		}
		r := &room{dialect: d, protocol: d.New(setup.Settings), visible: setup.Visible, keys: map[string]Offer{}}
		r.traits, r.offers = r.protocol.Traits(), r.protocol.Offers(catalogue)
		for _, o := range r.offers {
			r.keys[o.Key] = o
		}
		u.rooms[d.Name] = r
	}
	return u
}

// kind gives the kind of event that an offer is about; nil for none.
func (u *usage) kind(o Offer) *event.Kind {
	k, fault := u.catalogue.Find(o.Type, o.Action)
	if fault != nil {
		return nil
	}
	return k
}

// entry compiles a subscription; nil when nothing can reach it, because its
// dialect does not offer its event any more.
//
// A filter that no longer compiles, because the event's declaration changed,
// fails each time that it is asked: the verdict says so, and nothing is sent
// that the filter may have kept back.
func (u *usage) entry(sub Subscription) *Entry {
	r := u.rooms[sub.Dialect]
	if r == nil {
		return nil
	}
	offer, ok := r.keys[sub.Event]
	if !ok {
		return nil
	}
	kind := u.kind(offer)
	if kind == nil {
		return nil
	}
	e := &Entry{
		Subscription: sub, Type: offer.Type, Action: offer.Action, Hash: sub.hash(),
		Protocol: r.protocol, Traits: r.traits, Visible: r.visible,
	}
	if sub.Filter != "" {
		filter, err := compileFilter(sub.Filter, kind)
		if err != nil {
			e.Filter = broken{sub.Filter, fmt.Errorf("it does not fit the event any more: %w", err)}
		} else {
			e.Filter = filter
		}
	}
	return e
}

// compileFilter compiles what a client sent as a filter. It has no secrets to
// read, and no more steps than an event can afford for each of its subscribers.
func compileFilter(text string, kind *event.Kind) (engine.Expr, error) {
	env := &expression.Env{Names: kind.With(nil), Steps: MaxSteps}
	x, err := expression.Compile(text, env, engine.KindBool)
	if err != nil { // a nil of the one interface is none of the other
		return nil, err
	}
	return x, nil
}

// broken is an expression that cannot be had: it fails each time that it is
// asked, so that nothing is sent which it may have kept back.
type broken struct {
	text string
	err  error
}

func (b broken) Eval(engine.Scope) (any, error) { return nil, b.err }
func (b broken) Reads() []engine.NodeID         { return nil }
func (b broken) String() string                 { return b.text }

// hash tells one definition from another, for verdicts and jobs.
func (s *Subscription) hash() string {
	text, err := json.Marshal([]any{s.Dialect, s.External, s.Event, s.URL, s.ContentType, s.Filter, s.Ordered, s.Rate, s.Concurrency})
	if err != nil {
		panic("subscription: a definition is no JSON: " + err.Error()) // it is texts and finite numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
