package accounts

import "time"

// Terms are how long the tokens of a dialect's clients work.
type Terms struct {
	Access  time.Duration
	Refresh time.Duration // from the last use; zero gives no refresh tokens
}

// terms are those of each dialect. Actionstep's stand in its documentation of
// OAuth (60 minutes, 21 days), Accelo's too (30 days; its service applications
// have no refresh tokens), Keap's were told by its staff (24 hours, 45 days).
// The standard dialect's are ours.
var terms = map[string]Terms{
	"accelo":     {Access: 30 * 24 * time.Hour},
	"actionstep": {Access: time.Hour, Refresh: 21 * 24 * time.Hour},
	"keap":       {Access: 24 * time.Hour, Refresh: 45 * 24 * time.Hour},
	"standard":   {Access: time.Hour},
}

// TermsOf gives the terms of a dialect; false for a name that is none.
func TermsOf(dialect string) (Terms, bool) {
	t, ok := terms[dialect]
	return t, ok
}
