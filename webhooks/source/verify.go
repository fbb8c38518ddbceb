package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/delivery"
)

// maxSignatures bounds how many signatures of one delivery are looked at.
const maxSignatures = 16

// Verify checks that a delivery comes from the source's provider: its token,
// where the source has one, and its signature, where the provider signs. All
// comparisons take the same time wherever texts differ, and whichever of
// several secrets fits.
//
// The error is for the operator ([delivery.ErrUnsigned], ErrMismatch, ErrStale,
// ErrMalformed, or ErrNoSecret when no secret has a value); the sender is told
// no more than that it was refused.
func (s *Source) Verify(r Request, secrets Secrets, now time.Time) error {
	if len(s.Tokens) > 0 {
		if err := s.verifyToken(r.Query.Get("token"), secrets); err != nil {
			return err
		}
	}
	if len(s.Secrets) == 0 {
		return nil // its token was its proof, or it is open
	}
	keys := valuesOf(s.Secrets, secrets)
	if len(keys) == 0 {
		return noValue(s.Secrets)
	}
	return s.verifyBy(keys, &r, now)
}

// verifyBy checks the proof that the kind has.
func (s *Source) verifyBy(keys [][]byte, r *Request, now time.Time) error {
	switch s.Kind {
	case Accelo:
		return delivery.VerifyHub(r.Header, r.Body, keys)
	case GitHub:
		return delivery.VerifyHMAC(r.Header, delivery.HeaderHMAC, r.Body, keys)
	case Kinetic:
		return s.verifyKinetic(r, keys)
	case Shopify:
		return verifyShopify(r, keys)
	case Slack:
		return s.verifySlack(r, keys, now)
	case Standard:
		return s.verifyStandard(r, keys, now)
	case Stripe:
		return s.verifyStripe(r, keys, now)
	case HMAC:
		return s.verifyHMAC(r, keys, now)
	case Basic:
		return s.verifyBasic(r, keys)
	case Token:
		return s.verifyHeader(r, keys)
	default: // Actionstep and Keap sign nothing, and have no secrets
		return fmt.Errorf("%w: %s has no signature", delivery.ErrUnsigned, s.Kind)
	}
}

// verifyToken checks the part of the address that nobody can guess.
func (s *Source) verifyToken(given string, secrets Secrets) error {
	keys := valuesOf(s.Tokens, secrets)
	if len(keys) == 0 {
		return noValue(s.Tokens)
	}
	if given == "" {
		return fmt.Errorf("%w: the address has no token", delivery.ErrUnsigned)
	}
	if err := equal(given, keys, func(key []byte) string { return string(key) }); err != nil {
		return fmt.Errorf("%w: the token in the address is another", err)
	}
	return nil
}

// valuesOf gives the values of those secrets that have one.
func valuesOf(names []string, secrets Secrets) [][]byte {
	var values [][]byte
	for _, name := range names {
		if value, ok := secrets(name); ok && value != "" {
			values = append(values, []byte(value))
		}
	}
	return values
}

func noValue(names []string) error {
	return fmt.Errorf("%w: %s", delivery.ErrNoSecret, strings.Join(names, ", "))
}

// equal compares what was given with what each key would give. It looks at
// every key, and neither at where texts differ nor at how long they are.
func equal(given string, keys [][]byte, want func(key []byte) string) error {
	digest := sha256.Sum256([]byte(given))
	found := 0
	for _, key := range keys {
		wanted := sha256.Sum256([]byte(want(key)))
		found |= subtle.ConstantTimeCompare(digest[:], wanted[:])
	}
	if found == 0 {
		return delivery.ErrMismatch
	}
	return nil
}

// fresh checks a signed time, in seconds since 1970, against now.
func (s *Source) fresh(stamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the time is no number of seconds", delivery.ErrMalformed)
	}
	tolerance := s.Tolerance
	if tolerance == 0 {
		tolerance = delivery.Tolerance
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return delivery.ErrStale
	}
	return nil
}

// hmacSHA256 is the digest of several parts in a row.
func hmacSHA256(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// verifyStandard reads secrets as Standard Webhooks writes them: whsec_ for what
// both sides know, whpk_ for the provider's public key.
func (s *Source) verifyStandard(r *Request, secrets [][]byte, now time.Time) error {
	standard, err := delivery.NewStandard(secrets)
	if err != nil {
		return errors.Join(delivery.ErrNoSecret, err)
	}
	standard.Tolerance = s.Tolerance
	return standard.Verify(unbranded(r.Header), r.Body, now)
}

func (s *Source) verifyKinetic(r *Request, keys [][]byte) error {
	signer := delivery.KineticKey(r.Header)
	if s.Key != "" && signer != "" && signer != s.Key { // a name, no secret
		return fmt.Errorf("%w: it is signed by another access key", delivery.ErrMismatch)
	}
	return delivery.VerifyKinetic(r.Header, r.Body, keys)
}

func (s *Source) verifyBasic(r *Request, keys [][]byte) error {
	scheme, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "basic") {
		return delivery.ErrUnsigned
	}
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return delivery.ErrMalformed
	}
	return equal(string(pair), keys, func(key []byte) string { return s.User + ":" + string(key) })
}

// verifyHeader checks a token in a header.
func (s *Source) verifyHeader(r *Request, keys [][]byte) error {
	given := r.Header.Get(s.Proof.Header)
	if given == "" {
		return delivery.ErrUnsigned
	}
	token, ok := strings.CutPrefix(given, s.Proof.Prefix)
	if !ok {
		return delivery.ErrMalformed
	}
	return equal(token, keys, func(key []byte) string { return string(key) })
}
