package accounts

import (
	"errors"
	"fmt"
	"time"
)

// What an account service answers besides success.
var (
	// ErrDenied says that credentials are wrong, expired or revoked. It does
	// not say which.
	ErrDenied = errors.New("the credentials are wrong, expired or revoked")
	// ErrGrant says that a refresh token is unknown, expired, used or another
	// client's. It does not say which.
	ErrGrant = errors.New("the refresh token is unknown, expired or used")
	// ErrCode says that an authorization code is unknown, expired, used, another
	// client's, or sent with another redirect URI or code verifier than it was
	// given for. It does not say which.
	ErrCode = errors.New("the authorization code is not good")
	// ErrNoOwner says that a client stands for nobody by itself.
	ErrNoOwner = errors.New("the client acts for users who allow it, and for nobody by itself")
	// ErrNoUser says that a token cannot do what only a person can.
	ErrNoUser = errors.New("a token is no user")
	// ErrNotFound says that there is no such user, token, client or session.
	ErrNotFound = errors.New("not found")
	// ErrExists says that the name is taken.
	ErrExists = errors.New("the name is taken")
	// ErrLastAdmin says that nobody could administer the space any more.
	ErrLastAdmin = errors.New("the space needs one active admin with a password")
	// ErrStale says that a user, or a refresh token, was changed since it was read.
	ErrStale = errors.New("it was changed in the meantime")
	// ErrFull says that there are MaxClients clients, none of them revoked.
	ErrFull = fmt.Errorf("there are %d clients, and none of them is revoked", MaxClients)
	// ErrSetUp says that the first admin exists already.
	ErrSetUp = errors.New("the space is set up already")
)

// InvalidError says which member of a request is wrong and what to give.
type InvalidError struct {
	Field string
	Text  string
}

func (e *InvalidError) Error() string { return e.Text }

func invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Text: fmt.Sprintf(format, args...)}
}

// ThrottledError says that too many logins failed, or that too many are being
// checked right now.
type ThrottledError struct {
	RetryAfter time.Duration
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many logins; try again in %s", e.RetryAfter.Round(time.Second))
}
