package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"hooktree/server/accounts"
)

// userCommand is hooktree user.
type userCommand struct {
	Add      userAdd      `cmd:"" help:"Make a user; the password is asked for."`
	List     userList     `cmd:"" help:"List the users."`
	Password userPassword `cmd:"" help:"Set a user's password, which is asked for."`
	Remove   userRemove   `cmd:"" help:"Remove a user and end the sessions."`
}

// userAdd is hooktree user add.
type userAdd struct {
	dataDirectory

	Name  string `arg:"" help:"Name to sign in by."`
	Role  string `required:"" env:"-" placeholder:"ROLE" help:"What the user may do: viewer, operator, author or admin."`
	Email string `env:"-" placeholder:"ADDRESS" help:"Where the user is reached."`
}

// Help is what --help shows besides the flags.
func (*userAdd) Help() string {
	return `Asks for the password at a terminal, without showing it; else it is the first line of standard input.

  hooktree user add manager@example.com --role operator
  hooktree user add reporting --role viewer < password.txt`
}

// Run makes the user.
func (c *userAdd) Run(ctx context.Context, h host) error {
	role, err := accounts.ParseRole(c.Role)
	if err != nil {
		return usageError{err}
	}
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		if _, err := s.User(ctx, c.Name); err == nil {
			return existing(c.Name)
		}
		password, err := readPassword(h)
		if err != nil {
			return err
		}
		user, err := s.CreateUser(ctx, commandLine(), c.Name, accounts.UserEdit{Role: &role, Email: &c.Email, Password: &password})
		if errors.Is(err, accounts.ErrExists) {
			return existing(c.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h.out, "User %s is made, as %s.\n", user.Name, user.Role)
		return err
	})
}

func existing(name string) error {
	return fmt.Errorf("there is a user %s already; `hooktree user password %s` sets the password", name, name)
}

// userList is hooktree user list.
type userList struct{ listFlags }

// Help is what --help shows besides the flags.
func (*userList) Help() string {
	return `Passwords are not listed: only their hashes are kept.

  hooktree user list
  hooktree user list --json | jq -r '.[].name'`
}

// listedUser is a user in a list.
type listedUser struct {
	Name    string        `json:"name"`
	Role    accounts.Role `json:"role"`
	State   string        `json:"state"` // active or disabled
	Email   string        `json:"email,omitempty"`
	Created time.Time     `json:"created"`
}

// Run lists the users.
func (c *userList) Run(ctx context.Context, h host) error {
	return accountList[accounts.User, listedUser]{
		page: (*accounts.Service).Users, key: func(u accounts.User) string { return u.Name }, row: newListedUser,
		head: "NAME\tROLE\tSTATE\tEMAIL\tCREATED",
		cells: func(u listedUser) []string {
			return []string{u.Name, u.Role.String(), u.State, cmp.Or(u.Email, "-"), u.Created.Format(time.DateTime)}
		},
	}.run(ctx, h, c.listFlags)
}

func newListedUser(u accounts.User, _ time.Time) listedUser {
	state := "active"
	if u.Disabled {
		state = "disabled"
	}
	return listedUser{Name: u.Name, Role: u.Role, State: state, Email: u.Email, Created: u.Created.UTC()}
}

// userPassword is hooktree user password.
type userPassword struct {
	dataDirectory

	Name string `arg:"" help:"The user's name."`
}

// Help is what --help shows besides the flags.
func (*userPassword) Help() string {
	return fmt.Sprintf(`Ends the user's sessions: a server that runs on the same data takes the old password for at most %s more.
Asks for the new one at a terminal, without showing it; else it is the first line of standard input.

  hooktree user password admin`, accounts.Noticed)
}

// Run sets the password.
func (c *userPassword) Run(ctx context.Context, h host) error {
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		if _, err := s.User(ctx, c.Name); err != nil {
			return unknownUser(c.Name, err)
		}
		password, err := readPassword(h)
		if err != nil {
			return err
		}
		user, err := s.UpdateUser(ctx, commandLine(), c.Name, 0, accounts.UserEdit{Password: &password})
		if err != nil {
			return unknownUser(c.Name, err)
		}
		_, err = fmt.Fprintf(h.out, "The password of %s is set, and the sessions are ended. A running server takes the old one for at most %s more.\n",
			user.Name, accounts.Noticed)
		return err
	})
}

// unknownUser says what to do where there is no such user.
func unknownUser(name string, err error) error {
	if errors.Is(err, accounts.ErrNotFound) {
		return fmt.Errorf("there is no user %s; `hooktree user list` shows them", name)
	}
	return err
}

// userRemove is hooktree user remove.
type userRemove struct {
	dataDirectory

	Name string `arg:"" help:"The user's name."`
}

// Help is what --help shows besides the flags.
func (*userRemove) Help() string {
	return fmt.Sprintf(`What the user did stays in the audit. The last active admin cannot be removed. A server that runs on the same data
takes the user's credentials for at most %s more.

  hooktree user remove manager@example.com`, accounts.Noticed)
}

// Run removes the user.
func (c *userRemove) Run(ctx context.Context, h host) error {
	return c.withAccounts(ctx, func(s *accounts.Service) error {
		if err := s.DropUser(ctx, commandLine(), c.Name, 0); err != nil {
			return unknownUser(c.Name, err)
		}
		_, err := fmt.Fprintf(h.out, "User %s is removed. A running server takes the credentials for at most %s more.\n", c.Name, accounts.Noticed)
		return err
	})
}
