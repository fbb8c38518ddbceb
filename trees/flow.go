package trees

import (
	"math/bits"
	"slices"
	"strings"

	"hooktree/engine"
)

// flow is what is known of the ways through a node's block.
type flow struct {
	ordered   bool // it stands in no circle
	reachable bool
	live      []*way // the ways that can ever bring a run here
	sure      bool   // every run of its block comes to it
	asleep    bool   // it hangs on a parked node alone
	idom      *step  // nearest node through which every way to it leads; nil is the start
	depth     int    // of idom's chain
	known     set    // nodes that have results whenever it runs
	after     set    // nodes that can only run after it; nil until asked
}

// set is a set of nodes by their index.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s set) union(t set) {
	for i := range t {
		s[i] |= t[i]
	}
}

func (s set) clone() set { return append(set(nil), s...) }

// members counts in how many of the sets each node is.
func members(sets []set, n int) []int {
	counts := make([]int, n)
	for _, s := range sets {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				counts[i*64+bits.TrailingZeros64(word)]++
			}
		}
	}
	return counts
}

// order sorts the nodes so that every connector leads onward, blocks mixed,
// loops before their bodies. It tells of circles, whose nodes it leaves out.
func (p *parser) order() {
	p.ordered = sorted(p.steps)
	if len(p.ordered) < len(p.steps) {
		p.circles()
	}
	for _, st := range p.steps {
		st.known = newSet(len(p.steps))
	}
	for _, st := range p.ordered {
		p.reach(st)
	}
}

// sorted gives the nodes that stand in no circle, and behind none.
func sorted(steps []*step) []*step {
	ways := make([]int, len(steps)) // from nodes that are not sorted yet
	var done []*step
	begin := func(block []*step) {
		for _, st := range block {
			if ways[st.index] == 0 {
				done = append(done, st)
			}
		}
	}
	var top []*step
	for _, st := range steps {
		if st.block == nil {
			top = append(top, st)
		}
		for _, w := range st.out {
			ways[w.to.index]++
		}
	}
	begin(top)
	for next := 0; next < len(done); next++ {
		st := done[next]
		st.ordered = true
		for _, w := range st.out {
			if ways[w.to.index]--; ways[w.to.index] == 0 {
				done = append(done, w.to)
			}
		}
		begin(st.body)
	}
	return done
}

// circles tells of each circle of connectors once, at the way that closes it.
func (p *parser) circles() {
	const open, done = 1, 2
	state := make([]int, len(p.steps))
	var path []*step
	var visit func(st *step)
	visit = func(st *step) {
		state[st.index] = open
		path = append(path, st)
		for _, w := range st.out {
			switch state[w.to.index] {
			case 0:
				visit(w.to)
			case open:
				p.fault(w.at, "a tree only goes forward: repeat with `each:` or `until:`, or try again with `retry:`",
					"a circle: %s", circle(path, w.to))
			}
		}
		path = path[:len(path)-1]
		state[st.index] = done
	}
	for _, st := range p.steps {
		if state[st.index] == 0 && !st.ordered {
			visit(st)
		}
	}
}

// circle writes the nodes of a circle.
func circle(path []*step, back *step) string {
	var names []string
	for _, st := range path {
		if st == back || len(names) > 0 {
			names = append(names, string(st.id))
		}
	}
	if len(names) > 8 {
		names = append(names[:7], "...", names[len(names)-1])
	}
	return strings.Join(append(names, string(back.id)), " → ")
}

// reach learns how a node is reached, from nodes of which it is known.
func (p *parser) reach(st *step) {
	st.live = st.alive()
	live := st.live
	st.reachable = len(live) > 0 && (st.block == nil || st.block.reachable)
	st.asleep = st.parked || len(st.in) > 0 && !st.reachable && !slices.ContainsFunc(st.in, func(w *way) bool { return w.from == nil || !w.from.asleep })
	for i, w := range live {
		if i == 0 {
			st.idom = w.from
		} else {
			st.idom = meet(st.idom, w.from)
		}
	}
	st.depth = depth(st.idom) + 1
	st.known = p.knownAt(st, live)
	sure := 0
	for _, w := range live {
		if w.sure() {
			sure++
		}
	}
	st.sure = st.reachable && sure >= st.arrivals(len(st.in))
}

// sure reports whether a way fires in every run, as long as nothing fails.
func (w *way) sure() bool {
	switch {
	case w.when != nil || w.on != engine.OnComplete:
		return false
	case w.from == nil:
		return true
	case w.line:
		return w.from.sure
	default:
		return w.from.sure && !w.from.has("when")
	}
}

// certain adds the nodes of a list that have results when it is done.
func certain(steps []*step, into set) {
	for _, st := range steps {
		if st.sure && !st.has("when") {
			into.add(st.index)
		}
	}
}

func depth(st *step) int {
	if st == nil {
		return 0
	}
	return st.depth
}

// meet is the nearest node through which every way to both leads.
func meet(a, b *step) *step {
	for a != b {
		if depth(a) >= depth(b) {
			a = a.idom
		} else {
			b = b.idom
		}
	}
	return a
}

// alive lists the ways that can ever bring a run here.
func (st *step) alive() []*way {
	var live []*way
	for _, w := range st.in {
		if w.from == nil || w.from.ordered && w.from.reachable && !w.dead() {
			live = append(live, w)
		}
	}
	return live
}

// dead reports whether a way leads on from where the run ends.
func (w *way) dead() bool {
	passes := w.line && w.from.has("when")
	return w.from.node.End && w.on == engine.OnComplete && !passes
}

// knownAt computes which nodes have results whenever st runs.
func (p *parser) knownAt(st *step, live []*way) set {
	n := len(p.steps)
	known := newSet(n)
	if st.block != nil && st.block.known != nil {
		known.union(st.block.known)
	}
	if len(live) == 0 {
		return known
	}
	if st.node.Join.Mode == engine.JoinSettled {
		known.union(p.knownAfter(st.idom, true))
		return known
	}
	sets := make([]set, len(live))
	for i, w := range live {
		sets[i] = p.knownVia(w)
	}
	needed := len(live) - st.arrivals(len(live)) + 1
	for i, count := range members(sets, n) {
		if count >= needed {
			known.add(i)
		}
	}
	return known
}

// knownVia computes which nodes have results when a way fires.
func (p *parser) knownVia(w *way) set {
	if w.from == nil {
		return newSet(len(p.steps))
	}
	gave := w.on != engine.OnFailed && !(w.line && w.from.has("when"))
	return p.knownAfter(w.from, gave)
}

// knownAfter computes which nodes have results once st is finished; gave says
// that it has results itself.
func (p *parser) knownAfter(st *step, gave bool) set {
	if st == nil {
		return newSet(len(p.steps))
	}
	known := st.known.clone()
	if gave {
		known.add(st.index)
	}
	return known
}

// later gives the nodes that can only run after st has.
func (p *parser) later(st *step) set {
	if st.after != nil {
		return st.after
	}
	st.after = newSet(len(p.steps))
	queue := []*step{st}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, w := range next.out {
			if !st.after.has(w.to.index) {
				st.after.add(w.to.index)
				queue = append(queue, w.to)
			}
		}
	}
	return st.after
}
