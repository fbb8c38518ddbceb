package server

import (
	"time"

	"hooktree/jobs"
)

// Paging bounds a list. Lists are the newest first unless they say otherwise.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Most rows of one page"`
	Cursor string `query:"cursor" maxLength:"500" doc:"The next of the page before"`
}

func (p Paging) page() jobs.Page { return jobs.Page{Limit: p.Limit, Cursor: p.Cursor} }

// Span narrows a list to a time.
type Span struct {
	From time.Time `query:"from" doc:"Made at this time or later"`
	To   time.Time `query:"to" doc:"Made before this time"`
}

// shown gives the rows as the API shows them; an empty list is not null.
func shown[R, S any](rows []R, show func(R) S) []S {
	list := make([]S, len(rows))
	for i, r := range rows {
		list[i] = show(r)
	}
	return list
}
