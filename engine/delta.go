package engine

// Delta is what one step changed: the new head, and the tasks and errors that
// were touched, each whole.
type Delta struct {
	Head    Head
	Tasks   []Task
	Faults  []Fault
	Outputs any  // the run's first return, or a routine's outputs, in the step that gave it
	Changed bool // false for a repeated or late report: nothing is to be saved
}
