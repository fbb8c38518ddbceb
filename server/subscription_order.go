package server

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

// subscriptionOrder is what a list of subscriptions goes by.
type subscriptionOrder string

// byTrouble puts first what somebody has to look at; the default is by time.
const byTrouble subscriptionOrder = "trouble"

// The ranks of trouble: who gets nothing comes before who gets it late.
const (
	rankDisabled = iota
	rankOpen
	rankFailing
	rankPending
	rankExpired
	rankWell
)

// rank is where a subscription stands in an order at a time, the least first.
func (o subscriptionOrder) rank(s *subscription.Subscription, now time.Time) int {
	switch {
	case o != byTrouble:
		return rankDisabled // as all others
	case !s.Expires.IsZero() && !now.Before(s.Expires):
		return rankExpired
	case s.Status == subscription.Disabled:
		return rankDisabled
	case s.Status == subscription.Pending:
		return rankPending
	case s.Health.Open(now):
		return rankOpen
	case s.Health.Degraded():
		return rankFailing
	default:
		return rankWell
	}
}

// place is a subscription's place in a list: by rank, then the newest first.
// Ids rise with time.
type place struct {
	rank int
	id   string
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.rank, other.rank), cmp.Compare(other.id, p.id))
}

func (p place) before(other place) bool { return p.compare(other) < 0 }

// cursor is the place as clients hand it back.
func (p place) cursor() string { return strconv.Itoa(p.rank) + "." + p.id }

// parsePlace reads a cursor; an empty one is the place before all.
func parsePlace(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	rank, id, found := strings.Cut(cursor, ".")
	n, err := strconv.Atoi(rank)
	if !found || err != nil {
		return place{}, jobs.ErrCursor
	}
	return place{n, id}, nil
}

// placed is one of a list by its index, with its place in an order.
type placed struct {
	place

	index int
}
