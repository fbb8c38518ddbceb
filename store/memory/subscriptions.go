package memory

import (
	"context"
	"slices"

	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

// Subscriptions keeps subscriptions in a store.
type Subscriptions struct{ store *Store }

var _ subscription.Store = Subscriptions{}

// Subscriptions gives the store's side of subscriptions.
func (s *Store) Subscriptions() subscription.Store { return Subscriptions{s} }

// Subscriptions lists all, in the order in which they were made.
func (m Subscriptions) Subscriptions(context.Context) ([]subscription.Subscription, error) {
	m.store.mu.RLock()
	defer m.store.mu.RUnlock()
	return slices.Clone(m.store.subscriptions), nil
}

// Create keeps new ones.
func (m Subscriptions) Create(
	_ context.Context, all []subscription.Subscription, external func(number int64, id string) string, a subscription.Audit,
) ([]subscription.Subscription, error) {
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	made := slices.Clone(all)
	for i := range made {
		if s.alikeLocked(&made[i]) || slices.ContainsFunc(made[:i], func(other subscription.Subscription) bool { return alike(&made[i], &other) }) {
			return nil, subscription.ErrExists
		}
	}
	for i := range made {
		sub := &made[i]
		s.numbers[sub.Dialect]++
		sub.External, sub.Revision = external(s.numbers[sub.Dialect], sub.ID), 1
		s.subscriptions = append(s.subscriptions, *sub)
		s.auditLocked(subscriptionAudit(sub.Name(), a))
	}
	return made, nil
}

// alikeLocked reports whether there is another subscription like one.
func (s *Store) alikeLocked(sub *subscription.Subscription) bool {
	return slices.ContainsFunc(s.subscriptions, func(other subscription.Subscription) bool {
		return other.ID != sub.ID && alike(sub, &other)
	})
}

// alike reports whether two subscriptions may not stand beside one another.
func alike(a, b *subscription.Subscription) bool {
	return a.Dialect == b.Dialect && a.Owner.Same(b.Owner) && a.Event == b.Event && a.URL == b.URL
}

// Save keeps another version of one.
func (m Subscriptions) Save(_ context.Context, sub subscription.Subscription, a subscription.Audit) error {
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.subscriptionLocked(sub.ID)
	switch {
	case held == nil:
		return subscription.ErrNotFound
	case held.Revision != sub.Revision:
		return subscription.ErrStale
	case s.alikeLocked(&sub):
		return subscription.ErrExists
	}
	sub.Dialect, sub.External, sub.Created = held.Dialect, held.External, held.Created
	sub.Triggered, sub.LastTriggered = held.Triggered, held.LastTriggered
	sub.Revision++
	if held.Ordered != sub.Ordered {
		s.work.order(sub.ID, sub.Ordered)
	}
	*held = sub
	s.auditLocked(subscriptionAudit(sub.Name(), a))
	return nil
}

// Delete removes some.
func (m Subscriptions) Delete(_ context.Context, ids []string, a subscription.Audit) error {
	s := m.store
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.subscriptionLocked(id) == nil {
			return subscription.ErrNotFound
		}
	}
	for _, id := range ids {
		s.deleteSubscriptionLocked(id, a)
	}
	return nil
}

// subscriptionLocked gives one to be changed; nil when there is none.
func (s *Store) subscriptionLocked(id string) *subscription.Subscription {
	at := slices.IndexFunc(s.subscriptions, func(sub subscription.Subscription) bool { return sub.ID == id })
	if at < 0 {
		return nil
	}
	return &s.subscriptions[at]
}

// deleteSubscriptionLocked removes one; one that is gone is no error.
func (s *Store) deleteSubscriptionLocked(id string, a subscription.Audit) {
	if sub := s.subscriptionLocked(id); sub != nil {
		s.auditLocked(subscriptionAudit(sub.Name(), a))
		s.subscriptions = slices.DeleteFunc(s.subscriptions, func(sub subscription.Subscription) bool { return sub.ID == id })
	}
}

func subscriptionAudit(name string, a subscription.Audit) *jobs.Audit {
	return &jobs.Audit{At: a.At, Who: a.Who, Did: a.Did, What: name, Note: a.Note}
}

// settleLocked applies what a delivery changed in its subscription; one that
// is gone is no error.
func (s *Store) settleLocked(u *subscription.Update) {
	if u == nil {
		return
	}
	if u.Delete {
		s.deleteSubscriptionLocked(u.ID, u.Audit())
		return
	}
	sub := s.subscriptionLocked(u.ID)
	if sub == nil {
		return
	}
	sub.Health = u.Health
	if u.Fired > 0 {
		sub.Triggered += int64(u.Fired)
		sub.LastTriggered = u.At
	}
	if u.Status != "" && u.Status != sub.Status {
		sub.Status, sub.Reason = u.Status, u.Reason
		sub.Revision++
		s.auditLocked(subscriptionAudit(sub.Name(), u.Audit()))
	}
}
