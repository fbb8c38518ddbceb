package engine

import "time"

// Head is the small, moving part of a run's state: what is open, what has
// arrived at joins, and counters. It is at most 64 kB and is saved as JSON.
// Only Step changes it; callers read Status, Reason, Ended, Keys and Pending.
type Head struct {
	Semantics int         `json:"semantics"` // of the engine that started the run
	Status    RunStatus   `json:"status"`
	Open      []Execution `json:"open,omitempty"`
	Joins     []Tally     `json:"joins,omitempty"`
	Order     int64       `json:"order"`              // last rank given to a task
	Done      int64       `json:"done"`               // last rank given to an end
	Steps     int64       `json:"steps"`              // steps taken; names Continue commands
	Continue  CommandID   `json:"continue,omitempty"` // the Continue that is under way
	Answered  bool        `json:"answered,omitempty"`
	Returned  bool        `json:"returned,omitempty"`
	Reason    string      `json:"reason,omitempty"` // why it was cancelled, or ended early
	Ended     time.Time   `json:"ended,omitzero"`
}

// Execution is a task that is not finished, or a connector whose condition
// raised. It holds only what a step must decide upon; the rest is in its task.
type Execution struct {
	Node      NodeID     `json:"node"`
	Place     Place      `json:"place,omitempty"`
	Status    TaskStatus `json:"status"`
	Attempt   int        `json:"attempt,omitempty"`
	Max       int        `json:"max,omitempty"` // attempts in all, while it is Retrying
	Due       time.Time  `json:"due,omitzero"`
	Cause     NodeID     `json:"cause,omitempty"`     // the failed node that `error` speaks of
	Connector string     `json:"connector,omitempty"` // the connector out of Node that raised
	Kind      FaultKind  `json:"kind,omitempty"`      // of the error that it stands in
	Created   bool       `json:"created,omitempty"`   // its created connectors have fired
	Token     bool       `json:"token,omitempty"`     // it waits for its token, until Due if that is set
	Early     bool       `json:"early,omitempty"`     // its token was completed before its call was reported
	Updates   int        `json:"updates,omitempty"`   // of its token
	Child     int64      `json:"child,omitempty"`     // number of the run that it called and waits for
	Item      bool       `json:"item,omitempty"`      // one item of a loop without a body
	Rounds    *Rounds    `json:"rounds,omitempty"`    // of a loop
}

// Key names the task of the execution.
func (e *Execution) Key() TaskKey { return TaskKey{Node: e.Node, Place: e.Place} }

// hasTask tells a node that is queued for its first attempt from the others.
func (e *Execution) hasTask() bool { return e.Attempt > 0 || e.Connector != "" }

// Tally counts what has arrived at one join in one place.
type Tally struct {
	Node    NodeID `json:"node"`
	Place   Place  `json:"place,omitempty"`
	Arrived []int  `json:"arrived,omitempty"` // indexes into the node's In, in order of arrival
	Filled  bool   `json:"filled,omitempty"`  // it has run, or closed as unmet
	Visits  int    `json:"visits,omitempty"`
	Moved   bool   `json:"moved,omitempty"` // a settled join whose way led to another place
	Cause   NodeID `json:"cause,omitempty"` // as in Execution, of the latest arrival that had one
}

// Keys lists the tasks that a step may change: [State.Tasks] must hold them.
func (h Head) Keys() []TaskKey {
	var keys []TaskKey
	for i := range h.Open {
		if e := &h.Open[i]; e.hasTask() {
			keys = append(keys, e.Key())
		}
	}
	return keys
}

// status is the run's, as a function of what is open.
func (h Head) status() RunStatus {
	status := RunComplete
	for i := range h.Open {
		switch h.Open[i].Status {
		case TaskError:
			return RunError
		case TaskNew, TaskRunning:
			status = RunRunning
		case TaskWaiting, TaskRetrying:
			if status == RunComplete {
				status = RunWaiting
			}
		case TaskComplete, TaskPassed, TaskFailed, TaskSkipped, TaskCancelled: // never open
		}
	}
	return status
}
