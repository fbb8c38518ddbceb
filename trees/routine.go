package trees

import (
	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees/expression"
)

var inputKeys = []string{"required", "default", "note"}

// inputs reads what a routine takes, and gives its type.
func (p *parser) inputs() engine.Type {
	t := engine.Type{Kind: engine.KindRecord, Fields: make(map[string]engine.Type)}
	n := p.root.get("inputs")
	if n == nil {
		return t
	}
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "write `NAME: DEFAULT`, or `NAME: {required: true}`", "`inputs:` is a mapping of names")
		return t
	}
	for _, pair := range p.pairs(n) {
		p.name(pair[0])
		p.tree.Inputs = append(p.tree.Inputs, p.input(pair[0].Value, pair[1]))
		t.Fields[pair[0].Value] = anyType
	}
	return t
}

// name refuses what could not be read as a member.
func (p *parser) name(n *yaml.Node) {
	if !plainKey.MatchString(n.Value) {
		p.fault(p.at(n), "letters, digits, _ and -, a letter first", "%q is no name", n.Value)
	}
}

// input reads one input: a mapping of what is known of it, or its default.
func (p *parser) input(name string, n *yaml.Node) engine.Input {
	in := engine.Input{Name: name}
	if p.source.broken[n] || n.Tag == "!!null" {
		return in
	}
	if n.Kind != yaml.MappingNode {
		in.Default = p.fixed(n)
		return in
	}
	m, ok := p.mapping(n, "an input", inputKeys)
	if !ok {
		return in
	}
	in.Required = m.flag("required")
	m.text("note")
	if n := m.vals["default"]; n != nil {
		in.Default = p.fixed(n)
		if in.Required {
			p.fault(p.at(m.keys["default"]), "keep one of them", "a required input has no default")
		}
	}
	return in
}

// fixed compiles a value that is known before any run.
func (p *parser) fixed(n *yaml.Node) engine.Expr {
	at := place{env: &expression.Env{}}
	return p.keep(p.value(n, expected{what: "a default", typ: anyType}, at))
}

// declareOutputs reads the names of what a routine gives.
func (p *parser) declareOutputs() {
	n := p.root.get("outputs")
	if n == nil {
		return
	}
	p.declared = make(map[string]engine.Type)
	add := func(n *yaml.Node) {
		if _, twice := p.declared[n.Value]; twice {
			p.fault(p.at(n), "keep one of them", "the output %q stands twice", n.Value)
		}
		p.name(n)
		p.declared[n.Value] = anyType
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				p.fault(p.at(item), "", "an output is named by text")
				continue
			}
			add(item)
			p.tree.Outputs = append(p.tree.Outputs, engine.Output{Name: item.Value})
		}
	case yaml.MappingNode:
		for _, pair := range p.pairs(n) {
			add(pair[0])
			p.tree.Outputs = append(p.tree.Outputs, engine.Output{Name: pair[0].Value})
		}
	default:
		p.fault(p.at(n), "write a list of names, or `NAME: VALUE`", "`outputs:` is a list or a mapping")
	}
}

// outputs compiles the values that a routine gives when it completes.
func (p *parser) outputs(at place) {
	n := p.root.get("outputs")
	if n == nil || n.Kind != yaml.MappingNode || !p.tree.Routine {
		return
	}
	for i, pair := range p.pairs(n) {
		value := p.value(pair[1], expected{what: "output `" + pair[0].Value + "`", typ: anyType}, at)
		p.tree.Outputs[i].Value = p.keep(value)
	}
}
