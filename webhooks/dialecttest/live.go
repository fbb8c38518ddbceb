package dialecttest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/subscription"
)

// Fate is what becomes of a subscription whose endpoint answers in some way.
type Fate string

// The fates.
const (
	Counts   Fate = "counts"   // it was a success
	Retries  Fate = "retries"  // it is tried again, and nothing else
	Disables Fate = "disables" // the subscription gets nothing any more
	Deletes  Fate = "deletes"  // the subscription is gone
)

// Live plays the table over HTTP against the real binary: subscriptions are
// made, an event is published, each endpoint gets its delivery and answers, and
// what becomes of its subscription is as the dialect says; what is refused
// leaves nothing behind. The fates are those of the first attempt, by status;
// at least one counts.
func Live(t *testing.T, d Dialect, fates map[int]Fate) {
	t.Helper()

	l := &live{t: t, d: &d, server: newServer(t, d.space()), receiver: newReceiver(t)}
	l.token = l.server.hooktree("token", "create", "--dialect", d.Dialect.Name, "--owner", "manager", "--owner-id", "7", "--owner-email", "manager@example.com")
	l.other = l.server.hooktree("token", "create", "--dialect", d.Dialect.Name, "--owner", "clerk", "--owner-id", "8")
	l.offer = d.protocol().Offers(d.catalogue())[0]
	l.refuses()
	l.delivers(fates)
	l.enables()
	l.removes()
}

// live is one play.
type live struct {
	t        *testing.T
	d        *Dialect
	server   *server
	receiver *receiver
	offer    subscription.Offer
	token    string
	other    string // of another owner
}

// signed gives a request a token, in the dialect's first place for one.
func signed(r subscription.Request, place subscription.Carrier, token string) subscription.Request {
	switch place.Kind {
	case subscription.Bearer:
		setHeader(&r, "Authorization", "Bearer "+token)
	case subscription.Header:
		setHeader(&r, place.Name, token)
	case subscription.Query:
		query := url.Values{place.Name: {token}}
		maps.Copy(query, r.Query)
		r.Query = query
	}
	return r
}

// send sends a request as it stands.
func (l *live) send(r subscription.Request) subscription.Response {
	l.t.Helper()

	target := l.d.Dialect.Prefixes[0] + (&url.URL{Path: r.Path}).EscapedPath()
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	header := http.Header{}
	maps.Copy(header, r.Header)
	return l.server.do(r.Method, target, header, r.Body)
}

// ask sends a request by the owner's token.
func (l *live) ask(r subscription.Request) subscription.Response {
	l.t.Helper()
	return l.send(signed(r, l.d.Dialect.Credentials[0], l.token))
}

// call finds the first documented call of an operation's type.
func call[T subscription.Operation](d *Dialect) Call {
	at := slices.IndexFunc(d.Calls, func(c Call) bool {
		_, ok := c.Want.(T)
		return ok
	})
	return d.Calls[at] // wholeTable wants the three that are asked for here
}

// creating is the documented request for a subscription, to an event at an
// address.
func (l *live) creating(event, address string) subscription.Request {
	c := call[subscription.Create](l.d)
	draft := c.Want.(subscription.Create).Drafts[0]
	r := c.Request
	body := string(r.Body)
	for _, change := range [][2]string{{draft.Event, event}, {draft.URL, address}} {
		quoted, _ := json.Marshal(change[0]) // texts always marshal
		by, _ := json.Marshal(change[1])
		body = strings.ReplaceAll(body, strings.Trim(string(quoted), `"`), strings.Trim(string(by), `"`))
		body = strings.ReplaceAll(body, url.QueryEscape(change[0]), url.QueryEscape(change[1]))
	}
	r.Body = []byte(body)
	return r
}

// removing is the documented request that deletes a subscription.
func (l *live) removing(id string) subscription.Request {
	c := call[subscription.Delete](l.d)
	r := c.Request
	r.Path = strings.ReplaceAll(r.Path, c.Want.(subscription.Delete).IDs[0], id)
	return r
}

// list gives the subscriptions that an owner sees.
func (l *live) list(token string) []Hook {
	l.t.Helper()

	c := call[subscription.List](l.d)
	answer := l.send(signed(c.Request, l.d.Dialect.Credentials[0], token))
	if err := inForm(answer); err != nil {
		l.t.Fatalf("list: %v", err)
	}
	hooks, err := l.d.Hooks(answer)
	if err != nil {
		l.t.Fatalf("list: %v: %s", err, answer.Body)
	}
	return hooks
}

// wantRefusal holds an answer against the status of a code and the dialect's
// form.
func (l *live) wantRefusal(name string, code subscription.Code, answer subscription.Response) {
	l.t.Helper()

	if err := l.d.refuses(answer); err != nil {
		l.t.Errorf("%s: %v", name, err)
	}
	if answer.Status != l.d.Statuses[code] {
		l.t.Errorf("%s is answered %d %s; want %d", name, answer.Status, answer.Body, l.d.Statuses[code])
	}
}

// bombs are bodies that grow without bound where somebody expands them, by
// their content types.
var bombs = map[string]string{
	"text/html":   "<html>",
	"text/xml":    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><x>&b;&f;</x>`,
	"text/x-yaml": "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]",
}

// refuses sends what must be refused, and looks that nothing is stored.
func (l *live) refuses() {
	l.t.Helper()

	good := l.creating(l.offer.Key, l.receiver.at(http.StatusOK))
	for _, place := range l.d.Dialect.Credentials {
		l.wantRefusal("a wrong token in "+place.Name, subscription.NotSignedIn, l.send(signed(good, place, "nobody's")))
	}
	l.wantRefusal("no token", subscription.NotSignedIn, l.send(good))
	if !l.d.Dialect.OwnTokens {
		l.wantRefusal("a token of ours", subscription.Foreign, l.send(signed(good, l.d.Dialect.Credentials[0], l.server.admin)))
	}
	slip := l.offer.Key + "x"
	answer := l.ask(l.creating(slip, l.receiver.at(http.StatusOK)))
	l.wantRefusal("an unknown event", subscription.NoEvent, answer)
	if said, _ := l.d.Fault(answer); !strings.Contains(said, l.offer.Key) {
		l.t.Errorf("the refusal of %s does not name %s: %s", slip, l.offer.Key, answer.Body)
	}
	for _, address := range []string{"nowhere", "ftp://example.com/", "http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/"} {
		l.wantRefusal("the address "+address, subscription.BadURL, l.ask(l.creating(l.offer.Key, address)))
	}
	unknown := l.removing(l.d.Dialect.External(999, "019ca000-0000-7000-8000-000000000999"))
	l.wantRefusal("an unknown id", subscription.NotFound, l.ask(unknown))
	broken := good
	broken.Body = []byte("{")
	l.wantRefusal("a broken body", subscription.Malformed, l.ask(broken))
	for kind, bomb := range bombs {
		other := good
		setHeader(&other, "Content-Type", kind)
		other.Body = []byte(bomb)
		l.wantRefusal("another content type, "+kind, subscription.Unsupported, l.ask(other))
	}
	method := good
	method.Method = http.MethodTrace
	l.wantRefusal("another method", subscription.NoMethod, l.ask(method))
	if hooks := l.list(l.token); len(hooks) > 0 {
		l.t.Errorf("after refusals alone there are the subscriptions %+v", hooks)
	}
}

// made creates a subscription, and gives it as the answer shows it.
func (l *live) made(r subscription.Request) Hook {
	l.t.Helper()

	answer := l.ask(r)
	hooks, err := l.d.Hooks(answer)
	if err != nil || len(hooks) != 1 || answer.Status != call[subscription.Create](l.d).Status {
		l.t.Fatalf("create %s is answered %d %s: %v", shown(r), answer.Status, answer.Body, err)
	}
	return hooks[0]
}

// delivers publishes an event for subscriptions whose endpoints answer in all
// ways, and looks at what becomes of them.
func (l *live) delivers(fates map[int]Fate) {
	l.t.Helper()

	hooks := map[int]Hook{}
	for status := range fates {
		r := l.creating(l.offer.Key, l.receiver.at(status))
		if len(hooks) == 0 {
			r = zipped(l.t, r)
		}
		hooks[status] = l.made(r)
	}
	first := l.receiver.at(firstOf(fates))
	l.wantRefusal("the same subscription again", subscription.Exists, l.ask(l.creating(l.offer.Key, first)))
	if foreign := l.list(l.other); len(foreign) > 0 {
		l.t.Errorf("another owner sees %+v", foreign)
	}
	foreign := signed(l.removing(hooks[firstOf(fates)].ID), l.d.Dialect.Credentials[0], l.other)
	l.wantRefusal("another owner's delete", subscription.NotFound, l.send(foreign))
	if jobs := l.publish(); jobs != len(fates) {
		l.t.Errorf("the event is for %d subscriptions; want %d", jobs, len(fates))
	}
	l.receives(fates)
	for status, fate := range fates {
		l.fares(hooks[status], status, fate)
	}
}

// firstOf is a status whose endpoint keeps its subscription.
func firstOf(fates map[int]Fate) int {
	for status, fate := range fates {
		if fate == Counts {
			return status
		}
	}
	panic("dialecttest: no fate counts")
}

// zipped compresses a request's body, as some clients do.
func zipped(t *testing.T, r subscription.Request) subscription.Request {
	t.Helper()

	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, err := w.Write(r.Body)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Body = body.Bytes()
	setHeader(&r, "Content-Encoding", "gzip")
	return r
}

// publish publishes an event of the offer, and says for how many subscriptions
// it is.
func (l *live) publish() int {
	l.t.Helper()

	e, err := l.d.example(l.d.kindOf(l.offer.Type, l.offer.Action))
	if err != nil {
		l.t.Fatal(err)
	}
	var receipts struct {
		Events []struct {
			Jobs []struct{ Webhook string }
		}
	}
	if err := json.Unmarshal(l.server.native(http.MethodPost, "events", string(e.Body)), &receipts); err != nil {
		l.t.Fatal(err)
	}
	return len(receipts.Events[0].Jobs)
}

// receives takes one delivery at each endpoint, and reads it as receivers do.
func (l *live) receives(fates map[int]Fate) {
	l.t.Helper()

	missing := map[string]bool{}
	for status := range fates {
		missing[fmt.Sprintf("/crm/%d", status)] = true
	}
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for len(missing) > 0 {
		select {
		case a := <-l.receiver.came:
			delete(missing, a.path)
			if err := ofType(a.message.Header["Content-Type"], a.message.Body); err != nil {
				l.t.Errorf("the delivery to %s: %v", a.path, err)
			}
			got, err := l.d.Told(a.message)
			if err != nil || len(got) != 1 || got[0].Event != "" && got[0].Event != l.offer.Key {
				l.t.Errorf("the delivery to %s reads as %+v, %v: %s", a.path, got, err, a.message.Body)
			}
		case <-limit.C:
			l.t.Fatalf("no delivery came to %v:\n%s", missing, l.server.process.Printed())
		}
	}
}

// standing is a subscription as the native API shows it.
type standing struct {
	ExternalID string
	Status     subscription.Status
	Triggered  int
	Health     struct{ Failures int }
}

// stands finds a subscription; false when it is gone.
func (l *live) stands(id string) (standing, bool) {
	l.t.Helper()

	var all struct{ Subscriptions []standing }
	if err := json.Unmarshal(l.server.native(http.MethodGet, "subscriptions", ""), &all); err != nil {
		l.t.Fatal(err)
	}
	at := slices.IndexFunc(all.Subscriptions, func(s standing) bool { return s.ExternalID == id })
	if at < 0 {
		return standing{}, false
	}
	return all.Subscriptions[at], true
}

// fares waits until a subscription stands as its endpoint's answer makes it.
func (l *live) fares(h Hook, status int, fate Fate) {
	l.t.Helper()

	word := l.d.Words[subscription.Active]
	l.server.process.Until(fmt.Sprintf("an answer of %d %s", status, fate), func() bool {
		s, there := l.stands(h.ID)
		switch fate {
		case Counts:
			return there && s.Status == subscription.Active && s.Triggered == 1
		case Retries:
			return there && s.Status == subscription.Active && s.Triggered == 0 && s.Health.Failures > 0
		case Disables:
			word = l.d.Words[subscription.Disabled]
			return there && s.Status == subscription.Disabled && s.Triggered == 0
		default:
			return !there
		}
	})
	hooks := l.list(l.token)
	at := slices.IndexFunc(hooks, func(other Hook) bool { return other.ID == h.ID })
	if (at < 0) != (fate == Deletes) || at >= 0 && hooks[at].Status != word {
		l.t.Errorf("after an answer of %d, which %s, clients read %+v", status, fate, hooks)
	}
}

// enables brings disabled subscriptions back: by the call that says nothing
// else, where the dialect documents one, and by making one again, where that
// renews.
func (l *live) enables() {
	l.t.Helper()

	word := l.d.Words[subscription.Disabled]
	disabled := slices.DeleteFunc(l.list(l.token), func(h Hook) bool { return word == "" || h.Status != word })
	at := slices.IndexFunc(l.d.Calls, func(c Call) bool {
		change, ok := c.Want.(subscription.Change)
		return ok && change.Draft == subscription.Draft{Status: subscription.Active}
	})
	if at >= 0 && len(disabled) > 0 {
		r := l.d.Calls[at].Request
		r.Path = strings.ReplaceAll(r.Path, l.d.Calls[at].Want.(subscription.Change).ID, disabled[0].ID)
		l.enabled(disabled[0], l.ask(r))
		disabled = disabled[1:]
	}
	if l.d.protocol().Traits().Renews && len(disabled) > 0 {
		l.enabled(disabled[0], l.ask(l.creating(disabled[0].Event, disabled[0].URL)))
	}
}

// enabled wants an answer to show a subscription that is active again.
func (l *live) enabled(h Hook, answer subscription.Response) {
	l.t.Helper()

	h.Status = l.d.Words[subscription.Active]
	got, err := l.d.Hooks(answer)
	if s, there := l.stands(h.ID); err != nil || !slices.Equal(got, []Hook{h}) || !there || s.Status != subscription.Active {
		l.t.Errorf("to enable %s is answered %d %s, and it is %q: %v", h.ID, answer.Status, answer.Body, s.Status, err)
	}
}

// removes deletes what is left; nothing is sent after.
func (l *live) removes() {
	l.t.Helper()

	for _, h := range l.list(l.token) {
		answer := l.ask(l.removing(h.ID))
		if err := inForm(answer); err != nil || answer.Status != call[subscription.Delete](l.d).Status {
			l.t.Errorf("delete %s is answered %d %s: %v", h.ID, answer.Status, answer.Body, err)
		}
	}
	if left := l.list(l.token); len(left) > 0 {
		l.t.Errorf("after all were deleted there are %+v", left)
	}
	if jobs := l.publish(); jobs != 0 {
		l.t.Errorf("an event is sent to %d subscriptions that are deleted", jobs)
	}
}
