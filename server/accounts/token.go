package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Token is a credential for programs. It belongs to the space, not to the
// person who made it, and lives until it expires or is revoked. Those of a
// client are given out by a token call.
type Token struct {
	ID      string // UUIDv7
	Name    string
	Hash    Hash // SHA-256 of the secret
	Role    Role
	Dialect string // of a REST-hook client; empty for others
	Owner   Owner  // whom a REST-hook token stands for
	Client  string // id of the client that was given it; empty for one that somebody made
	Family  string // of the client's refresh token that it came with; empty for none
	User    string // who allowed the client to have it; empty where the client acts for its owner
	By      string // who made it
	Created time.Time
	Expires time.Time // zero never does
	Revoked time.Time // zero is not
}

// Alive reports whether the token works at a time.
func (t Token) Alive(now time.Time) bool {
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

// credential is the token's, or its client's: a client's next token is the
// same sender.
func (t Token) credential() string {
	if t.Client != "" {
		return clientCredential + t.Client
	}
	return "token:" + t.ID
}

// TokenRequest is what somebody asks for in a new token.
type TokenRequest struct {
	Name    string
	Role    Role
	Expires time.Time // zero never does
	Dialect string
	Owner   Owner
}

const maxTokenName = 100

// Tokens lists tokens by id, those after the given one.
func (s *Service) Tokens(ctx context.Context, after string, limit int) ([]Token, error) {
	return s.store.Tokens(ctx, after, limit)
}

// CreateToken makes a token and gives its secret, which is not kept.
func (s *Service) CreateToken(ctx context.Context, by Identity, want TokenRequest) (secret string, token Token, err error) {
	now := s.now()
	switch {
	case want.Name == "" || len(want.Name) > maxTokenName:
		return "", Token{}, invalid("name", "a token needs a name of 1 to %d bytes that says who uses it", maxTokenName)
	case want.Role < Viewer || want.Role > Admin:
		return "", Token{}, invalid("role", "give viewer, operator, author or admin")
	case !want.Expires.IsZero() && !want.Expires.After(now):
		return "", Token{}, invalid("expiresAt", "a token must expire in the future; %s is not", want.Expires.Format(time.RFC3339))
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", Token{}, err
	}
	random := s.newSecret(tokenPrefix)
	token = Token{
		ID: id.String(), Name: want.Name, Hash: random.Hash, Role: want.Role, Dialect: want.Dialect, Owner: want.Owner,
		By: by.Name, Created: now, Expires: want.Expires,
	}
	if err := s.store.SaveToken(ctx, token, s.audit(by, "token.create", token.ID)); err != nil {
		return "", Token{}, err
	}
	return random.Text, token, nil
}

// RevokeToken ends a token. Revoking one twice changes nothing.
func (s *Service) RevokeToken(ctx context.Context, by Identity, id string) error {
	token, err := s.store.Token(ctx, TokenKey{ID: id})
	if err != nil {
		return err
	}
	if !token.Revoked.IsZero() {
		return nil
	}
	token.Revoked = s.now()
	defer s.verified.drop(token.Hash)
	return s.store.SaveToken(ctx, token, s.audit(by, "token.revoke", id))
}

// Bearer gives the identity behind a token's secret.
func (s *Service) Bearer(ctx context.Context, secret []byte) (Identity, error) {
	hash := hashOf(secret)
	if id, ok := s.verified.get(hash); ok {
		return id, nil
	}
	epoch := s.verified.epoch()
	token, err := s.store.Token(ctx, TokenKey{Hash: hash})
	if err != nil {
		return Identity{}, denied(err)
	}
	now := s.now()
	if !token.Alive(now) {
		return Identity{}, ErrDenied
	}
	if token.User != "" {
		if err := s.standing(ctx, token.User, token.Created); err != nil {
			return Identity{}, err
		}
	}
	id := Identity{
		Name: token.Name, Role: token.Role, Credential: token.credential(), Dialect: token.Dialect, Owner: token.Owner,
	}
	s.verified.put(epoch, hash, remembered{identity: id, until: token.Expires})
	return id, nil
}
