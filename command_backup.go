package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dustin/go-humanize"

	"hooktree/store/sqlite"
)

// backupCommand is hooktree backup.
type backupCommand struct {
	dataDirectory

	File string `arg:"" name:"FILE" help:"New file to write the copy into; one that is there already is left alone."`
}

// Help is what --help shows besides the flags.
func (*backupCommand) Help() string {
	return `Copies the database as it stands at one moment, while a server runs on it or not. The copy needs the space that the
database takes. Files of the space are not in it; they are yours to keep, as by git.

To restore, stop the server and put the copy into a data directory under the name ` + databaseFile + `:

  hooktree backup backups/monday.db
  mkdir restored && cp backups/monday.db restored/` + databaseFile + `
  hooktree serve --data restored`
}

// Run makes the copy.
func (c *backupCommand) Run(ctx context.Context, h host) error {
	return c.withStore(ctx, func(store *sqlite.Store) error {
		err := store.Backup(ctx, c.File)
		if errors.Is(err, os.ErrExist) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		size := ""
		if info, err := os.Stat(c.File); err == nil {
			size = " (" + humanize.Bytes(uint64(info.Size())) + ")"
		}
		_, err = fmt.Fprintf(h.out, "%s holds a copy of %s%s.\n", c.File, c.Data, size)
		return err
	})
}
