package trees

import (
	"strconv"

	"hooktree/engine"
)

// Graph is a tree as people look at it: nodes and the connectors between them.
type Graph struct {
	Title      engine.Title     `json:"title"`
	Hash       string           `json:"hash"`
	Routine    bool             `json:"routine,omitempty"`
	Nodes      []GraphNode      `json:"nodes"`
	Connectors []GraphConnector `json:"connectors"`
}

// GraphNode is a node of a graph. The first is the start.
type GraphNode struct {
	ID      engine.NodeID `json:"id"`
	Name    string        `json:"name"`
	Kind    string        `json:"kind"` // start, handler, routine, loop, wait, return, reply, defer or waypoint
	Does    string        `json:"does,omitempty"`
	Note    string        `json:"note,omitempty"`
	Loop    engine.NodeID `json:"loop,omitempty"` // the loop whose body holds it
	When    string        `json:"when,omitempty"`
	Each    string        `json:"each,omitempty"`
	Join    string        `json:"join,omitempty"`
	Defers  bool          `json:"defers,omitempty"`
	Parked  bool          `json:"parked,omitempty"`
	End     bool          `json:"end,omitempty"`
	Retries int           `json:"retries,omitempty"` // attempts in all, where there may be more than one
	Line    int           `json:"line,omitempty"`
}

// GraphConnector is a connector of a graph, in the order of the text.
type GraphConnector struct {
	From  engine.NodeID `json:"from"`
	To    engine.NodeID `json:"to"`
	In    int           `json:"in"` // index among the ways into To
	On    engine.On     `json:"on"`
	When  string        `json:"when,omitempty"`
	Label string        `json:"label,omitempty"`
	Line  bool          `json:"line,omitempty"` // follows from the order of the text
}

// Graph gives the tree as nodes and connectors. In a loop's body, a connector
// from `start` comes from the begin of the body.
func (t *Tree) Graph() Graph {
	g := Graph{
		Title: t.Title, Hash: t.Hash, Routine: t.Routine,
		Nodes:      []GraphNode{{ID: engine.Start, Name: string(engine.Start), Kind: string(engine.Start)}},
		Connectors: []GraphConnector{},
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		shown := newGraphNode(n)
		shown.Line = t.Line(n.ID)
		g.Nodes = append(g.Nodes, shown)
		for in, c := range n.In {
			g.Connectors = append(g.Connectors, GraphConnector{
				From: c.From, To: n.ID, In: in, On: c.On, When: textOf(c.When), Label: c.Label, Line: c.Line,
			})
		}
	}
	return g
}

func newGraphNode(n *engine.Node) GraphNode {
	shown := GraphNode{
		ID: n.ID, Name: n.Name, Note: n.Note, Loop: n.Block, When: textOf(n.When), Join: joinText(n.Join),
		Defers: n.Defer != nil, Parked: n.Parked, End: n.End,
	}
	shown.Kind, shown.Does = kindText(n)
	if n.Loop != nil {
		shown.Each = textOf(n.Loop.Each)
	}
	if n.Retry.Max > 1 {
		shown.Retries = n.Retry.Max
	}
	return shown
}

func textOf(x engine.Expr) string {
	if x == nil {
		return ""
	}
	return x.String()
}

func joinText(j engine.Join) string {
	if j.Mode == engine.JoinSome {
		return strconv.Itoa(j.Count)
	}
	return string(j.Mode)
}

// kindText says what a node does, and with what.
func kindText(n *engine.Node) (kind, does string) {
	switch {
	case n.Handler != nil:
		return "handler", n.Handler.Spec.Name
	case n.Routine != nil:
		return "routine", n.Routine.Title.Name
	case n.Wait != nil && n.Wait.For != nil:
		return n.Does(), textOf(n.Wait.For)
	case n.Wait != nil:
		return n.Does(), textOf(n.Wait.Until)
	default:
		return n.Does(), ""
	}
}
