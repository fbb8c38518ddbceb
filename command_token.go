package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"hooktree/server/accounts"
)

// tokenCommand is hooktree token.
type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token and print its secret, this once."`
	List   tokenList   `cmd:"" help:"List the tokens."`
	Revoke tokenRevoke `cmd:"" help:"End a token."`
}

// tokenCreate is hooktree token create.
type tokenCreate struct {
	dataDirectory

	Name    string `arg:"" optional:"" help:"Who uses it, for people; the owner where it is left out."`
	Role    string `env:"-" placeholder:"ROLE" help:"What it may do: viewer, operator, author or admin. Must be given; for a dialect it is operator."`
	Expires Age    `env:"-" placeholder:"AGE" help:"How long it works, such as 90d or 36h. Default: for ever."`

	Dialect    string `env:"-" placeholder:"DIALECT" help:"For REST-hook clients: one of ${dialects}."`
	Owner      string `env:"-" placeholder:"NAME" help:"Whom a REST-hook token stands for, as the dialects show it."`
	OwnerID    int64  `name:"owner-id" env:"-" placeholder:"NUMBER" help:"The owner's number in the dialects."`
	OwnerEmail string `env:"-" placeholder:"ADDRESS" help:"The owner's email in the dialects."`
}

// Help is what --help shows besides the flags.
func (*tokenCreate) Help() string {
	return `The secret stands alone on standard output and is not kept: only its hash is. The token works at once at a server
that runs on the same data; send it as "Authorization: Bearer SECRET".

  hooktree token create portal --role operator
  hooktree token create --dialect keap --owner integrations --owner-id 7
  HOOKTREE_TOKEN=$(hooktree token create ci --role operator --expires 90d) hooktree fire event.json`
}

// Validate refuses flags that say nothing, or do not go together. Kong calls it.
func (c *tokenCreate) Validate() error {
	if err := checkDialect(c.Dialect); err != nil {
		return err
	}
	if c.Role != "" {
		if _, err := accounts.ParseRole(c.Role); err != nil {
			return err
		}
	}
	switch owned := c.Owner != "" || c.OwnerID != 0 || c.OwnerEmail != ""; {
	case c.Name == "" && c.Owner == "":
		return errors.New("name the token: who uses it?")
	case c.Dialect == "" && c.Role == "":
		return errors.New("role: give viewer, operator, author or admin")
	case c.Dialect == "" && owned:
		return errors.New("owner: only a token of a dialect has one; give --dialect too")
	case c.Dialect != "" && c.Owner == "":
		return errors.New("owner: a token of a dialect stands for somebody; give --owner NAME")
	default:
		return nil
	}
}

// Run makes the token.
func (c *tokenCreate) Run(ctx context.Context, h host) error {
	role, err := accounts.ParseRole(cmp.Or(c.Role, accounts.Operator.String()))
	if err != nil {
		return usageError{err}
	}
	want := accounts.TokenRequest{
		Name: cmp.Or(c.Name, c.Owner), Role: role, Dialect: c.Dialect,
		Owner: accounts.Owner{ID: c.OwnerID, Name: c.Owner, Email: c.OwnerEmail},
	}
	if c.Expires > 0 {
		want.Expires = time.Now().Add(time.Duration(c.Expires))
	}
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		secret, token, err := s.CreateToken(ctx, commandLine(), want)
		if err != nil {
			return err
		}
		fmt.Fprintf(h.err, "Token %s (%s, %s) is made. Its secret is shown this once:\n", token.ID, token.Name, token.Role)
		_, err = fmt.Fprintln(h.out, secret)
		return err
	})
}

// tokenList is hooktree token list.
type tokenList struct{ listFlags }

// Help is what --help shows besides the flags.
func (*tokenList) Help() string {
	return `Secrets are not listed: nobody has them but those who were given them.

  hooktree token list
  hooktree token list --json | jq -r '.[] | select(.state == "active") | .id'`
}

// listedToken is a token in a list.
type listedToken struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Role    accounts.Role  `json:"role"`
	State   string         `json:"state"` // active, expired or revoked
	Dialect string         `json:"dialect,omitempty"`
	Owner   accounts.Owner `json:"owner,omitzero"`
	Client  string         `json:"client,omitempty"` // that was given it
	By      string         `json:"by"`
	Created time.Time      `json:"created"`
	Expires time.Time      `json:"expires,omitzero"`
}

// Run lists the tokens.
func (c *tokenList) Run(ctx context.Context, h host) error {
	return accountList[accounts.Token, listedToken]{
		page: (*accounts.Service).Tokens, key: func(t accounts.Token) string { return t.ID }, row: newListedToken,
		head: "ID\tNAME\tROLE\tSTATE\tDIALECT\tCREATED\tEXPIRES",
		cells: func(t listedToken) []string {
			expires := "never"
			if !t.Expires.IsZero() {
				expires = t.Expires.UTC().Format(time.DateTime)
			}
			return []string{t.ID, t.Name, t.Role.String(), t.State, cmp.Or(t.Dialect, "-"), t.Created.Format(time.DateTime), expires}
		},
	}.run(ctx, h, c.listFlags)
}

func newListedToken(t accounts.Token, now time.Time) listedToken {
	state := "active"
	switch {
	case !t.Revoked.IsZero():
		state = "revoked"
	case !t.Alive(now):
		state = "expired"
	}
	return listedToken{
		ID: t.ID, Name: t.Name, Role: t.Role, State: state, Dialect: t.Dialect, Owner: t.Owner, Client: t.Client, By: t.By,
		Created: t.Created.UTC(), Expires: t.Expires,
	}
}

// tokenRevoke is hooktree token revoke.
type tokenRevoke struct {
	dataDirectory

	ID string `arg:"" name:"ID" help:"Id of the token, as the list shows it."`
}

// Help is what --help shows besides the flags.
func (*tokenRevoke) Help() string {
	return fmt.Sprintf(`A server that runs on the same data takes the token for at most %s more. Revoking a token twice changes nothing.

  hooktree token revoke 01978c3a-6d0e-7c59-8a53-0f4b8a1f2c11`, accounts.Noticed)
}

// Run ends the token.
func (c *tokenRevoke) Run(ctx context.Context, h host) error {
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		err := s.RevokeToken(ctx, commandLine(), c.ID)
		if errors.Is(err, accounts.ErrNotFound) {
			return fmt.Errorf("there is no token %s; `hooktree token list` shows their ids", c.ID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h.out, "Token %s is revoked. A running server takes it for at most %s more.\n", c.ID, accounts.Noticed)
		return err
	})
}
