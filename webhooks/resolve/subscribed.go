package resolve

import (
	"fmt"
	"maps"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/subscription"
)

// MaxComposed is how many bytes the messages of one event may have, over all
// its subscribers.
const MaxComposed = 64 << 20

// subscriptions gives the verdicts on the subscriptions to the event, in the
// order in which they were made.
func (v *resolver) subscriptions(audience subscription.Audience) {
	for _, e := range v.rules.Subscriptions.Wanting(v.kind.Type, v.kind.Action) {
		if audience.Only == "" || audience.Only == e.Name() {
			v.subscription(e, audience)
		}
	}
}

// subscription gives the verdict on one. What its owner may not see, it is not
// told, nor held for it.
func (v *resolver) subscription(e *subscription.Entry, audience subscription.Audience) {
	verdict := webhooks.Verdict{Webhook: e.Name(), Hash: e.Hash, Target: e.Address(), Reason: "it has no filter", Application: true}
	if reason := idle(e, v.event.Received); reason != "" {
		verdict.Outcome, verdict.Reason = webhooks.Inactive, reason
		v.add(verdict)
		return
	}
	if audience.But == e.Name() {
		verdict.Outcome, verdict.Reason = webhooks.Filtered, "it triggered the event, which is for all others"
		v.add(verdict)
		return
	}
	if !v.visible(&verdict, e) || !v.condition(&verdict, "filter", e.Filter) {
		v.add(verdict)
		return
	}
	firing, reason := v.message(e)
	if reason != "" {
		verdict.Outcome, verdict.Reason = webhooks.Errored, reason
		v.add(verdict)
		return
	}
	if e.Status == subscription.Disabled {
		v.keep(verdict, firing, e.Reason)
		return
	}
	v.fire(verdict, webhooks.Firing{URL: &firing})
}

// idle says why a subscription gets nothing and keeps nothing.
func idle(e *subscription.Entry, now time.Time) string {
	switch {
	case e.Expired(now):
		return "it expired at " + e.Expires.UTC().Format(time.RFC3339)
	case e.Status == subscription.Pending:
		return "it waits for its endpoint's confirmation"
	default:
		return ""
	}
}

// visible evaluates the dialect's rule of what an owner may see, and says in
// the verdict what it came to. A rule that fails hides the event.
func (v *resolver) visible(verdict *webhooks.Verdict, e *subscription.Entry) bool {
	if e.Visible == nil {
		return true
	}
	verdict.Filter = e.Visible.String()
	rule := "`visible` of " + e.Dialect + " in space.yaml"
	view, origin := v.scope.of(e.Visible)
	value, err := e.Visible.Eval(owned(view, e.Owner))
	seen, ok := value.(bool)
	switch {
	case err != nil:
		verdict.Outcome, verdict.Reason = webhooks.Errored, rule+" failed: "+err.Error()+origin
	case !ok:
		verdict.Outcome, verdict.Reason = webhooks.Errored, fmt.Sprintf("%s gave %s, not true or false%s", rule, noun(value), origin)
	case !seen:
		verdict.Outcome, verdict.Reason = webhooks.Filtered, "its owner "+named(e.Owner)+" may not see it: "+rule+" is false"+origin
	default:
		verdict.Reason = rule + " is true" + origin
	}
	return ok && seen
}

// owned adds a subscription's owner to what an expression reads.
func owned(view engine.Scope, o subscription.Owner) engine.Scope {
	view = maps.Clone(view)
	view[subscription.User] = o.Seen()
	return view
}

// named gives an owner for people.
func named(o subscription.Owner) string {
	if o.ID == 0 {
		return o.Name
	}
	return fmt.Sprintf("%s (%d)", o.Name, o.ID)
}

// message composes what is sent to a subscriber, or says why that cannot be.
func (v *resolver) message(e *subscription.Entry) (f webhooks.URLFiring, reason string) {
	m, err := e.Protocol.Compose(&e.Subscription, &v.event)
	if err != nil {
		return f, "the message could not be made: " + err.Error()
	}
	if v.composed+len(m.Body) > MaxComposed {
		return f, fmt.Sprintf("the messages of this event have more than %d MiB in all, which is the most that one event may send: "+
			"send less data with it", MaxComposed>>20)
	}
	v.composed += len(m.Body)
	return webhooks.URLFiring{
		Method: "POST", URL: e.Address(), Headers: m.Header, Body: m.Body,
		Subscription: e.ID, Ordered: e.Ordered, Gather: e.Traits.Batch.Wait(e.Event),
	}, ""
}

// keep adds the verdict on a disabled subscription, with a firing that is held
// until somebody replays it.
func (v *resolver) keep(verdict webhooks.Verdict, f webhooks.URLFiring, why string) {
	verdict.Outcome, verdict.Reason = webhooks.Inactive, "held for a replay, because it is disabled"
	if why != "" {
		verdict.Reason += ": " + why
	}
	f.Held = verdict.Reason
	v.out.Firings = append(v.out.Firings, webhooks.Firing{Verdict: len(v.out.Verdicts), Webhook: verdict.Webhook, URL: &f})
	v.add(verdict)
}
