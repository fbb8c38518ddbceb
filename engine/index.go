package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// NewTree checks the shape of t and prepares it for [Step]. The tree that it
// gives shares t's nodes and must not be changed. The language's own checks are
// the compiler's; NewTree refuses only what Step could not walk.
func NewTree(t Tree) (*Tree, error) {
	ix, err := newIndex(&t)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", t.Title, err)
	}
	t.index = ix
	return &t, nil
}

// Node finds a node by its ID.
func (t *Tree) Node(id NodeID) (*Node, bool) {
	i, ok := t.index.byID[id]
	if !ok {
		return nil, false
	}
	return &t.Nodes[i], true
}

// Reads lists, sorted, the nodes whose finished tasks a step may need: those
// that any expression names, the bodies of the loops among them, and the nodes
// whose failure is `error` in a branch.
func (t *Tree) Reads() []NodeID {
	if t.index == nil {
		return nil // Step refuses the tree, and says why
	}
	return slices.Clone(t.index.reads)
}

// edge is a connector with both its ends.
type edge struct {
	from, to int // indexes of nodes; from is -1 for a start
	in       int // index into the target's In
	*Connector
}

// name writes the edge as Fault.Connector holds it.
func (c *edge) name(t *Tree) string {
	return fmt.Sprintf("%s>%s#%d", c.From, t.Nodes[c.to].ID, c.in)
}

// named finds the connector that an execution stands on.
func (ix *index) named(t *Tree, e *Execution) int {
	return slices.IndexFunc(ix.edges, func(c edge) bool {
		return c.From == e.Node && c.name(t) == e.Connector
	})
}

// index is what Step looks up in a tree; it is made once and never changed.
type index struct {
	byID     map[NodeID]int
	edges    []edge
	outs     [][]int          // edges out of each node, in the order of the text
	starts   map[NodeID][]int // edges out of the start of each block; "" is the tree
	settled  map[TaskKey][]int
	rank     []int // place of each node in an order where every connector leads on
	reads    []NodeID
	gathered []bool         // loops whose results some expression reads
	blank    map[string]any // `nodes` before anything ran
}

func newIndex(t *Tree) (*index, error) {
	ix := &index{
		byID:    make(map[NodeID]int, len(t.Nodes)),
		outs:    make([][]int, len(t.Nodes)),
		starts:  make(map[NodeID][]int),
		settled: make(map[TaskKey][]int),
		blank:   make(map[string]any, len(t.Nodes)),
	}
	for i := range t.Nodes {
		id := t.Nodes[i].ID
		if _, twice := ix.byID[id]; twice || id == "" || id == Start {
			return nil, fmt.Errorf("node %d: the id %q is empty, reserved or taken", i, id)
		}
		ix.byID[id] = i
		ix.blank[string(id)] = nil
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if err := errors.Join(checkKind(n), checkLoop(n), checkBody(t, ix, n), ix.connect(t, i)); err != nil {
			return nil, fmt.Errorf("node %q: %w", n.ID, err)
		}
	}
	if err := ix.order(t); err != nil {
		return nil, err
	}
	ix.read(t)
	return ix, nil
}

// connect adds the ways into a node, and what its join asks for.
func (ix *index) connect(t *Tree, to int) error {
	n := &t.Nodes[to]
	if err := checkJoin(n); err != nil {
		return err
	}
	for in := range n.In {
		c := edge{from: -1, to: to, in: in, Connector: &n.In[in]}
		id := len(ix.edges)
		if c.From == Start {
			ix.starts[n.Block] = append(ix.starts[n.Block], id)
			ix.edges = append(ix.edges, c)
			continue
		}
		from, ok := ix.byID[c.From]
		if !ok {
			return fmt.Errorf("a connector comes from %q, which is no node", c.From)
		}
		if t.Nodes[from].Block != n.Block {
			return fmt.Errorf("the connector from %q crosses the border of a loop", c.From)
		}
		c.from = from
		ix.outs[from] = append(ix.outs[from], id)
		ix.edges = append(ix.edges, c)
	}
	if n.Join.Mode == JoinSettled {
		key := TaskKey{Node: n.Join.Ancestor}
		if n.Join.Ancestor == Start {
			key.Place = Place(n.Block) // each block has a start of its own
		}
		ix.settled[key] = append(ix.settled[key], to)
	}
	return nil
}

// order ranks the nodes so that every connector leads to a higher rank.
func (ix *index) order(t *Tree) error {
	ways := make([]int, len(t.Nodes))
	for _, c := range ix.edges {
		if c.from >= 0 {
			ways[c.to]++
		}
	}
	ix.rank = make([]int, len(t.Nodes))
	var ready []int
	for i, n := range ways {
		if n == 0 {
			ready = append(ready, i)
		}
	}
	for next := 0; next < len(ready); next++ {
		ix.rank[ready[next]] = next
		for _, id := range ix.outs[ready[next]] {
			to := ix.edges[id].to
			if ways[to]--; ways[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	if len(ready) == len(t.Nodes) {
		return nil
	}
	at := slices.IndexFunc(ways, func(n int) bool { return n > 0 })
	return fmt.Errorf("node %q: its connectors lead in a circle", t.Nodes[at].ID)
}

func checkJoin(n *Node) error {
	switch n.Join.Mode {
	case JoinNone:
		if len(n.In) > 1 {
			return fmt.Errorf("%d connectors lead here and no join says how they count", len(n.In))
		}
		return nil
	case JoinSettled:
		if n.Join.Ancestor == "" {
			return errors.New("a settled join needs its ancestor")
		}
		return nil
	case JoinSome:
		if n.Join.Count < 1 || n.Join.Count > len(n.In) {
			return fmt.Errorf("a join of %d of %d connectors can never fill", n.Join.Count, len(n.In))
		}
		return nil
	case JoinAny, JoinAll, JoinEach:
		return nil
	}
	return fmt.Errorf("the join %q is none of any, all, some, each and settled", n.Join.Mode)
}

// checkKind refuses a node that does two things, and what Step does not do yet.
func checkKind(n *Node) error {
	kinds := 0
	for _, set := range []bool{
		n.Handler != nil, n.Routine != nil, n.Wait != nil, n.Return != nil, n.Reply != nil,
		n.Loop != nil && len(n.Loop.Body) > 0,
	} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return errors.New("it does more than one thing")
	case n.Wait != nil && (n.Wait.For == nil) == (n.Wait.Until == nil):
		return errors.New("a wait needs either a duration or a time")
	case n.Handler != nil && n.Handler.Spec == nil:
		return errors.New("its handler has no spec")
	case n.Loop != nil && kinds == 0:
		return errors.New("it is a loop of nothing")
	case n.Loop != nil && (n.Wait != nil || n.Return != nil || n.Reply != nil):
		return errors.New("only do, routine and nodes can be repeated")
	case n.Routine != nil && n.Timeout != 0:
		return errors.New("the call of a routine has no timeout; write one at the nodes of the routine")
	case n.Timeout != 0 && n.Handler == nil:
		return errors.New("only do can have a timeout")
	case n.Defer != nil && kinds > 0 && n.Handler == nil:
		return errors.New("only do and a node that does nothing can wait for a token")
	}
	return nil
}

func checkLoop(n *Node) error {
	switch l := n.Loop; {
	case l == nil:
		return nil
	case (l.Each == nil) == (l.Until == nil):
		return errors.New("a loop needs either a list or an until")
	case l.Until != nil && l.Max < 1:
		return errors.New("an until loop needs the most rounds that it may take")
	case l.Each != nil && l.Max != 0:
		return errors.New("max belongs to until")
	case l.Parallel < 0 || l.Need < 0:
		return errors.New("parallel and need cannot be below zero")
	}
	return nil
}

// checkBody sees that a block and the body of its loop name each other.
func checkBody(t *Tree, ix *index, n *Node) error {
	if n.Block != "" {
		i, ok := ix.byID[n.Block]
		if !ok || t.Nodes[i].Loop == nil || !slices.Contains(t.Nodes[i].Loop.Body, n.ID) {
			return fmt.Errorf("it stands in the body of %q, which is no loop that has it", n.Block)
		}
	}
	if n.Loop == nil {
		return nil
	}
	for _, id := range n.Loop.Body {
		if i, ok := ix.byID[id]; !ok || t.Nodes[i].Block != n.ID {
			return fmt.Errorf("its body has %q, which does not stand in it", id)
		}
	}
	return nil
}

// read collects what Tree.Reads tells.
func (ix *index) read(t *Tree) {
	named := make(map[NodeID]bool)
	name := func(x Expr) {
		for _, id := range x.Reads() {
			named[id] = true
		}
	}
	for i := range t.Nodes {
		for _, x := range t.Nodes[i].expressions() {
			name(x)
		}
	}
	for _, o := range t.Outputs {
		if o.Value != nil {
			name(o.Value)
		}
	}
	for _, c := range ix.edges {
		if c.On == OnFailed || c.On == OnUpdated {
			named[c.From] = true
		}
	}
	ix.gathered = make([]bool, len(t.Nodes))
	for i := range t.Nodes { // a body follows its loop, so that one pass reaches all depths
		n := &t.Nodes[i]
		if n.Loop == nil || !named[n.ID] {
			continue
		}
		ix.gathered[i] = true
		for _, id := range n.Loop.Body {
			named[id] = true
		}
	}
	ix.reads = slices.Sorted(maps.Keys(named))
}

// expressions lists everything of a node that is evaluated.
func (n *Node) expressions() []Expr {
	list := []Expr{n.When, n.With, n.Return, n.Reply, n.Retry.When, n.Message.Created, n.Message.Updated, n.Message.Completed}
	for i := range n.In {
		list = append(list, n.In[i].When)
	}
	if n.Wait != nil {
		list = append(list, n.Wait.For, n.Wait.Until)
	}
	if n.Loop != nil {
		list = append(list, n.Loop.Each, n.Loop.Until)
	}
	if n.Defer != nil {
		list = append(list, n.Defer.Timeout, n.Defer.Else)
	}
	return slices.DeleteFunc(list, func(x Expr) bool { return x == nil })
}
