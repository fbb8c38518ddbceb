package subscription

import (
	"context"
	"time"
)

// replay sends deliveries of a subscription once more.
func (s *Service) replay(ctx context.Context, who Caller, op Replay) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	order := ReplayOrder{Subscription: sub.ID, By: who.Name}
	for _, bound := range []struct {
		field, text string
		into        *time.Time
	}{{FieldFrom, op.From, &order.From}, {FieldTo, op.To, &order.To}} {
		if bound.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, bound.text)
		if err != nil {
			return refused(&Refusal{Code: Invalid, Field: bound.field, Message: quoted(bound.text) + " is no time; write it as 2026-01-31T12:00:00Z"})
		}
		*bound.into = at
	}
	switch {
	case !order.To.IsZero() && order.To.Before(order.From):
		return refused(&Refusal{Code: Invalid, Field: FieldTo, Message: "the time until which is before the time from which: nothing lies between"})
	case sub.Status != Active:
		return refused(&Refusal{Code: Invalid, Field: FieldStatus, Message: "the subscription is not active, so that nothing would be sent: enable it first"})
	}
	queued, err := s.Replay(ctx, order)
	if err != nil {
		return refused(s.trouble("replay deliveries", err))
	}
	return Outcome{Subscriptions: []Subscription{sub}, Queued: queued}
}
