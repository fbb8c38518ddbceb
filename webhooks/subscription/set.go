package subscription

import (
	"slices"

	"hooktree/engine"
)

// Set is an immutable snapshot of the subscriptions of a space, ready to be
// resolved by. The zero value holds none.
type Set struct {
	wanted map[[2]string][]*Entry
}

// Entry is a subscription with what was compiled of it. Its counters and
// health are those of the time of its making.
type Entry struct {
	Subscription

	Type     string // of the catalogue
	Action   string
	Hash     string // of the definition; verdicts and jobs name it
	Protocol Protocol
	Traits   Traits
	Visible  engine.Expr // nil lets the owner see all
	Filter   engine.Expr // nil wants all
}

// NewSet makes a snapshot.
func NewSet(entries []*Entry) *Set {
	s := &Set{wanted: map[[2]string][]*Entry{}}
	for _, e := range entries {
		key := [2]string{e.Type, e.Action}
		s.wanted[key] = append(s.wanted[key], e)
	}
	return s
}

// Wanting lists the subscriptions to a type and action, in the order in which
// they were made, pending and disabled ones included. The caller must not
// change the slice.
func (s *Set) Wanting(typ, action string) []*Entry {
	if s == nil {
		return nil
	}
	return s.wanted[[2]string{typ, action}]
}

// With gives a snapshot in which an entry is new, or takes the place of the
// one of the same ID.
func (s *Set) With(e *Entry) *Set { return s.changed(e.ID, e) }

// Without gives a snapshot that lacks an entry.
func (s *Set) Without(id string) *Set { return s.changed(id, nil) }

// changed copies no more than the lists that are touched.
func (s *Set) changed(id string, by *Entry) *Set {
	next := &Set{wanted: make(map[[2]string][]*Entry, len(s.wanted)+1)}
	for key, list := range s.wanted {
		at := slices.IndexFunc(list, func(e *Entry) bool { return e.ID == id })
		switch {
		case at < 0:
		case by != nil && key == [2]string{by.Type, by.Action}:
			list = slices.Clone(list)
			list[at], by = by, nil
		default:
			list = slices.Concat(list[:at], list[at+1:])
		}
		next.wanted[key] = list
	}
	if by != nil {
		key := [2]string{by.Type, by.Action}
		next.wanted[key] = append(slices.Clone(next.wanted[key]), by)
	}
	return next
}
