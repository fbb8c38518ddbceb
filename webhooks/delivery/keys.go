package delivery

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What stands before the base64 of a key of Standard Webhooks.
const (
	prefixSecret  = "whsec_" // shared, for v1
	prefixPrivate = "whsk_"  // ed25519, the sender's, for v1a
	prefixPublic  = "whpk_"  // ed25519, for whom it may concern, for v1a
)

// strictBase64 refuses a second spelling of the same bytes.
var strictBase64 = base64.StdEncoding.Strict()

// ParseStandardSecret reads a shared secret of Standard Webhooks: `whsec_` and
// base64.
func ParseStandardSecret(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, prefixSecret))
	if err != nil {
		return nil, errors.New("the secret is not base64: write whsec_ and the key in base64")
	}
	if len(key) == 0 {
		return nil, errors.New("the secret holds no key: write whsec_ and 24 to 64 bytes in base64")
	}
	return key, nil
}

// ParseStandardPrivateKey reads an ed25519 private key of Standard Webhooks:
// `whsk_` and base64 of either the seed of 32 bytes, as the reference libraries
// have it, or of the seed and the public key, as Svix has it.
func ParseStandardPrivateKey(text string) (ed25519.PrivateKey, error) {
	raw, err := strictBase64.DecodeString(strings.TrimPrefix(text, prefixPrivate))
	if err != nil {
		return nil, errors.New("the private key is not base64: write whsk_ and the key in base64")
	}
	if len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("the private key has %d bytes: write whsk_ and 32 or 64 bytes in base64", len(raw))
	}
	key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !key.Equal(ed25519.PrivateKey(raw)) {
		return nil, errors.New("the halves of the private key are of two pairs: generate a new one")
	}
	return key, nil
}

// ParseStandardPublicKey reads an ed25519 public key of Standard Webhooks:
// `whpk_` and base64.
func ParseStandardPublicKey(text string) (ed25519.PublicKey, error) {
	raw, err := strictBase64.DecodeString(strings.TrimPrefix(text, prefixPublic))
	if err != nil {
		return nil, errors.New("the public key is not base64: write whpk_ and the key in base64")
	}
	if len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("the public key has %d bytes: write whpk_ and 32 bytes in base64", len(raw))
	}
	return raw, nil
}

// NewStandardSecret makes a shared secret of 32 bytes, `whsec_...`. It panics
// when random gives too few, which crypto/rand.Reader never does.
func NewStandardSecret(random io.Reader) string {
	return prefixSecret + base64.StdEncoding.EncodeToString(draw(random, 32))
}

// NewStandardPair makes an ed25519 key pair: the private key `whsk_...`, which
// signs, and the public key `whpk_...`, which receivers are given. It panics
// as [NewStandardSecret] does.
func NewStandardPair(random io.Reader) (private, public string) {
	key := ed25519.NewKeyFromSeed(draw(random, ed25519.SeedSize))
	return prefixPrivate + base64.StdEncoding.EncodeToString(key), publicKey(key)
}

// StandardPublicKey gives the public key, `whpk_...`, that belongs to a secret
// which signs by v1a; nothing of one that signs by v1.
func StandardPublicKey(secret string) string {
	if !strings.HasPrefix(secret, prefixPrivate) {
		return ""
	}
	key, err := ParseStandardPrivateKey(secret)
	if err != nil {
		return ""
	}
	return publicKey(key)
}

func publicKey(key ed25519.PrivateKey) string {
	return prefixPublic + base64.StdEncoding.EncodeToString(key[ed25519.SeedSize:])
}

func draw(random io.Reader, n int) []byte {
	raw := make([]byte, n)
	if _, err := io.ReadFull(random, raw); err != nil {
		panic("delivery: no randomness for a key: " + err.Error())
	}
	return raw
}
