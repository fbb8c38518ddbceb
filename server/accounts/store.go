package accounts

import (
	"context"
	"time"
)

// Store keeps users, tokens and sessions. Each writing method is one
// transaction with its audit row; store/storetest holds the suite that every
// store passes. What is not there is ErrNotFound.
type Store interface {
	// Users lists users by name, at most limit of those after a name.
	Users(ctx context.Context, after string, limit int) ([]User, error)
	// User gives the user of a name, which is clean.
	User(ctx context.Context, name string) (User, error)
	// SaveUser makes, changes or removes a user. It fails with ErrExists,
	// ErrStale, ErrSetUp or ErrLastAdmin, and changes nothing then.
	SaveUser(ctx context.Context, c UserChange) error
	// Tokens lists tokens by id, at most limit of those after one.
	Tokens(ctx context.Context, after string, limit int) ([]Token, error)
	// Token gives the token of an id or a hash.
	Token(ctx context.Context, key TokenKey) (Token, error)
	// SaveToken makes a token, or changes the one of the same id.
	SaveToken(ctx context.Context, t Token, a Audit) error
	// Session gives the session of a hash, whether it has expired or not.
	Session(ctx context.Context, hash Hash) (Session, error)
	// SaveSession keeps a session and drops those that expired before it began.
	SaveSession(ctx context.Context, s Session, a Audit) error
	// EndSession drops a session. One that is not there is no error, and then
	// there is no audit row.
	EndSession(ctx context.Context, hash Hash, a Audit) error
}

// ClientStore keeps clients and what they were given; like [Store].
type ClientStore interface {
	// Clients lists clients by id, at most limit of those after one.
	Clients(ctx context.Context, after string, limit int) ([]Client, error)
	// Client gives the client of an id, whether it is revoked or not.
	Client(ctx context.Context, id string) (Client, error)
	// CreateClient keeps a new client. Past MaxClients the one that was revoked
	// first goes; ErrFull when none is.
	CreateClient(ctx context.Context, c ClientChange) error
	// RevokeClient marks a client revoked at the audit's time and drops all of
	// its tokens and codes. One that is revoked stays as it is, and there is no audit row.
	RevokeClient(ctx context.Context, id string, a Audit) error
	// Refresh gives the refresh token of a hash, whether it has expired or not.
	Refresh(ctx context.Context, hash Hash) (Refresh, error)
	// Issue keeps what a token call gives, and drops what is over or too many.
	Issue(ctx context.Context, i Issue) error
	// SaveCode keeps a code, and drops those that expired more than CodeKnown
	// before and those of its client and user that are more than
	// MaxClientCodes. ErrNotFound says that the client is not there or is revoked.
	SaveCode(ctx context.Context, c Code, a Audit) error
	// Code gives the code of a hash, whether it is used or has expired or not.
	Code(ctx context.Context, hash Hash) (Code, error)
	// EndFamily drops the access and refresh tokens of a family. When there are
	// none, there is no audit row.
	EndFamily(ctx context.Context, family string, a Audit) error
}

// ClientChange is a new client, to be saved.
type ClientChange struct {
	Client  Client
	Refresh *Refresh // the first refresh token; nil in a dialect without
	Audit   Audit
}

// Issue is what a token call gives, to be saved. It is no audited act: a
// client asks every hour. ErrNotFound says that the client is not there or is
// revoked.
//
// With it go all clients' tokens that have expired by then, and of this client
// the access tokens that are revoked and those for the same user that are more
// than MaxClientTokens and MaxClientRefreshes, the oldest first.
type Issue struct {
	Token   Token
	Refresh *Refresh // nil in a dialect without
	// Spent is the refresh token that it is given for, as it was read; zero for
	// none. It is saved with one use more. ErrStale says that it has had another
	// use since, or is gone.
	Spent Refresh
	// Code is the id of the code that it is given for; empty for none. It is
	// used thereby, and ErrStale says that it was, or is gone.
	Code string
}

// UserChange is a change of one user, to be saved.
type UserChange struct {
	// User is saved with its revision raised by one. A revision of zero makes
	// a new user, ErrExists when the name is taken; any other must be the one
	// that the store holds, ErrStale when it is not.
	User        User
	Remove      bool // instead of saving
	First       bool // only in a store without users; ErrSetUp in any other
	EndSessions bool // all of the user's
	Audit       Audit
}

// TokenKey names a token by one of its members: the ID where it is set.
type TokenKey struct {
	ID   string
	Hash Hash
}

// Audit is one row of the audit: who did what to what.
type Audit struct {
	At   time.Time
	Who  string
	Did  string // "user.create", "token.revoke", ...
	What string // name or id of what it was done to
}
