// Package ui holds the pages that an operator works in: the webhook jobs, the
// subscriptions, the runs, what was sent where, and what to do about what
// stopped.
//
//	server.New(server.Config{UI: ui.Files(), ...}, services)
//
// The pages are a program of their own, in TypeScript below src. They know the
// native API and nothing else of hooktree, so this package imports none of it,
// serves nothing and decides nothing: it hands over files.
//
// `make build` puts the built pages into dist/app, which git ignores. A binary
// built without them (`go build` needs no Node) carries a page that says so.
package ui

import (
	"embed"
	"io/fs"
)

// built is what the last build left, beside the page that stands in for it.
//
//go:embed all:dist placeholder.css
var built embed.FS

// Files gives the pages, index.html first of all. Whoever serves them answers
// addresses that are no file with index.html, because the page itself knows
// its addresses; files below assets are named by their content and never
// change.
func Files() fs.FS { return choose(built) }

// choose gives the built pages, or the one that stands in for them.
func choose(files fs.FS) fs.FS {
	app, err := fs.Sub(files, "dist/app")
	if err != nil {
		return standIn{files}
	}
	if _, err := fs.Stat(app, start); err != nil {
		return standIn{files}
	}
	return app
}

const start = "index.html"
