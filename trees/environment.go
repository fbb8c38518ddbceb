package trees

import "hooktree/engine"

// Environment is what trees are checked against.
type Environment struct {
	Space    *Space                  // nil checks without declared fields and secrets
	Handlers map[string]*engine.Spec // by the name that `do:` gives

	// Names gives the names that an expression of a tree may read from its
	// event, with their types. False says that the title looks like an event's
	// path but that no such event exists. Nil knows no events: every name of
	// the language may be read, untyped.
	Names func(engine.Title) (map[string]engine.Type, bool)

	// Near lists event paths like that of an unknown title, best first. It may
	// be nil.
	Near func(engine.Title) []string

	// Routines are the routines that trees may call. [Check] adds those of its
	// files.
	Routines map[engine.Title]Signature

	// Ahead accepts what the language has and this version of hooktree does not
	// run yet.
	Ahead bool
}

// Signature is what a caller must know of a routine.
type Signature struct {
	Title   engine.Title
	Hash    string // of the version that calls are bound to
	Inputs  []engine.Input
	Outputs []string // names; nil when the routine declares none
}

// routine finds the routine that a tree of a source means by a name: that of
// its own source, else the global one.
func (e *Environment) routine(name, source string) (Signature, bool) {
	for _, title := range routineTitles(name, source) {
		if s, ok := e.Routines[title]; ok {
			return s, true
		}
	}
	return Signature{}, false
}

// Global is the source, and the group, of routines that any tree may call.
const Global = "-"

// routineTitles lists the titles that a routine's name may mean in a source,
// nearest first.
func routineTitles(name, source string) []engine.Title {
	local := engine.Title{Source: source, Group: Global, Name: name}
	global := engine.Title{Source: Global, Group: Global, Name: name}
	if local == global {
		return []engine.Title{global}
	}
	return []engine.Title{local, global}
}
