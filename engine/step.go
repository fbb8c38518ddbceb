package engine

import "errors"

// Step decides what a run does next. See the package documentation for the
// contract. It fails only on a caller's mistake: a state that is not of this
// tree, or a first event that is not Started.
func Step(_ *Tree, _ State, _ Event) (Delta, []Command, error) {
	return Delta{}, nil, errors.New("engine: no step is written yet")
}
