package subscription

import (
	"time"

	"hooktree/webhooks/delivery"
)

// The bounds of subscriptions.
const (
	Max           = 10_000  // in a space
	MaxOwned      = 1_000   // of one owner in one dialect, so that nobody takes the room of all others
	MaxURL        = 2 << 10 // bytes of an endpoint's address
	MaxFilter     = 4 << 10 // bytes of a filter
	MaxSteps      = 20_000  // sub-expressions that a filter may evaluate for one event
	MaxSecrets    = 5       // of one subscription, while keys are rotated
	MaxOperations = 100     // drafts or ids in one request
)

// Subscription is a webhook that an outside application made. What its status
// and counters say is kept up to date by deliveries.
type Subscription struct {
	ID       string // UUIDv7, ours
	External string // the id that its dialect shows; unique in the dialect
	Dialect  string // "keap"
	Owner    Owner  // whose token made it
	Event    string // as the dialect spells it: "contact.add"
	URL      string // with all secrets that it holds: [Subscription.Address] is for showing
	Status   Status
	Reason   string // why it is not active; a sentence for people

	ContentType string   // of deliveries, where the dialect gives a choice
	Filter      string   // expression over the event; empty wants all
	Secrets     []Secret // by which deliveries are signed, the newest first
	Challenge   string   // the secret of a handshake that is not confirmed yet
	Ordered     bool     // one delivery after the other, in the order of events
	Rate        float64  // most deliveries a second; zero has no bound
	Concurrency int      // most deliveries at a time; zero is the worker's own bound
	Expires     time.Time

	Triggered     int64     // events that were delivered
	LastTriggered time.Time // zero for never
	Health        delivery.Health

	Created  time.Time
	Updated  time.Time
	Revision int64 // rises with each change of the definition or the status
}

// Name is what verdicts, jobs and people call it: "keap/12".
func (s *Subscription) Name() string { return s.Dialect + "/" + s.External }

// Owner is the person at a REST-hooks client, as the vendors' APIs show it.
type Owner struct {
	ID    int64  `json:"id"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Same reports whether two owners are one: by id, else by name.
func (o Owner) Same(other Owner) bool {
	if o.ID != 0 || other.ID != 0 {
		return o.ID == other.ID
	}
	return o.Name == other.Name
}

// Secret is a key by which deliveries are signed.
type Secret struct {
	Value   string    `json:"value"`
	Expires time.Time `json:"expires,omitzero"` // zero never does
}

// Status is where a subscription stands.
type Status string

// The statuses. Dialects have their own words for them.
const (
	Pending  Status = "pending"  // its endpoint has not confirmed it: nothing is delivered, nothing is held
	Active   Status = "active"   // it gets events
	Disabled Status = "disabled" // by its owner, an operator or failures: events are held and can be replayed
	Deleted  Status = "deleted"  // gone: only who is told of it sees this
)

// Update is what a delivery changes in a subscription. It is saved in the
// transaction that saves the delivery's job. A subscription that is gone
// meanwhile is no error.
type Update struct {
	ID     string
	Fired  int       // events delivered, to be added
	At     time.Time // of the attempt; becomes LastTriggered when Fired is not zero
	Health delivery.Health
	Status Status // empty leaves it
	Reason string // of a new status
	Delete bool   // the endpoint asked for it, or the dialect's policy
}
