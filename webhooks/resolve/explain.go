package resolve

import (
	"errors"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// ErrChanged says that the definition which decided is no longer known, and
// its expression is not of our own language.
var ErrChanged = errors.New("the webhook was changed since: the values that its expression saw cannot be told")

// Explain gives the values that the expression of a verdict saw, computed
// again from the stored event. A verdict without an expression has none.
// The error is the one that the evaluation ended with.
func Explain(e event.Event, verdict webhooks.Verdict, r Rules) ([]webhooks.Seen, error) {
	if verdict.Filter == "" {
		return nil, nil
	}
	kind, fault := r.Catalogue.KindOf(e)
	if fault != nil {
		return nil, fault
	}
	x, owner := subscribed(kind, verdict, r)
	if x == nil {
		x = find(e, kind, verdict, r)
	}
	if x == nil {
		compiled, err := expression.Compile(verdict.Filter, &expression.Env{Names: kind.Names}, engine.KindAny)
		if err != nil {
			return nil, ErrChanged
		}
		x = compiled
	}
	view, _ := newScope(e, kind, r.Trees.Space()).of(x)
	if owner != nil {
		view = owned(view, *owner)
	}
	return webhooks.Explain(x, view)
}

// subscribed gives the expression of a verdict on a subscription, where that
// still has it, and its owner where the expression may read it.
func subscribed(kind *event.Kind, verdict webhooks.Verdict, r Rules) (engine.Expr, *subscription.Owner) {
	for _, e := range r.Subscriptions.Wanting(kind.Type, kind.Action) {
		switch {
		case e.Name() != verdict.Webhook:
		case e.Visible != nil && e.Visible.String() == verdict.Filter:
			return e.Visible, &e.Owner
		case e.Filter != nil && e.Filter.String() == verdict.Filter:
			return e.Filter, nil
		}
	}
	return nil, nil
}

// find gives the compiled expression of a verdict, where the definition still
// has it.
func find(e event.Event, kind *event.Kind, verdict webhooks.Verdict, r Rules) engine.Expr {
	var known []engine.Expr
	for _, w := range r.Webhooks.For(kind) {
		if w.Name == verdict.Webhook && inScope(w, e.Scope) {
			known = append(known, expressions(w)...)
		}
	}
	for _, tree := range r.Trees.All() {
		if tree.Title.String() == verdict.Target {
			known = append(known, conditions(tree)...)
		}
	}
	for _, x := range known {
		if x != nil && x.String() == verdict.Filter {
			return x
		}
	}
	return nil
}

// expressions lists the expressions of a webhook.
func expressions(w *webhooks.Webhook) []engine.Expr {
	all := []engine.Expr{w.Filter}
	for _, t := range w.Targets {
		if t.Tree != nil {
			all = append(all, t.Tree.Source, t.Tree.Group, t.Tree.Name)
			continue
		}
		all = append(all, t.URL.URL, t.URL.Body)
		for _, header := range t.URL.Headers {
			all = append(all, header)
		}
	}
	return all
}

func conditions(tree *trees.Tree) []engine.Expr {
	return []engine.Expr{tree.When, tree.Dedupe, tree.Lane}
}
