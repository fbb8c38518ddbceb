package subscription

import "context"

// All lists the subscriptions of the space in the order in which they were
// made.
func (s *Service) All() []Subscription {
	var all []Subscription
	s.roster.each(func(sub *Subscription) bool {
		all = append(all, *sub)
		return true
	})
	return all
}

// Unserved lists the subscriptions that no event can reach, because their
// dialect does not offer their event any more.
func (s *Service) Unserved() []Subscription {
	usage := s.roster.current()
	var all []Subscription
	s.roster.each(func(sub *Subscription) bool {
		if r := usage.rooms[sub.Dialect]; r == nil || r.keys[sub.Event] == (Offer{}) {
			all = append(all, *sub)
		}
		return true
	})
	return all
}

// Find gives a subscription by our own ID.
func (s *Service) Find(id string) (Subscription, bool) { return s.roster.get(id) }

// Enable makes a disabled subscription active again, with a clean record. One
// whose endpoint has yet to confirm it stays pending.
func (s *Service) Enable(ctx context.Context, id, who, why string) (Subscription, *Refusal) {
	return s.enable(ctx, id, Audit{At: s.Now(), Who: who, Did: "subscription.enable", Note: why})
}

func (s *Service) enable(ctx context.Context, id string, a Audit) (Subscription, *Refusal) {
	return s.alter(ctx, id, a, func(sub *Subscription) *Refusal {
		return sub.enable(s.Now())
	})
}

// Disable stops deliveries to a subscription. Its events are held.
func (s *Service) Disable(ctx context.Context, id, who, why string) (Subscription, *Refusal) {
	a := Audit{At: s.Now(), Who: who, Did: "subscription.disable", Note: why}
	return s.alter(ctx, id, a, func(sub *Subscription) *Refusal {
		sub.Status, sub.Reason = Disabled, who+" disabled it"
		if why != "" {
			sub.Reason += ": " + why
		}
		return nil
	})
}

// Remove deletes a subscription.
func (s *Service) Remove(ctx context.Context, id, who string) *Refusal {
	sub, ok := s.roster.get(id)
	if !ok {
		return &Refusal{Code: NotFound, Field: FieldID, Message: "the subscription is gone"}
	}
	return s.remove(ctx, []Subscription{sub}, Audit{At: s.Now(), Who: who, Did: "subscription.delete"})
}
