package subscription

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"hooktree/webhooks/delivery"
)

// HeaderSecret is where a handshake has its secret, in the question and in the
// answer.
const HeaderSecret = "X-Hook-Secret"

// maxHandshakes bounds how many endpoints are asked at a time.
const maxHandshakes = 16

// handshakeTime is how long an endpoint may take for its answer where the
// dialect's policy does not say.
const handshakeTime = 30 * time.Second

// waits is why a subscription that waits for its handshake gets nothing.
const waits = "it waits for its endpoint's confirmation"

// challenge gives a subscription a new secret to be confirmed. Until then a new
// one is pending; another stays what it is, so that the events of a disabled
// one are held still.
func (s *Service) challenge(sub *Subscription) error {
	var key [20]byte
	if _, err := io.ReadFull(s.Random, key[:]); err != nil {
		return err
	}
	sub.Challenge = hex.EncodeToString(key[:])
	if sub.Status == Pending || sub.Revision == 0 {
		sub.Status, sub.Reason = Pending, waits
	}
	return nil
}

// verify asks the endpoint of a subscription once more.
func (s *Service) verify(ctx context.Context, who Caller, id string) (Subscription, *Refusal) {
	sub, refusal := s.find(who, id)
	if refusal != nil {
		return sub, refusal
	}
	return s.ask(ctx, sub.ID, s.audit(who, "subscription.verify"))
}

// ask makes a new challenge for a subscription and puts it to the endpoint.
func (s *Service) ask(ctx context.Context, id string, a Audit) (Subscription, *Refusal) {
	sub, refusal := s.alter(ctx, id, a, func(sub *Subscription) *Refusal {
		if r := s.roster.current().rooms[sub.Dialect]; r == nil || !r.traits.Handshake {
			return &Refusal{Code: Invalid, Message: "endpoints of " + sub.Dialect + " do not confirm"}
		}
		if err := s.challenge(sub); err != nil {
			return s.trouble("make a secret", err)
		}
		return nil
	})
	if refusal != nil {
		return sub, refusal
	}
	return s.shake(ctx, sub), nil
}

// confirm takes an endpoint's own, later confirmation.
func (s *Service) confirm(ctx context.Context, who Caller, op Confirm) (Subscription, *Refusal) {
	sub, refusal := s.find(who, op.ID)
	if refusal != nil {
		return sub, refusal
	}
	return s.settleChallenge(ctx, sub.ID, op.Secret, s.audit(who, "subscription.confirm"), anyRevision)
}

// anyRevision is that of a confirmation which may come at any time.
const anyRevision = -1

// settleChallenge makes a subscription active if the secret is the one that
// its endpoint was told. One that was disabled after it was asked, at the
// revision, stays disabled.
func (s *Service) settleChallenge(ctx context.Context, id, secret string, a Audit, asked int64) (Subscription, *Refusal) {
	return s.alter(ctx, id, a, func(sub *Subscription) *Refusal {
		if sub.Challenge == "" {
			return &Refusal{Code: Unconfirmed, Field: FieldSecret, Message: "nothing waits for a confirmation"}
		}
		if subtle.ConstantTimeCompare([]byte(secret), []byte(sub.Challenge)) != 1 {
			return &Refusal{Code: Unconfirmed, Field: FieldSecret, Message: "this is not the secret that the endpoint was told"}
		}
		sub.Challenge = ""
		if sub.Status != Disabled || asked == anyRevision || asked == sub.Revision {
			sub.Status, sub.Reason, sub.Health = Active, "", delivery.Health{}
		}
		return nil
	})
}

// shakeAll asks the endpoints of new subscriptions, several at a time, and
// gives them as they are then.
func (s *Service) shakeAll(ctx context.Context, made []Subscription) []Subscription {
	out := make([]Subscription, len(made))
	var all sync.WaitGroup
	for i, sub := range made {
		if sub.Challenge == "" {
			out[i] = sub
			continue
		}
		all.Go(func() { out[i] = s.shake(ctx, sub) })
	}
	all.Wait()
	return out
}

// shake puts a subscription's challenge to its endpoint, and gives the
// subscription as it is after the answer. Nothing is held meanwhile. One that
// was not confirmed stays as it is, with the reason.
func (s *Service) shake(ctx context.Context, sub Subscription) Subscription {
	note := Audit{Who: "endpoint of " + sub.Name(), Did: "subscription.confirm"}
	trouble := s.echo(ctx, &sub)
	note.At = s.Now()
	if trouble == "" {
		if next, refusal := s.settleChallenge(ctx, sub.ID, sub.Challenge, note, sub.Revision); refusal == nil {
			return next
		}
		return s.latest(sub) // it was confirmed, asked again or deleted meanwhile
	}
	note.Did, note.Note = "subscription.unconfirmed", trouble
	next, refusal := s.alter(ctx, sub.ID, note, func(now *Subscription) *Refusal {
		if now.Challenge != sub.Challenge || now.Status == Active || now.Status == Disabled && now.Revision != sub.Revision {
			return &Refusal{Code: Busy, Message: "it moved on"}
		}
		now.Reason = "its endpoint did not confirm it: " + trouble
		return nil
	})
	if refusal != nil {
		return s.latest(sub)
	}
	return next
}

// latest gives a subscription as it is now; as it was when it is gone.
func (s *Service) latest(sub Subscription) Subscription {
	if now, ok := s.roster.get(sub.ID); ok {
		return now
	}
	return sub
}

// echo asks an endpoint to echo the challenge, and says what kept it from that;
// nothing when it did.
func (s *Service) echo(ctx context.Context, sub *Subscription) string {
	select {
	case s.shaking <- struct{}{}:
		defer func() { <-s.shaking }()
	case <-ctx.Done():
		return "too many endpoints were being asked at the time; verify it again"
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience(sub))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.URL, strings.NewReader("{}"))
	if err != nil {
		return "its address cannot be used"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "hooktree") // as deliveries have it
	req.Header.Set(HeaderSecret, sub.Challenge)
	resp, err := s.Client.Do(req)
	if err != nil {
		return "it could not be asked: " + withoutURL(err).Error()
	}
	defer func() { _ = resp.Body.Close() }() // what it says is not read
	switch {
	case resp.StatusCode != http.StatusOK:
		return fmt.Sprintf("it answered %d in place of 200", resp.StatusCode)
	case resp.Header.Get(HeaderSecret) == "":
		return "it answered 200 without " + HeaderSecret
	case subtle.ConstantTimeCompare([]byte(resp.Header.Get(HeaderSecret)), []byte(sub.Challenge)) != 1:
		return "it answered another " + HeaderSecret
	}
	return ""
}

// withoutURL takes the URL out of an error, since it may hold a secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// patience is how long an endpoint may take for its answer.
func (s *Service) patience(sub *Subscription) time.Duration {
	if r := s.roster.current().rooms[sub.Dialect]; r != nil && r.traits.Policy.Timeout > 0 {
		return r.traits.Policy.Timeout
	}
	return handshakeTime
}
