package subscription

import (
	"context"
	"time"

	"hooktree/webhooks/event"
)

// expiryCheck is how long a subscription may be shown as active after it
// expired. Events pass it by from the first moment.
const expiryCheck = time.Minute

// Run stops what expires, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(expiryCheck)
	defer tick.Stop()
	for {
		s.Expire(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Expire disables the subscriptions whose time is over, and publishes a notice
// of each. What fails is tried again by the next call, notices as long as the
// process lives.
func (s *Service) Expire(ctx context.Context) {
	s.expiring.Lock()
	defer s.expiring.Unlock()
	s.disableExpired(ctx, s.Now())
	for len(s.untold) > 0 && ctx.Err() == nil {
		if _, err := s.Accept(ctx, s.untold[0]); err != nil {
			s.Log.Error("tell that a subscription expired", "notices", len(s.untold), "error", err)
			return
		}
		s.untold = s.untold[1:]
	}
}

// disableExpired disables what is over, and notes what is to be told of it.
func (s *Service) disableExpired(ctx context.Context, now time.Time) {
	var over []string
	s.roster.each(func(sub *Subscription) bool {
		if sub.Status != Disabled && sub.Expired(now) {
			over = append(over, sub.ID)
		}
		return true
	})
	for _, id := range over {
		if ctx.Err() != nil {
			return
		}
		sub, refusal := s.alter(ctx, id, Audit{At: now, Who: "hooktree", Did: "subscription.disable", Note: "it expired"}, func(sub *Subscription) *Refusal {
			if sub.Status == Disabled || !sub.Expired(now) {
				return &Refusal{Code: Busy, Message: "it was changed meanwhile"}
			}
			sub.Status, sub.Reason = Disabled, "it expired at "+sub.Expires.UTC().Format(time.RFC3339)
			return nil
		})
		if refusal == nil {
			s.note(&sub, now)
		}
	}
}

// Expired reports whether a subscription's time is over.
func (s *Subscription) Expired(now time.Time) bool {
	return !s.Expires.IsZero() && !s.Expires.After(now)
}

// note remembers to tell that a subscription was disabled. Of more notices than
// there can be subscriptions the oldest is given up.
func (s *Service) note(sub *Subscription, now time.Time) {
	var e event.Event
	id, err := s.ID()
	if err == nil {
		e, err = event.Notice{Name: event.SubscriptionDisabled, ID: id, At: now, Data: map[string]any{
			"id": sub.ID, "dialect": sub.Dialect, "external": sub.External, "event": sub.Event, "url": sub.Address(),
			"owner": sub.Owner, "reason": sub.Reason, "job": "", "status": sub.Status,
		}}.Event()
	}
	if err != nil {
		s.Log.Error("make the notice that a subscription expired", "subscription", sub.Name(), "error", err)
		return
	}
	if len(s.untold) == Max {
		s.untold = s.untold[1:]
	}
	s.untold = append(s.untold, e)
}
