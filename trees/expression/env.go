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
	// Nullable lists the paths of records (such as `values`) of which declared
	// members may be absent: they read as nil. `nodes` always is one.
	Nullable []string
	// Secrets are the declared names that `secret()` takes.
	Secrets []string
}

// With is a child scope: the names of e and these, which win.
func (e *Env) With(names map[string]engine.Type) *Env {
	child := &Env{Nullable: e.Nullable, Secrets: e.Secrets, Names: maps.Clone(e.Names)}
	if child.Names == nil {
		child.Names = make(map[string]engine.Type, len(names))
	}
	maps.Copy(child.Names, names)
	return child
}
