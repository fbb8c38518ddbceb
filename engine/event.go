package engine

import "time"

// Event is something that happened to a run.
//
//sumtype:decl
type Event interface{ event() }

// Started begins the run. It is the first event and comes once.
type Started struct {
	At time.Time
}

// Continued lets a run that stopped at the bound of one step go on.
type Continued struct {
	Command CommandID
	At      time.Time
}

// Succeeded reports that a Call gave its results.
type Succeeded struct {
	Command CommandID
	At      time.Time
	Results map[string]any
}

// Failed reports that a Call failed. Whether it is tried again is decided by
// the node's retry policy.
type Failed struct {
	Command CommandID
	At      time.Time
	Failure Failure
}

// Elapsed reports that the time of a Timer has come.
type Elapsed struct {
	Command CommandID
	At      time.Time
}

// Completed is the completion of a deferral by its token. The first one counts.
type Completed struct {
	Node    NodeID
	Place   Place
	Results any
	Message string
	At      time.Time
}

// Updated is an update of a deferral by its token; the node goes on waiting.
type Updated struct {
	Node    NodeID
	Place   Place
	Results any
	Message string
	At      time.Time
}

// Resolved is an operator's answer to an open error.
type Resolved struct {
	Node      NodeID
	Place     Place
	Connector string // as in Fault
	Action    Action // retry, skip, continue or cancel
	Results   any    // of a skip; nil leaves `nodes.x` nil
	At        time.Time
}

// Cancelled ends the run for a reason.
type Cancelled struct {
	Reason string
	At     time.Time
}

func (Started) event()   {}
func (Continued) event() {}
func (Succeeded) event() {}
func (Failed) event()    {}
func (Elapsed) event()   {}
func (Completed) event() {}
func (Updated) event()   {}
func (Resolved) event()  {}
func (Cancelled) event() {}
