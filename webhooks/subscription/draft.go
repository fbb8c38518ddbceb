package subscription

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hooktree/engine/spelling"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// The bounds of a draft, besides those of a subscription.
const (
	maxSecret      = 512 // bytes
	maxRate        = 10_000
	maxConcurrency = 64
)

// draftCheck holds one draft against what its dialect allows.
type draftCheck struct {
	room    *room
	usage   *usage
	guard   func(*url.URL) error
	now     time.Time
	current Subscription // what the draft changes; zero for a new one
}

// apply gives the subscription that a draft makes of the current one, without
// its status and secrets.
func (c *draftCheck) apply(d Draft) (Subscription, *Refusal) {
	sub := c.current
	if d.Event != "" {
		sub.Event = d.Event
	}
	if d.URL != "" {
		sub.URL = d.URL
	}
	if d.ContentType != "" {
		sub.ContentType = d.ContentType
	}
	if d.Filter != nil {
		sub.Filter = *d.Filter
	}
	if d.Ordered != nil {
		sub.Ordered = *d.Ordered
	}
	if d.Rate != nil {
		sub.Rate = *d.Rate
	}
	if d.Concurrency != nil {
		sub.Concurrency = *d.Concurrency
	}
	if d.Expires != nil {
		sub.Expires = *d.Expires
	}
	for _, check := range []func(*Draft, *Subscription) *Refusal{c.event, c.address, c.bounds, c.secret, c.filter} {
		if refusal := check(&d, &sub); refusal != nil {
			return Subscription{}, refusal
		}
	}
	return sub, nil
}

// event refuses one that there is not. One that is gone may come back: until
// then all else of its subscription can be changed, but for the filter that is
// held against it.
func (c *draftCheck) event(d *Draft, s *Subscription) *Refusal {
	if s.Event == "" {
		return &Refusal{Code: Missing, Field: FieldEvent, Message: "it does not say which event is wanted"}
	}
	_, offered := c.room.keys[s.Event]
	if offered || s.Event == c.current.Event && d.Filter == nil {
		return nil
	}
	known := make([]string, len(c.room.offers))
	for i, o := range c.room.offers {
		known[i] = o.Key
	}
	refusal := &Refusal{Code: NoEvent, Field: FieldEvent, Message: "there is no event " + quoted(s.Event), Near: spelling.Nearest(s.Event, known)}
	if len(refusal.Near) > 0 {
		refusal.Message += "; did you mean " + refusal.Near[0] + "?"
	}
	return refusal
}

// address looks at a new address only: a change of something else is no reason
// to refuse one that was good before.
func (c *draftCheck) address(d *Draft, s *Subscription) *Refusal {
	if s.URL == "" {
		return &Refusal{Code: Missing, Field: FieldURL, Message: "it does not say where to deliver"}
	}
	if d.URL == "" {
		return nil
	}
	bad := func(message string) *Refusal { return &Refusal{Code: BadURL, Field: FieldURL, Message: message} }
	if len(s.URL) > MaxURL {
		return bad(fmt.Sprintf("the address has %d bytes; at most %d are taken", len(s.URL), MaxURL))
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "":
		return bad("the address is none; write it in full, such as https://example.com/hook")
	case u.User != nil:
		return bad("the address holds a user or password; put a token that cannot be guessed into its query instead, whose values are shown to nobody else")
	case u.Fragment != "":
		return bad("the address has a part after #, which is never sent; leave it out")
	}
	if err := c.guard(u); err != nil {
		return bad(err.Error())
	}
	return nil
}

func (c *draftCheck) bounds(d *Draft, s *Subscription) *Refusal {
	invalid := func(field, message string) *Refusal { return &Refusal{Code: Invalid, Field: field, Message: message} }
	switch {
	case math.IsNaN(s.Rate) || s.Rate < 0 || s.Rate > maxRate || s.Rate > 0 && s.Rate < 1.0/86400:
		return invalid(FieldRate, "the rate is deliveries a second, from one a day to "+strconv.Itoa(maxRate)+"; 0 has no bound")
	case s.Concurrency < 0 || s.Concurrency > maxConcurrency:
		return invalid(FieldConcurrency, "deliveries at a time are 1 to "+strconv.Itoa(maxConcurrency)+"; 0 leaves it to us")
	case d.Expires != nil && s.Expired(c.now):
		return invalid(FieldExpires, "the time at which it expires is past")
	case d.Status != "" && d.Status != Active && d.Status != Disabled:
		return invalid(FieldStatus, "a client can set it to active or disabled only")
	}
	return nil
}

func (c *draftCheck) secret(d *Draft, _ *Subscription) *Refusal {
	kind := c.room.traits.Auth.Kind
	if d.Pair && (d.Secret != "" || kind != webhooks.AuthStandard) {
		return &Refusal{Code: Invalid, Field: FieldSecret, Message: "a pair of keys signs in place of a secret; leave the secret out"}
	}
	return checkSecret(d.Secret, kind)
}

// checkSecret refuses a client's secret by which nothing could be signed.
func checkSecret(secret string, kind webhooks.AuthKind) *Refusal {
	if len(secret) > maxSecret {
		return &Refusal{Code: Invalid, Field: FieldSecret, Message: fmt.Sprintf("the secret has %d bytes; at most %d are taken", len(secret), maxSecret)}
	}
	if secret == "" || kind != webhooks.AuthStandard {
		return nil
	}
	if err := delivery.CheckStandardSecret(secret); err != nil {
		return &Refusal{Code: Invalid, Field: FieldSecret, Message: err.Error()}
	}
	return nil
}

// filter looks at a filter that is new, or that is to read another event.
func (c *draftCheck) filter(d *Draft, s *Subscription) *Refusal {
	if s.Filter == "" || d.Filter == nil && s.Event == c.current.Event {
		return nil
	}
	if len(s.Filter) > MaxFilter {
		return &Refusal{Code: Invalid, Field: FieldFilter, Message: fmt.Sprintf("the filter has %d bytes; at most %d are taken", len(s.Filter), MaxFilter)}
	}
	kind := c.usage.kind(c.room.keys[s.Event])
	if kind == nil {
		return &Refusal{Code: Failed, Message: "the event " + quoted(s.Event) + " is offered, and not in the catalogue"}
	}
	if _, err := compileFilter(s.Filter, kind); err != nil {
		return &Refusal{Code: Invalid, Field: FieldFilter, Message: "the filter cannot be used: " + faultText(err)}
	}
	return nil
}

// faultText gives what is wrong with an expression in one line, and what helps.
func faultText(err error) string {
	var faults expression.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		return err.Error()
	}
	text := faults[0].Message
	if faults[0].Hint != "" {
		text += "; " + faults[0].Hint
	}
	return text + fmt.Sprintf(" (at character %d)", faults[0].Offset+1)
}

// quoted shows what a client sent, bounded.
func quoted(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..." // a letter may be cut in two
	}
	return strconv.Quote(text)
}
