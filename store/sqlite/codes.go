package sqlite

import (
	"context"
	"encoding/json"

	"hooktree/server/accounts"
)

// SaveCode keeps a code, and drops those that are over or too many.
func (a Accounts) SaveCode(ctx context.Context, c accounts.Code, audit accounts.Audit) error {
	owner, err := json.Marshal(c.Owner)
	if err != nil {
		return err
	}
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.checkClient(c.Client); err != nil {
			return err
		}
		if err := t.exec(`insert into codes (id, hash, client, user, owner, redirect, challenge, scope, created, expires, used)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.ID, c.Hash[:], c.Client, c.User, owner, c.Redirect, c.Challenge, c.Scope, c.Created, c.Expires, c.Used); err != nil {
			return err
		}
		if err := t.exec(`delete from codes where expires <= ?`, c.Created.Add(-accounts.CodeKnown)); err != nil {
			return err
		}
		if err := t.exec(`delete from codes where client = ? and user = ? and id not in
			(select id from codes where client = ? and user = ? order by id desc limit ?)`,
			c.Client, c.User, c.Client, c.User, int64(accounts.MaxClientCodes)); err != nil {
			return err
		}
		return t.addAccountAudit(audit)
	})
}

// Code gives the code of a hash.
func (a Accounts) Code(ctx context.Context, hash accounts.Hash) (accounts.Code, error) {
	c := accounts.Code{Hash: hash}
	var owner []byte
	var created, expires, used int64
	err := a.store.readers.QueryRowContext(ctx,
		`select id, client, user, owner, redirect, challenge, scope, created, expires, used from codes where hash = ?`, hash[:]).
		Scan(&c.ID, &c.Client, &c.User, &owner, &c.Redirect, &c.Challenge, &c.Scope, &created, &expires, &used)
	if err != nil {
		return accounts.Code{}, notFound(err)
	}
	c.Created, c.Expires, c.Used = moment(created), moment(expires), moment(used)
	return c, json.Unmarshal(owner, &c.Owner)
}

// useCode marks the code that an issue is given for.
func (t *tx) useCode(i accounts.Issue) error {
	if i.Code == "" {
		return nil
	}
	n, err := t.execCount(`update codes set used = ? where id = ? and used = 0`, i.Token.Created, i.Code)
	if err == nil && n == 0 {
		err = refusal{accounts.ErrStale}
	}
	return err
}

// checkClient refuses what is for a client that is not there or is revoked.
func (t *tx) checkClient(id string) error {
	known, err := t.exists(`select 1 from clients where id = ? and revoked = 0`, id)
	if err == nil && !known {
		err = refusal{accounts.ErrNotFound}
	}
	return err
}
