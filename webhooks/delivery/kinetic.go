package delivery

import (
	"crypto/sha1" //nolint:gosec // the vendor's algorithm; nothing else would be understood
	"encoding/base64"
	"errors"
	"net/http"
)

// The headers of a Kinetic signature. The vendor writes them with inner
// capitals; header names are the same in any case.
const (
	HeaderKineticKey       = "X-Kinetic-Signaturekey"
	HeaderKineticSignature = "X-Kinetic-Signature"
)

// KineticSignature is how the Kinetic platform signs a request: the SHA-1 of
// secret and body, as base64 for URLs without padding. It is the vendor's
// choice and weaker than an HMAC; prefer another where the receiver allows.
func KineticSignature(secret, body []byte) string {
	digest := sha1.New() //nolint:gosec // see the import
	digest.Write(secret)
	digest.Write(body)
	return base64.RawURLEncoding.EncodeToString(digest.Sum(nil))
}

func signKinetic(h http.Header, key string, secret, body []byte) error {
	if key == "" || !visible(key) {
		return errors.New("the access key's identifier is empty or does not fit a header: set key")
	}
	h.Set(HeaderKineticKey, key)
	h.Set(HeaderKineticSignature, KineticSignature(secret, body))
	return nil
}

// KineticKey gives the identifier of the access key that a request claims to
// be signed with; empty when it is unsigned.
func KineticKey(h http.Header) string { return h.Get(HeaderKineticKey) }

// VerifyKinetic checks the signature of a request with the secrets of the
// access key that [KineticKey] names.
func VerifyKinetic(h http.Header, body []byte, secrets [][]byte) error {
	given := h.Get(HeaderKineticSignature)
	if given == "" || KineticKey(h) == "" {
		return ErrUnsigned
	}
	return matchAny(given, secrets, func(secret []byte) string {
		return KineticSignature(secret, body)
	})
}
