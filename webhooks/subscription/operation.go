package subscription

import "time"

// Operation is what a client asks for. The set is sealed: a dialect that lacks
// one never makes it.
type Operation interface{ operation() }

// List asks for the caller's subscriptions, in the order in which they were
// made.
type List struct {
	Offset int
	Limit  int    // zero is all
	Event  string // only of this event; empty for all
	URL    string // only to this address; empty for all
	// Pick leaves some of them, in an order of its own, before they are
	// counted: what a dialect's own filters ask for. Nil leaves all.
	Pick func([]Subscription) []Subscription
}

// Get asks for one.
type Get struct{ ID string }

// Create makes subscriptions: all of them or none.
type Create struct{ Drafts []Draft }

// Change changes one.
type Change struct {
	ID    string
	Draft Draft
}

// Delete removes some: all of them or none.
type Delete struct{ IDs []string }

// Types asks for the events that can be subscribed to.
type Types struct{}

// Verify asks the endpoint of one for its confirmation once more.
type Verify struct{ ID string }

// Confirm is an endpoint's own, later confirmation.
type Confirm struct{ ID, Secret string }

// Trigger sends an event about an object to all subscribers but one.
type Trigger struct{ ID, Object string }

// Dispatch sends an event about an object to one subscriber, and waits for the
// answer.
type Dispatch struct{ ID, Object string }

// Sample asks for examples of an event's messages, the latest first.
type Sample struct {
	Event       string
	ContentType string // of the messages, where the dialect gives a choice
	Limit       int
}

// Rotate gives a subscription another secret. The old ones stay valid for a
// while.
type Rotate struct {
	ID     string
	Secret string // empty makes one
}

// Replay sends what was held or failed once more.
type Replay struct {
	ID       string
	From, To string // RFC 3339; empty has no bound
}

func (List) operation()     {}
func (Get) operation()      {}
func (Create) operation()   {}
func (Change) operation()   {}
func (Delete) operation()   {}
func (Types) operation()    {}
func (Verify) operation()   {}
func (Confirm) operation()  {}
func (Trigger) operation()  {}
func (Dispatch) operation() {}
func (Sample) operation()   {}
func (Rotate) operation()   {}
func (Replay) operation()   {}

// Draft is a subscription as a client writes it. In a Change an empty or nil
// member stays as it is.
type Draft struct {
	Event       string
	URL         string
	Status      Status // only in a Change: Active or Disabled
	ContentType string
	Secret      string
	Pair        bool // only in a Create: a pair of keys signs, in place of a secret
	Filter      *string
	Ordered     *bool
	Rate        *float64
	Concurrency *int
	Expires     *time.Time // when it stops by itself; the zero time never does
}
