package accounts

import (
	"cmp"
	"time"

	"github.com/google/uuid"
)

// Refresh is a refresh token: it gives one new pair of tokens and is spent.
//
// A client whose answer was lost sends the same one again, so a spent one is
// taken once more within [RefreshGrace]. Any further use means that two hold
// it: everything of its family, which are all that came from the same first
// token, is ended.
type Refresh struct {
	ID      string // UUIDv7, so that later ones sort behind
	Hash    Hash   // SHA-256 of the secret
	Client  string // id of the client
	Family  string // id of the first of its line, or of the code that began it
	User    string // who allowed it; empty where the client acts for its owner
	Owner   Owner  // for whom it gives tokens
	Scope   string // that was allowed; empty for what the client asks for
	Created time.Time
	Expires time.Time
	Uses    int
	Used    time.Time // first use; zero for none
}

// RefreshGrace is how long after its use a refresh token is taken once more.
const RefreshGrace = time.Minute

// spendable reports whether one that has not expired gives tokens.
func (r Refresh) spendable(now time.Time) bool {
	switch r.Uses {
	case 0:
		return true
	case 1:
		return now.Before(r.Used.Add(RefreshGrace))
	default:
		return false
	}
}

// newRefresh makes a refresh token. One of no family begins one.
func (s *Service) newRefresh(client Client, want order) (text string, made Refresh, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", Refresh{}, err
	}
	random, now := s.newSecret(refreshPrefix), s.now()
	return random.Text, Refresh{
		ID: id.String(), Hash: random.Hash, Client: client.ID, Family: cmp.Or(want.family, id.String()),
		User: want.user, Owner: want.owner, Scope: want.scope, Created: now, Expires: now.Add(want.refresh),
	}, nil
}
