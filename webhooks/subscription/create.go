package subscription

import (
	"context"
	"fmt"
	"slices"
)

// create makes all subscriptions of a request, or none. Endpoints that have to
// confirm are asked after they were stored, and nothing is held meanwhile: one
// that answers by a call of our API is answered.
func (s *Service) create(ctx context.Context, who Caller, drafts []Draft) Outcome {
	if len(drafts) == 0 {
		return refused(&Refusal{Code: Missing, Message: "there is no subscription in the request"})
	}
	if len(drafts) > MaxOperations {
		return refused(&Refusal{Code: TooLarge, Message: fmt.Sprintf("%d subscriptions in one request are too many; at most %d are taken", len(drafts), MaxOperations)})
	}
	release, err := s.hold(ctx)
	if err != nil {
		return refused(s.trouble("wait to make subscriptions", err))
	}
	made, renewed, out := s.store(ctx, who, drafts)
	release()
	switch {
	case out.Refusal != nil:
		return out
	case renewed != "":
		return one(s.renew(ctx, who, renewed))
	}
	out.Subscriptions = s.shakeAll(ctx, made)
	return out
}

// hold waits until nobody else makes subscriptions.
func (s *Service) hold(ctx context.Context) (release func(), err error) {
	select {
	case s.creating <- struct{}{}:
		return func() { <-s.creating }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// store checks drafts and saves what they make. In place of that it gives the
// ID of the one that is to be renewed.
func (s *Service) store(ctx context.Context, who Caller, drafts []Draft) (made []Subscription, renewed string, out Outcome) {
	usage := s.roster.current()
	r := usage.rooms[who.Dialect]
	if refusal := s.roomFor(len(drafts), who); refusal != nil {
		return nil, "", refused(refusal)
	}
	for _, d := range drafts {
		sub, secret, refusal := s.fresh(usage, r, who, d)
		if refusal != nil {
			return nil, "", refused(refusal)
		}
		if at := slices.IndexFunc(made, func(m Subscription) bool { return m.Event == sub.Event && m.URL == sub.URL }); at >= 0 {
			return nil, "", refused(exists("the request"))
		}
		if old, ok := s.same(&sub); ok {
			if r.traits.Renews && old.Status != Active && len(drafts) == 1 {
				return nil, old.ID, Outcome{}
			}
			return nil, "", refused(exists(old.Name()))
		}
		made = append(made, sub)
		if len(drafts) == 1 {
			out.Secret = secret
		}
	}
	made, err := s.Store.Create(context.WithoutCancel(ctx), made, r.dialect.External, s.audit(who, "subscription.create"))
	if err != nil {
		return nil, "", refused(s.trouble("make subscriptions", err))
	}
	s.roster.add(made)
	for i := range made {
		s.tell(&made[i])
	}
	out.Subscriptions = made
	return made, "", out
}

// roomFor refuses more subscriptions than are kept.
func (s *Service) roomFor(more int, who Caller) *Refusal {
	all, owned := s.roster.count(who)
	switch {
	case all+more > Max:
		return &Refusal{Code: TooMany, Message: fmt.Sprintf("the space has no room for more subscriptions; at most %d are kept", Max)}
	case owned+more > MaxOwned:
		return &Refusal{Code: TooMany, Message: fmt.Sprintf("there are %d subscriptions of this owner, and at most %d are kept; delete some first", owned, MaxOwned)}
	}
	return nil
}

func exists(where string) *Refusal {
	return &Refusal{Code: Exists, Field: FieldURL, Message: "a subscription to this event at this address is there already, in " + where}
}

// same finds the subscription that would be made twice.
func (s *Service) same(sub *Subscription) (found Subscription, ok bool) {
	s.roster.each(func(other *Subscription) bool {
		if other.Dialect == sub.Dialect && other.ID != sub.ID && other.Event == sub.Event && other.URL == sub.URL && other.Owner.Same(sub.Owner) {
			found, ok = *other, true
		}
		return !ok
	})
	return found, ok
}

// fresh makes a subscription of a draft, and gives the secret that was made for
// it, empty when the client has its own, needs none, or verifies by a public
// key.
func (s *Service) fresh(u *usage, r *room, who Caller, d Draft) (sub Subscription, secret string, refusal *Refusal) {
	now := s.Now()
	check := draftCheck{room: r, usage: u, guard: s.Guard, now: now}
	d.Status = ""
	if sub, refusal = check.apply(d); refusal != nil {
		return sub, "", refusal
	}
	id, err := s.ID()
	if err != nil {
		return sub, "", s.trouble("make an id", err)
	}
	sub.ID, sub.Dialect, sub.Owner, sub.Status = id, who.Dialect, who.Owner, Active
	sub.Created, sub.Updated = now, now
	given := d.Secret
	if given == "" && r.traits.NewSecret {
		if given, err = s.newSecret(r.traits.Auth.Kind, d.Pair); err != nil {
			return sub, "", s.trouble("make a secret", err)
		}
		if !d.Pair {
			secret = given
		}
	}
	if given != "" {
		sub.Secrets = []Secret{{Value: given}}
	}
	if r.traits.Handshake {
		err = s.challenge(&sub)
	}
	if err != nil {
		return sub, "", s.trouble("make a secret", err)
	}
	return sub, secret, nil
}

// renew brings one back that is not active: its endpoint is asked once more,
// where endpoints have to confirm.
func (s *Service) renew(ctx context.Context, who Caller, id string) (Subscription, *Refusal) {
	sub, ok := s.roster.get(id)
	if !ok {
		return sub, &Refusal{Code: Busy, Message: "the subscription was deleted at this moment; try again"}
	}
	if s.roster.current().rooms[sub.Dialect].traits.Handshake {
		return s.ask(ctx, id, s.audit(who, "subscription.verify"))
	}
	return s.enable(ctx, id, s.audit(who, "subscription.enable"))
}
