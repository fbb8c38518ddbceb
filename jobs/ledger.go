package jobs

import (
	"context"
	"errors"
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// What a store answers besides success.
var (
	// ErrStale says that a run has moved since it was loaded.
	ErrStale = errors.New("the run has moved on")
	// ErrNotFound says that there is no such job, run, event or error.
	ErrNotFound = errors.New("not found")
	// ErrKeyReused says that a dedupe key came back with another body. Accept
	// wraps it with the event's place in the batch: "events[3]: ...".
	ErrKeyReused = errors.New("the idempotency key was used for another body")
	// ErrBusy says that the writer's queue is full; try again after a moment.
	ErrBusy = errors.New("the writer's queue is full")
	// ErrCursor says that a list's cursor is not one of this store's.
	ErrCursor = errors.New("the cursor is not one that a list gave")
	// ErrDiskFull says that there is too little room left to accept more.
	ErrDiskFull = errors.New("too little disk space is left")
)

// Ledger is the writing side of the store: each method is one transaction,
// committed when it returns without an error.
type Ledger interface {
	// ReserveNumber gives the next run number. A number that is never used is
	// a gap, never a repeat.
	ReserveNumber() int64
	// Accept saves events whole, with verdicts, jobs, runs, first steps and
	// work; all of them or none. It fails with ErrKeyReused, ErrBusy or
	// ErrDiskFull.
	//
	// An event whose external id came from the same credential within
	// [DedupeWindow] gives the first one's receipt, marked Duplicate; in one
	// batch too. A dedupe key that a kept run of the same title has turns its
	// firing into a duplicate verdict: no job is saved, and the receipt names
	// the first run's job. A run is saved as Queued, without its first step
	// and its work, when a run of the same title and lane is not final.
	//
	// A verdict of outcome error or loop opens the error of [VerdictFault].
	Accept(ctx context.Context, batch []Acceptance) ([]Receipt, error)
	// Load gives a run with the event's data, its tasks that are not finished,
	// the finished ones of the named nodes, and its held work.
	Load(ctx context.Context, runID string, nodes []engine.NodeID) (Loaded, error)
	// Record saves one step of a run and raises its revision by one. It fails
	// with ErrStale when the revision is not the expected one. A fault opens
	// an error, or changes the open one of the same node, place and connector.
	// Work with a known ID takes the place of the old. When the run became
	// final, its remaining work goes; and when every other run of its lane is
	// Queued, the one of the lowest number gets its WorkStart.
	Record(ctx context.Context, p Progress) error
	// LoadJob gives a job with its request and the event's payload.
	LoadJob(ctx context.Context, jobID string) (LoadedJob, error)
	// RecordJob saves a job after an attempt, a retry or a cancellation, with
	// the run that a retry of a tree job started; lanes hold as in Accept, keys
	// do not. It fails with ErrStale when the job's status is not Was.
	RecordJob(ctx context.Context, p JobProgress) error
	// Due lists work whose time has come, the oldest first, and the time at
	// which the next piece falls due (zero for none). Held work is not listed.
	// It changes nothing.
	Due(ctx context.Context, q DueQuery) (work []Work, next time.Time, err error)
	// RecordError saves how an error was handled when no step of a run does.
	// The verdicts of its Accept take the place of those of the event that
	// Places names; its firings are saved as by [Ledger.Accept].
	RecordError(ctx context.Context, p ErrorProgress) error
	// Purge removes the oldest events that retention no longer keeps, with all
	// that followed from them, at most limit events at a time, and reports how
	// many went. An event stays while its dedupe key lives ([DedupeWindow]), or
	// a run of it is not final, a job not ended, an error open that is neither
	// of kind [FaultLoop] nor [FaultApplication]. What is held is ended.
	Purge(ctx context.Context, keep Retention, now time.Time, limit int) (int, error)
}

// Remover removes single pieces of history that somebody wants gone.
type Remover interface {
	// RemoveRun removes a run that is final, with its tasks and errors. Its job
	// and its event stay; its dedupe key is free. It fails with ErrNotFound, or
	// with ErrStale when the run is not final.
	RemoveRun(ctx context.Context, number int64, audit Audit) error
}

// DedupeWindow is how long an event's external id is remembered.
const DedupeWindow = 24 * time.Hour

// DueQuery asks for work.
type DueQuery struct {
	Now   time.Time
	Limit int
	Busy  []string // hosts whose work is left out, because they have enough of it
	// Resting are queues whose work is left out: they have enough of it, or
	// their circuit is open, or their rate is used up.
	Resting []string
}

// Acceptance is one event with everything that follows from it.
type Acceptance struct {
	Event    event.Event
	Verdicts []webhooks.Verdict
	Firings  []Firing
}

// Firing is one job to be saved, with its run and the run's first step.
type Firing struct {
	Verdict int // index into the acceptance's verdicts
	Job     Job
	Run     *Run // nil for a URL job and for a tree that does not exist
	First   Step // of Run
	Work    []Work
}

// Step is what one step of a run changed, ready to be saved.
type Step struct {
	Delta engine.Delta
	Add   []Work
	Drop  []string // IDs of work that is done or dropped
}

// Receipt is what the sender of an event is told.
type Receipt struct {
	EventID   string
	Path      string
	Duplicate bool
	Verdicts  []webhooks.Verdict
	Jobs      []JobRef
}

// Loaded is a run ready for a step.
type Loaded struct {
	Run   Run
	Data  map[string]any // of its event
	Tasks []engine.Task  // by Order: the open ones, and the finished ones of the nodes asked for
	Held  []Work         // what a broken step left to be done again
}

// Progress is one step of a run, to be saved.
type Progress struct {
	Run   Run // with the new head, status, outputs, times; Revision is the expected one
	Step  Step
	Error *ErrorProgress // of an operator's resolution
	Audit *Audit
}

// LoadedJob is a job ready for an attempt.
type LoadedJob struct {
	Job     Job
	Payload []byte // of its event
	Data    map[string]any
}

// JobProgress is a changed job, to be saved.
type JobProgress struct {
	Job   Job
	Was   JobStatus // the status it is expected to have; ErrStale otherwise
	Run   *Run      // started by a retry of a tree job
	First Step
	Add   []Work
	Drop  []string
	Audit *Audit
	// Endpoint is what the attempt changed in the job's subscription; nil for
	// nothing.
	Endpoint *subscription.Update
	// Take are jobs that were never tried and go along with this one from now
	// on: their Batch becomes its ID, and their work goes. It fails with
	// ErrStale when one of them is not Queued any more.
	Take []string
	// Notice is an event of ours that tells of it, saved as by [Ledger.Accept].
	Notice *Acceptance
}

// Batches gathers what may go along with a delivery.
//
// The jobs that a job took along follow it: RecordJob gives them its status,
// its summary and its times, and search finds them by them.
type Batches interface {
	// Gather lists jobs that were never tried and whose work is in the queue,
	// the oldest first, without the one named: at most limit.
	Gather(ctx context.Context, queue, but string, limit int) ([]LoadedJob, error)
}

// Endpoints knows the subscriptions that deliveries go to, as they are now.
type Endpoints interface {
	// Endpoint gives one; false when it is gone.
	Endpoint(id string) (subscription.Endpoint, bool)
	// Resting lists the queues whose circuit is open, and when the first of
	// them may be tried; zero for none.
	Resting(now time.Time) (queues []string, next time.Time)
	// Settle brings an endpoint from one state to the next: change is given it
	// as it is now, saves what it decides, and returns what was saved, nil for
	// nothing. No other change of the same endpoint runs meanwhile.
	Settle(ctx context.Context, id string, change func(subscription.Endpoint) (*subscription.Update, error)) error
}

// ErrorProgress is how an error was handled.
type ErrorProgress struct {
	ID     int64
	Action engine.Action
	Note   string
	By     string
	At     time.Time
	Open   bool   // still to be seen: a verdict that failed again
	Audit  *Audit // nil inside a Progress, which has its own
	// Accept holds what a retried verdict came to; nil for none.
	Accept *Acceptance
	// Places says of each verdict of Accept which of the event's verdicts it
	// replaces; a negative place, or one past the end, adds it, with the error
	// of [VerdictFault] if it stands.
	Places []int
}

// Audit is one row of the audit: who did what to what, and why.
type Audit struct {
	At     time.Time
	Who    string
	Did    string // "job.retry", "error.skip", "run.cancel", ...
	What   string // id or number of what it was done to
	Note   string
	Detail map[string]any
}

// Retention says what is kept.
type Retention struct {
	Age   time.Duration // zero keeps for ever
	Bytes int64         // of the whole store; zero is no bound
	Acts  int64         // rows of the audit; zero is no bound
}

// MaxActs is how many rows of the audit a server keeps, the latest.
const MaxActs = 100_000
