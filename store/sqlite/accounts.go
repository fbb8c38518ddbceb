package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"hooktree/jobs"
	"hooktree/server/accounts"
)

// Accounts keeps users, tokens, clients and sessions in the store's file.
type Accounts struct{ store *Store }

var _ accounts.Store = Accounts{}

// Accounts gives the store's side of accounts.
func (s *Store) Accounts() Accounts { return Accounts{s} }

const selectUsers = `select name, email, role, disabled, password, revision, created, updated from users`

func scanUser(row scanner) (accounts.User, error) {
	var u accounts.User
	var role string
	var created, updated int64
	if err := row.Scan(&u.Name, &u.Email, &role, &u.Disabled, &u.Password, &u.Revision, &created, &updated); err != nil {
		return u, notFound(err)
	}
	u.Created, u.Updated = moment(created), moment(updated)
	return u, u.Role.UnmarshalText([]byte(role))
}

// notFound gives the room's own word for a missing row.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.ErrNotFound
	}
	return err
}

// Users lists users by name.
func (a Accounts) Users(ctx context.Context, after string, limit int) ([]accounts.User, error) {
	return list(ctx, a.store, scanUser, selectUsers+` where name > ? order by name limit ?`, after, limit)
}

// User gives the user of a name.
func (a Accounts) User(ctx context.Context, name string) (accounts.User, error) {
	return scanUser(a.store.readers.QueryRowContext(ctx, selectUsers+` where name = ?`, name))
}

// SaveUser makes, changes or removes a user.
func (a Accounts) SaveUser(ctx context.Context, c accounts.UserChange) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.checkUserChange(c); err != nil {
			return err
		}
		if err := t.saveUser(c); err != nil {
			return err
		}
		if c.EndSessions {
			if err := t.exec(`delete from sessions where user = ?`, c.User.Name); err != nil {
				return err
			}
		}
		return t.addAccountAudit(c.Audit)
	})
}

func (t *tx) saveUser(c accounts.UserChange) error {
	if c.Remove {
		return t.exec(`delete from users where name = ?`, c.User.Name)
	}
	u := c.User
	return t.exec(`insert or replace into users (name, email, role, disabled, password, revision, created, updated) values (?, ?, ?, ?, ?, ?, ?, ?)`,
		u.Name, u.Email, u.Role.String(), u.Disabled, u.Password, u.Revision+1, u.Created, u.Updated)
}

// checkUserChange refuses a change that the rules do not let through.
func (t *tx) checkUserChange(c accounts.UserChange) error {
	some, err := t.exists(`select 1 from users limit 1`)
	if err != nil {
		return err
	}
	if c.First && some {
		return refusal{accounts.ErrSetUp}
	}
	var held int64
	err = t.row(`select revision from users where name = ?`, []any{c.User.Name}, &held)
	exists := err == nil
	switch {
	case err != nil && !errors.Is(err, errNoRow):
		return err
	case c.User.Revision == 0 && exists:
		return refusal{accounts.ErrExists}
	case c.User.Revision != 0 && !exists:
		return refusal{accounts.ErrNotFound}
	case c.User.Revision != held:
		return refusal{accounts.ErrStale}
	}
	if !some || (!c.Remove && c.User.Role == accounts.Admin && !c.User.Disabled && c.User.Password != "") {
		return nil
	}
	other, err := t.exists(`select 1 from users where name <> ? and role = ? and disabled = 0 and password <> '' limit 1`,
		c.User.Name, accounts.Admin.String())
	if err == nil && !other {
		return refusal{accounts.ErrLastAdmin}
	}
	return err
}

func (t *tx) addAccountAudit(a accounts.Audit) error {
	return t.addAudit(&jobs.Audit{At: a.At, Who: a.Who, Did: a.Did, What: a.What})
}

const selectTokens = `select id, name, hash, role, dialect, owner, client, family, user, by, created, expires, revoked from tokens`

func scanToken(row scanner) (accounts.Token, error) {
	var k accounts.Token
	var role string
	var hash, owner []byte
	var created, expires, revoked int64
	if err := row.Scan(&k.ID, &k.Name, &hash, &role, &k.Dialect, &owner, &k.Client, &k.Family, &k.User, &k.By, &created, &expires, &revoked); err != nil {
		return k, notFound(err)
	}
	copy(k.Hash[:], hash)
	k.Created, k.Expires, k.Revoked = moment(created), moment(expires), moment(revoked)
	if err := json.Unmarshal(owner, &k.Owner); err != nil {
		return k, err
	}
	return k, k.Role.UnmarshalText([]byte(role))
}

// Tokens lists tokens by id.
func (a Accounts) Tokens(ctx context.Context, after string, limit int) ([]accounts.Token, error) {
	return list(ctx, a.store, scanToken, selectTokens+` where id > ? order by id limit ?`, after, limit)
}

// Token gives the token of an id or a hash.
func (a Accounts) Token(ctx context.Context, key accounts.TokenKey) (accounts.Token, error) {
	if key.ID != "" {
		return scanToken(a.store.readers.QueryRowContext(ctx, selectTokens+` where id = ?`, key.ID))
	}
	return scanToken(a.store.readers.QueryRowContext(ctx, selectTokens+` where hash = ?`, key.Hash[:]))
}

// SaveToken makes or changes a token.
func (a Accounts) SaveToken(ctx context.Context, k accounts.Token, audit accounts.Audit) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.saveToken(k); err != nil {
			return err
		}
		return t.addAccountAudit(audit)
	})
}

func (t *tx) saveToken(k accounts.Token) error {
	owner, err := json.Marshal(k.Owner)
	if err != nil {
		return err
	}
	return t.exec(`insert or replace into tokens (id, name, hash, role, dialect, owner, client, family, user, by, created, expires, revoked)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Name, k.Hash[:], k.Role.String(), k.Dialect, owner, k.Client, k.Family, k.User, k.By, k.Created, k.Expires, k.Revoked)
}

// Session gives the session of a hash.
func (a Accounts) Session(ctx context.Context, hash accounts.Hash) (accounts.Session, error) {
	s := accounts.Session{Hash: hash}
	var created, expires int64
	err := a.store.readers.QueryRowContext(ctx, `select user, created, expires from sessions where hash = ?`, hash[:]).
		Scan(&s.User, &created, &expires)
	s.Created, s.Expires = moment(created), moment(expires)
	if err != nil {
		return accounts.Session{}, notFound(err)
	}
	return s, nil
}

// SaveSession keeps a session and drops those that are over.
func (a Accounts) SaveSession(ctx context.Context, s accounts.Session, audit accounts.Audit) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.exec(`delete from sessions where expires <= ?`, s.Created); err != nil {
			return err
		}
		if err := t.exec(`insert or replace into sessions (hash, user, created, expires) values (?, ?, ?, ?)`,
			s.Hash[:], s.User, s.Created, s.Expires); err != nil {
			return err
		}
		return t.addAccountAudit(audit)
	})
}

// EndSession drops a session.
func (a Accounts) EndSession(ctx context.Context, hash accounts.Hash, audit accounts.Audit) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		n, err := t.execCount(`delete from sessions where hash = ?`, hash[:])
		if err != nil || n == 0 {
			return err
		}
		return t.addAccountAudit(audit)
	})
}

// list runs a query on the readers and scans its rows.
func list[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := s.readers.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
