package jobs

import (
	"context"
	"time"

	"hooktree/engine"
)

// History is the reading side of the store, for people and clients.
// Lists are newest first; a cursor is opaque and empty at the end, and rows
// that come in between two pages neither repeat nor hide another. Text selects
// the rows in which every word of it occurs, in any case of its letters; it may
// lag behind, as [Counts.SearchLag] tells. Nothing in a text is syntax.
type History interface {
	Jobs(ctx context.Context, f JobFilter) ([]Job, string, error)
	Job(ctx context.Context, id string) (Job, error)
	Runs(ctx context.Context, f RunFilter) ([]Run, string, error)
	Run(ctx context.Context, number int64) (Run, error)
	Tasks(ctx context.Context, runID string) ([]engine.Task, error)
	Events(ctx context.Context, f EventFilter) ([]EventRecord, string, error)
	Event(ctx context.Context, id string) (EventRecord, error)
	Errors(ctx context.Context, f ErrorFilter) ([]ErrorRecord, string, error)
	Count(ctx context.Context) (Counts, error)
}

// AuditLog is the reading side of the audit, newest first.
type AuditLog interface {
	Audits(ctx context.Context, p Page) ([]Audit, string, error)
}

// Page bounds a list: at most Limit rows after Cursor.
type Page struct {
	Limit  int // 1 to 1000; zero is 50
	Cursor string
}

// JobFilter selects jobs; zero members select all.
type JobFilter struct {
	Page
	Status   []JobStatus
	Webhook  string
	Type     string
	Action   string
	Kapp     string
	Form     string
	Entity   string // submission
	EventID  string
	Run      int64
	From, To time.Time // of Created: from is included, to is not
	Text     string    // in path, webhook, URL, summary, payload and answer

	Subscription string // ID of the one that the job is a delivery to
	OldestFirst  bool   // turns the list round, its cursors included
}

// RunFilter selects runs; zero members select all.
type RunFilter struct {
	Page
	Status   []engine.RunStatus
	Source   string
	Group    string
	Name     string
	JobID    string
	EventID  string
	From, To time.Time // of Created
	Text     string    // in the title and the event's path and payload
}

// EventFilter selects events; zero members select all.
type EventFilter struct {
	Page
	Platform                         string
	Type, Action, Kapp, Form, Entity string
	Path                             string
	Credential                       string    // who sent it
	Fired                            *bool     // whether at least one verdict is fired
	Outcome                          string    // at least one verdict of this outcome
	From, To                         time.Time // of Received
	Text                             string    // in the path and the payload
}

// ErrorFilter selects errors; zero members select all.
type ErrorFilter struct {
	Page
	IDs      []int64
	Open     *bool
	Run      int64
	Source   string
	Group    string
	Name     string
	Node     string
	Kind     string
	From, To time.Time // of Created
}

// Counts is the state of the store at a glance.
type Counts struct {
	Jobs       map[JobStatus]int64
	Runs       map[engine.RunStatus]int64
	OpenErrors int64
	Work       int64         // pieces of work that are not done
	Bytes      int64         // size of the store on disk
	SearchLag  time.Duration // how late the text search is
}
