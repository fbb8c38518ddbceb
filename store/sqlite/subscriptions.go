package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

// Subscriptions keeps subscriptions in the store's file.
type Subscriptions struct{ store *Store }

var _ subscription.Store = Subscriptions{}

// Subscriptions gives the store's side of subscriptions.
func (s *Store) Subscriptions() subscription.Store { return Subscriptions{s} }

const selectSubscriptions = `select id, dialect, external, owner_id, owner_name, owner_email, event, url, status, reason,
	content_type, filter, secrets, challenge, ordered, rate, concurrency, expires,
	triggered, last_triggered, health, created, updated, revision from subscriptions`

func scanSubscription(row scanner) (subscription.Subscription, error) {
	var s subscription.Subscription
	var id, secrets, health []byte
	var expires, triggered, created, updated int64
	if err := row.Scan(&id, &s.Dialect, &s.External, &s.Owner.ID, &s.Owner.Name, &s.Owner.Email, &s.Event, &s.URL, &s.Status, &s.Reason,
		&s.ContentType, &s.Filter, &secrets, &s.Challenge, &s.Ordered, &s.Rate, &s.Concurrency, &expires,
		&s.Triggered, &triggered, &health, &created, &updated, &s.Revision); err != nil {
		return s, err
	}
	s.ID, s.Expires, s.LastTriggered, s.Created, s.Updated = idText(id), moment(expires), moment(triggered), moment(created), moment(updated)
	if err := json.Unmarshal(health, &s.Health); err != nil {
		return s, fmt.Errorf("subscription %s: %w", s.Name(), err)
	}
	if secrets == nil {
		return s, nil
	}
	if err := json.Unmarshal(secrets, &s.Secrets); err != nil {
		return s, fmt.Errorf("subscription %s: %w", s.Name(), err)
	}
	return s, nil
}

// Subscriptions lists all, in the order in which they were made.
func (s Subscriptions) Subscriptions(ctx context.Context) ([]subscription.Subscription, error) {
	return list(ctx, s.store, scanSubscription, selectSubscriptions+` order by seq`)
}

// Create keeps new ones.
func (s Subscriptions) Create(
	ctx context.Context, all []subscription.Subscription, external func(number int64, id string) string, a subscription.Audit,
) ([]subscription.Subscription, error) {
	var made []subscription.Subscription
	err := s.store.writer.insist(ctx, func(t *tx) error {
		made = append([]subscription.Subscription(nil), all...)
		numbers, err := t.nameSubscriptions(made, external)
		if err != nil {
			return err
		}
		if err := t.refuseSubscriptions(made); err != nil {
			return err
		}
		for i := range made {
			if err := t.insertSubscription(&made[i]); err != nil {
				return err
			}
			if err := t.addAudit(subscriptionAudit(made[i].Name(), a)); err != nil {
				return err
			}
		}
		for dialect, last := range numbers {
			if err := t.exec(`insert or replace into subscription_numbers (dialect, last) values (?, ?)`, dialect, last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// nameSubscriptions gives new ones their first revision and the ids that their
// dialects show, and the last number that each dialect has given by then. It
// writes nothing.
func (t *tx) nameSubscriptions(all []subscription.Subscription, external func(int64, string) string) (map[string]int64, error) {
	last := map[string]int64{}
	for i := range all {
		s := &all[i]
		if _, known := last[s.Dialect]; !known {
			var n int64
			err := t.row(`select last from subscription_numbers where dialect = ?`, []any{s.Dialect}, &n)
			if err != nil && !errors.Is(err, errNoRow) {
				return nil, err
			}
			last[s.Dialect] = n
		}
		last[s.Dialect]++
		s.External, s.Revision = external(last[s.Dialect], s.ID), 1
	}
	return last, nil
}

// refuseSubscriptions refuses new ones that are like another, in the store or
// among themselves.
func (t *tx) refuseSubscriptions(all []subscription.Subscription) error {
	for i := range all {
		for j := range i {
			if alike(&all[i], &all[j]) {
				return refusal{subscription.ErrExists}
			}
		}
		if err := t.refuseAlike(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

// alike reports whether two subscriptions may not stand beside one another.
func alike(a, b *subscription.Subscription) bool {
	return a.Dialect == b.Dialect && a.Owner.Same(b.Owner) && a.Event == b.Event && a.URL == b.URL
}

// refuseAlike refuses a subscription when there is another like it.
func (t *tx) refuseAlike(s *subscription.Subscription) error {
	id, err := idBytes(s.ID)
	if err != nil {
		return refusal{err}
	}
	const like = `select 1 from subscriptions
		where dialect = ? and owner_id = ? and iif(owner_id = 0, owner_name, '') = ? and event = ? and url = ? and id <> ?`
	name := s.Owner.Name
	if s.Owner.ID != 0 {
		name = ""
	}
	taken, err := t.exists(like, s.Dialect, s.Owner.ID, name, s.Event, s.URL, id)
	if err == nil && taken {
		err = refusal{subscription.ErrExists}
	}
	return err
}

// subscriptionValues are the values of a subscription's columns that a save
// may change, in the order of the statements below.
func subscriptionValues(s *subscription.Subscription) ([]any, error) {
	health, err := json.Marshal(s.Health)
	if err != nil {
		return nil, err
	}
	var secrets []byte
	if len(s.Secrets) > 0 {
		if secrets, err = json.Marshal(s.Secrets); err != nil {
			return nil, err
		}
	}
	return []any{
		s.Owner.ID, s.Owner.Name, s.Owner.Email, s.Event, s.URL, string(s.Status), s.Reason, s.ContentType, s.Filter,
		secrets, s.Challenge, s.Ordered, s.Rate, s.Concurrency, s.Expires, health, s.Updated,
	}, nil
}

func (t *tx) insertSubscription(s *subscription.Subscription) error {
	id, err := idBytes(s.ID)
	if err != nil {
		return err
	}
	values, err := subscriptionValues(s)
	if err != nil {
		return err
	}
	const insert = `insert into subscriptions
		(owner_id, owner_name, owner_email, event, url, status, reason, content_type, filter,
		secrets, challenge, ordered, rate, concurrency, expires, health, updated,
		id, dialect, external, triggered, last_triggered, created, revision)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	return t.exec(insert, append(values, id, s.Dialect, s.External, s.Triggered, s.LastTriggered, s.Created, s.Revision)...)
}

// Save keeps another version of one.
func (s Subscriptions) Save(ctx context.Context, sub subscription.Subscription, a subscription.Audit) error {
	values, err := subscriptionValues(&sub)
	if err != nil {
		return err
	}
	return s.store.writer.insist(ctx, func(t *tx) error {
		held, err := t.expectSubscription(&sub)
		if err != nil {
			return err
		}
		if err := t.refuseAlike(&sub); err != nil {
			return err
		}
		const update = `update subscriptions set owner_id = ?, owner_name = ?, owner_email = ?, event = ?, url = ?, status = ?, reason = ?,
			content_type = ?, filter = ?, secrets = ?, challenge = ?, ordered = ?, rate = ?, concurrency = ?, expires = ?, health = ?,
			updated = ?, revision = revision + 1 where id = ?`
		if err := t.exec(update, append(slices.Clip(values), sought(sub.ID))...); err != nil {
			return err
		}
		if held.Ordered != sub.Ordered { // what waits is sent as it is asked for now
			if err := t.exec(`update work set ordered = ? where queue = ?`, sub.Ordered, sub.ID); err != nil {
				return err
			}
		}
		return t.addAudit(subscriptionAudit(held.Name(), a))
	})
}

// expectSubscription refuses a change of a subscription that is not as it was
// read, and gives its name and order as they are.
func (t *tx) expectSubscription(sub *subscription.Subscription) (held subscription.Subscription, err error) {
	var ordered int64
	err = t.row(`select dialect, external, ordered, revision from subscriptions where id = ?`, []any{sought(sub.ID)},
		&held.Dialect, &held.External, &ordered, &held.Revision)
	held.Ordered = ordered != 0
	switch {
	case errors.Is(err, errNoRow):
		return held, refusal{subscription.ErrNotFound}
	case err != nil:
		return held, err
	case held.Revision != sub.Revision:
		return held, refusal{subscription.ErrStale}
	}
	return held, nil
}

// Delete removes some.
func (s Subscriptions) Delete(ctx context.Context, ids []string, a subscription.Audit) error {
	return s.store.writer.insist(ctx, func(t *tx) error {
		for _, id := range ids {
			known, err := t.exists(`select 1 from subscriptions where id = ?`, sought(id))
			if err != nil {
				return err
			}
			if !known {
				return refusal{subscription.ErrNotFound}
			}
		}
		for _, id := range ids {
			if err := t.deleteSubscription(id, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// deleteSubscription removes one; one that is gone is no error.
func (t *tx) deleteSubscription(id string, a subscription.Audit) error {
	return t.auditSubscription(a, `delete from subscriptions where id = ? returning dialect, external`, sought(id))
}

// auditSubscription runs a statement that gives the name of the subscription
// that it changed, and notes that; nothing when it changed none.
func (t *tx) auditSubscription(a subscription.Audit, statement string, args ...any) error {
	var sub subscription.Subscription
	err := t.row(statement, args, &sub.Dialect, &sub.External)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.addAudit(subscriptionAudit(sub.Name(), a))
}

func subscriptionAudit(name string, a subscription.Audit) *jobs.Audit {
	return &jobs.Audit{At: a.At, Who: a.Who, Did: a.Did, What: name, Note: a.Note}
}

// settle applies what a delivery changed in its subscription; one that is gone
// is no error.
func (t *tx) settle(u *subscription.Update) error {
	if u == nil {
		return nil
	}
	if u.Delete {
		return t.deleteSubscription(u.ID, u.Audit())
	}
	health, err := json.Marshal(u.Health)
	if err != nil {
		return err
	}
	const count = `update subscriptions set health = ?, triggered = triggered + ?, last_triggered = iif(?, ?, last_triggered) where id = ?`
	if err := t.exec(count, health, u.Fired, u.Fired > 0, u.At, sought(u.ID)); err != nil || u.Status == "" {
		return err
	}
	return t.auditSubscription(u.Audit(), `update subscriptions set status = ?, reason = ?, revision = revision + 1
		where id = ? and status <> ? returning dialect, external`, string(u.Status), u.Reason, sought(u.ID), string(u.Status))
}
