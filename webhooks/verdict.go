package webhooks

import (
	"time"

	"hooktree/engine"
)

// Outcome is what became of one webhook for one event.
type Outcome string

// The outcomes. None stands for an event that no webhook and no tree wanted.
const (
	Fired      Outcome = "fired"
	Filtered   Outcome = "filtered"
	Errored    Outcome = "error"
	Inactive   Outcome = "inactive"
	Overridden Outcome = "overridden"
	Duplicate  Outcome = "duplicate"
	Loop       Outcome = "loop"
	None       Outcome = "none"
)

// Verdict says what became of one candidate for one event, and why.
type Verdict struct {
	Webhook string  `json:"webhook"`        // name; the tree's path for the naming convention
	Hash    string  `json:"hash,omitempty"` // of the definition or tree version that decided
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason"`           // a sentence
	Filter  string  `json:"filter,omitempty"` // text of the expression that decided
	Target  string  `json:"target,omitempty"` // the tree's title or the URL, as far as it was rendered
	// Application says that it is on an application's subscription, for whose
	// faults history is not kept. It is not stored.
	Application bool `json:"-"`
}

// Firing is one job to be made: a webhook that fired for an event.
// Exactly one of Tree and URL is set.
type Firing struct {
	Verdict int    // index of its verdict in the resolution
	Webhook string // as in Verdict
	Tree    *TreeFiring
	URL     *URLFiring
}

// TreeFiring starts a run. A title without an active tree makes a job that
// failed with 404.
type TreeFiring struct {
	Source, Group, Name string
	Hash                string // version to run; empty when the tree does not exist
	Dedupe              string // rendered key; empty for none
	Lane                string // rendered key; empty for none
}

// URLFiring sends a request.
type URLFiring struct {
	Method  string
	URL     string
	Headers map[string]string // masked where a secret stands
	Body    []byte            // nil sends the event's payload
	Auth    Auth
	Seals   []engine.Seal // what is masked, at /url, /headers/NAME and /body

	// Of a firing for a subscription, which signs with its own secrets:

	Subscription string        // its ID; empty for a webhook's own URL
	Ordered      bool          // it is sent after those before it
	Gather       time.Duration // how long others may join it in one delivery; zero sends it alone, at once
	Held         string        // why it is kept and not sent; empty sends it
}
