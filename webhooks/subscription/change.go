package subscription

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hooktree/webhooks/delivery"
)

// alter brings one subscription from one state to the next: next is given it
// as it is and makes of it what it becomes. That is saved first and taken up
// after; no other change of it runs meanwhile.
func (s *Service) alter(ctx context.Context, id string, a Audit, next func(*Subscription) *Refusal) (Subscription, *Refusal) {
	sub, unlock, ok := s.roster.lock(id)
	if !ok {
		return sub, &Refusal{Code: NotFound, Field: FieldID, Message: "the subscription is gone"}
	}
	defer unlock()
	if refusal := next(&sub); refusal != nil {
		return sub, refusal
	}
	sub.Updated = a.At
	// A save that is under way is not given up with its client: nobody would
	// know whether it was done.
	if err := s.Store.Save(context.WithoutCancel(ctx), sub, a); err != nil {
		return sub, s.trouble("save "+sub.Name(), err)
	}
	sub.Revision++
	s.roster.put(sub)
	s.tell(&sub)
	return sub, nil
}

// change changes a subscription's definition or status. One whose address is
// another has to be confirmed again, where endpoints have to confirm.
func (s *Service) change(ctx context.Context, who Caller, op Change) (Subscription, *Refusal) {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return sub, refusal
	}
	usage := s.roster.current()
	r := usage.rooms[who.Dialect]
	asked := false
	sub, refusal = s.alter(ctx, sub.ID, s.audit(who, didChange(op.Draft)), func(sub *Subscription) *Refusal {
		was := *sub
		check := draftCheck{room: r, usage: usage, guard: s.Guard, now: s.Now(), current: was}
		next, refusal := check.apply(op.Draft)
		if refusal != nil {
			return refusal
		}
		if other, ok := s.same(&next); ok {
			return exists(other.Name())
		}
		if op.Draft.Secret != "" {
			next.Secrets = []Secret{{Value: op.Draft.Secret}}
		}
		if refusal := next.turn(op.Draft.Status, s.Now()); refusal != nil {
			return refusal
		}
		if next.URL != was.URL {
			next.Health = delivery.Health{} // of the endpoint before
			asked = r.traits.Handshake
		}
		*sub = next
		if !asked {
			return nil
		}
		sub.Status = Pending
		if err := s.challenge(sub); err != nil {
			return s.trouble("make a secret", err)
		}
		return nil
	})
	if refusal != nil || !asked {
		return sub, refusal
	}
	return s.shake(ctx, sub), nil
}

func didChange(d Draft) string {
	switch d.Status {
	case Active:
		return "subscription.enable"
	case Disabled:
		return "subscription.disable"
	default:
		return "subscription.change"
	}
}

// turn enables or disables a subscription by its owner's wish; an empty status
// leaves it.
func (s *Subscription) turn(to Status, now time.Time) *Refusal {
	switch to {
	case Active:
		return s.enable(now)
	case Disabled:
		s.Status, s.Reason = Disabled, "its owner disabled it"
	case Pending, Deleted: // refused before
	}
	return nil
}

// enable makes it active, with an endpoint that is healthy until it proves
// otherwise. One that was never confirmed waits for that still.
func (s *Subscription) enable(now time.Time) *Refusal {
	if s.Expired(now) {
		return &Refusal{Code: Invalid, Field: FieldExpires, Message: "it expired at " + s.Expires.UTC().Format(time.RFC3339) + ": give it another time, or make a new one"}
	}
	s.Health = delivery.Health{}
	s.Status, s.Reason = Active, ""
	if s.Challenge != "" {
		s.Status, s.Reason = Pending, waits
	}
	return nil
}

// delete removes all subscriptions of a request, or none.
func (s *Service) delete(ctx context.Context, who Caller, names []string) Outcome {
	if len(names) == 0 {
		return refused(&Refusal{Code: Missing, Field: FieldID, Message: "it does not say which subscription to delete"})
	}
	if len(names) > MaxOperations {
		return refused(&Refusal{Code: TooLarge, Message: fmt.Sprintf("%d subscriptions in one request are too many; at most %d are taken", len(names), MaxOperations)})
	}
	var gone []Subscription
	for _, name := range names {
		sub, refusal := s.find(who, name)
		if refusal != nil {
			return refused(refusal)
		}
		if !slices.ContainsFunc(gone, func(g Subscription) bool { return g.ID == sub.ID }) {
			gone = append(gone, sub)
		}
	}
	if refusal := s.remove(ctx, gone, s.audit(who, "subscription.delete")); refusal != nil {
		return refused(refusal)
	}
	return Outcome{Subscriptions: gone}
}

// remove deletes subscriptions. It holds all of them, in one order for
// everybody, so that no delivery is settled halfway.
func (s *Service) remove(ctx context.Context, all []Subscription, a Audit) *Refusal {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	for _, id := range slices.Sorted(slices.Values(ids)) {
		_, unlock, ok := s.roster.lock(id)
		if !ok {
			return &Refusal{Code: NotFound, Field: FieldID, Message: "the subscription is gone"}
		}
		defer unlock()
	}
	if err := s.Store.Delete(context.WithoutCancel(ctx), ids, a); err != nil {
		return s.trouble("delete subscriptions", err)
	}
	s.roster.drop(ids...)
	for i := range all {
		all[i].Status = Deleted
		s.tell(&all[i])
	}
	return nil
}

// audit begins a row of the audit.
func (s *Service) audit(who Caller, did string) Audit {
	return Audit{At: s.Now(), Who: who.Name, Did: did}
}

// tell says that a subscription was changed.
func (s *Service) tell(sub *Subscription) {
	if s.Changed != nil {
		s.Changed(*sub)
	}
}

// trouble turns what a store or a hook failed with into a refusal. What is our
// own fault is logged here, the client learns only that there was one.
func (s *Service) trouble(doing string, err error) *Refusal {
	var code Code
	if s.Code != nil {
		code = s.Code(err)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return &Refusal{Code: NotFound, Field: FieldID, Message: "the subscription is gone"}
	case errors.Is(err, ErrExists):
		return exists("the space")
	case errors.Is(err, ErrStale):
		return &Refusal{Code: Busy, Message: "the subscription was changed by somebody else at this moment; try again"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Refusal{Code: Busy, Message: "it took too long; try again"}
	case code != "" && code != Failed:
		return &Refusal{Code: code, Message: err.Error()}
	}
	s.Log.Error(doing, "error", err)
	return &Refusal{Code: Failed, Message: "it could not be done; the server's log says why"}
}
