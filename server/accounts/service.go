package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync/atomic"
	"time"
)

// Service answers who somebody is, and changes accounts. It is safe for
// concurrent use.
type Service struct {
	store    stores
	now      func() time.Time
	terms    map[string]Terms // by dialect
	key      [32]byte         // of this process, for remembered passwords
	verified *verified
	failures *failures
	hasher   *hasher
	setup    atomic.Pointer[Hash] // of the setup link; nil when there is none
}

// stores are what a service needs kept, all in one place: a token is in both.
type stores interface {
	Store
	ClientStore
}

// New makes a service over a store, by a clock. Clients of a dialect get tokens
// by its terms.
func New(store stores, now func() time.Time, terms map[string]Terms) *Service {
	s := &Service{
		store: store, now: now, terms: terms, verified: newVerified(now), failures: newFailures(now), hasher: newHasher(),
	}
	_, _ = rand.Read(s.key[:]) // never fails (crypto/rand)
	return s
}

// keyed is under what a verified password is remembered: without this
// process's key it says nothing about the password.
func (s *Service) keyed(login Login) Hash {
	mac := hmac.New(sha256.New, s.key[:])
	_, _ = mac.Write([]byte(login.Name)) // a hash never fails
	_, _ = mac.Write([]byte{0})
	_, _ = mac.Write([]byte(login.Password))
	return Hash(mac.Sum(nil))
}

func (s *Service) audit(by Identity, did, what string) Audit {
	return Audit{At: s.now(), Who: by.Name, Did: did, What: what}
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// denied hides from a client whether a credential ever existed.
func denied(err error) error {
	if isNotFound(err) {
		return ErrDenied
	}
	return err
}
