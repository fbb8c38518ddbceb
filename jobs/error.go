package jobs

import (
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
)

// ErrorRecord is an entry of the error desk: a stopped place of a run, or a
// verdict `error` of an event (then Run is zero and Webhook is set).
type ErrorRecord struct {
	ID      int64 // assigned by the store, rises
	RunID   string
	Run     int64
	Title   engine.Title
	EventID string
	Webhook string
	Fault   engine.Fault // Kind is FaultVerdict for a verdict
	Open    bool
	Action  engine.Action // how it was handled
	Note    string
	By      string // who handled it
	Created time.Time
	Updated time.Time
}

// FaultVerdict is the kind of an error that stopped an event before any run:
// a filter, URL or path that could not be evaluated. Retry resolves again.
const FaultVerdict engine.FaultKind = "verdict"

// FaultLoop is the kind of an error that stands for a firing which the loop
// guard holds. Retry releases it: the event is resolved without the guard.
// Retention does not wait for it, so that a loop cannot fill the disk.
const FaultLoop engine.FaultKind = "loop"

// VerdictFault gives the fault that a verdict puts on the error desk; false for
// a verdict that nobody need look at.
func VerdictFault(v webhooks.Verdict, at time.Time) (engine.Fault, bool) {
	kinds := map[webhooks.Outcome]engine.FaultKind{webhooks.Errored: FaultVerdict, webhooks.Loop: FaultLoop}
	kind, stands := kinds[v.Outcome]
	return engine.Fault{Kind: kind, Open: true, At: at, Failure: engine.Failure{Code: string(kind), Message: v.Reason}}, stands
}

// ofVerdict reports whether an error stopped an event before any run.
func (e *ErrorRecord) ofVerdict() bool {
	return e.Fault.Kind == FaultVerdict || e.Fault.Kind == FaultLoop
}
