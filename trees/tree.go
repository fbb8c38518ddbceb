package trees

import (
	"time"

	"hooktree/engine"
)

// Tree is one version of a tree: what the engine runs, with what its author
// wrote and what decides whether an event fires it. It is immutable.
type Tree struct {
	*engine.Tree

	File     string // path in the space
	YAML     []byte // as it was written
	Path     string // event path that fires it, `GROUP / NAME`; empty for a routine
	Note     string
	When     engine.Expr    // false filters the event; nil is true
	Dedupe   engine.Expr    // key of a run; nil has none
	Lane     engine.Expr    // key of an ordered queue of runs; nil has none
	Inactive bool           // `status: Inactive`: kept, shown and not fired
	Calls    []engine.Title // the routines that it calls

	Recursive bool      // it calls itself, directly or through others
	Modified  time.Time // of the file; zero when unknown
	Warnings  Faults

	lines map[engine.NodeID]int
}

// Line gives the line on which a node begins; zero for a node it has not.
func (t *Tree) Line(id engine.NodeID) int { return t.lines[id] }

// Signature is what callers of a routine are checked against.
func (t *Tree) Signature() Signature {
	s := Signature{Title: t.Title, Hash: t.Hash, Inputs: t.Inputs}
	for _, o := range t.Outputs {
		s.Outputs = append(s.Outputs, o.Name)
	}
	return s
}
