package event

import "time"

// Event is something that happened on a platform, as it was received.
// It is immutable once made.
type Event struct {
	ID         string         // UUIDv7, ours
	ExternalID string         // event.id of the payload, an Idempotency-Key or a provider's delivery id; may be empty
	Platform   string         // "kinetic", "actionstep", "keap", "accelo", or the name of an own platform
	Type       string         // of the catalogue: "Submission", "Form", "User", ...
	Action     string         // of the catalogue, in the short dialect: "Submitted", not "Submission Submitted"
	Scope      Scope          // where it happened
	Path       string         // `Submissions > services > laptop-request / Submitted`
	Entity     string         // what it happened to, for lists and the loop guard: a submission's id, a username, ...
	Occurred   time.Time      // event.timestamp; the time of receipt when the payload has none
	Received   time.Time      // when it came in
	Data       map[string]any // the payload, numbers as int64 or float64: the names an expression may read
	Body       []byte         // the payload as it was received
	Credential string         // who sent it: the scope of its dedupe key
	Cause      Cause          // zero when nothing of ours is known to have caused it
}

// Scope is where an event happened: all empty for the whole space.
type Scope struct {
	Kapp      string // slug
	Form      string // slug
	Datastore bool   // a datastore form or submission; Form is then its slug
}

// Cause is how our own work led to an event.
type Cause struct {
	Run   string // UUID of the run whose effect caused it
	Depth int    // length of the chain of runs behind it
}
