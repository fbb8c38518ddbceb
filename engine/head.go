package engine

import "time"

// Head is the small, moving part of a run's state: what is open, what has
// arrived at joins, and counters. It is at most 64 kB and is saved as JSON.
// Only Step changes it; callers read Status and Pending.
type Head struct {
	Semantics int         `json:"semantics"` // of the engine that started the run
	Status    RunStatus   `json:"status"`
	Open      []Execution `json:"open,omitempty"`
	Joins     []Tally     `json:"joins,omitempty"`
	Order     int64       `json:"order"` // last rank given to a task
	Done      int64       `json:"done"`  // last rank given to an end
	Steps     int64       `json:"steps"` // steps taken; names Continue commands
	Answered  bool        `json:"answered,omitempty"`
	Reason    string      `json:"reason,omitempty"` // why it was cancelled
	Ended     time.Time   `json:"ended,omitzero"`
}

// Execution is a task that is not finished.
type Execution struct {
	Node    NodeID     `json:"node"`
	Place   Place      `json:"place,omitempty"`
	Status  TaskStatus `json:"status"`
	Attempt int        `json:"attempt,omitempty"`
	Command CommandID  `json:"command,omitempty"` // the call or timer that it waits for
	Timeout CommandID  `json:"timeout,omitempty"` // the timer of a deferral's time-out
	Due     time.Time  `json:"due,omitzero"`
	Task    Task       `json:"task"` // its record so far
}

// Tally counts what has arrived at one join in one place.
type Tally struct {
	Node    NodeID `json:"node"`
	Place   Place  `json:"place,omitempty"`
	Arrived []int  `json:"arrived,omitempty"` // indexes into the node's In, in order of arrival
	Dead    []int  `json:"dead,omitempty"`    // connectors that can no longer fire
	Filled  bool   `json:"filled,omitempty"`
	Visits  int    `json:"visits,omitempty"`
}

// Pending names one thing that a run waits for.
type Pending struct {
	Node    NodeID
	Place   Place
	Status  TaskStatus // Running, Retrying, Waiting or Error
	Attempt int
	Max     int // attempts in all, for Retrying
	Due     time.Time
	Reason  string // a sentence: "retry 3 of 5 at 14:05", "token of approval since 2 d"
}

// Delta is what one step changed: the new head, and the tasks and errors that
// were touched, each whole.
type Delta struct {
	Head    Head
	Tasks   []Task
	Faults  []Fault
	Outputs any  // the run's first return, or a routine's outputs, in the step that gave it
	Changed bool // false for a repeated or late report: nothing is to be saved
}
