package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewerSchema says that the file was written by a later hooktree.
var ErrNewerSchema = errors.New("the data were written by a newer hooktree: start that version, or restore a backup made before it")

// migration is one numbered step of the schema.
type migration struct {
	number int
	name   string
	text   string
	sum    string // sha256 of text, in hex
}

// migrate applies what is missing, each file in a transaction of its own, and
// checks that what was applied before has not changed since.
func migrate(ctx context.Context, conn *sql.Conn) error {
	const ledger = `create table if not exists migrations (
		number integer primary key, name text not null, sha256 text not null) strict`
	if _, err := conn.ExecContext(ctx, ledger); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	steps, err := readMigrations(migrations)
	if err != nil {
		return err
	}
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return err
	}
	if len(applied) > len(steps) {
		return ErrNewerSchema
	}
	for i, step := range steps {
		if i < len(applied) {
			if applied[i] != step.sum {
				return fmt.Errorf("migration %s is not the one that made this file: restore the binary that did", step.name)
			}
			continue
		}
		if err := apply(ctx, conn, step); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

// readMigrations lists the embedded files in order.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	steps := make([]migration, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		steps[i] = migration{number: i + 1, name: strings.TrimPrefix(name, "migrations/"), text: string(text), sum: hex.EncodeToString(sum[:])}
	}
	return steps, nil
}

// appliedMigrations lists the sums of what the file has been through.
func appliedMigrations(ctx context.Context, conn *sql.Conn) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "select sha256 from migrations order by number")
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	defer rows.Close()
	var sums []string
	for rows.Next() {
		var sum string
		if err := rows.Scan(&sum); err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	return sums, rows.Err()
}

func apply(ctx context.Context, conn *sql.Conn, step migration) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing to undo after the commit
	if _, err := tx.ExecContext(ctx, step.text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "insert into migrations (number, name, sha256) values (?, ?, ?)", step.number, step.name, step.sum); err != nil {
		return err
	}
	return tx.Commit()
}
