package server

import (
	"context"
	"time"

	"hooktree/server/accounts"
)

// Token is a credential for programs, as the API shows it. Its secret is not
// kept.
type Token struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Role      accounts.Role   `json:"role" enum:"viewer,operator,author,admin"`
	Dialect   string          `json:"dialect,omitempty" doc:"Of a REST-hook client"`
	Owner     *accounts.Owner `json:"owner,omitempty" doc:"Whom a REST-hook token stands for"`
	Client    string          `json:"client,omitempty" doc:"Id of the REST-hook client that was given it"`
	By        string          `json:"by" doc:"Who made it"`
	CreatedAt Time            `json:"createdAt"`
	ExpiresAt Time            `json:"expiresAt,omitzero"`
	RevokedAt Time            `json:"revokedAt,omitzero"`
}

func newToken(t accounts.Token) Token {
	shown := Token{
		ID: t.ID, Name: t.Name, Role: t.Role, Dialect: t.Dialect, Client: t.Client, By: t.By,
		CreatedAt: Time{t.Created}, ExpiresAt: Time{t.Expires}, RevokedAt: Time{t.Revoked},
	}
	if t.Owner != (accounts.Owner{}) {
		shown.Owner = &t.Owner
	}
	return shown
}

type tokensTold struct {
	Body struct {
		Tokens []Token `json:"tokens"`
		Next   string  `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listTokens(ctx context.Context, in *Paging) (*tokensTold, error) {
	tokens, err := s.services.Accounts.Tokens(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &tokensTold{}
	out.Body.Tokens = shown(tokens, newToken)
	if len(tokens) == in.Limit {
		out.Body.Next = tokens[len(tokens)-1].ID
	}
	return out, nil
}

type tokenAsked struct {
	Body struct {
		Name      string          `json:"name" minLength:"1" maxLength:"100" doc:"Who uses it"`
		Role      string          `json:"role" enum:"viewer,operator,author,admin"`
		ExpiresAt *time.Time      `json:"expiresAt,omitempty" doc:"Left out: never"`
		Dialect   string          `json:"dialect,omitempty" doc:"For REST-hook clients: one of GET /dialects"`
		Owner     *accounts.Owner `json:"owner,omitempty"`
	}
}

type tokenTold struct {
	Body struct {
		Token
		Secret string `json:"secret" doc:"Shown this once; send it as Authorization: Bearer"`
	}
}

func (s *Server) createToken(ctx context.Context, in *tokenAsked) (*tokenTold, error) {
	role, err := accounts.ParseRole(in.Body.Role)
	if err != nil {
		return nil, err
	}
	if err := s.knownDialect(in.Body.Dialect); err != nil {
		return nil, err
	}
	want := accounts.TokenRequest{Name: in.Body.Name, Role: role, Dialect: in.Body.Dialect}
	if in.Body.ExpiresAt != nil {
		want.Expires = *in.Body.ExpiresAt
	}
	if in.Body.Owner != nil {
		want.Owner = *in.Body.Owner
	}
	secret, token, err := s.services.Accounts.CreateToken(ctx, callerOf(ctx).Identity, want)
	if err != nil {
		return nil, err
	}
	out := &tokenTold{}
	out.Body.Token, out.Body.Secret = newToken(token), secret
	return out, nil
}

func (s *Server) revokeToken(ctx context.Context, in *IDAsked) (*struct{}, error) {
	return nil, s.services.Accounts.RevokeToken(ctx, callerOf(ctx).Identity, in.ID)
}
