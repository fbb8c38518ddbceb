package ui

import "io/fs"

// standIn are the pages of a binary that was built without them: one page,
// which says so and what to do.
type standIn struct{ files fs.FS }

// standInNames says which file stands in for which.
var standInNames = map[string]string{
	start:             "dist/placeholder.html",
	"placeholder.css": "placeholder.css",
}

// Open gives the page and its style, and nothing else.
func (s standIn) Open(name string) (fs.File, error) {
	stored, ok := standInNames[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.files.Open(stored)
}
