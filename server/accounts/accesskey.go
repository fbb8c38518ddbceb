package accounts

import (
	"context"
	"time"
)

// AccessKey is a secret that a caller of the vendor's run-tree shares with us,
// under a name. Whoever signs with it may start runs and nothing else. The
// secret stands in clear where it is kept, since a signature can't be verified
// by a hash of it; it is never told again.
type AccessKey struct {
	Identifier  string // unique; sent in a header
	Secret      []byte
	Description string
	Created     time.Time
}

// MaxAccessKeys is how many access keys a space may have.
const MaxAccessKeys = 1000

// AccessKeys keeps access keys.
type AccessKeys interface {
	// AccessKeys lists all by identifier.
	AccessKeys(ctx context.Context) ([]AccessKey, error)
	// AccessKey gives the key of an identifier; an unknown one is ErrNotFound.
	AccessKey(ctx context.Context, identifier string) (AccessKey, error)
	// SaveAccessKey carries a change out, in one transaction with its audit row.
	SaveAccessKey(ctx context.Context, c AccessKeyChange) error
}

// AccessKeyChange is a change of one access key, to be saved.
type AccessKeyChange struct {
	// Was is the identifier of the key that is changed or removed, ErrNotFound
	// when there is none; empty makes a new key.
	Was string
	// Key is what it is to be. ErrExists says that another key has the
	// identifier. It is not read when the key is removed.
	Key    AccessKey
	Remove bool
	Audit  Audit
}
