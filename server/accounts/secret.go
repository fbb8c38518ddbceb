package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Hash is the SHA-256 of a random secret: what a store keeps of it. A secret
// of 256 random bits needs no salt and no slow hash.
type Hash [32]byte

// The prefixes tell a leaked secret's kind to people and scanners.
const (
	tokenPrefix   = "ht_"
	sessionPrefix = "hs_"
	setupPrefix   = "hsetup_"
	clientPrefix  = "hcs_"
	refreshPrefix = "hr_"
	codePrefix    = "hc_"
)

// secret is a new random secret and what is kept of it.
type secret struct {
	Text string
	Hash Hash
}

func (*Service) newSecret(prefix string) secret {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	text := prefix + base64.RawURLEncoding.EncodeToString(random[:])
	return secret{Text: text, Hash: hashOf(text)}
}

func hashOf[T string | []byte](secret T) Hash { return sha256.Sum256([]byte(secret)) }

func sameHash(a, b Hash) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
