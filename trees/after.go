package trees

import (
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

// connect gives every node its ways in: those of its `after:`, or the line
// from the node above it.
func (p *parser) connect() {
	for _, st := range p.steps {
		switch n := st.get("after"); {
		case n != nil:
			p.after(st, n)
		case st.has("after"): // told as faulty
		default:
			p.link(&way{from: st.above, to: st, on: engine.OnComplete, line: true, at: st.idAt})
		}
		p.join(st)
	}
}

func (p *parser) link(w *way) {
	w.to.in = append(w.to.in, w)
	if w.from != nil {
		w.from.out = append(w.from.out, w)
	}
}

// after reads the connectors into the head of a branch.
func (p *parser) after(st *step, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.connector(st, n)
		return
	}
	st.parked = len(n.Content) == 0
	if len(n.Content) > MaxConnectors {
		p.fault(p.at(n), "bring some together in a waypoint first", "%d connectors lead here; at most %d are read", len(n.Content), MaxConnectors)
		return
	}
	for _, item := range n.Content {
		if !p.broken[item] {
			p.connector(st, item)
		}
	}
}

var connectorKeys = []string{"node", "on", "when", "label"}

// connector reads one way in: `x`, `x.failed` or a mapping.
func (p *parser) connector(st *step, n *yaml.Node) {
	w := &way{to: st, on: engine.OnComplete, at: p.at(n)}
	var from string
	named := n
	switch n.Kind {
	case yaml.ScalarNode:
		name, moment, dotted := strings.Cut(n.Value, ".")
		from = name
		if dotted && !p.moment(w, n, moment) {
			return
		}
	case yaml.MappingNode:
		m, ok := p.mapping(n, "a connector", connectorKeys)
		if !ok {
			return
		}
		from, named = m.text("node"), m.vals["node"]
		if !m.has("node") {
			p.fault(p.at(n), "add `node: ID`", "the connector does not say which node it comes from")
			return
		}
		if on := m.get("on"); on != nil && !p.moment(w, on, m.text("on")) {
			return
		}
		w.label = m.text("label")
		w.when = m.get("when")
		w.at = p.at(named)
	default:
		p.fault(p.at(n), "write `x`, `x.failed`, or `{node: x, when: ...}`", "this is no connector")
		return
	}
	if p.source.broken[named] || !p.origin(w, named, from) {
		return
	}
	p.link(w)
}

// moment reads which moment of the node before a connector waits for.
func (p *parser) moment(w *way, n *yaml.Node, text string) bool {
	w.on = engine.On(text)
	switch w.on {
	case engine.OnComplete, engine.OnCreated, engine.OnUpdated, engine.OnFailed:
		return true
	}
	p.fault(p.at(n), suggest(text, []string{"complete", "created", "updated", "failed"}), "%q is no moment of a node", text)
	return false
}

// origin finds the node that a connector comes from.
func (p *parser) origin(w *way, n *yaml.Node, id string) bool {
	at := p.at(n)
	if id == string(engine.Start) {
		if w.on != engine.OnComplete {
			p.fault(at, "write `start`", "the start has no %q", w.on)
			return false
		}
		return true
	}
	from, ok := p.byID[engine.NodeID(id)]
	switch {
	case !ok:
		p.fault(at, suggest(id, append(p.ids(w.to.block), string(engine.Start))), "unknown node %q", id)
		return false
	case from == w.to:
		p.fault(at, "name the node that comes before", "%q follows itself", id)
		return false
	case from.block != w.to.block:
		p.fault(at, borderHint(from, w.to), "the connector from %q crosses the border of a loop", id)
		return false
	}
	w.from = from
	return true
}

func borderHint(from, to *step) string {
	switch {
	case to.block == from:
		return "the first node of a body follows the loop by itself; `start` means the begin of the body"
	case from.block != nil && to.block == nil:
		return "connect to the loop `" + string(from.block.id) + "` itself"
	default:
		return "connectors join nodes of one list; `nodes.x` may be read across"
	}
}
