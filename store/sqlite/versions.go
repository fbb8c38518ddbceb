package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hooktree/trees"
)

// Versions keeps the contents of a space's files in the store's file.
type Versions struct{ store *Store }

var _ trees.Versions = Versions{}

// Versions gives the store's side of trees.
func (s *Store) Versions() Versions { return Versions{s} }

// Publish makes a change in one transaction.
func (v Versions) Publish(ctx context.Context, change trees.Change) error {
	return v.store.writer.insist(ctx, func(t *tx) error {
		for i := range change.Versions {
			if err := t.saveVersion(&change.Versions[i]); err != nil {
				return err
			}
		}
		for _, a := range change.Active {
			if err := t.exec(`insert or replace into active (name, file, hash, drift, base) values (?, ?, ?, ?, ?)`,
				a.Name, a.File, a.Hash, a.Drift, a.Base); err != nil {
				return err
			}
		}
		for _, name := range change.Retired {
			if err := t.exec(`delete from active where name = ?`, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) saveVersion(v *trees.Version) error {
	routines, err := json.Marshal(v.Routines)
	if err != nil {
		return err
	}
	content := v.Content
	if content == nil {
		content = []byte{}
	}
	return t.exec(`insert or ignore into versions (hash, name, file, content, routines, author, origin, made) values (?, ?, ?, ?, ?, ?, ?, ?)`,
		v.Hash, v.Name, v.File, content, routines, v.Author, string(v.Origin), v.Made)
}

const selectVersions = `select hash, name, file, content, routines, author, origin, made from versions`

func scanVersion(row scanner) (trees.Version, error) {
	var v trees.Version
	var routines []byte
	var made int64
	if err := row.Scan(&v.Hash, &v.Name, &v.File, &v.Content, &routines, &v.Author, &v.Origin, &made); err != nil {
		return v, err
	}
	v.Made = moment(made)
	return v, json.Unmarshal(routines, &v.Routines)
}

// Version gives a version by its hash.
func (v Versions) Version(ctx context.Context, hash string) (trees.Version, error) {
	version, err := scanVersion(v.store.readers.QueryRowContext(ctx, selectVersions+` where hash = ? order by seq limit 1`, hash))
	if errors.Is(err, sql.ErrNoRows) {
		return trees.Version{}, fmt.Errorf("version %s: %w", hash, trees.ErrNotFound)
	}
	return version, err
}

// Active lists what is active, by name.
func (v Versions) Active(ctx context.Context) ([]trees.Active, error) {
	return list(ctx, v.store, scanActive, `select name, file, hash, drift, base from active order by name`)
}

func scanActive(row scanner) (trees.Active, error) {
	var a trees.Active
	err := row.Scan(&a.Name, &a.File, &a.Hash, &a.Drift, &a.Base)
	return a, err
}

// History lists the versions of a name, latest first.
func (v Versions) History(ctx context.Context, name string, limit int) ([]trees.Version, error) {
	return list(ctx, v.store, scanVersion, selectVersions+` where name = ? order by seq desc limit ?`, name, limit)
}
