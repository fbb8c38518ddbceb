package trees

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"

	"hooktree/engine"
)

// Language is the version of the language. It is part of every hash: what a
// tree means may change only together with it.
const Language = 1

// ownHash covers what a tree is by itself: its title and text, the version of
// the language, and the specs of its handlers.
func ownHash(t *Tree) string {
	h := sha256.New()
	part(h, fmt.Sprintf("hooktree tree language %d", Language))
	part(h, t.Title.String())
	part(h, string(t.YAML))
	for _, spec := range specs(t) {
		text, err := json.Marshal(spec)
		if err != nil { // a default that JSON cannot hold
			text = fmt.Append(nil, *spec)
		}
		part(h, string(text))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// specs lists the handlers of a tree by name, each once.
func specs(t *Tree) []*engine.Spec {
	var list []*engine.Spec
	for i := range t.Nodes {
		if h := t.Nodes[i].Handler; h != nil && !slices.Contains(list, h.Spec) {
			list = append(list, h.Spec)
		}
	}
	slices.SortFunc(list, func(a, b *engine.Spec) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// part adds a text to a hash so that no two lists of texts look the same.
func part(h hash.Hash, text string) { fmt.Fprintf(h, "%d:%s\n", len(text), text) }

// digest is the hash of a few texts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, text := range parts {
		part(h, text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// seal gives one tree its hash and binds its calls to the versions of the
// routines. A routine that calls itself is bound to itself.
func seal(t *Tree, routines map[engine.Title]Signature) {
	parts := []string{ownHash(t)}
	for _, title := range t.Calls {
		if title != t.Title {
			parts = append(parts, title.String(), routines[title].Hash)
		}
	}
	t.Hash = digest(parts...)
	t.Recursive = slices.Contains(t.Calls, t.Title)
	bind(t, func(title engine.Title) string {
		if title == t.Title {
			return t.Hash
		}
		return routines[title].Hash
	})
}

// bind writes the versions of the routines into the nodes that call them.
func bind(t *Tree, hashOf func(engine.Title) string) {
	for i := range t.Nodes {
		if r := t.Nodes[i].Routine; r != nil {
			r.Hash = hashOf(r.Title)
		}
	}
}

// sealAll gives the trees of a space their hashes. Routines that call each
// other in a circle have no order: each one's hash covers the whole circle.
func sealAll(trees []*Tree, routines map[engine.Title]Signature) {
	byTitle := make(map[engine.Title]*Tree, len(trees))
	for _, t := range trees {
		byTitle[t.Title] = t
	}
	hashOf := func(title engine.Title) string {
		if t, ok := byTitle[title]; ok {
			return t.Hash
		}
		return routines[title].Hash
	}
	for _, circle := range circlesOf(trees, byTitle) {
		parts := circleParts(circle, hashOf)
		for _, t := range circle {
			t.Hash = digest(append([]string{ownHash(t)}, parts...)...)
			t.Recursive = len(circle) > 1 || slices.Contains(t.Calls, t.Title)
		}
	}
	for _, t := range trees {
		bind(t, hashOf)
	}
}

// circleParts lists what the hash of every tree of a circle covers: the trees
// of the circle themselves, and the versions of what they call outside of it.
func circleParts(circle []*Tree, hashOf func(engine.Title) string) []string {
	var parts []string
	if len(circle) > 1 {
		for _, t := range circle {
			parts = append(parts, t.Title.String(), ownHash(t))
		}
	}
	for _, t := range circle {
		for _, title := range t.Calls {
			if !slices.ContainsFunc(circle, func(in *Tree) bool { return in.Title == title }) {
				parts = append(parts, title.String(), hashOf(title))
			}
		}
	}
	return parts
}

// circlesOf groups the trees by who calls whom in a circle (Tarjan's strongly
// connected components), called groups before their callers. Most groups are a
// single tree.
func circlesOf(trees []*Tree, byTitle map[engine.Title]*Tree) [][]*Tree {
	w := &circleWalk{byTitle: byTitle, index: make(map[*Tree]int), low: make(map[*Tree]int), open: make(map[*Tree]bool)}
	for _, t := range trees {
		if w.index[t] == 0 {
			w.visit(t)
		}
	}
	return w.circles
}

type circleWalk struct {
	byTitle    map[engine.Title]*Tree
	index, low map[*Tree]int // from one, in the order of the visits
	open       map[*Tree]bool
	stack      []*Tree
	circles    [][]*Tree
}

func (w *circleWalk) visit(t *Tree) {
	w.index[t] = len(w.index) + 1
	w.low[t] = w.index[t]
	w.stack = append(w.stack, t)
	w.open[t] = true
	for _, title := range t.Calls {
		called, ok := w.byTitle[title]
		if !ok {
			continue
		}
		if w.index[called] == 0 {
			w.visit(called)
			w.low[t] = min(w.low[t], w.low[called])
		} else if w.open[called] {
			w.low[t] = min(w.low[t], w.index[called])
		}
	}
	if w.low[t] != w.index[t] {
		return
	}
	at := slices.Index(w.stack, t)
	circle := slices.Clone(w.stack[at:])
	w.stack = w.stack[:at]
	for _, member := range circle {
		w.open[member] = false
	}
	slices.SortFunc(circle, func(a, b *Tree) int { return compareTitles(a.Title, b.Title) })
	w.circles = append(w.circles, circle)
}
