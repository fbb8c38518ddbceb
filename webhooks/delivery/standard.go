package delivery

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks besides [HeaderID].
const (
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// The versions of signatures, as they stand before each.
const (
	versionShared = "v1,"
	versionPair   = "v1a,"
)

// Tolerance is how far a timestamp may lie from now, either way, when nothing
// else is said.
const Tolerance = 5 * time.Minute

// maxSignatures bounds how many signatures of one message are looked at: one
// for each key in a rotation is a few.
const maxSignatures = 16

// StandardSignature is the v1 signature of Standard Webhooks over
// ID.TIMESTAMP.BODY. The key is the secret, decoded.
func StandardSignature(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write(signedContent(id, timestamp, body))
	return versionShared + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// StandardPairSignature is the v1a signature of Standard Webhooks over the
// same.
func StandardPairSignature(key ed25519.PrivateKey, id, timestamp string, body []byte) string {
	return versionPair + base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedContent(id, timestamp, body)))
}

func signedContent(id, timestamp string, body []byte) []byte {
	return append([]byte(id+"."+timestamp+"."), body...)
}

// signStandard signs with every secret, in their order.
func signStandard(h http.Header, secrets [][]byte, m Message) error {
	timestamp := strconv.FormatInt(m.At.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signature, err := signStandardBy(string(secret), timestamp, m)
		if err != nil {
			return err
		}
		signatures[i] = signature
	}
	h.Set(HeaderTimestamp, timestamp)
	h.Set(HeaderSignature, strings.Join(signatures, " "))
	return nil
}

// The bounds of a shared secret by the standard. What a source verifies by may
// be shorter: its sender chose it.
const (
	minStandardSecret = 24
	maxStandardSecret = 64
)

// CheckStandardSecret says why nothing should be signed by a secret; nil if it
// is one of the standard's.
func CheckStandardSecret(secret string) error {
	if _, err := signStandardBy(secret, "0", Message{}); err != nil || strings.HasPrefix(secret, prefixPrivate) {
		return err
	}
	key, err := ParseStandardSecret(secret)
	if err == nil && (len(key) < minStandardSecret || len(key) > maxStandardSecret) {
		return fmt.Errorf("the secret has %d bytes: write whsec_ and %d to %d random bytes in base64", len(key), minStandardSecret, maxStandardSecret)
	}
	return err
}

// signStandardBy lets the secret's prefix choose the version.
func signStandardBy(secret, timestamp string, m Message) (string, error) {
	switch {
	case strings.HasPrefix(secret, prefixPublic):
		return "", errors.New("a public key cannot sign: give the private key, which starts with whsk_")
	case strings.HasPrefix(secret, prefixPrivate):
		key, err := ParseStandardPrivateKey(secret)
		if err != nil {
			return "", err
		}
		return StandardPairSignature(key, m.ID, timestamp, m.Body), nil
	}
	key, err := ParseStandardSecret(secret)
	if err != nil {
		return "", err
	}
	return StandardSignature(key, m.ID, timestamp, m.Body), nil
}

// Standard says how messages of one source are verified.
type Standard struct {
	Keys       [][]byte            // decoded shared secrets, for v1; several while one is rotated
	PublicKeys []ed25519.PublicKey // for v1a
	Tolerance  time.Duration       // [Tolerance] when zero
}

// NewStandard reads the secrets that a source signs with: `whsec_` or bare
// base64 for v1, `whpk_` for v1a, and `whsk_`, whose public half verifies.
func NewStandard(secrets [][]byte) (Standard, error) {
	var s Standard
	for i, secret := range secrets {
		next, err := s.with(string(secret))
		if err != nil {
			return Standard{}, fmt.Errorf("secret %d of %d: %w", i+1, len(secrets), err)
		}
		s = next
	}
	return s, nil
}

// with adds one secret's key.
func (s Standard) with(secret string) (Standard, error) {
	switch {
	case strings.HasPrefix(secret, prefixPublic):
		key, err := ParseStandardPublicKey(secret)
		s.PublicKeys = append(s.PublicKeys, key)
		return s, err
	case strings.HasPrefix(secret, prefixPrivate):
		key, err := ParseStandardPrivateKey(secret)
		if err != nil {
			return s, err
		}
		s.PublicKeys = append(s.PublicKeys, ed25519.PublicKey(key[ed25519.SeedSize:]))
		return s, nil
	}
	key, err := ParseStandardSecret(secret)
	s.Keys = append(s.Keys, key)
	return s, err
}

// Verify checks the v1 and v1a signatures of a message that came in at now. One
// that fits one key is enough; signatures of other versions are passed over.
// Base64 is read strictly: the same signature in another spelling is refused.
func (s Standard) Verify(h http.Header, body []byte, now time.Time) error {
	id, timestamp, list := h.Get(HeaderID), h.Get(HeaderTimestamp), h.Get(HeaderSignature)
	if list == "" {
		return ErrUnsigned
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || checkID(id) != nil {
		return ErrMalformed
	}
	given := strings.Fields(list)
	if len(given) > maxSignatures {
		return ErrMalformed
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > s.tolerance() {
		return ErrStale
	}
	if !s.usable() {
		return ErrNoSecret
	}
	content := signedContent(id, timestamp, body)
	for _, signature := range given {
		if s.fitsShared(signature, content) || s.fitsPair(signature, content) {
			return nil
		}
	}
	return ErrMismatch
}

// usable reports whether there is a key to verify with. An empty one is none:
// anybody knows it.
func (s Standard) usable() bool {
	for _, key := range s.Keys {
		if len(key) > 0 {
			return true
		}
	}
	return len(s.PublicKeys) > 0
}

func (s Standard) fitsShared(signature string, content []byte) bool {
	return matchAny(signature, s.Keys, func(key []byte) string {
		mac := hmac.New(sha256.New, key)
		mac.Write(content)
		return versionShared + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}) == nil
}

func (s Standard) fitsPair(signature string, content []byte) bool {
	encoded, ok := strings.CutPrefix(signature, versionPair)
	if !ok {
		return false
	}
	raw, err := strictBase64.DecodeString(encoded)
	if err != nil {
		return false
	}
	for _, key := range s.PublicKeys {
		if len(key) == ed25519.PublicKeySize && ed25519.Verify(key, content, raw) {
			return true
		}
	}
	return false
}

func (s Standard) tolerance() time.Duration {
	if s.Tolerance > 0 {
		return s.Tolerance
	}
	return Tolerance
}
