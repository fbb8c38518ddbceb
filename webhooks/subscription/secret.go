package subscription

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
)

// rotated is how long a secret stays valid beside the one that took its place.
const rotated = 24 * time.Hour

// PublicKey is what receivers verify by, `whpk_...`, where a pair of keys signs;
// empty where a secret does.
func (s *Subscription) PublicKey() string {
	if len(s.Secrets) == 0 {
		return ""
	}
	return delivery.StandardPublicKey(s.Secrets[0].Value)
}

// newSecret makes a secret in the form that a way of signing takes: of a pair,
// the private key, which is told to nobody.
func (s *Service) newSecret(kind webhooks.AuthKind, pair bool) (string, error) {
	var key [32]byte
	if _, err := io.ReadFull(s.Random, key[:]); err != nil {
		return "", err
	}
	switch {
	case pair:
		private, _ := delivery.NewStandardPair(bytes.NewReader(key[:]))
		return private, nil
	case kind == webhooks.AuthStandard:
		return delivery.NewStandardSecret(bytes.NewReader(key[:])), nil
	}
	return hex.EncodeToString(key[:]), nil
}

// rotate gives a subscription another secret, or another pair of keys where it
// has one. Deliveries are signed by the old ones, too, until they run out.
func (s *Service) rotate(ctx context.Context, who Caller, op Rotate) Outcome {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return refused(refusal)
	}
	kind := s.roster.current().rooms[sub.Dialect].traits.Auth.Kind
	if refusal := checkSecret(op.Secret, kind); refusal != nil {
		return refused(refusal)
	}
	given, told := op.Secret, ""
	if given == "" {
		var err error
		pair := sub.PublicKey() != ""
		if given, err = s.newSecret(kind, pair); err != nil {
			return refused(s.trouble("make a secret", err))
		}
		if !pair {
			told = given
		}
	}
	sub, refusal = s.alter(ctx, sub.ID, s.audit(who, "subscription.rotate"), func(sub *Subscription) *Refusal {
		sub.Secrets = rotateTo(sub.Secrets, given, s.Now())
		return nil
	})
	out := one(sub, refusal)
	if refusal == nil {
		out.Secret = told
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
