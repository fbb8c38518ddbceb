package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// The cost of one password: 19 MiB and two passes, as OWASP advises for
// argon2id, and no more than two at a time, so that logins cannot eat the
// memory of the house.
const (
	argonMemory  = 19 * 1024 // in KiB
	argonPasses  = 2
	argonThreads = 1
	argonAtOnce  = 2
	argonWaiting = 32 // more than this many waiting logins are turned away
	argonLength  = 32
	argonSalt    = 16
)

// nobody is checked against for names that do not exist. No password gives it:
// its hash is all zeros.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher computes password hashes, a few at a time.
type hasher struct {
	running chan struct{}
	waiting chan struct{}
}

func newHasher() *hasher {
	return &hasher{running: make(chan struct{}, argonAtOnce), waiting: make(chan struct{}, argonAtOnce+argonWaiting)}
}

// hash gives the PHC form of a password under a new salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	var salt [argonSalt]byte
	_, _ = rand.Read(salt[:]) // never fails (crypto/rand)
	sum, err := h.derive(ctx, password, salt[:])
	if err != nil {
		return "", err
	}
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonPasses, argonThreads, encode(salt[:]), encode(sum)), nil
}

// same reports whether a password gives the hash. A hash of another cost than
// ours is an error: nothing but this package writes them.
func (h *hasher) same(ctx context.Context, phc, password string) (bool, error) {
	salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h *hasher) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, &ThrottledError{RetryAfter: time.Second}
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a login: %w", ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonThreads, argonLength), nil
}

func parsePHC(phc string) (salt, sum []byte, err error) {
	head := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonThreads)
	rest, ours := strings.CutPrefix(phc, head)
	left, right, ok := strings.Cut(rest, "$")
	if !ours || !ok {
		return nil, nil, fmt.Errorf("the stored password hash is not argon2id of our cost")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(left); err != nil {
		return nil, nil, fmt.Errorf("decode the salt of a stored password: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(right); err != nil {
		return nil, nil, fmt.Errorf("decode the hash of a stored password: %w", err)
	}
	return salt, sum, nil
}
