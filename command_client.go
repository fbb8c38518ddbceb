package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hooktree/engine/spelling"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// clientCommand is hooktree client.
type clientCommand struct {
	Create clientCreate `cmd:"" help:"Make a client of REST hooks and print its secrets, this once."`
	List   clientList   `cmd:"" help:"List the clients."`
	Revoke clientRevoke `cmd:"" help:"End a client with all of its tokens."`
}

// clientCreate is hooktree client create.
type clientCreate struct {
	dataDirectory

	Name       string `arg:"" optional:"" help:"Which application it is, for people; the owner where it is left out."`
	Dialect    string `required:"" env:"-" placeholder:"DIALECT" help:"What it speaks: one of ${dialects}."`
	Owner      string `env:"-" placeholder:"NAME" help:"Whom it stands for, as the dialects show it; needed without --redirect-uri."`
	OwnerID    int64  `name:"owner-id" env:"-" placeholder:"NUMBER" help:"The owner's number in the dialects."`
	OwnerEmail string `env:"-" placeholder:"ADDRESS" help:"The owner's email in the dialects."`

	RedirectURI []string `name:"redirect-uri" env:"-" sep:"none" placeholder:"URI" help:"Where users who are asked for their consent are sent back to, to the letter; of http://127.0.0.1 the port is free. May be given again."`
	Public      bool     `env:"-" help:"Give it no secret, because it runs where everybody can read it; it asks users, and proves itself by PKCE."`

	JSON bool `name:"json" env:"-" help:"Answer in JSON."`
}

// Help is what --help shows besides the flags.
func (*clientCreate) Help() string {
	tokens, users := tokenCalls(dialects())
	return `A client gets its tokens itself, at the token call of its dialect: ` + tokens + `. Its secrets stand on
standard output, one a line, and are not kept: only their hashes are. Where the dialect renews tokens of a
client's own, it gets a first refresh token, too. One that cannot ask for tokens gets a lasting one by "hooktree token create
--dialect".

With --redirect-uri it may also ask users for their consent, at ` + users + `, and then acts in their name. One without an
owner does nothing else.

  hooktree client create --dialect accelo --owner integrations --owner-id 7
  hooktree client create "Booking sync" --dialect keap --owner integrations --owner-id 7 --json
  hooktree client create "Booking sync" --dialect keap --redirect-uri https://booking.example.com/oauth/callback`
}

// Validate refuses a dialect that there is not. Kong calls it.
func (c *clientCreate) Validate() error { return checkDialect(c.Dialect) }

// checkDialect refuses a name that is no dialect's. Kong tells of one that has to
// be given and is not.
func checkDialect(name string) error {
	known := dialectNames()
	if name == "" || slices.Contains(known, name) {
		return nil
	}
	hint := "give one of " + strings.Join(known, ", ")
	if near := spelling.Nearest(name, known); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	return fmt.Errorf("dialect: there is no %q; %s", name, hint)
}

// tokenCalls lists where clients of each dialect ask for tokens, and where they
// send users.
func tokenCalls(dialects []subscription.Dialect) (tokens, users string) {
	var calls, pages []string
	for i := range dialects {
		if t := dialects[i].Tokens; t != nil {
			calls = append(calls, t.Prefix+t.Token+" ("+dialects[i].Name+")")
			pages = append(pages, t.Authorize+" ("+dialects[i].Name+")")
		}
	}
	return strings.Join(calls, ", "), strings.Join(pages, ", ")
}

// clientSecrets is what a new client is told.
type clientSecrets struct {
	ID      string `json:"client_id"`
	Secret  string `json:"client_secret,omitempty"`
	Refresh string `json:"refresh_token,omitempty"`
}

// write prints what there is, a line each.
func (s clientSecrets) write(w io.Writer) error {
	lines := "client_id=" + s.ID + "\n"
	if s.Secret != "" {
		lines += "client_secret=" + s.Secret + "\n"
	}
	if s.Refresh != "" {
		lines += "refresh_token=" + s.Refresh + "\n"
	}
	_, err := io.WriteString(w, lines)
	return err
}

// Run makes the client.
func (c *clientCreate) Run(ctx context.Context, h host) error {
	want := accounts.ClientRequest{
		Name: cmp.Or(c.Name, c.Owner), Dialect: c.Dialect,
		Owner:     accounts.Owner{ID: c.OwnerID, Name: c.Owner, Email: c.OwnerEmail},
		Redirects: c.RedirectURI, Public: c.Public,
	}
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		client, secrets, err := s.CreateClient(ctx, commandLine(), want)
		if errors.Is(err, accounts.ErrFull) {
			return fmt.Errorf("%w; `hooktree client revoke ID` ends one that is no longer used", err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(h.err, "Client %s (%s, %s) is made. Its secrets are shown this once:\n", client.ID, client.Name, client.Dialect)
		told := clientSecrets{ID: client.ID, Secret: secrets.Secret, Refresh: secrets.Refresh}
		if c.JSON {
			return writeJSON(h.out, told)
		}
		return told.write(h.out)
	})
}

// clientList is hooktree client list.
type clientList struct{ listFlags }

// Help is what --help shows besides the flags.
func (*clientList) Help() string {
	return `Secrets are not listed: nobody has them but those who were given them.

  hooktree client list
  hooktree client list --json | jq -r '.[] | select(.dialect == "keap") | .id'`
}

// listedClient is a client in a list.
type listedClient struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Dialect string         `json:"dialect"`
	State   string         `json:"state"` // active or revoked
	Owner   accounts.Owner `json:"owner,omitzero"`
	// RedirectURIs are where users who are asked are sent back to.
	RedirectURIs []string  `json:"redirectUris,omitempty"`
	Public       bool      `json:"public,omitempty"`
	By           string    `json:"by"`
	Created      time.Time `json:"created"`
	Revoked      time.Time `json:"revoked,omitzero"`
}

// Run lists the clients.
func (c *clientList) Run(ctx context.Context, h host) error {
	return accountList[accounts.Client, listedClient]{
		page: (*accounts.Service).Clients, key: func(c accounts.Client) string { return c.ID }, row: newListedClient,
		head: "ID\tNAME\tDIALECT\tSTATE\tOWNER\tCREATED",
		cells: func(c listedClient) []string {
			return []string{c.ID, c.Name, c.Dialect, c.State, cmp.Or(c.Owner.Name, "(users who allow it)"), c.Created.Format(time.DateTime)}
		},
	}.run(ctx, h, c.listFlags)
}

func newListedClient(c accounts.Client, _ time.Time) listedClient {
	state := "active"
	if !c.Revoked.IsZero() {
		state = "revoked"
	}
	return listedClient{
		ID: c.ID, Name: c.Name, Dialect: c.Dialect, State: state, Owner: c.Owner, RedirectURIs: c.Redirects, Public: c.Public,
		By: c.By, Created: c.Created.UTC(), Revoked: c.Revoked,
	}
}

// clientRevoke is hooktree client revoke.
type clientRevoke struct {
	dataDirectory

	ID string `arg:"" name:"ID" help:"Id of the client, as the list shows it."`
}

// Help is what --help shows besides the flags.
func (*clientRevoke) Help() string {
	return fmt.Sprintf(`Its access and refresh tokens end with it. A server that runs on the same data takes the access tokens for at most
%s more. Revoking a client twice changes nothing.

  hooktree client revoke 01978c3a-6d0e-7c59-8a53-0f4b8a1f2c11`, accounts.Noticed)
}

// Run ends the client.
func (c *clientRevoke) Run(ctx context.Context, h host) error {
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		err := s.RevokeClient(ctx, commandLine(), c.ID)
		if errors.Is(err, accounts.ErrNotFound) {
			return fmt.Errorf("there is no client %s; `hooktree client list` shows their ids", c.ID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h.out, "Client %s is revoked. A running server takes its tokens for at most %s more.\n", c.ID, accounts.Noticed)
		return err
	})
}
