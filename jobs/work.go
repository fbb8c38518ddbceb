package jobs

import (
	"time"

	"hooktree/engine"
)

// WorkKind says what is to be done.
type WorkKind string

// The kinds of work.
const (
	WorkStart    WorkKind = "start"    // begin a run that waited for its lane
	WorkCall     WorkKind = "call"     // call a handler
	WorkTimer    WorkKind = "timer"    // tell a run that a time has come
	WorkContinue WorkKind = "continue" // let a run take another step
	WorkDelivery WorkKind = "delivery" // try a URL job
)

// Work is something to be done after commit. It stands in the store until the
// transaction that saves its outcome removes it.
type Work struct {
	ID    string // the command's ID, or the job's for a delivery, or the run's for a start
	Kind  WorkKind
	RunID string
	JobID string
	Due   time.Time    // zero holds it back until an operator retries the step that broke
	Host  string       // where it goes, for fairness between endpoints; empty for a timer
	Call  *engine.Call // of WorkCall
	// Queue is the ID of the subscription that a delivery goes to; empty for
	// all else. It takes the place of Host in the fairness between endpoints.
	Queue string
	// Ordered holds a delivery back while older work of its queue exists.
	Ordered bool
}
