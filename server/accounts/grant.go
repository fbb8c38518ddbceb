package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The bounds of what one client holds; the oldest go.
const (
	MaxClientTokens    = 20  // access tokens that work
	MaxClientRefreshes = 100 // refresh tokens, those that were used included
)

// Grant is what a token call gave. Both secrets are told this once.
type Grant struct {
	Access  string
	Refresh string // empty in a dialect without refresh tokens
	Life    time.Duration
}

// Issue gives a client new tokens by its own credentials. Life is how long the
// access token works; zero, and whatever is longer, is as long as the
// dialect's terms say.
func (s *Service) Issue(ctx context.Context, client Client, life time.Duration) (Grant, error) {
	return s.issue(ctx, client, life, Refresh{})
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
		grant, err := s.issue(ctx, client, 0, held)
		if !errors.Is(err, ErrStale) {
			return grant, err
		}
	}
	return Grant{}, ErrGrant
}

// endFamily ends all that came from one first refresh token, because one of
// its tokens is in two hands.
func (s *Service) endFamily(ctx context.Context, client Client, family string) error {
	defer s.verified.forget()
	if err := s.store.EndFamily(ctx, family, s.audit(client.identity(), "client.reuse", client.ID)); err != nil {
		return fmt.Errorf("end the tokens of a refresh token that was used again: %w", err)
	}
	return ErrGrant
}

// issue makes tokens; spent is the refresh token that they are given for, zero
// when there is none.
func (s *Service) issue(ctx context.Context, client Client, life time.Duration, spent Refresh) (Grant, error) {
	terms, known := TermsOf(client.Dialect)
	if !known {
		return Grant{}, fmt.Errorf("the client %s is of an unknown dialect %q", client.ID, client.Dialect)
	}
	if life <= 0 || life > terms.Access {
		life = terms.Access
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Grant{}, err
	}
	random, now := s.newSecret(tokenPrefix), s.now()
	grant := Grant{Access: random.Text, Life: life}
	change := Issue{
		Token: Token{
			ID: id.String(), Name: client.Name, Hash: random.Hash, Role: Operator, Dialect: client.Dialect, Owner: client.Owner,
			Client: client.ID, Family: spent.Family, By: client.Name, Created: now, Expires: now.Add(life),
		},
		Spent: spent,
	}
	if terms.Refresh > 0 {
		var next Refresh
		if grant.Refresh, next, err = s.newRefresh(client, terms, spent.Family); err != nil {
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
