package dialecttest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hooktree/webhooks/subscription"
)

// refuses holds an answer against the form of the dialect's refusals.
func (d *Dialect) refuses(answer subscription.Response) error {
	if err := inForm(answer); err != nil {
		return err
	}
	if strings.Contains(answer.Header.Get("Content-Type"), "html") || bytes.Contains(bytes.ToLower(answer.Body), []byte("<html")) {
		return fmt.Errorf("the answer is a page: %.200s", answer.Body)
	}
	if len(answer.Body) == 0 {
		return fmt.Errorf("the answer %d does not say why", answer.Status)
	}
	said, err := d.Fault(answer)
	if err != nil {
		return fmt.Errorf("the answer %d is not in the dialect's form: %w: %.300s", answer.Status, err, answer.Body)
	}
	if strings.TrimSpace(said) == "" {
		return fmt.Errorf("the answer %d says nothing: %.300s", answer.Status, answer.Body)
	}
	return nil
}

// rendersRefusals looks at every code, for a request that was not read and for
// each documented one.
func rendersRefusals(d *Dialect, f *faults) {
	const why = `the reason "why" & what to do <now>`
	for _, code := range Codes {
		refusal := &subscription.Refusal{
			Code: code, Message: why, Field: subscription.FieldEvent, Near: []string{"one.like", "another.like"}, RetryAfter: 300 * time.Millisecond,
		}
		d.rendersRefusal(subscription.Request{}, refusal, f)
		for _, c := range d.Calls {
			d.rendersRefusal(c.Request, refusal, f)
		}
	}
}

func (d *Dialect) rendersRefusal(r subscription.Request, refusal *subscription.Refusal, f *faults) {
	answer, err := d.render(r, subscription.Outcome{Refusal: refusal})
	if err == nil {
		err = d.refuses(answer)
	}
	if err != nil {
		f.add("%s for %s: %v", refusal.Code, shown(r), err)
		return
	}
	said, _ := d.Fault(answer) // refuses has read it
	if answer.Status != d.Statuses[refusal.Code] || !strings.Contains(said, refusal.Message) {
		f.add("%s for %s is answered %d %q; want %d with the message", refusal.Code, shown(r), answer.Status, said, d.Statuses[refusal.Code])
	}
	if wait := answer.Header.Get("Retry-After"); wait != "" {
		if seconds, err := strconv.Atoi(wait); err != nil || seconds < 1 {
			f.add("%s asks to wait %q; want whole seconds, at least one", refusal.Code, wait)
		}
	}
}

// rendersOutcomes looks at the answer to each documented request that was done.
func rendersOutcomes(d *Dialect, f *faults) {
	for _, c := range d.Calls {
		for _, outcome := range d.outcomes(c.Want) {
			answer, err := d.render(c.Request, outcome)
			if err == nil {
				err = inForm(answer)
			}
			if err != nil {
				f.add("%s: %v", c.Name, err)
				continue
			}
			again, _ := d.render(c.Request, outcome)
			if diff := cmp.Diff(answer, again); diff != "" {
				f.add("%s: the same outcome is answered in two ways:\n%s", c.Name, diff)
			}
			if want := c.Status; answer.Status != want && !d.isEmptyList(outcome) {
				f.add("%s: it is answered %d; want %d", c.Name, answer.Status, want)
			}
		}
	}
}

// isEmptyList reports whether an outcome has nothing to show: a vendor may have
// a status for that.
func (*Dialect) isEmptyList(o subscription.Outcome) bool {
	_, lists := o.Operation.(subscription.List)
	return lists && len(o.Subscriptions) == 0
}

// readsBack renders subscriptions and reads them as clients do.
func readsBack(d *Dialect, f *faults) {
	for _, c := range d.Calls {
		for _, outcome := range d.outcomes(c.Want) {
			d.readBack(c, outcome, f)
		}
	}
}

func (d *Dialect) readBack(c Call, outcome subscription.Outcome, f *faults) {
	answer, err := d.render(c.Request, outcome)
	if err != nil {
		f.add("%s: %v", c.Name, err)
		return
	}
	if types, ok := outcome.Operation.(subscription.Types); ok {
		for _, offer := range outcome.Offers {
			if !bytes.Contains(answer.Body, []byte(offer.Key)) {
				f.add("%s: the list of events (%T) lacks %s", c.Name, types, offer.Key)
			}
		}
		return
	}
	if !shows(outcome.Operation) {
		return
	}
	got, err := d.Hooks(answer)
	if err != nil {
		f.add("%s: clients cannot read the answer %d %.300s: %v", c.Name, answer.Status, answer.Body, err)
		return
	}
	var want []Hook
	for i := range outcome.Subscriptions {
		want = append(want, d.hook(&outcome.Subscriptions[i]))
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.add("%s: clients read of %d subscriptions (-want +got):\n%s", c.Name, len(want), diff)
	}
}

// shows reports whether an operation's answer shows subscriptions.
func shows(op subscription.Operation) bool {
	switch op.(type) {
	case subscription.List, subscription.Get, subscription.Create, subscription.Change, subscription.Verify, subscription.Confirm:
		return true
	}
	return false
}

// hook is what clients read of a subscription.
func (d *Dialect) hook(s *subscription.Subscription) Hook {
	return Hook{ID: s.External, Event: s.Event, URL: s.URL, Status: d.Words[s.Status]}
}

// What must never be told, and what is told once.
const (
	hush      = "hush-c2VjcmV0-never-told"
	challenge = "challenge-b7d2-never-told"
	told      = "whsec_dG9sZC1vbmNl"
)

// keepsSecrets looks for secrets in all answers and in all deliveries.
func keepsSecrets(d *Dialect, f *faults) {
	for _, c := range d.Calls {
		for _, outcome := range d.outcomes(c.Want) {
			d.keepsSecrets(c, outcome, f)
		}
	}
	for _, m := range d.messages(f) {
		if leaks(fmt.Sprint(m.message.Header)+string(m.message.Body), hush, challenge) != "" {
			f.add("the delivery of %s tells a secret", m.offer.Key)
		}
	}
}

func (d *Dialect) keepsSecrets(c Call, outcome subscription.Outcome, f *faults) {
	secrets := []string{hush, challenge}
	if confirm, ok := c.Want.(subscription.Confirm); ok {
		secrets = append(secrets, confirm.Secret)
	}
	answer, err := d.render(c.Request, outcome)
	if err != nil {
		f.add("%s: %v", c.Name, err)
		return
	}
	if secret := leaks(text(answer), secrets...); secret != "" {
		f.add("%s: the answer tells the secret %s: %.300s", c.Name, secret, answer.Body)
	}
	outcome.Secret = told
	answer, err = d.render(c.Request, outcome)
	if err != nil {
		f.add("%s: %v", c.Name, err)
		return
	}
	if n := strings.Count(text(answer), told); n > 1 {
		f.add("%s: the new secret is told %d times", c.Name, n)
	}
}

func text(r subscription.Response) string { return fmt.Sprint(r.Header) + string(r.Body) }

func leaks(text string, secrets ...string) string {
	at := slices.IndexFunc(secrets, func(s string) bool { return s != "" && strings.Contains(text, s) })
	if at < 0 {
		return ""
	}
	return secrets[at]
}

// statuses are all statuses of a subscription.
var statuses = []subscription.Status{subscription.Active, subscription.Disabled, subscription.Pending}

// outcomes are what may become of an operation that was done.
func (d *Dialect) outcomes(op subscription.Operation) []subscription.Outcome {
	switch op := op.(type) {
	case subscription.List:
		var all []subscription.Outcome
		for _, n := range []int{0, 1, 2, 3, 10} {
			all = append(all, subscription.Outcome{Operation: op, Subscriptions: d.subscriptions(n), Total: op.Offset + n})
		}
		return all
	case subscription.Create:
		return []subscription.Outcome{{Operation: op, Subscriptions: d.subscriptions(max(1, len(op.Drafts)))}}
	case subscription.Delete:
		gone := d.subscriptions(max(1, len(op.IDs)))
		for i := range gone {
			gone[i].Status = subscription.Deleted
		}
		return []subscription.Outcome{{Operation: op, Subscriptions: gone}}
	case subscription.Types:
		return []subscription.Outcome{{Operation: op, Offers: d.protocol().Offers(d.catalogue())}}
	case subscription.Dispatch:
		return []subscription.Outcome{
			{Operation: op, Subscriptions: d.subscriptions(1), Answer: http.StatusOK},
			{Operation: op, Subscriptions: d.subscriptions(1)}, // nobody answered
		}
	case subscription.Sample:
		return []subscription.Outcome{{Operation: op, Samples: d.bodies()}, {Operation: op, Samples: [][]byte{}}}
	case subscription.Trigger:
		return []subscription.Outcome{{Operation: op}, {Operation: op, Queued: 3}}
	default:
		var all []subscription.Outcome
		for _, sub := range d.subscriptions(len(statuses)) {
			all = append(all, subscription.Outcome{Operation: op, Subscriptions: []subscription.Subscription{sub}, Queued: 2})
		}
		return all
	}
}

// subscriptions makes some of which no two are alike, each with what may not be
// told.
func (d *Dialect) subscriptions(n int) []subscription.Subscription {
	offers := d.protocol().Offers(d.catalogue())
	made := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	all := make([]subscription.Subscription, n)
	for i := range all {
		id := fmt.Sprintf("019ca000-0000-7000-8000-%012d", i+1)
		all[i] = subscription.Subscription{
			ID: id, External: d.Dialect.External(int64(i+1), id), Dialect: d.Dialect.Name,
			Owner: subscription.Owner{ID: 7, Name: "manager", Email: "manager@example.com"},
			URL:   fmt.Sprintf("https://crm.example.com/hooks/%d?a=1&b=<2>", i), Status: statuses[i%len(statuses)],
			Secrets: []subscription.Secret{{Value: hush}}, Challenge: challenge,
			Created: made, Updated: made, Revision: 1,
		}
		if len(offers) > 0 {
			all[i].Event = offers[i%len(offers)].Key
		}
		if i%2 == 1 {
			all[i].Triggered, all[i].LastTriggered = int64(i), made.Add(time.Hour)
		}
	}
	return all
}
