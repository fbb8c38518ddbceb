package subscription

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"hooktree/webhooks"
)

// rotated is how long a secret stays valid beside the one that took its place.
const rotated = 24 * time.Hour

// newSecret makes a secret in the form that a way of signing takes.
func (s *Service) newSecret(kind webhooks.AuthKind) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(s.Random, key[:]); err != nil {
		return "", err
	}
	if kind == webhooks.AuthStandard {
		return "whsec_" + base64.StdEncoding.EncodeToString(key[:]), nil
	}
	return hex.EncodeToString(key[:]), nil
}

// rotate gives a subscription another secret. Deliveries are signed by the old
// ones, too, until they run out.
func (s *Service) rotate(ctx context.Context, who Caller, op Rotate) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	kind := s.roster.current().rooms[sub.Dialect].traits.Auth.Kind
	if refusal := checkSecret(op.Secret, kind); refusal != nil {
		return refused(refusal)
	}
	given, made := op.Secret, ""
	if given == "" {
		var err error
		if made, err = s.newSecret(kind); err != nil {
			return refused(s.trouble("make a secret", err))
		}
		given = made
	}
	sub, refusal = s.alter(ctx, sub.ID, s.audit(who, "subscription.rotate"), func(sub *Subscription) *Refusal {
		sub.Secrets = rotateTo(sub.Secrets, given, s.Now())
		return nil
	})
	out := one(sub, refusal)
	if refusal == nil {
		out.Secret = made
	}
	return out
}

// rotateTo puts a secret before those that are still valid, each of which runs
// out a while from now.
func rotateTo(old []Secret, value string, now time.Time) []Secret {
	next := []Secret{{Value: value}}
	for _, secret := range old {
		expired := !secret.Expires.IsZero() && !secret.Expires.After(now)
		if expired || secret.Value == value || len(next) == MaxSecrets {
			continue
		}
		if secret.Expires.IsZero() {
			secret.Expires = now.Add(rotated)
		}
		next = append(next, secret)
	}
	return slices.Clip(next)
}
