package sqlite

import (
	"context"

	"hooktree/jobs"
	"hooktree/server/accounts"
)

// AccessKeys keeps access keys in the store's file.
type AccessKeys struct{ store *Store }

var _ accounts.AccessKeys = AccessKeys{}

// AccessKeys gives the store's side of access keys.
func (s *Store) AccessKeys() AccessKeys { return AccessKeys{s} }

const selectAccessKeys = `select identifier, secret, description, created from access_keys`

func scanAccessKey(row scanner) (accounts.AccessKey, error) {
	var k accounts.AccessKey
	var created int64
	if err := row.Scan(&k.Identifier, &k.Secret, &k.Description, &created); err != nil {
		return k, notFound(err)
	}
	k.Created = moment(created)
	return k, nil
}

// AccessKeys lists all by identifier.
func (a AccessKeys) AccessKeys(ctx context.Context) ([]accounts.AccessKey, error) {
	return list(ctx, a.store, scanAccessKey, selectAccessKeys+` order by identifier`)
}

// AccessKey gives the key of an identifier.
func (a AccessKeys) AccessKey(ctx context.Context, identifier string) (accounts.AccessKey, error) {
	return scanAccessKey(a.store.readers.QueryRowContext(ctx, selectAccessKeys+` where identifier = ?`, identifier))
}

// SaveAccessKey carries a change out.
func (a AccessKeys) SaveAccessKey(ctx context.Context, c accounts.AccessKeyChange) error {
	return a.store.writer.insist(ctx, func(t *tx) error {
		if err := t.expectAccessKey(&c); err != nil {
			return err
		}
		if c.Was != "" {
			if err := t.exec(`delete from access_keys where identifier = ?`, c.Was); err != nil {
				return err
			}
		}
		if !c.Remove {
			k := c.Key
			if err := t.exec(`insert into access_keys (identifier, secret, description, created) values (?, ?, ?, ?)`,
				k.Identifier, string(k.Secret), k.Description, k.Created); err != nil {
				return err
			}
		}
		return t.addAudit(&jobs.Audit{At: c.Audit.At, Who: c.Audit.Who, Did: c.Audit.Did, What: c.Audit.What})
	})
}

// expectAccessKey refuses a change of a key that is not there, and one to an
// identifier that another key has.
func (t *tx) expectAccessKey(c *accounts.AccessKeyChange) error {
	const held = `select 1 from access_keys where identifier = ?`
	if c.Was != "" {
		known, err := t.exists(held, c.Was)
		if err != nil {
			return err
		}
		if !known {
			return refusal{accounts.ErrNotFound}
		}
	}
	if c.Remove || c.Key.Identifier == c.Was {
		return nil
	}
	taken, err := t.exists(held, c.Key.Identifier)
	if err == nil && taken {
		err = refusal{accounts.ErrExists}
	}
	return err
}
