package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Kept is what is remembered of a platform's tokens: its refresh tokens are
// good once, and each exchange gives the next.
type Kept struct {
	Seed    string    `json:"seed"` // digest of the refresh token that an admin gave; another one begins anew
	Refresh string    `json:"refresh"`
	Access  string    `json:"access"`
	Until   time.Time `json:"until"` // when Access lapses
	// Asked is when an exchange began whose answer was not kept; zero for none.
	// What the platform gave by it, if it did, is lost.
	Asked time.Time `json:"asked,omitzero"`
}

// Keeper remembers tokens by source.
type Keeper interface {
	// Exchange gives what is kept of a source (nothing is the zero value), and
	// keeps what change makes of it before it returns. Change may keep something
	// on its way, by keep. No two run at a time for one source, in any process.
	Exchange(source string, change Exchange) error
}

// Exchange makes new tokens of those that are kept.
type Exchange func(kept Kept, keep func(Kept) error) (Kept, error)

// LetInError says that a platform takes our refresh token no more. Only a
// person can mend that.
type LetInError struct {
	Secret string    // the name of the one that holds the refresh token
	Lost   time.Time // when an exchange began whose answer was never kept; zero for none
	Err    error     // what the platform answered
}

func (e *LetInError) Error() string {
	why := "where it was used elsewhere, or taken back"
	if !e.Lost.IsZero() {
		why = "the answer to the exchange of " + e.Lost.UTC().Format(time.RFC3339) + " never came to the disk: the next one was lost"
	}
	return fmt.Sprintf("the refresh token is taken no more (%s): let the application in again at the platform, give the secret %s its new value, and start the server again: %v", why, e.Secret, e.Err)
}

// Unwrap gives what the platform answered.
func (e *LetInError) Unwrap() error { return e.Err }

// refresh gets bearer tokens by refresh tokens, as Actionstep and Keap give
// them to applications that a person has let in.
type refresh struct {
	api    *api // at the address of the token call
	source string
	id     string
	secret string
	seed   string // the first refresh token, as the admin gave it
	named  string // the secret that holds it
	keeper Keeper
	now    func() time.Time
}

func (r *refresh) bearer(ctx context.Context, refused string) (token string, err error) {
	err = r.keeper.Exchange(r.source, func(kept Kept, keep func(Kept) error) (Kept, error) {
		digest := sha256.Sum256([]byte(r.seed))
		if seed := hex.EncodeToString(digest[:]); kept.Seed != seed {
			kept = Kept{Seed: seed, Refresh: r.seed}
		}
		if kept.Access == "" || kept.Access == refused || !r.now().Before(kept.Until) {
			if kept, err = r.renew(ctx, kept, keep); err != nil {
				return kept, err
			}
		}
		token = kept.Access
		return kept, nil
	})
	return token, err
}

// renew exchanges the refresh token. A platform that gives no other one lets
// the old one be used again.
//
// That it is about to be exchanged is kept before anything is asked: a disk that
// cannot be written costs no token then, and an answer that was lost on its way
// to the disk is known to be. The old token is tried once more all the same: the
// platform may not have heard of the exchange, or take a token again for a while.
func (r *refresh) renew(ctx context.Context, kept Kept, keep func(Kept) error) (Kept, error) {
	lost := kept.Asked
	if lost.IsZero() {
		kept.Asked = r.now().UTC()
	}
	if err := keep(kept); err != nil {
		return kept, fmt.Errorf("renew the token: nothing was asked of the platform: %w", err)
	}
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {kept.Refresh}, "client_id": {r.id}, "client_secret": {r.secret},
	}
	r.api.hidden = []string{kept.Refresh, r.secret}
	got, err := r.api.call(ctx, http.MethodPost, "", form)
	if failure, refused := errors.AsType[*Failure](err); refused && failure.final() {
		kept.Asked = lost // it gave nothing, so that nothing more is lost
		return kept, errors.Join(&LetInError{Secret: r.named, Lost: lost, Err: err}, keep(kept))
	}
	if err != nil {
		return kept, fmt.Errorf("renew the token: %w", err)
	}
	made, err := got.token()
	if err != nil {
		return kept, fmt.Errorf("the token call of %s: %w", hostOf(r.api.base), err)
	}
	kept.Access, kept.Until, kept.Asked = made.Access, r.now().Add(made.life()-early), time.Time{}
	if made.Refresh != "" {
		kept.Refresh = made.Refresh
	}
	return kept, nil
}

// final reports whether a token call will not be answered otherwise the next
// time (RFC 6749: invalid_grant and its like are 400, invalid_client is 401).
func (f *Failure) final() bool {
	switch f.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	default:
		return false
	}
}
