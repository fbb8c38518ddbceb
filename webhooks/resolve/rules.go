package resolve

import (
	"time"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// Rules are what an event is resolved by: snapshots, all of one moment.
type Rules struct {
	Catalogue *event.Catalogue
	Webhooks  *webhooks.Set
	// Subscriptions are those of outside applications; nil for none.
	Subscriptions *subscription.Set
	Trees         *trees.Library
	Guard         Guard
}

// Guard holds events that our own work seems to cause again and again. The
// zero value holds nothing.
type Guard struct {
	MaxDepth  int    // longest chain of runs that may cause an event; zero has no bound
	PerMinute int    // how often one target may fire for one entity; zero has no bound
	Recent    Recent // what fired lately; nil counts nothing
}

// Recent tells how often a target fired for an entity in the minute before a
// time. [Meter] is one.
type Recent interface {
	Fired(target, entity string, at time.Time) int
}
