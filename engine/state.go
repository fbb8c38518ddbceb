package engine

import "time"

// State is a run between two steps.
type State struct {
	Run   Run
	Head  Head
	Tasks map[TaskKey]Task // open tasks, and finished ones that expressions may read (duty 5)
}

// With is the state after d. It takes the map s.Tasks over, as append takes
// over a slice: use the state that it gives and no longer s.
func (s State) With(d Delta) State {
	if !d.Changed {
		return s
	}
	s.Head = d.Head
	if s.Tasks == nil {
		s.Tasks = make(map[TaskKey]Task, len(d.Tasks))
	}
	for _, t := range d.Tasks {
		s.Tasks[t.Key()] = t
	}
	return s
}

// Run is what never changes in a run.
type Run struct {
	ID      string         // UUIDv7; commands and keys derive from it
	Number  int64          // for people
	Seed    [32]byte       // for deferral tokens
	Data    map[string]any // the event: the names that its catalogue declares
	Inputs  map[string]any // of a routine
	Started time.Time
	Depth   int // how many routine calls it is away from a run that no tree called
}

// RunStatus is computed from the tasks of a run and never set by hand.
type RunStatus string

// The statuses of a run.
const (
	RunQueued    RunStatus = "Queued"
	RunRunning   RunStatus = "Running"
	RunWaiting   RunStatus = "Waiting"
	RunError     RunStatus = "Error"
	RunComplete  RunStatus = "Complete"
	RunCancelled RunStatus = "Cancelled"
)

// Final reports whether a run of this status moves no more.
func (s RunStatus) Final() bool { return s == RunComplete || s == RunCancelled }

// TaskStatus is where one execution of a node stands.
type TaskStatus string

// The statuses of a task.
const (
	TaskNew       TaskStatus = "New"
	TaskRunning   TaskStatus = "Running"
	TaskRetrying  TaskStatus = "Retrying"
	TaskWaiting   TaskStatus = "Waiting"
	TaskError     TaskStatus = "Error"
	TaskComplete  TaskStatus = "Complete"
	TaskPassed    TaskStatus = "Passed"
	TaskFailed    TaskStatus = "Failed"
	TaskSkipped   TaskStatus = "Skipped"
	TaskCancelled TaskStatus = "Cancelled"
)

// Final reports whether a task of this status moves no more.
func (s TaskStatus) Final() bool {
	switch s {
	case TaskComplete, TaskPassed, TaskFailed, TaskSkipped, TaskCancelled:
		return true
	case TaskNew, TaskRunning, TaskRetrying, TaskWaiting, TaskError:
		return false
	}
	return false
}

// Task is the record of one execution of a node. Its results are written once.
type Task struct {
	Node     NodeID         `json:"node"`
	Place    Place          `json:"place,omitempty"`
	Status   TaskStatus     `json:"status"`
	Attempt  int            `json:"attempt,omitempty"` // the latest, counted from one
	Inputs   map[string]any `json:"inputs,omitempty"`  // parameters, masked
	Results  any            `json:"results,omitempty"` // what `nodes.x` reads
	Message  string         `json:"message,omitempty"`
	Warning  string         `json:"warning,omitempty"` // a message that could not be evaluated
	Reason   string         `json:"reason,omitempty"`  // why it waits, was passed over or cancelled, in a sentence
	Due      time.Time      `json:"due,omitzero"`      // when a wait, retry or time-out ends
	Error    *Failure       `json:"error,omitempty"`
	Attempts []Attempt      `json:"attempts,omitempty"` // the failed ones, the latest MaxAttempts kept
	Fired    []Decision     `json:"fired,omitempty"`    // what became of each connector out
	Order    int64          `json:"order"`              // rank among the run's tasks by first touch
	Done     int64          `json:"done,omitempty"`     // rank among the run's tasks by end; what was known when it ran has a lower one
	Started  time.Time      `json:"started,omitzero"`
	Tried    time.Time      `json:"tried,omitzero"` // when the latest attempt began
	Ended    time.Time      `json:"ended,omitzero"`
}

// Key names the task in its run.
func (t *Task) Key() TaskKey { return TaskKey{Node: t.Node, Place: t.Place} }

// MaxAttempts is how many failed attempts a task keeps.
const MaxAttempts = 20

// Attempt is one failed try of a task.
type Attempt struct {
	Number  int       `json:"number"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Error   Failure   `json:"error"`
}

// Decision is what became of one connector out of a task.
type Decision struct {
	To    NodeID `json:"to"`
	In    int    `json:"in"` // index into the target node's In
	On    On     `json:"on"`
	Fired bool   `json:"fired"`
	Late  bool   `json:"late,omitempty"`  // fired at a join that had run already
	Error string `json:"error,omitempty"` // the condition raised; Fired is then what an operator decided
}

// Failure is what went wrong in a node, readable in expressions as `error`.
type Failure struct {
	Code      string         `json:"code"` // a class of the handler's spec, or one of the engine's
	Message   string         `json:"message"`
	Retryable bool           `json:"retryable,omitempty"`
	Detail    map[string]any `json:"detail,omitempty"` // further members, such as status
	// Wait is a lower bound for the next attempt that the other side asked for.
	Wait time.Duration `json:"wait,omitempty"`
}

// Error lets a pure handler return a Failure as its error.
func (f Failure) Error() string { return f.Message }

// The codes that the engine itself gives; all others are the handlers'.
const (
	CodeExpression = "expression" // an expression raised or gave what its key cannot hold
	CodeFailed     = "failed"     // a pure handler failed without a class
	CodeTimeout    = "timeout"    // an attempt took too long; reported by the caller
	CodeLimit      = "limit"      // a bound of the engine was passed
)

// Fault is an error of a run that waits for somebody, or has been resolved.
type Fault struct {
	Node      NodeID    `json:"node"`
	Place     Place     `json:"place,omitempty"`
	Connector string    `json:"connector,omitempty"` // `from>to#in` for a connector's error; empty for a node's
	Kind      FaultKind `json:"kind"`
	Failure   Failure   `json:"failure"`
	Open      bool      `json:"open"`
	Action    Action    `json:"action,omitempty"` // how it was resolved
	At        time.Time `json:"at"`
}

// FaultKind says which resolutions an error allows.
type FaultKind string

// The kinds of errors in a run.
const (
	FaultHandler   FaultKind = "handler"   // the call failed: retry, skip, cancel the run
	FaultParameter FaultKind = "parameter" // a parameter could not be evaluated: retry, skip
	FaultConnector FaultKind = "connector" // a condition raised: continue (true), cancel (false)
	FaultRoutine   FaultKind = "routine"   // a called run failed or was cancelled: retry, skip
	FaultLimit     FaultKind = "limit"     // a bound of the engine was passed: retry, skip
)

// Action is what an operator does about an error.
type Action string

// The actions. Leave changes nothing in the run and is recorded by the shell.
const (
	ActionRetry    Action = "retry"
	ActionSkip     Action = "skip"
	ActionContinue Action = "continue"
	ActionCancel   Action = "cancel"
	ActionLeave    Action = "leave"
)

// Actions lists what may be done about an error of this kind.
func (k FaultKind) Actions() []Action {
	if k == FaultConnector {
		return []Action{ActionContinue, ActionCancel, ActionLeave}
	}
	return []Action{ActionRetry, ActionSkip, ActionLeave}
}
