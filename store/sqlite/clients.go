package sqlite

import (
	"context"
	"encoding/json"
	"errors"

	"hooktree/server/accounts"
)

var _ accounts.ClientStore = Accounts{}

const selectClients = `select id, name, secret, public, dialect, owner, redirects, by, created, revoked from clients`

func scanClient(row scanner) (accounts.Client, error) {
	var c accounts.Client
	var secret, owner, redirects []byte
	var created, revoked int64
	if err := row.Scan(&c.ID, &c.Name, &secret, &c.Public, &c.Dialect, &owner, &redirects, &c.By, &created, &revoked); err != nil {
		return c, notFound(err)
	}
	copy(c.Secret[:], secret)
	c.Created, c.Revoked = moment(created), moment(revoked)
	return c, errors.Join(json.Unmarshal(owner, &c.Owner), json.Unmarshal(redirects, &c.Redirects))
}

// Clients lists clients by id.
func (a Accounts) Clients(ctx context.Context, after string, limit int) ([]accounts.Client, error) {
	return list(ctx, a.store, scanClient, selectClients+` where id > ? order by id limit ?`, after, limit)
}

// Client gives the client of an id.
func (a Accounts) Client(ctx context.Context, id string) (accounts.Client, error) {
	return scanClient(a.store.readers.QueryRowContext(ctx, selectClients+` where id = ?`, id))
}

// CreateClient keeps a new client.
func (a Accounts) CreateClient(ctx context.Context, c accounts.ClientChange) error {
	k := c.Client
	owner, err := json.Marshal(k.Owner)
	if err != nil {
		return err
	}
	redirects, err := json.Marshal(k.Redirects)
	if err != nil {
		return err
	}
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.makeRoomForClient(); err != nil {
			return err
		}
		if err := t.exec(`insert into clients (id, name, secret, public, dialect, owner, redirects, by, created, revoked)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			k.ID, k.Name, k.Secret[:], k.Public, k.Dialect, owner, redirects, k.By, k.Created, k.Revoked); err != nil {
			return err
		}
		if err := t.addRefresh(c.Refresh); err != nil {
			return err
		}
		return t.addAccountAudit(c.Audit)
	})
}

// makeRoomForClient drops the client that was revoked first where there are as
// many as there may be.
func (t *tx) makeRoomForClient() error {
	var count int64
	if err := t.row(`select count(*) from clients`, nil, &count); err != nil || count < accounts.MaxClients {
		return err
	}
	n, err := t.execCount(`delete from clients where id = (select id from clients where revoked <> 0 order by revoked, id limit 1)`)
	if err == nil && n == 0 {
		err = refusal{accounts.ErrFull}
	}
	return err
}

// addRefresh keeps a refresh token; nil is none.
func (t *tx) addRefresh(r *accounts.Refresh) error {
	if r == nil {
		return nil
	}
	owner, err := json.Marshal(r.Owner)
	if err != nil {
		return err
	}
	return t.exec(`insert into refresh_tokens (id, hash, client, family, user, owner, scope, created, expires, uses, used)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Hash[:], r.Client, r.Family, r.User, owner, r.Scope, r.Created, r.Expires, int64(r.Uses), r.Used)
}

// RevokeClient ends a client and drops its tokens.
func (a Accounts) RevokeClient(ctx context.Context, id string, audit accounts.Audit) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		var revoked int64
		err := t.row(`select revoked from clients where id = ?`, []any{id}, &revoked)
		switch {
		case errors.Is(err, errNoRow):
			return refusal{accounts.ErrNotFound}
		case err != nil || revoked != 0:
			return err
		}
		if err := t.exec(`update clients set revoked = ? where id = ?`, audit.At, id); err != nil {
			return err
		}
		for _, text := range []string{
			`delete from tokens where client = ? and client <> ''`,
			`delete from refresh_tokens where client = ?`,
			`delete from codes where client = ?`,
		} {
			if err := t.exec(text, id); err != nil {
				return err
			}
		}
		return t.addAccountAudit(audit)
	})
}

// Refresh gives the refresh token of a hash.
func (a Accounts) Refresh(ctx context.Context, hash accounts.Hash) (accounts.Refresh, error) {
	r := accounts.Refresh{Hash: hash}
	var owner []byte
	var created, expires, used int64
	err := a.store.readers.QueryRowContext(ctx,
		`select id, client, family, user, owner, scope, created, expires, uses, used from refresh_tokens where hash = ?`, hash[:]).
		Scan(&r.ID, &r.Client, &r.Family, &r.User, &owner, &r.Scope, &created, &expires, &r.Uses, &used)
	if err != nil {
		return accounts.Refresh{}, notFound(err)
	}
	r.Created, r.Expires, r.Used = moment(created), moment(expires), moment(used)
	return r, json.Unmarshal(owner, &r.Owner)
}

// Issue keeps what a token call gives.
func (a Accounts) Issue(ctx context.Context, i accounts.Issue) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.checkClient(i.Token.Client); err != nil {
			return err
		}
		if err := t.useCode(i); err != nil {
			return err
		}
		if err := t.spend(i); err != nil {
			return err
		}
		if err := t.saveToken(i.Token); err != nil {
			return err
		}
		if err := t.addRefresh(i.Refresh); err != nil {
			return err
		}
		return t.tidyGrants(i)
	})
}

// spend counts a use of the refresh token that an issue is given for.
func (t *tx) spend(i accounts.Issue) error {
	if i.Spent.ID == "" {
		return nil
	}
	n, err := t.execCount(`update refresh_tokens set uses = uses + 1, used = case uses when 0 then ? else used end where id = ? and uses = ?`,
		i.Token.Created, i.Spent.ID, int64(i.Spent.Uses))
	if err == nil && n == 0 {
		err = refusal{accounts.ErrStale}
	}
	return err
}

// tidyGrants drops what is over, and what is too much of one client.
func (t *tx) tidyGrants(i accounts.Issue) error {
	now, client, user := i.Token.Created, i.Token.Client, i.Token.User
	for _, step := range []struct {
		text string
		args []any
	}{
		{`delete from tokens where client <> '' and expires <= ?`, []any{now}},
		{`delete from tokens where client = ? and client <> '' and revoked <> 0`, []any{client}},
		{`delete from refresh_tokens where expires <= ?`, []any{now}},
		{
			`delete from tokens where client = ? and user = ? and client <> '' and id not in
				(select id from tokens where client = ? and user = ? and client <> '' order by id desc limit ?)`,
			[]any{client, user, client, user, int64(accounts.MaxClientTokens)},
		},
		{
			`delete from refresh_tokens where client = ? and user = ? and id not in
				(select id from refresh_tokens where client = ? and user = ? order by id desc limit ?)`,
			[]any{client, user, client, user, int64(accounts.MaxClientRefreshes)},
		},
	} {
		if err := t.exec(step.text, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// EndFamily drops the tokens of a family.
func (a Accounts) EndFamily(ctx context.Context, family string, audit accounts.Audit) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		dropped := int64(0)
		for _, text := range []string{
			`delete from tokens where client <> '' and family = ?`,
			`delete from refresh_tokens where family = ?`,
		} {
			n, err := t.execCount(text, family)
			if err != nil {
				return err
			}
			dropped += n
		}
		if dropped == 0 {
			return nil
		}
		return t.addAccountAudit(audit)
	})
}
