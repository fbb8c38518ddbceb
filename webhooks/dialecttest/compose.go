package dialecttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// received is when the suite's events came in.
var received = time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// message is a delivery of the suite's own.
type message struct {
	offer   subscription.Offer
	event   event.Event
	message subscription.Message
}

// messages composes one delivery for each offer.
func (d *Dialect) messages(f *faults) []message {
	var all []message
	for i, o := range d.protocol().Offers(d.catalogue()) {
		kind := d.kindOf(o.Type, o.Action)
		if kind == nil {
			continue // offersExist tells
		}
		e, err := d.example(kind)
		if err != nil {
			f.add("the example of %s is no event: %v", o.Key, err)
			continue
		}
		sub := d.subscriptions(i + 1)[i]
		sub.Event = o.Key
		m, err := d.compose(&sub, &e)
		if err != nil {
			f.add("the example of %s cannot be told: %v", o.Key, err)
			continue
		}
		all = append(all, message{o, e, m})
	}
	return all
}

func (d *Dialect) compose(s *subscription.Subscription, e *event.Event) (m subscription.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("compose panics: %v", p)
		}
	}()
	return d.protocol().Compose(s, e)
}

// example makes an event of a kind as its platform would send it.
func (d *Dialect) example(k *event.Kind) (event.Event, error) {
	payload := map[string]any{"event": map[string]any{"platform": k.Platform, "name": k.Action}, "data": k.Sample}
	if k.Platform == event.Kinetic {
		payload = map[string]any{"event": map[string]any{"type": k.Type, "action": k.Action}}
		for _, member := range []string{"kapp", "form", "submission", "space", "user", "team", "discussion"} {
			if _, ok := k.Names[member]; ok {
				payload[member] = map[string]any{"slug": member, "id": member, "username": member, "name": member}
			}
		}
	}
	return d.occurrence(payload)
}

// occurrence makes an event of a payload.
func (d *Dialect) occurrence(payload map[string]any) (event.Event, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return event.Event{}, err
	}
	e, err := event.Parse(body, d.catalogue(), received)
	e.ID = "019ca000-0000-7000-8000-0000000000e1"
	return e, err
}

// composes looks at the delivery of each offer.
func composes(d *Dialect, f *faults) {
	for _, m := range d.messages(f) {
		d.soundMessage(m.offer.Key, m.message, f)
		d.composesAlike(m, f)
		got, err := d.Told(m.message)
		if err != nil {
			f.add("receivers cannot read the delivery of %s: %v: %.300s", m.offer.Key, err, m.message.Body)
			continue
		}
		if len(got) != 1 {
			f.add("the delivery of %s tells %d events; want 1", m.offer.Key, len(got))
			continue
		}
		if got[0].Event != "" && got[0].Event != m.offer.Key || got[0].Entity != "" && got[0].Entity != m.event.Entity {
			f.add("the delivery of %s about %q reads as %+v", m.offer.Key, m.event.Entity, got[0])
		}
		if got[0] == (Told{}) {
			f.add("the delivery of %s says neither what happened nor to what", m.offer.Key)
		}
	}
}

// composesAlike composes a delivery again: an attempt that is repeated sends
// the same bytes, and an event is not changed by being told.
func (d *Dialect) composesAlike(m message, f *faults) {
	kind := d.kindOf(m.offer.Type, m.offer.Action)
	for range 5 {
		e, err := d.example(kind)
		was, wrong := d.example(kind)
		if err != nil || wrong != nil {
			return // messages tells
		}
		sub := d.subscriptions(1)[0]
		sub.Event = m.offer.Key
		first, err := d.compose(&sub, &e)
		if err != nil {
			f.add("%s: %v", m.offer.Key, err)
			return
		}
		again, err := d.compose(&sub, &e)
		if err != nil || !bytes.Equal(first.Body, again.Body) || cmp.Diff(first.Header, again.Header) != "" {
			f.add("%s is told in two ways: %s %v, then %s %v %v", m.offer.Key, first.Body, first.Header, again.Body, again.Header, err)
		}
		if diff := cmp.Diff(was, e); diff != "" {
			f.add("to tell of %s changes the event:\n%s", m.offer.Key, diff)
		}
	}
}

func (*Dialect) soundMessage(name string, m subscription.Message, f *faults) {
	for header, value := range m.Header {
		if strings.ContainsAny(header+value, "\r\n\x00") || http.CanonicalHeaderKey(header) == "Content-Length" {
			f.add("the delivery of %s has the header %q: %q", name, header, value)
		}
	}
	if err := ofType(m.Header["Content-Type"], m.Body); err != nil {
		f.add("the delivery of %s: %v", name, err)
	}
}

// composesOddities tells of events whose data is not what anybody expects: that
// is an error, or a valid delivery.
func composesOddities(d *Dialect, f *faults) {
	oddities := []any{
		nil,
		map[string]any{},
		[]any{},
		"text", int64(7), true,
		map[string]any{"id": nil},
		map[string]any{"id": map[string]any{}},
		map[string]any{"id": "1\r\nX-Injected: 1"},
		map[string]any{"id": []any{int64(1)}},
		map[string]any{"data": map[string]any{}},
		map[string]any{"data": []any{}, "id": 1.5},
		map[string]any{"id": -1, "<b>": "</b>\u2028"},
	}
	for _, o := range d.protocol().Offers(d.catalogue()) {
		kind := d.kindOf(o.Type, o.Action)
		if kind == nil || kind.Platform == event.Kinetic {
			continue
		}
		for _, data := range oddities {
			e, err := d.occurrence(map[string]any{"event": map[string]any{"platform": kind.Platform, "name": kind.Action}, "data": data})
			if err != nil {
				continue // it is no event, so nothing is told of it
			}
			sub := d.subscriptions(1)[0]
			sub.Event = o.Key
			m, err := d.compose(&sub, &e)
			switch {
			case err != nil && strings.Contains(err.Error(), "panics"):
				f.add("%s with the data %v: %v", o.Key, data, err)
			case err == nil:
				d.soundMessage(fmt.Sprintf("%s with the data %v", o.Key, data), m, f)
			}
		}
	}
}

// bodies are examples as an answer shows them.
func (d *Dialect) bodies() [][]byte {
	var ignored faults // composes tells
	var all [][]byte
	for _, m := range d.messages(&ignored) {
		all = append(all, m.message.Body)
	}
	return slices.Clip(all[:min(3, len(all))])
}
