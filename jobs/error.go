package jobs

import (
	"time"

	"hooktree/engine"
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
