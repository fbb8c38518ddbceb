package delivery

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // as an HMAC, which the convention asks for
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strings"
)

// HeaderHub is where PubSubHubbub and WebSub put the HMAC of a body, as
// METHOD=HEX.
const HeaderHub = "X-Hub-Signature"

// hubMethods are the methods that WebSub knows.
var hubMethods = map[string]func() hash.Hash{
	"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// HubSignature is METHOD=HEX, the HMAC of body by a method of WebSub: sha1,
// sha256, sha384 or sha512. It is empty for any other method.
func HubSignature(method string, secret, body []byte) string {
	digest, ok := hubMethods[method]
	if !ok {
		return ""
	}
	mac := hmac.New(digest, secret)
	mac.Write(body)
	return method + "=" + hex.EncodeToString(mac.Sum(nil))
}

func signHub(h http.Header, method string, secret, body []byte) error {
	switch method {
	case "":
		method = "sha1"
	case "sha1", "sha256":
	default:
		return errors.New("there is no such algorithm: set key to sha1 or sha256")
	}
	h.Set(HeaderHub, HubSignature(method, secret, body))
	return nil
}

// VerifyHub checks the HMAC of a body in [HeaderHub]. The method is the one
// that stands before the digest; a bare digest is SHA-1 or SHA-256 by its
// length. Hexadecimal is read in lower case only, as senders write it, so that
// a signature has one spelling.
func VerifyHub(h http.Header, body []byte, secrets [][]byte) error {
	given := h.Get(HeaderHub)
	if given == "" {
		return ErrUnsigned
	}
	method, _, ok := strings.Cut(given, "=")
	if !ok {
		method = bareMethods[len(given)]
		given = method + "=" + given
	}
	if hubMethods[method] == nil {
		return ErrMalformed
	}
	return matchAny(given, secrets, func(secret []byte) string {
		return HubSignature(method, secret, body)
	})
}

// bareMethods tell the method of a digest by how many digits it has.
var bareMethods = map[int]string{2 * sha1.Size: "sha1", 2 * sha256.Size: "sha256"}
