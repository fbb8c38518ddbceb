package resolve

import (
	"fmt"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// Resolve gives the verdict on every candidate for an event, and what fires.
//
// Candidates are the webhooks of the event's type and action whose scope
// contains it, in the order of their names, and the trees of the naming
// convention's ladder. A webhook without faults gives one verdict a target:
//
//  1. inactive when it is switched off;
//  2. error when its filter, tree path, URL, header or body cannot be
//     evaluated;
//  3. filtered when its filter is false;
//  4. duplicate when another webhook fires the same tree for this event;
//  5. inactive when it renders to a tree that is switched off;
//  6. loop when the guard holds it;
//  7. fired, also for a tree that does not exist: its job fails with 404.
//
// Of the ladder the first active tree decides: overridden when an active
// webhook renders to it, whatever that webhook's filter said; else error,
// filtered, loop or fired by its own `when:`, dedupe and lane. Those below it
// are overridden by it, those above it are inactive.
//
// Then come the subscriptions of outside applications to the event, in the
// order in which they were made:
//
//  1. inactive when it has expired, or waits for its endpoint's confirmation;
//  2. filtered when it published the event for all others;
//  3. filtered when its owner may not see the event, error when the rule that
//     says so fails;
//  4. error or filtered by its own filter;
//  5. error when the message cannot be made, or all of the event's messages
//     together are larger than [MaxComposed];
//  6. inactive when it is disabled: the message is kept for a replay;
//  7. loop when the guard holds it, or fired.
//
// An event that a client published for subscriptions ([subscription.Audience])
// concerns no webhook and no tree.
//
// When there is no candidate the only verdict is none.
func Resolve(e event.Event, r Rules) Resolution {
	kind, fault := r.Catalogue.KindOf(e)
	if fault != nil {
		return Resolution{Verdicts: []webhooks.Verdict{{Webhook: e.Path, Outcome: webhooks.None, Reason: fault.Text}}}
	}
	v := &resolver{event: e, rules: r, kind: kind, scope: newScope(e, kind, r.Trees.Space())}
	audience := subscription.AudienceOf(&e)
	if audience == (subscription.Audience{}) {
		v.rulesOfSpace()
	}
	v.subscriptions(audience)
	if len(v.out.Verdicts) == 0 {
		v.add(webhooks.Verdict{Webhook: e.Path, Outcome: webhooks.None, Reason: v.nobody(audience)})
	}
	return v.out
}

// rulesOfSpace gives the verdicts on what the space's own people wrote.
func (v *resolver) rulesOfSpace() {
	for _, w := range v.rules.Webhooks.For(v.kind) {
		if inScope(w, v.event.Scope) {
			v.webhook(w)
		}
	}
	v.ladder()
}

// inScope reports whether a webhook's scope contains an event's.
func inScope(w *webhooks.Webhook, s event.Scope) bool {
	return (w.Kapp == "" || w.Kapp == s.Kapp) && (w.Form == "" || w.Form == s.Form)
}

// resolver is the resolution of one event as it grows.
type resolver struct {
	event event.Event
	rules Rules
	kind  *event.Kind
	scope *scope
	out   Resolution
	owned map[engine.Title]string // trees that webhooks render to, with the webhook's name
	taken map[engine.Title]string // trees that fire, with the webhook's name

	composed int // bytes of messages to subscribers
}

func (v *resolver) add(verdict webhooks.Verdict) {
	v.out.Verdicts = append(v.out.Verdicts, verdict)
}

// fire adds the verdict of a firing, and the firing unless the guard holds it.
func (v *resolver) fire(verdict webhooks.Verdict, f webhooks.Firing) {
	if reason := v.held(target(f)); reason != "" {
		verdict.Outcome, verdict.Reason = webhooks.Loop, reason
		v.add(verdict)
		return
	}
	verdict.Outcome = webhooks.Fired
	f.Verdict, f.Webhook = len(v.out.Verdicts), verdict.Webhook
	v.add(verdict)
	v.out.Firings = append(v.out.Firings, f)
	if f.Tree != nil {
		v.take(title(f.Tree), verdict.Webhook)
	}
}

func (v *resolver) take(t engine.Title, by string) {
	if v.taken == nil {
		v.taken = map[engine.Title]string{}
	}
	v.taken[t] = by
}

// held says why the guard holds a firing; empty lets it go.
func (v *resolver) held(target string) string {
	g := v.rules.Guard
	if g.MaxDepth > 0 && v.event.Cause.Depth > g.MaxDepth {
		return fmt.Sprintf("held: %d runs in a row caused this event, and %d are allowed", v.event.Cause.Depth, g.MaxDepth)
	}
	if g.PerMinute == 0 || g.Recent == nil || v.event.Entity == "" {
		return ""
	}
	if n := g.Recent.Fired(target, v.event.Entity, v.event.Received); n >= g.PerMinute {
		return fmt.Sprintf("held: it fired %d times for %s within a minute, and %d are allowed", n, v.event.Entity, g.PerMinute)
	}
	return ""
}

// webhook gives the verdicts on one explicit webhook.
func (v *resolver) webhook(w *webhooks.Webhook) {
	verdict := webhooks.Verdict{Webhook: w.Name, Hash: w.Hash, Reason: "it has no filter"}
	if w.Inactive {
		verdict.Outcome, verdict.Reason = webhooks.Inactive, "the webhook is inactive"
		v.add(verdict)
		return
	}
	goals := make([]goal, len(w.Targets))
	for i, t := range w.Targets {
		goals[i] = v.goal(w, t)
	}
	if passed := v.condition(&verdict, "filter", w.Filter); !passed {
		if len(goals) == 1 {
			verdict.Target = v.named(goals[0])
		}
		v.add(verdict)
		return
	}
	for _, g := range goals {
		v.target(verdict, g)
	}
}

// goal is a target with the title of its tree.
type goal struct {
	webhooks.Target
	title  engine.Title
	failed *failure // the title could not be rendered
}

// goal renders the title of a tree's target, and takes the tree from the
// convention.
func (v *resolver) goal(w *webhooks.Webhook, t webhooks.Target) goal {
	g := goal{Target: t}
	if t.Tree == nil {
		return g
	}
	if g.title, g.failed = v.title(t.Tree); g.failed != nil {
		return g
	}
	if v.owned == nil {
		v.owned = map[engine.Title]string{}
	}
	if _, known := v.owned[g.title]; !known {
		v.owned[g.title] = w.Name
	}
	return g
}

// condition evaluates a filter into a verdict, and reports whether it passed;
// none at all does.
func (v *resolver) condition(verdict *webhooks.Verdict, what string, filter engine.Expr) bool {
	if filter == nil {
		return true
	}
	verdict.Filter = filter.String()
	view, origin := v.scope.of(filter)
	value, err := filter.Eval(view)
	if err != nil {
		verdict.Outcome, verdict.Reason = webhooks.Errored, "the "+what+" failed: "+err.Error()+origin
		return false
	}
	holds, ok := value.(bool)
	switch {
	case !ok:
		verdict.Outcome, verdict.Reason = webhooks.Errored, fmt.Sprintf("the %s gave %T, not true or false", what, value)+origin
	case !holds:
		verdict.Outcome, verdict.Reason = webhooks.Filtered, "the "+what+" is false"+origin
	default:
		verdict.Reason = "the " + what + " is true" + origin
	}
	return ok && holds
}

// target gives the verdict on one target of a webhook whose filter passed.
func (v *resolver) target(verdict webhooks.Verdict, g goal) {
	switch {
	case g.failed != nil:
		v.add(g.failed.into(verdict))
		return
	case g.Tree != nil:
		v.tree(verdict, g.title)
		return
	}
	firing, failed := v.request(g.URL)
	verdict.Target = firing.URL
	if failed != nil {
		v.add(failed.into(verdict))
		return
	}
	v.fire(verdict, webhooks.Firing{URL: &firing})
}

// tree gives the verdict on a webhook's tree. Its filter alone decides: the
// tree's own `when:` is not asked.
func (v *resolver) tree(verdict webhooks.Verdict, title engine.Title) {
	verdict.Target = title.String()
	if by, taken := v.taken[title]; taken {
		verdict.Outcome, verdict.Reason = webhooks.Duplicate, by+" fires this tree for the event already"
		v.add(verdict)
		return
	}
	firing := &webhooks.TreeFiring{Source: title.Source, Group: title.Group, Name: title.Name}
	if tree, ok := v.rules.Trees.Find(title); ok && !tree.Routine {
		if tree.Inactive {
			verdict.Outcome, verdict.Reason = webhooks.Inactive, "the tree is inactive"
			v.add(verdict)
			return
		}
		if failed := v.keys(firing, tree); failed != nil {
			v.add(failed.into(verdict))
			return
		}
	}
	v.fire(verdict, webhooks.Firing{Tree: firing})
}

// named gives a target as far as it can be rendered, for people.
func (v *resolver) named(g goal) string {
	switch {
	case g.failed != nil:
		return ""
	case g.Tree != nil:
		return g.title.String()
	}
	address, _ := v.text("URL", g.URL.URL)
	return address.masked
}
