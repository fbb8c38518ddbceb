package server

import (
	"context"
	"errors"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// Services is what the server answers by. Every member is required.
type Services struct {
	Accounts  *accounts.Service
	Intake    Intake
	History   jobs.History
	Desk      Desk
	Trees     Trees
	Webhooks  Webhooks
	Catalogue func() *event.Catalogue // the active one
	Handlers  func() []*engine.Spec   // sorted by name
	Explain   Explainer
	Feed      Feed
	Health    Health
}

// Intake takes events in.
type Intake interface {
	// Accept stores events with all that follows from them, in one
	// transaction, and returns after its commit. With want.Exactly it fails
	// with a [NotOneRun] before anything is stored, unless exactly one run is
	// fired.
	Accept(ctx context.Context, events []event.Event, want Want) ([]jobs.Receipt, error)
	// Await waits until the run has answered or moves no more, or ctx is done.
	Await(ctx context.Context, runID string) (jobs.Run, error)
}

// Want is what a sender wants besides acceptance.
type Want struct {
	Exactly bool   // one run is to be fired, because its answer is waited for
	Webhook string // and by this webhook; empty for any
}

// NotOneRun says how many runs an event would have started where one was wanted.
type NotOneRun struct {
	Fired []string // webhooks
}

func (e *NotOneRun) Error() string { return "the event does not fire exactly one run" }

// Desk is what an operator does to jobs, runs and errors. Each act is audited
// in its own transaction.
type Desk interface {
	RetryJob(ctx context.Context, id string, act Act) error
	CancelJob(ctx context.Context, id string, act Act) error
	CancelRun(ctx context.Context, number int64, act Act) error
	// Resolve handles the open errors that the filter selects and reports on
	// each; an error that does not allow the action is reported, not handled.
	Resolve(ctx context.Context, f jobs.ErrorFilter, r Resolve) ([]Resolved, error)
}

// Act is who does something, and why.
type Act struct {
	By   string
	Note string
}

// Resolve is what to do about errors.
type Resolve struct {
	Act

	Action  engine.Action
	Results any // of a skip
}

// Resolved is what became of one error.
type Resolved struct {
	ID      int64
	Handled bool
	Reason  string // why not
}

// Trees is the library of trees and its history.
type Trees interface {
	// Library is the active snapshot.
	Library() *trees.Library
	// Pinned gives a compiled version by its hash, active or not.
	Pinned(ctx context.Context, hash string) (*engine.Tree, error)
	// History lists the versions of a title, the latest first.
	History(ctx context.Context, title engine.Title, limit int) ([]trees.Version, error)
	// Put checks and activates a version. Faults are an error of type
	// [trees.Faults]; an active hash that is not edit.Was is jobs.ErrStale.
	Put(ctx context.Context, edit TreeEdit) (*trees.Tree, error)
	// Delete takes a tree out of the library.
	Delete(ctx context.Context, edit TreeEdit) error
	// Check gives the faults and warnings that a text would have.
	Check(ctx context.Context, file string, yaml []byte) trees.Faults
}

// TreeEdit is a change of one tree.
type TreeEdit struct {
	Title engine.Title
	YAML  []byte // nil for a deletion
	Was   string // hash that must be active; empty: there must be no such tree
	Any   bool   // Was is not looked at (`If-Match: *`)
	By    string
}

// Webhooks keeps explicit webhooks.
type Webhooks interface {
	List(ctx context.Context) ([]webhooks.Webhook, error)
	// Put makes or changes a webhook from its definition, with faults as
	// [trees.Faults], and ErrStale as Trees does.
	Put(ctx context.Context, edit WebhookEdit) (webhooks.Webhook, error)
	Delete(ctx context.Context, edit WebhookEdit) error
}

// WebhookEdit is a change of one webhook.
type WebhookEdit struct {
	Name       string
	Kapp       string
	Definition []byte // JSON, in the form of an entry of webhooks.yaml
	Was        string // as in TreeEdit
	Any        bool
	By         string
}

// Explainer recomputes what expressions saw: values are not stored. The error
// is the one that the evaluation ended with; what was seen before is given too.
type Explainer interface {
	// Verdict gives the sub-expressions of a verdict's filter.
	Verdict(ctx context.Context, e jobs.EventRecord, v webhooks.Verdict) ([]expression.Seen, error)
	// Connector gives the sub-expressions of a connector's condition.
	Connector(ctx context.Context, run jobs.Run, tasks []engine.Task, t engine.Task, d engine.Decision) ([]expression.Seen, error)
}

// Feed tells what happens, in commit order.
type Feed interface {
	// Latest is the sequence of the newest change; zero when there was none.
	Latest() int64
	// Follow calls tell for every change after the given one, until ctx is
	// done or tell returns an error. It fails with ErrTooOld when changes
	// after the given one are no longer held.
	Follow(ctx context.Context, after int64, tell func(Change) error) error
}

// ErrTooOld says that a follower has missed changes that are no longer held.
var ErrTooOld = errors.New("changes since then are no longer held")

// Change is one thing that happened, for the live stream.
type Change struct {
	Sequence int64  // of its commit
	Kind     string // one word: "job", "run", "error", ...
	Data     []byte // JSON, on one line
}

// Health is what probes and metrics read.
type Health interface {
	// Ready gives a sentence for each thing that keeps the server from its
	// work; warnings are for people and do not.
	Ready(ctx context.Context) (troubles, warnings []string)
	// Gauges gives what is measured elsewhere, by the names of metrics.
	Gauges(ctx context.Context) map[string]float64
}
