package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"hooktree/server/accounts"
)

// listFlags are those of each list of accounts.
type listFlags struct {
	dataDirectory

	JSON bool `name:"json" env:"-" help:"Answer in JSON."`
}

// accountList is how accounts of one kind are listed: T is an account, R its
// row.
type accountList[T, R any] struct {
	page  func(s *accounts.Service, ctx context.Context, after string, limit int) ([]T, error) // a method of the service
	key   func(T) string                                                                       // what the next page is asked by
	row   func(T, time.Time) R                                                                 // as --json tells it
	head  string                                                                               // of the table
	cells func(R) []string
}

// listPage is how many rows are read at a time.
const listPage = 500

// run writes the whole list.
func (l accountList[T, R]) run(ctx context.Context, h host, flags listFlags) error {
	rows := []R{}
	err := flags.withAccounts(ctx, func(s *accounts.Service) error {
		for after := ""; ; {
			page, err := l.page(s, ctx, after, listPage)
			if err != nil {
				return err
			}
			for _, account := range page {
				rows, after = append(rows, l.row(account, time.Now())), l.key(account)
			}
			if len(page) < listPage {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	if flags.JSON {
		return writeJSON(h.out, rows)
	}
	table := tabwriter.NewWriter(h.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, l.head)
	for _, r := range rows {
		fmt.Fprintln(table, strings.Join(l.cells(r), "\t"))
	}
	return table.Flush()
}
