package engine

import "time"

// Command is something to be done for a run, after the step that asked for it
// has been committed.
//
//sumtype:decl
type Command interface{ command() }

// Call asks for a handler to be called. The outcome is reported as Succeeded
// or Failed with its ID.
type Call struct {
	ID      CommandID
	Key     string // idempotency key: the same over every attempt
	Node    NodeID
	Place   Place
	Attempt int
	Handler string
	Params  map[string]any // masked
	Seals   []Seal         // where Params hold secrets
	Timeout time.Duration  // zero means the handler's own
}

// Timer asks to be told, by Elapsed, when a time has come.
type Timer struct {
	ID  CommandID
	Due time.Time
}

// Continue asks for another step, by Continued: this one reached its bound.
type Continue struct {
	ID CommandID
}

// Drop says that the outcome of an earlier command is of no more interest: a
// timer need not fire, a call that has not begun need not be made.
type Drop struct {
	ID CommandID
}

func (Call) command()     {}
func (Timer) command()    {}
func (Continue) command() {}
func (Drop) command()     {}
