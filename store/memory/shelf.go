package memory

import (
	"slices"
	"sort"
)

// shelf holds rows by ID and in the order in which they came.
type shelf[R any] struct {
	byID  map[string]*R
	order []placed[R] // by rank, which rises
}

type placed[R any] struct {
	rank int64
	id   string
	row  *R
}

func newShelf[R any]() shelf[R] {
	return shelf[R]{byID: map[string]*R{}}
}

func (s *shelf[R]) add(rank int64, id string, row *R) {
	s.byID[id] = row
	s.order = append(s.order, placed[R]{rank, id, row})
}

// remove takes out the rows of the given IDs, in one pass.
func (s *shelf[R]) remove(ids map[string]bool) {
	for id := range ids {
		delete(s.byID, id)
	}
	s.order = slices.DeleteFunc(s.order, func(p placed[R]) bool { return ids[p.id] })
}

// below gives the number of rows whose rank is below the given one; zero
// stands for no bound.
func (s *shelf[R]) below(rank int64) int {
	if rank == 0 {
		return len(s.order)
	}
	return sort.Search(len(s.order), func(i int) bool { return s.order[i].rank >= rank })
}
