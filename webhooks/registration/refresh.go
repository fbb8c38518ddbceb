package registration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
}

// Keeper remembers tokens by source.
type Keeper interface {
	// Exchange gives what is kept of a source (nothing is the zero value), and
	// keeps what change makes of it before it returns. No two run at a time for
	// one source, in any process.
	Exchange(source string, change func(Kept) (Kept, error)) error
}

// refresh gets bearer tokens by refresh tokens, as Actionstep and Keap give
// them to applications that a person has let in.
type refresh struct {
	api    *api // at the address of the token call
	source string
	id     string
	secret string
	seed   string // the first refresh token, as the admin gave it
	keeper Keeper
	now    func() time.Time
}

func (r *refresh) bearer(ctx context.Context) (token string, err error) {
	err = r.keeper.Exchange(r.source, func(kept Kept) (Kept, error) {
		digest := sha256.Sum256([]byte(r.seed))
		if seed := hex.EncodeToString(digest[:]); kept.Seed != seed {
			kept = Kept{Seed: seed, Refresh: r.seed}
		}
		if kept.Access == "" || !r.now().Before(kept.Until) {
			if kept, err = r.renew(ctx, kept); err != nil {
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
func (r *refresh) renew(ctx context.Context, kept Kept) (Kept, error) {
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {kept.Refresh}, "client_id": {r.id}, "client_secret": {r.secret},
	}
	r.api.hidden = []string{kept.Refresh, r.secret}
	got, err := r.api.call(ctx, http.MethodPost, "", form)
	if err != nil {
		return kept, fmt.Errorf("renew the token: %w; where the refresh token was used elsewhere, let the application in again and give the new one", err)
	}
	made, err := got.token()
	if err != nil {
		return kept, fmt.Errorf("the token call of %s: %w", hostOf(r.api.base), err)
	}
	kept.Access, kept.Until = made.Access, r.now().Add(made.life()-early)
	if made.Refresh != "" {
		kept.Refresh = made.Refresh
	}
	return kept, nil
}
