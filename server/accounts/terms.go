package accounts

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Terms are what clients of a dialect may ask for, and how long their tokens
// work.
type Terms struct {
	Access  time.Duration
	Refresh time.Duration // by the client's own credentials, from the last use; zero gives no refresh tokens
	Allowed time.Duration // the same of what a user has allowed

	Scope  string         // what is granted when nothing is asked for
	Scopes *regexp.Regexp // what may be asked for besides; nil is nothing
	// ImpliedCode lets a client leave response_type out when it sends a user to
	// be asked.
	ImpliedCode bool
}

// Takes reports whether a scope may be asked for.
func (t Terms) Takes(scope string) bool {
	return scope == t.Scope || t.Scopes != nil && t.Scopes.MatchString(scope)
}

// Terms gives those of a dialect; without any its clients are given nothing.
func (s *Service) Terms(dialect string) Terms { return s.terms[dialect] }

// dialects names those whose clients are given tokens, for people.
func (s *Service) dialects() string { return oneOf(slices.Sorted(maps.Keys(s.terms))) }

// oneOf names a choice: a, b or c.
func oneOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
