package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The bounds of what one client holds for one user, or for its owner; the
// oldest go.
const (
	MaxClientTokens    = 20  // access tokens that work
	MaxClientRefreshes = 100 // refresh tokens, those that were used included
)

// Grant is what a token call gave. Both secrets are told this once.
type Grant struct {
	Access  string
	Refresh string // empty where there are no refresh tokens
	Life    time.Duration
	Owner   Owner  // for whom it is
	Scope   string // that was allowed; empty for whatever was asked for
}

// order is what tokens are made by.
type order struct {
	owner   Owner
	user    string // who allowed it; empty for the client's owner
	scope   string
	family  string        // empty begins one
	life    time.Duration // of the access token; zero, and whatever is longer, is as long as the terms say
	refresh time.Duration // of the refresh token; zero makes none
	spent   Refresh       // what it is given for; zero for no refresh token
	code    string        // what it is given for; empty for no code
}

// Issue gives a client new tokens by its own credentials, for its owner. Life
// is how long the access token works; zero, and whatever is longer, is as long
// as the dialect's terms say. ErrNoOwner says that it has no owner.
func (s *Service) Issue(ctx context.Context, client Client, life time.Duration) (Grant, error) {
	if !client.owned() {
		return Grant{}, ErrNoOwner
	}
	return s.issue(ctx, client, order{owner: client.Owner, life: life, refresh: s.terms[client.Dialect].Refresh})
}

// Renew gives a client new tokens for a refresh token, which is spent thereby.
// It fails with ErrGrant for one that is not good; see [Refresh] for what
// becomes of one that was spent before.
func (s *Service) Renew(ctx context.Context, client Client, refresh string) (Grant, error) {
	const tries = 3 // each failed one means that somebody else spent it meanwhile, which happens twice at most
	for range tries {
		held, err := s.store.Refresh(ctx, hashOf(refresh))
		switch {
		case isNotFound(err):
			return Grant{}, ErrGrant
		case err != nil:
			return Grant{}, err
		case held.Client != client.ID || !s.now().Before(held.Expires):
			return Grant{}, ErrGrant
		case !held.spendable(s.now()):
			return Grant{}, s.endFamily(ctx, client, held.Family)
		}
		grant, err := s.renew(ctx, client, held)
		if !errors.Is(err, ErrStale) {
			return grant, err
		}
	}
	return Grant{}, ErrGrant
}

func (s *Service) renew(ctx context.Context, client Client, held Refresh) (Grant, error) {
	terms := s.terms[client.Dialect]
	life := terms.Refresh
	if held.User != "" {
		life = terms.Allowed
		switch err := s.standing(ctx, held.User, held.Created); {
		case errors.Is(err, ErrDenied):
			return Grant{}, ErrGrant
		case err != nil:
			return Grant{}, err
		}
	}
	return s.issue(ctx, client, order{
		owner: held.Owner, user: held.User, scope: held.Scope, family: held.Family, refresh: life, spent: held,
	})
}

// endFamily ends all that came from one first refresh token or one code,
// because one of its tokens is in two hands.
func (s *Service) endFamily(ctx context.Context, client Client, family string) error {
	defer s.verified.forget()
	if err := s.store.EndFamily(ctx, family, s.audit(client.identity(), "client.reuse", client.ID)); err != nil {
		return fmt.Errorf("end the tokens of what was used again: %w", err)
	}
	return ErrGrant
}

// issue makes tokens.
func (s *Service) issue(ctx context.Context, client Client, want order) (Grant, error) {
	terms, known := s.terms[client.Dialect]
	if !known {
		return Grant{}, fmt.Errorf("the client %s is of an unknown dialect %q", client.ID, client.Dialect)
	}
	if want.life <= 0 || want.life > terms.Access {
		want.life = terms.Access
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Grant{}, err
	}
	random, now := s.newSecret(tokenPrefix), s.now()
	grant := Grant{Access: random.Text, Life: want.life, Owner: want.owner, Scope: want.scope}
	change := Issue{
		Token: Token{
			ID: id.String(), Name: client.Name, Hash: random.Hash, Role: Operator, Dialect: client.Dialect, Owner: want.owner,
			Client: client.ID, Family: want.family, User: want.user, By: cmp.Or(want.user, client.Name), Created: now, Expires: now.Add(want.life),
		},
		Spent: want.spent, Code: want.code,
	}
	if want.refresh > 0 {
		var next Refresh
		if grant.Refresh, next, err = s.newRefresh(client, want); err != nil {
			return Grant{}, err
		}
		change.Refresh, change.Token.Family = &next, next.Family
	}
	if err := s.store.Issue(ctx, change); err != nil {
		return Grant{}, denied(err) // the client was revoked in this very moment
	}
	return grant, nil
}

// RevokeGrant ends an access token that a client was given. One that is not
// there, or another's, is no error (RFC 7009): the client is rid of it.
func (s *Service) RevokeGrant(ctx context.Context, client Client, access string) error {
	token, err := s.store.Token(ctx, TokenKey{Hash: hashOf(access)})
	if isNotFound(err) || err == nil && token.Client != client.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return s.RevokeToken(ctx, client.identity(), token.ID)
}
