package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Code is an authorization code: what a user's consent gives, and what its
// client exchanges for tokens, once.
type Code struct {
	ID        string // UUIDv7; the family of what it gives
	Hash      Hash   // SHA-256 of the code
	Client    string // id of the client
	User      string // who allowed it
	Owner     Owner  // the user, as the dialects show it
	Redirect  string // redirect_uri as it was sent; empty where it was not
	Challenge string // of PKCE, by S256; empty for none
	Scope     string
	Created   time.Time
	Expires   time.Time
	Used      time.Time // zero is not
}

// CodeLife is how long a code is good, and codeKnown how long it is known
// after that: one that is used again ends what it gave.
const (
	CodeLife  = 5 * time.Minute
	CodeKnown = 24 * time.Hour
	// MaxClientCodes is how many codes of one user are known for one client;
	// the oldest go.
	MaxClientCodes = 20
)

// Allow lets a client act in the name of a user, who has seen what it asks,
// and gives where the browser goes with the code.
func (s *Service) Allow(ctx context.Context, by Identity, ask AuthorizationRequest) (string, error) {
	consent, err := s.Consider(ctx, ask)
	if err != nil {
		return "", err
	}
	user, err := s.consenter(ctx, by)
	if err != nil {
		return "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	random, now := s.newSecret(codePrefix), s.now()
	code := Code{
		ID: id.String(), Hash: random.Hash, Client: consent.Client.ID, User: user.Name, Owner: user.owner(),
		Redirect: ask.Redirect, Challenge: ask.Challenge, Scope: consent.Scope, Created: now, Expires: now.Add(CodeLife),
	}
	if err := s.store.SaveCode(ctx, code, s.audit(by, "client.allow", code.Client)); err != nil {
		return "", err
	}
	return consent.back("code", random.Text), nil
}

// consenter gives the user behind an identity, if it may let clients in.
func (s *Service) consenter(ctx context.Context, by Identity) (User, error) {
	if by.Credential != userCredential+by.Name {
		return User{}, ErrNoUser
	}
	if err := s.standing(ctx, by.Name, s.now()); err != nil {
		return User{}, err
	}
	return s.store.User(ctx, by.Name)
}

// standing fails with ErrDenied where a user who allowed something at a time
// is gone, disabled or may no longer do what was allowed. One who bears the
// same name since is somebody else.
func (s *Service) standing(ctx context.Context, name string, allowed time.Time) error {
	user, err := s.store.User(ctx, name)
	if err != nil {
		return denied(err)
	}
	if user.Disabled || !user.Role.May(Operator) || allowed.Before(user.Created) {
		return ErrDenied
	}
	return nil
}

// Exchange is what a client sends to have tokens for a code.
type Exchange struct {
	Code     string
	Redirect string // redirect_uri
	Verifier string // code_verifier
	Life     time.Duration
}

// Exchange gives a client tokens for a code. It fails with ErrCode for one
// that is not good, and ends what it gave before where it was good once.
func (s *Service) Exchange(ctx context.Context, client Client, sent Exchange) (Grant, error) {
	code, err := s.store.Code(ctx, hashOf(sent.Code))
	switch {
	case isNotFound(err):
		return Grant{}, ErrCode
	case err != nil:
		return Grant{}, err
	case code.Client != client.ID:
		return Grant{}, ErrCode
	case !code.Used.IsZero():
		return Grant{}, s.endCode(ctx, client, code)
	case !code.fits(client, sent) || !s.now().Before(code.Expires):
		return Grant{}, ErrCode
	}
	if err := s.standing(ctx, code.User, code.Created); err != nil {
		return Grant{}, orCode(err)
	}
	terms := s.terms[client.Dialect]
	grant, err := s.issue(ctx, client, order{
		owner: code.Owner, user: code.User, scope: code.Scope, family: code.ID, life: sent.Life, refresh: terms.Allowed, code: code.ID,
	})
	if errors.Is(err, ErrStale) { // somebody else was quicker
		return Grant{}, s.endCode(ctx, client, code)
	}
	return grant, err
}

// fits reports whether a code was given for what is sent with it.
func (c Code) fits(client Client, sent Exchange) bool {
	same := sent.Redirect == c.Redirect || c.Redirect == "" && client.sends(sent.Redirect)
	return same && verifies(c.Challenge, sent.Verifier)
}

// endCode ends what a code gave, because it is in two hands.
func (s *Service) endCode(ctx context.Context, client Client, code Code) error {
	if err := s.endFamily(ctx, client, code.ID); !errors.Is(err, ErrGrant) {
		return err
	}
	return ErrCode
}

// orCode tells no client what became of a user.
func orCode(err error) error {
	if errors.Is(err, ErrDenied) {
		return ErrCode
	}
	return err
}
