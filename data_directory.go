package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"hooktree/server/accounts"
	"hooktree/server/oauth"
	"hooktree/store/sqlite"
)

// dataDirectory is where a command finds the database; a server may be running
// on it.
type dataDirectory struct {
	Data string `default:"data" help:"Where the database is kept."`
}

// withStore opens the store that is there for the time of do.
func (d dataDirectory) withStore(ctx context.Context, do func(*sqlite.Store) error) error {
	path := filepath.Join(d.Data, databaseFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return usageError{fmt.Errorf("there is no database in %s; name the directory by --data, or start `hooktree serve` once to make it", d.Data)}
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

// withAccounts opens the accounts that are there for the time of do.
func (d dataDirectory) withAccounts(ctx context.Context, do func(*accounts.Service) error) error {
	return d.withStore(ctx, func(store *sqlite.Store) error {
		return do(accounts.New(store.Accounts(), time.Now, oauth.Terms(dialects())))
	})
}

// commandLine is who acts, for the audit: somebody who may read and write the
// database may do everything.
func commandLine() accounts.Identity {
	name := "command line"
	if who, err := user.Current(); err == nil {
		name += " (" + who.Username + ")"
	}
	return accounts.Identity{Name: name, Role: accounts.Admin}
}
