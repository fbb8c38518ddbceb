package engine

import (
	"fmt"
	"time"
)

// MaxDepth is how deep routines may call each other.
const MaxDepth = 100

// CallRoutine asks for a run of another tree. That it was made is reported as
// Began, its end as Returned or Failed, each with this ID. Every attempt is a
// run of its own; a repeated command is the same run. When the command is
// dropped, the run that it made is to be cancelled.
type CallRoutine struct {
	ID      CommandID
	Key     string // idempotency key: the same over every attempt
	Node    NodeID
	Place   Place
	Attempt int
	Title   Title
	Hash    string         // the version to run
	Inputs  map[string]any // masked; bound by [Tree.Bind] of the routine
	Seals   []Seal         // where Inputs hold secrets
	Depth   int            // of the run to be made
	Detach  bool           // nobody waits for its end: Began is the outcome
}

func (CallRoutine) command() {}

// Began reports that the run of a CallRoutine was made.
type Began struct {
	Command CommandID
	Run     string // its ID
	Number  int64
	At      time.Time
}

// Returned reports the first return of a called run, or its outputs when it
// completed without one. A called run that fails to be made, or is cancelled,
// is reported as Failed.
type Returned struct {
	Command CommandID
	Outputs any
	At      time.Time
}

func (Began) event()    {}
func (Returned) event() {}

// callRoutine has another tree run.
func (w *walk) callRoutine(e *Execution, t *Task, n *Node) {
	inputs, err := w.params(e, n)
	if err != nil {
		w.raise(e, t, err)
		return
	}
	masked, seals := w.part(inputs)
	t.Inputs, _ = masked.(map[string]any)
	if w.run.Depth >= MaxDepth {
		w.refuse(e, t, Failure{
			Code: CodeLimit, Message: fmt.Sprintf("%s would be called %d routines deep", n.Routine.Title, MaxDepth+1),
		}, FaultLimit)
		return
	}
	w.command(CallRoutine{
		ID: w.run.command(e, errandCall), Key: w.run.Key(e.Node, e.Place),
		Node: e.Node, Place: e.Place, Attempt: e.Attempt,
		Title: n.Routine.Title, Hash: n.Routine.Hash, Inputs: t.Inputs, Seals: seals,
		Depth: w.run.Depth + 1, Detach: n.Routine.Detach,
	})
	w.keep(e, t, TaskRunning)
}

// began notes the run that a call made: a detached call is complete by it.
func (w *walk) began(ev Began) bool {
	e, t, ok := w.reportOf(ev.Command, ev.At, func(e *Execution) bool {
		return e.Status == TaskRunning && w.node(e.Node).Routine != nil
	})
	if !ok {
		return false
	}
	if w.node(e.Node).Routine.Detach {
		w.complete(e, t, TaskComplete, map[string]any{"run": ev.Number})
		return true
	}
	e.Child = ev.Number
	t.Status, t.Reason = TaskWaiting, e.childReason()
	w.created(e, t)
	w.keep(e, t, TaskWaiting)
	return true
}

// returned completes a call. The report that its run was made may come later
// than this, or never.
func (w *walk) returned(ev Returned) bool {
	e, t, ok := w.reportOf(ev.Command, ev.At, func(e *Execution) bool {
		r := w.node(e.Node).Routine
		return r != nil && !r.Detach
	})
	if ok {
		e.Child = 0
		w.complete(e, t, TaskComplete, ev.Outputs)
	}
	return ok
}

func (e *Execution) childReason() string {
	return fmt.Sprintf("%s waits for run %d", e.Node, e.Child)
}
