package jobs

import (
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// EventRecord is an event as it was accepted, with what became of it.
type EventRecord struct {
	Event    event.Event // Data is nil when listed; Body when listed is nil too
	Verdicts []webhooks.Verdict
	Jobs     []JobRef
}

// JobRef names a job that an event made.
type JobRef struct {
	ID      string
	Webhook string
	Tree    string // title; empty for a URL job
	URL     string
	Run     int64
	RunID   string
	Queued  bool // the run waits for its lane; told in receipts only
}
