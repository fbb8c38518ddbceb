package trees

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

const joinHint = "`any`: the first runs it; `all`; a number of them; `each`: every one runs it; `settled`: when no more can come"

// join reads how the ways into a node are counted.
func (p *parser) join(st *step) {
	n := st.get("join")
	if n == nil {
		if st.written() > 1 && !st.has("join") {
			p.fault(p.at(st.keys["after"]), "add `join:` — "+joinHint, "%d connectors lead here, and nothing says how they count", st.written())
		}
		return
	}
	at, join := p.at(n), &st.node.Join
	switch mode := engine.JoinMode(n.Value); {
	case n.Kind != yaml.ScalarNode:
		p.fault(at, joinHint, "`join:` is one word or a number")
	case !st.has("after"):
		p.fault(p.at(st.keys["join"]), "add `after:` with a list of connectors", "`join:` without `after:`: only one way leads here")
	case st.parked:
		p.fault(p.at(st.keys["join"]), "remove it", "`join:` at a parked node: no way leads here")
	case mode == engine.JoinAny, mode == engine.JoinAll, mode == engine.JoinEach, mode == engine.JoinSettled:
		join.Mode = mode
	default:
		p.joinCount(st, n)
	}
}

// joinCount reads `join: N`.
func (p *parser) joinCount(st *step, n *yaml.Node) {
	count, err := strconv.Atoi(n.Value)
	switch {
	case err != nil:
		p.fault(p.at(n), joinHint, "unknown join %q", n.Value)
	case count < 1:
		p.fault(p.at(n), joinHint, "a join of %d can never be filled", count)
	case count > st.written():
		p.fault(p.at(n), "`all` waits for every one of them", "a join of %d can never be filled: %d connectors lead here", count, st.written())
	default:
		st.node.Join = engine.Join{Mode: engine.JoinSome, Count: count}
	}
}

// written is how many connectors the text names, understood or not.
func (st *step) written() int {
	if after := st.vals["after"]; after != nil && after.Kind == yaml.SequenceNode {
		return len(after.Content)
	}
	return 1
}

// arrivals is how many of the ways into a node must fire before it runs, at
// least; ways is how many there are.
func (st *step) arrivals(ways int) int {
	switch st.node.Join.Mode {
	case engine.JoinAll:
		return ways
	case engine.JoinSome:
		return min(st.node.Join.Count, ways)
	case engine.JoinNone, engine.JoinAny, engine.JoinEach, engine.JoinSettled:
		return 1
	}
	return 1
}

// joins checks what the ways through the tree make of each node.
func (p *parser) joins() {
	failing := failingNodes(p.ordered)
	for _, st := range p.ordered {
		for _, w := range st.in {
			p.moments(w)
		}
		if !st.reachable {
			if !st.asleep && st.cutOff() {
				p.warn(st.idAt, "connect it, or park it with `after: []`", "%q can never run: no way leads here", st.id)
			}
			continue
		}
		p.fillable(st, failing)
		p.passable(st)
		if st.node.Join.Mode == engine.JoinSettled {
			p.region(st)
		}
	}
}

// cutOff reports whether no way leads to a node although its surroundings run:
// what hangs on such a node is not told again.
func (st *step) cutOff() bool {
	if st.block != nil && !st.block.reachable {
		return false
	}
	return len(st.in) == 0 || slices.ContainsFunc(st.in, func(w *way) bool { return w.from != nil && w.from.reachable })
}

// moments warns of a connector that waits for what never comes.
func (p *parser) moments(w *way) {
	if w.from == nil || w.from.waits() || w.on != engine.OnCreated && w.on != engine.OnUpdated {
		return
	}
	p.warn(w.at, "a node waits with `defer:`, `wait:` or a `routine:` call", "%q never waits: its connector `%s` never fires", w.from.id, w.on)
}

// waits reports whether a node may wait for something other than its handler.
func (st *step) waits() bool {
	return st.has("defer") || st.does == "wait" || st.does == "routine" && (st.node.Routine == nil || !st.node.Routine.Detach)
}

// passable warns of a join that counts on a node that may be passed over.
func (p *parser) passable(st *step) {
	if st.node.Join.Mode != engine.JoinAll {
		return
	}
	for _, w := range st.in {
		if w.from != nil && w.on == engine.OnComplete && w.from.has("when") {
			p.warn(w.at, "use `join: settled`, or put the condition on a connector and count with `any`",
				"%q may be passed over: then `join: all` is never filled", w.from.id)
		}
	}
}

// region finds where the ways into a settled join part, and what lies between.
func (p *parser) region(st *step) {
	join := &st.node.Join
	join.Ancestor = engine.Start
	starts := []*step{}
	if st.idom != nil {
		join.Ancestor = st.idom.id
		starts = append(starts, st.idom)
	}
	between := newSet(len(p.steps))
	for _, other := range p.steps {
		if other.block != st.block || other == st || other == st.idom || !other.reachable || !p.later(other).has(st.index) {
			continue
		}
		if len(starts) == 0 || p.later(st.idom).has(other.index) {
			between.add(other.index)
		}
	}
	for _, other := range p.steps {
		if between.has(other.index) {
			join.Between = append(join.Between, other.id)
		}
	}
}

// failingNodes lists the nodes out of which a failed connector leads: of their
// two ends, failed and complete, a run takes one.
func failingNodes(steps []*step) []*step {
	var failing []*step
	for _, st := range steps {
		for _, w := range st.out {
			if w.on == engine.OnFailed {
				failing = append(failing, st)
				break
			}
		}
	}
	return failing
}

// fillable tells of a join that can never get the arrivals that it needs.
func (p *parser) fillable(st *step, failing []*step) {
	mode := st.node.Join.Mode
	if mode != engine.JoinAll && mode != engine.JoinSome {
		return
	}
	live, needed := st.live, st.arrivals(len(st.in))
	if len(live) < needed {
		for _, w := range st.in {
			if !slices.Contains(live, w) {
				p.fault(w.at, "remove the connector, or count fewer", "the join of %q can never be filled: nothing leads on from %q", st.id, w.from.id)
				return
			}
		}
	}
	for _, x := range failing {
		if x.block != st.block || !p.later(x).has(st.index) {
			continue
		}
		var failed, complete []*way
		for _, w := range live {
			switch {
			case p.needs(w, x, engine.OnFailed):
				failed = append(failed, w)
			case p.needs(w, x, engine.OnComplete):
				complete = append(complete, w)
			}
		}
		if len(live)-min(len(failed), len(complete)) < needed {
			p.fault(failed[0].at, "use `join: any` or `join: settled`",
				"the join of %q can never be filled: %q either fails or completes", st.id, x.id)
			return
		}
	}
}

// needs reports whether a way can fire only after node x came to the moment:
// whether every way there leads through it.
func (p *parser) needs(w *way, x *step, on engine.On) bool {
	switch w.from {
	case nil:
		return false
	case x:
		return w.on == on
	default:
		return !p.without(x, on).has(w.from.index)
	}
}

// detour names the ways that do not pass a moment of a node.
type detour struct {
	node *step
	on   engine.On
}

// without gives the nodes that are reached although x never comes to a moment.
func (p *parser) without(x *step, on engine.On) set {
	key := detour{x, on}
	if reached, ok := p.detours[key]; ok {
		return reached
	}
	reached := newSet(len(p.steps))
	for _, st := range p.ordered {
		if st.block == x.block && slices.ContainsFunc(st.live, func(w *way) bool {
			return w.from == nil || reached.has(w.from.index) && (w.from != x || w.on != on)
		}) {
			reached.add(st.index)
		}
	}
	p.detours[key] = reached
	return reached
}
