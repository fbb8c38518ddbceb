package subscription

import (
	"context"
	"time"
)

// Endpoint gives what a worker must know to send to a subscription now; false
// when it is gone, or its dialect is.
func (s *Service) Endpoint(id string) (Endpoint, bool) {
	sub, ok := s.roster.get(id)
	if !ok {
		return Endpoint{}, false
	}
	return s.endpoint(sub)
}

func (s *Service) endpoint(sub Subscription) (Endpoint, bool) {
	r := s.roster.current().rooms[sub.Dialect]
	if r == nil {
		return Endpoint{}, false
	}
	return Endpoint{Subscription: sub, Traits: r.traits}, true
}

// Resting lists the subscriptions whose circuit is open, and when the first of
// them may be tried; zero for none.
func (s *Service) Resting(now time.Time) (ids []string, next time.Time) { return s.roster.resting(now) }

// Settle brings an endpoint from one state to the next: change is given it as
// it is now, saves what it decides, and returns what was saved, nil for
// nothing. No other change of the same subscription runs meanwhile. It fails
// with ErrNotFound, and calls nothing, when the subscription is gone.
func (s *Service) Settle(_ context.Context, id string, change func(Endpoint) (*Update, error)) error {
	sub, unlock, ok := s.roster.lock(id)
	if !ok {
		return ErrNotFound
	}
	defer unlock()
	e, ok := s.endpoint(sub)
	if !ok {
		return ErrNotFound
	}
	u, err := change(e)
	if err != nil || u == nil {
		return err
	}
	if u.Delete {
		s.roster.drop(id)
	} else {
		s.roster.put(u.apply(sub))
	}
	return nil
}

// apply gives a subscription as it is after an update.
func (u *Update) apply(s Subscription) Subscription {
	if u.Fired > 0 {
		s.Triggered += int64(u.Fired)
		s.LastTriggered = u.At
	}
	s.Health = u.Health
	if u.Status != "" && u.Status != s.Status {
		s.Status, s.Reason = u.Status, u.Reason
		s.Revision++
	}
	return s
}
