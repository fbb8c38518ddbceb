package expression

import (
	"maps"

	"hooktree/engine"
)

// Env declares what an expression may name.
type Env struct {
	// Names are the names in scope with their types. `nodes` is a record of
	// node id to type; every member of it may be nil.
	Names map[string]engine.Type
	// Optional lists the names that a scope may lack, though they are declared:
	// they read as nil.
	Optional []string
	// Answers lists the names of records that hold the answers of a form (such
	// as `values`). A declared member of one may be absent, and reads as nil; a
	// declared integer, number or boolean may have come as text, and reads as
	// what it says. Members of `nodes` may always be absent.
	Answers []string
	// Secrets are the declared names that `secret()` takes.
	Secrets []string
	// Steps is how many sub-expressions one evaluation may take, where that is
	// less than [MaxNodes]; zero is MaxNodes. Strangers' expressions, of which
	// one event may meet thousands, are held to less than an admin's.
	Steps int
}

// steps is the budget of one evaluation.
func (e *Env) steps() int {
	if e == nil || e.Steps <= 0 {
		return MaxNodes
	}
	return min(e.Steps, MaxNodes)
}

// With is a child scope: the names of e and these, which win.
func (e *Env) With(names map[string]engine.Type) *Env {
	child := &Env{Optional: e.Optional, Answers: e.Answers, Secrets: e.Secrets, Steps: e.Steps, Names: maps.Clone(e.Names)}
	if child.Names == nil {
		child.Names = make(map[string]engine.Type, len(names))
	}
	maps.Copy(child.Names, names)
	return child
}
