package engine

import (
	"fmt"
	"slices"
)

// arrive lets a connector arrive at its node. Late is an arrival at a join that
// has run, or closed, already.
func (w *walk) arrive(c *edge, place Place, cause NodeID) (late bool) {
	n := &w.tree.Nodes[c.to]
	if n.Join.Mode == JoinNone {
		w.enqueue(Execution{Node: n.ID, Place: place, Cause: cause})
		return false
	}
	t := w.tally(n.ID, place)
	if t.Filled {
		return true
	}
	if n.Join.Mode == JoinEach {
		t.Visits++
		w.enqueue(Execution{Node: n.ID, Place: place.Visit(n.ID, t.Visits), Cause: cause})
		w.moved(c.to, place)
		return false
	}
	t.Arrived = append(slices.Clip(t.Arrived), c.in)
	if cause != "" {
		t.Cause = cause
	}
	if n.Join.Mode != JoinSettled && len(t.Arrived) >= n.Join.need(len(n.In)) {
		t.Filled = true
		w.enqueue(Execution{Node: n.ID, Place: place, Cause: t.Cause})
	}
	w.stir(place)
	return false
}

// need is how many arrivals fill a join.
func (j Join) need(ways int) int {
	switch j.Mode {
	case JoinAll:
		return ways
	case JoinSome:
		return j.Count
	case JoinNone, JoinAny, JoinEach, JoinSettled:
	}
	return 1
}

// await opens the settled joins whose common ancestor has begun to run: they
// run even when nothing arrives.
func (w *walk) await(ancestor TaskKey, place Place) {
	for _, join := range w.ix.settled[ancestor] {
		w.tally(w.tree.Nodes[join].ID, place)
		w.stir(place)
	}
}

// moved tells the settled joins around a node that it led to another place.
func (w *walk) moved(node int, place Place) {
	id := w.tree.Nodes[node].ID
	for i := range w.head.Joins {
		t := &w.head.Joins[i]
		j := &w.node(t.Node).Join
		if t.Place == place && j.Mode == JoinSettled && (j.Ancestor == id || slices.Contains(j.Between, id)) {
			t.Moved = true
		}
	}
}

// settle decides what can be decided only when nothing moves: joins that
// nothing more can reach. It reports whether something is to be walked again.
func (w *walk) settle() bool {
	for len(w.dirty) > 0 {
		if w.settleJoins(w.dirty[0]) {
			return true
		}
		w.settleItem(w.dirty[0])
		if w.next < len(w.queue) {
			return true
		}
		if len(w.dirty) > 0 { // the run may have ended by that item
			w.dirty = w.dirty[1:]
		}
	}
	return false
}

// settleJoins looks at the joins of a place, nearest to the start first: what
// becomes of one may decide the next.
func (w *walk) settleJoins(place Place) bool {
	var waiting []int // indexes of nodes
	for i := range w.head.Joins {
		if t := &w.head.Joins[i]; t.Place == place {
			waiting = append(waiting, w.ix.byID[t.Node])
		}
	}
	slices.SortFunc(waiting, func(a, b int) int { return w.ix.rank[a] - w.ix.rank[b] })
	for _, join := range waiting {
		anywhere := w.tree.Nodes[join].Join.Mode == JoinSettled // a way to another place is awaited too
		if w.settleJoin(join, place, w.possible(place, anywhere)) {
			return true
		}
	}
	return false
}

// settleJoin decides one join, and reports whether it runs now.
func (w *walk) settleJoin(join int, place Place, possible []bool) bool {
	n := &w.tree.Nodes[join]
	t := w.tally(n.ID, place)
	open, never := 0, -1
	for id := range w.ix.edges {
		c := &w.ix.edges[id]
		switch {
		case c.to != join || slices.Contains(t.Arrived, c.in):
		case possible[id]:
			open++
		case never < 0:
			never = id
		}
	}
	switch {
	case t.Filled, n.Join.Mode == JoinEach:
	case n.Join.Mode == JoinSettled:
		if open > 0 {
			return false
		}
		if len(t.Arrived) > 0 || !t.Moved {
			w.enqueue(Execution{Node: n.ID, Place: place, Cause: t.Cause})
			w.forget(n.ID, place)
			return true
		}
	case len(t.Arrived)+open < n.Join.need(len(n.In)):
		w.unmet(n, t, &w.ix.edges[never])
	default:
		return false
	}
	if open == 0 {
		w.forget(n.ID, place)
	}
	return false
}

// unmet closes a join that can no longer be filled.
func (w *walk) unmet(n *Node, tally *Tally, never *edge) {
	tally.Filled = true
	t := w.touch(&Execution{Node: n.ID, Place: tally.Place})
	t.Status = TaskCancelled
	t.Reason = fmt.Sprintf("unmet: %d of %d arrived, and the connector from %s (%s) can no longer fire",
		len(tally.Arrived), n.Join.need(len(n.In)), never.From, never.On)
	w.ended(t)
}

// forget drops the count of a join at which nothing can arrive any more.
func (w *walk) forget(node NodeID, place Place) {
	w.head.Joins = slices.DeleteFunc(w.head.Joins, func(t Tally) bool {
		return t.Node == node && t.Place == place
	})
}

// possible marks the connectors that may still fire in a place: all that the
// unfinished executions there can lead to. With anywhere those count that lead
// from there to a place of their own, by an update or a visit.
func (w *walk) possible(place Place, anywhere bool) []bool {
	marked := make([]bool, len(w.ix.edges))
	var next []int
	mark := func(outs []int, created bool) {
		for _, id := range outs {
			c := &w.ix.edges[id]
			if !marked[id] && (anywhere || c.On != OnUpdated) && (!created || c.On != OnCreated) {
				marked[id] = true
				next = append(next, id)
			}
		}
	}
	for i := range w.head.Open {
		e := &w.head.Open[i]
		switch {
		case e.Place != place || e.Item || e.Node == Start && e.Connector == "":
		case e.Connector != "":
			mark([]int{w.ix.named(w.tree, e)}, false)
		default:
			mark(w.ix.outs[w.ix.byID[e.Node]], e.Created)
		}
	}
	for len(next) > 0 {
		to := w.ix.edges[next[0]].to
		next = next[1:]
		if w.passable(to, place, anywhere) {
			mark(w.ix.outs[to], false)
		}
	}
	return marked
}

// passable reports whether an arrival at a node may still lead on in its place.
func (w *walk) passable(node int, place Place, anywhere bool) bool {
	n := &w.tree.Nodes[node]
	switch n.Join.Mode {
	case JoinNone:
		return true
	case JoinEach:
		return anywhere // its visits are places of their own
	case JoinAny, JoinAll, JoinSome, JoinSettled:
	}
	return !slices.ContainsFunc(w.head.Joins, func(t Tally) bool {
		return t.Node == n.ID && t.Place == place && t.Filled
	})
}
