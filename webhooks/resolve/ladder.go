package resolve

import (
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// discussions is the source of the vendor's trees for discussions, beside the
// space's own.
const discussions = "Kinetic Discussions"

// ladder gives the verdicts on the trees that the naming convention finds.
func (v *resolver) ladder() {
	decided := ""
	for _, path := range v.kind.Paths(v.event.Scope) {
		tree, ok := v.conventional(path)
		if !ok {
			continue
		}
		verdict := webhooks.Verdict{Webhook: tree.Path, Hash: tree.Hash, Target: tree.Title.String(), Reason: "by the naming convention"}
		switch {
		case decided != "":
			verdict.Outcome, verdict.Reason = webhooks.Overridden, decided+" comes first"
			v.add(verdict)
		case tree.Inactive:
			verdict.Outcome, verdict.Reason = webhooks.Inactive, "the tree is inactive"
			v.add(verdict)
		default:
			decided = tree.Path
			v.convention(verdict, tree)
		}
	}
}

// conventional finds the tree of a path, in the space's own source first.
func (v *resolver) conventional(path event.Path) (*trees.Tree, bool) {
	if tree, ok := v.rules.Trees.Path(path.String()); ok {
		return tree, true
	}
	if v.kind.Type != "Discussion" {
		return nil, false
	}
	tree, ok := v.rules.Trees.Find(engine.Title{Source: discussions, Group: path.Group, Name: path.Name})
	return tree, ok && !tree.Routine
}

// convention gives the verdict on the tree that decides for the ladder.
func (v *resolver) convention(verdict webhooks.Verdict, tree *trees.Tree) {
	if by, owned := v.owned[tree.Title]; owned {
		verdict.Outcome, verdict.Reason = webhooks.Overridden, "overridden by "+by
		v.add(verdict)
		return
	}
	if !v.condition(&verdict, "`when` of the tree", tree.When) {
		v.add(verdict)
		return
	}
	firing := &webhooks.TreeFiring{Source: tree.Title.Source, Group: tree.Title.Group, Name: tree.Title.Name}
	if failed := v.keys(firing, tree); failed != nil {
		v.add(failed.into(verdict))
		return
	}
	v.fire(verdict, webhooks.Firing{Tree: firing})
}

// nobody says that an event has no candidate, and which trees its sender or
// author may have meant.
func (v *resolver) nobody(audience subscription.Audience) string {
	if audience != (subscription.Audience{}) {
		return "it was published for subscriptions alone, and there is no such subscription"
	}
	const nobody = "no webhook wants it, and no tree has its path"
	paths := v.kind.Paths(v.event.Scope)
	var names []string
	for _, tree := range v.rules.Trees.All() {
		if len(names) == maxNear {
			break
		}
		if tree.Path != "" && (near(tree, paths[0]) || slices.Contains(paths[1:], event.Path{Group: tree.Title.Group, Name: tree.Title.Name})) {
			names = append(names, tree.Title.String())
		}
	}
	if names == nil {
		return nobody
	}
	return nobody + "; near are " + strings.Join(names, ", ")
}

// maxNear is how many near trees a verdict names.
const maxNear = 3

// near reports whether a tree's path is a slip of the pen away from another,
// or the same in another source. Every event that nobody wants asks it of
// every tree, so it is asked of the event's own path alone, and is cheap.
func near(tree *trees.Tree, path event.Path) bool {
	if tree.Title.Name == path.Name {
		return alike(tree.Title.Group, path.Group)
	}
	return tree.Title.Group == path.Group && alike(tree.Title.Name, path.Name)
}

// alike reports whether two texts differ in no more than what stands between
// their common start and end, and that in no more than three letters.
func alike(a, b string) bool {
	const most = 3
	if d := len(a) - len(b); d > most || -d > most {
		return false
	}
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	a, b = a[start:], b[start:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return max(len(a), len(b)) <= most
}
