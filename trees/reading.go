package trees

import (
	"hooktree/engine"
	"hooktree/trees/expression"
)

// readings checks that every node that an expression names can have run where
// it is read.
func (p *parser) readings() {
	if len(p.ordered) < len(p.steps) {
		return // in a circle nothing comes before anything
	}
	for _, r := range p.uses {
		for _, use := range r.uses {
			if target := p.byID[use.Node]; target != nil {
				p.reading(r, use, target)
			}
		}
	}
}

// reading checks one place that names one node. Warnings wait until
// every connector is understood: one that is missing would make some that are
// none.
func (p *parser) reading(r reading, use expression.Use, target *step) {
	at := p.locate(r.node, use.Offset, use.Length)
	from := r.at.from
	if r.at.round && target.block == from {
		from = target // the round is over, and with it the body
	}
	for from != nil && from.block != target.block {
		from = from.block // a body reads what stands around its loop
	}
	switch {
	case r.at.begin && target.block == r.at.block:
		p.fault(at, "read what comes before", "`nodes.%s` can only run later", target.id)
	case target.block != nil && from == nil:
		p.fault(at, "`nodes."+string(target.block.id)+"` is a list with one mapping of results an item",
			"`nodes.%s` is read outside of its loop %q", target.id, target.block.id)
	case from == target && r.at.round:
		if p.whole && use.Bare && !r.at.known.has(target.index) {
			p.mayNotHaveRun(at, target)
		}
	case from == target && (from != r.at.from || r.at.begin):
		p.fault(at, "read the nodes of the body, or the item", "`nodes.%s` has no value before its body is done", target.id)
	case from == target && !r.at.own:
		p.fault(at, "read what comes before it", "`nodes.%s` has not run here: it is the node itself", target.id)
	case from == target:
	case from != nil && p.later(from).has(target.index):
		p.fault(at, "connect this node behind it, or read what comes before", "`nodes.%s` can only run later", target.id)
	case p.whole && use.Bare && !r.at.known.has(target.index):
		p.mayNotHaveRun(at, target)
	}
}

func (p *parser) mayNotHaveRun(at span, target *step) {
	p.warn(at, "write `nodes."+string(target.id)+"?.`, which gives nil until it has", "`nodes.%s` may not have run here", target.id)
}

// assemble makes the engine's tree of what was read.
func (p *parser) assemble() {
	t := p.tree
	t.lines = make(map[engine.NodeID]int, len(p.steps))
	t.Nodes = make([]engine.Node, 0, len(p.steps))
	for _, st := range p.steps {
		n := st.node
		n.Parked = st.parked
		if st.block != nil {
			n.Block = st.block.id
		}
		for _, w := range st.in {
			n.In = append(n.In, w.connector())
		}
		for _, inner := range st.body {
			n.Loop.Body = append(n.Loop.Body, inner.id)
		}
		t.Nodes = append(t.Nodes, n)
		t.lines[st.id] = st.mapping.node.Line
	}
}

func (w *way) connector() engine.Connector {
	c := engine.Connector{From: engine.Start, On: w.on, Label: w.label, Line: w.line}
	if w.from != nil {
		c.From = w.from.id
	}
	if w.expr != nil {
		c.When = w.expr
	}
	return c
}
