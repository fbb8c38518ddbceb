package jobs

import (
	"slices"
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

// FaultApplication is the kind of an error in deciding about a subscription: an
// application's filter failed, say. Retention does not wait for it, so that an
// application cannot fill the disk.
const FaultApplication engine.FaultKind = "application"

// VerdictFault gives the fault that the verdict at a place of an event's list
// puts on the error desk; false for a verdict that nobody need look at. The
// place tells the verdicts of one webhook apart, which has one a target.
func VerdictFault(v webhooks.Verdict, place int, at time.Time) (engine.Fault, bool) {
	kinds := map[webhooks.Outcome]engine.FaultKind{webhooks.Errored: FaultVerdict, webhooks.Loop: FaultLoop}
	kind, stands := kinds[v.Outcome]
	if kind == FaultVerdict && v.Application {
		kind = FaultApplication
	}
	detail := map[string]any{verdictDetail: int64(place)}
	if v.Target != "" {
		detail["target"] = v.Target
	}
	return engine.Fault{
		Kind: kind, Open: true, At: at,
		Failure: engine.Failure{Code: string(kind), Message: v.Reason, Detail: detail},
	}, stands
}

// ofVerdict reports whether an error stopped an event before any run.
func (e *ErrorRecord) ofVerdict() bool {
	return slices.Contains([]engine.FaultKind{FaultVerdict, FaultApplication, FaultLoop}, e.Fault.Kind)
}

// verdictDetail is where a fault keeps the place of its verdict.
const verdictDetail = "verdict"

// verdict is the place of the verdict that an error stands for.
func (e *ErrorRecord) verdict() int {
	place, ok := e.Fault.Failure.Detail[verdictDetail].(int64)
	if !ok {
		return -1
	}
	return int(place)
}
