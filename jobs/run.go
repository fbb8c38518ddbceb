package jobs

import (
	"time"

	"hooktree/engine"
)

// Run is the saved form of one run: its head, and what never changes in it.
type Run struct {
	ID       string // UUIDv7
	Number   int64  // rises and never repeats
	Title    engine.Title
	Hash     string // version of the tree
	JobID    string
	EventID  string
	Parent   string // ID of the calling run, for a routine
	Seed     [32]byte
	Inputs   map[string]any
	Status   engine.RunStatus
	Revision int64 // rises by one with each saved step; guards against lost updates
	Head     engine.Head
	Outputs  any // first return, or a routine's outputs
	Answer   *engine.Answer
	Dedupe   string
	Lane     string
	Created  time.Time
	Started  time.Time // zero while Queued
	Ended    time.Time
}

// Queued gives the run as it is saved while its lane is held: as if its first
// step had never been taken.
func (r *Run) Queued() Run {
	q := *r
	q.Status = engine.RunQueued
	q.Head = engine.Head{}
	q.Outputs, q.Answer = nil, nil
	q.Started, q.Ended = time.Time{}, time.Time{}
	return q
}
