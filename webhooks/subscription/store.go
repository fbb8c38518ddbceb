package subscription

import (
	"context"
	"errors"
	"time"
)

// What a store answers besides success.
var (
	// ErrNotFound says that there is no such subscription.
	ErrNotFound = errors.New("there is no such subscription")
	// ErrStale says that it was changed by somebody else.
	ErrStale = errors.New("the subscription was changed by somebody else")
	// ErrExists says that one of the same dialect, owner, event and URL exists.
	ErrExists = errors.New("such a subscription exists already")
)

// Store keeps subscriptions, of which a space has at most [Max]. Each change
// is one transaction with its row in the audit; a change of several is done
// whole or not at all.
type Store interface {
	// Subscriptions lists all, in the order in which they were made.
	Subscriptions(ctx context.Context) ([]Subscription, error)
	// Create keeps new ones with a revision of one, and gives each its External,
	// which external makes of a number that counts the dialect's subscriptions
	// and never repeats. It fails with ErrExists.
	Create(ctx context.Context, all []Subscription, external func(number int64, id string) string, a Audit) ([]Subscription, error)
	// Save keeps another version of one, if it has the revision of s, which
	// rises by one. It leaves Triggered and LastTriggered to deliveries. It
	// fails with ErrNotFound, ErrStale or ErrExists.
	Save(ctx context.Context, s Subscription, a Audit) error
	// Delete removes some. It fails with ErrNotFound.
	Delete(ctx context.Context, ids []string, a Audit) error
}

// Audit is one row of the audit: who did what, and why.
type Audit struct {
	At   time.Time
	Who  string
	Did  string // "subscription.create", "subscription.enable", ...
	Note string
}

// Audit is the row of the audit for a status that a delivery brought about, or
// for a deletion.
func (u *Update) Audit() Audit {
	a := Audit{At: u.At, Who: "hooktree", Did: "subscription.change", Note: u.Reason}
	switch {
	case u.Delete:
		a.Did = "subscription.delete"
	case u.Status == Disabled:
		a.Did = "subscription.disable"
	case u.Status == Active:
		a.Did = "subscription.enable"
	}
	return a
}
