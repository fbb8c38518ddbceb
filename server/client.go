package server

import (
	"context"

	"hooktree/server/accounts"
)

// Client is an application that gets its tokens at a REST-hooks dialect's
// token call, as the API shows it. Its secrets are not kept.
type Client struct {
	ID        string         `json:"id" doc:"Its client_id"`
	Name      string         `json:"name"`
	Dialect   string         `json:"dialect"`
	Owner     accounts.Owner `json:"owner,omitzero" doc:"Whom it stands for; left out where it acts for users who allow it alone"`
	Redirects []string       `json:"redirectUris,omitempty" doc:"Where users who are asked are sent back to"`
	Public    bool           `json:"public,omitempty" doc:"It has no secret"`
	By        string         `json:"by" doc:"Who made it"`
	CreatedAt Time           `json:"createdAt"`
	RevokedAt Time           `json:"revokedAt,omitzero"`
}

func newClient(c accounts.Client) Client {
	return Client{
		ID: c.ID, Name: c.Name, Dialect: c.Dialect, Owner: c.Owner, Redirects: c.Redirects, Public: c.Public, By: c.By, CreatedAt: Time{c.Created}, RevokedAt: Time{c.Revoked},
	}
}

type clientsTold struct {
	Body struct {
		Clients []Client `json:"clients"`
		Next    string   `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listClients(ctx context.Context, in *Paging) (*clientsTold, error) {
	clients, err := s.services.Accounts.Clients(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &clientsTold{}
	out.Body.Clients = shown(clients, newClient)
	if len(clients) == in.Limit {
		out.Body.Next = clients[len(clients)-1].ID
	}
	return out, nil
}

type clientAsked struct {
	Body struct {
		Name      string         `json:"name" minLength:"1" maxLength:"100" doc:"Which application it is"`
		Dialect   string         `json:"dialect" doc:"One of GET /dialects"`
		Owner     accounts.Owner `json:"owner,omitzero" required:"false" doc:"Whom it stands for; the dialects show it. Needed without redirectUris"`
		Redirects []string       `json:"redirectUris,omitempty" maxItems:"10" doc:"Where users who are asked may be sent back to, to the letter; of http://127.0.0.1 the port is free"`
		Public    bool           `json:"public,omitempty" doc:"It gets no secret, because it runs where everybody can read it; it asks users, by PKCE"`
	}
}

type clientTold struct {
	Body struct {
		Client
		Secret       string `json:"secret,omitempty" doc:"Its client_secret, shown this once; left out of a public client"`
		RefreshToken string `json:"refreshToken,omitempty" doc:"Its first refresh token, shown this once; left out in dialects without"`
	}
}

func (s *Server) createClient(ctx context.Context, in *clientAsked) (*clientTold, error) {
	client, secrets, err := s.services.Accounts.CreateClient(ctx, callerOf(ctx).Identity, accounts.ClientRequest(in.Body))
	if err != nil {
		return nil, err
	}
	out := &clientTold{}
	out.Body.Client, out.Body.Secret, out.Body.RefreshToken = newClient(client), secrets.Secret, secrets.Refresh
	return out, nil
}

func (s *Server) revokeClient(ctx context.Context, in *IDAsked) (*struct{}, error) {
	return nil, s.services.Accounts.RevokeClient(ctx, callerOf(ctx).Identity, in.ID)
}
