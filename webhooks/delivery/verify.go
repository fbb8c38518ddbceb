package delivery

import (
	"crypto/subtle"
	"errors"
)

// What may be wrong with the proof of a message that came in. Who sent it is
// told no more than that it is not accepted; the operator sees which.
var (
	ErrUnsigned  = errors.New("the message carries no signature")
	ErrMalformed = errors.New("the signature's headers are malformed")
	ErrStale     = errors.New("the message was signed too long ago, or in the future")
	ErrMismatch  = errors.New("the signature fits none of the secrets")
	ErrNoSecret  = errors.New("there is no secret to verify with")
)

// matchAny compares given with what each secret would give. It takes the same
// time whichever secret fits, and skips empty secrets: anybody knows those.
func matchAny(given string, secrets [][]byte, sign func(secret []byte) string) error {
	usable, found := 0, 0
	for _, secret := range secrets {
		if len(secret) == 0 {
			continue
		}
		usable++
		found |= subtle.ConstantTimeCompare([]byte(given), []byte(sign(secret)))
	}
	switch {
	case usable == 0:
		return ErrNoSecret
	case found == 0:
		return ErrMismatch
	}
	return nil
}
