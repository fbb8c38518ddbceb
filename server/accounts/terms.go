package accounts

import (
	"regexp"
	"time"
)

// Terms are what clients of a dialect may ask for, and how long their tokens
// work.
type Terms struct {
	Access  time.Duration
	Refresh time.Duration // by the client's own credentials, from the last use; zero gives no refresh tokens
	Allowed time.Duration // the same of what a user has allowed

	Scope  string         // what is granted when nothing is asked for
	scopes *regexp.Regexp // what may be asked for
}

// acceloScope is one scope: read(all), write(companies,contacts).
const acceloScope = `(read|write)\([a-z_]+(, *[a-z_]+)*\)`

// terms are those of each dialect. Actionstep's stand in its documentation of
// OAuth (60 minutes, 21 days), Accelo's too (30 days; its service applications
// have no refresh tokens, those that a user allowed have, for a time that it
// does not tell), Keap's were told by its staff (24 hours, 45 days). The
// standard dialect's are ours.
var terms = map[string]Terms{
	"accelo": {
		Access: 30 * 24 * time.Hour, Allowed: 90 * 24 * time.Hour,
		Scope: "read(all)", scopes: regexp.MustCompile(`^` + acceloScope + `([, ]+` + acceloScope + `)*$`),
	},
	"actionstep": {
		Access: time.Hour, Refresh: 21 * 24 * time.Hour, Allowed: 21 * 24 * time.Hour,
		Scope: "all", scopes: regexp.MustCompile(`^[a-z_]+([, ]+[a-z_]+)*$`),
	},
	"keap": {
		Access: 24 * time.Hour, Refresh: 45 * 24 * time.Hour, Allowed: 45 * 24 * time.Hour,
		Scope: "full", scopes: regexp.MustCompile(`^full$`),
	},
	"standard": {
		Access: time.Hour, Allowed: 45 * 24 * time.Hour,
		Scope: "hooks", scopes: regexp.MustCompile(`^hooks$`),
	},
}

// TermsOf gives the terms of a dialect; false for a name that is none.
func TermsOf(dialect string) (Terms, bool) {
	t, ok := terms[dialect]
	return t, ok
}

// Takes reports whether a scope may be asked for.
func (t Terms) Takes(scope string) bool { return t.scopes != nil && t.scopes.MatchString(scope) }
