package trees

import (
	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

// Document is a YAML file of a space that is no tree, such as webhooks.yaml:
// read with the same bounds, refusals and places. What its keys mean is its
// reader's business, who tells faults into it.
type Document struct{ source *source }

// OpenDocument opens a file. Its root is nil after a fault that leaves nothing
// to read.
func OpenDocument(file string, content []byte) (d *Document, root *yaml.Node) {
	d = &Document{newSource(file, content)}
	return d, d.source.read()
}

// Mapping reads a node as a mapping of the known keys, and tells of every
// other one. Nil means that it is none, which was told.
func (d *Document) Mapping(n *yaml.Node, what string, known ...string) *Mapping {
	m, ok := d.source.mapping(n, what, known)
	if !ok {
		return nil
	}
	return &Mapping{m}
}

// Pairs lists the keys and values of a mapping whose keys are not known
// beforehand.
func (d *Document) Pairs(n *yaml.Node) [][2]*yaml.Node { return d.source.pairs(n) }

// Fault tells a fault of a node.
func (d *Document) Fault(n *yaml.Node, hint, message string) {
	if !d.source.broken[n] {
		d.source.fault(d.source.at(n), hint, "%s", message)
	}
}

// FaultWithin tells a fault of some bytes of a scalar's value.
func (d *Document) FaultWithin(n *yaml.Node, offset, length int, hint, message string) {
	d.source.fault(d.source.locate(n, offset, length), hint, "%s", message)
}

// Faults gives all that was told, sorted.
func (d *Document) Faults() Faults { return d.source.result() }

// Mapping is a mapping of known keys in a Document.
type Mapping struct{ m *mapping }

// Node is the mapping itself.
func (m *Mapping) Node() *yaml.Node { return m.m.node }

// Key gives the node of a key; nil when it is not written.
func (m *Mapping) Key(key string) *yaml.Node { return m.m.keys[key] }

// Get gives the value of a key. A key without a value is told; nil means that
// there is nothing to read.
func (m *Mapping) Get(key string) *yaml.Node { return m.m.get(key) }

// Text reads a key as text without expressions.
func (m *Mapping) Text(key string) string { return m.m.text(key) }

// Flag reads a key as true or false; false when it is not written.
func (m *Mapping) Flag(key string) bool { return m.m.flag(key) }

// Fields reads the key `fields:` as space.yaml has it: names with the words
// for their types; nil when it is not written.
func (m *Mapping) Fields() map[string]engine.Type {
	return (&spaceParser{m.m.source}).fields(m.m)
}
