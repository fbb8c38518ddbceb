package source

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what some providers sign by; nothing else would be understood
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
	"time"

	"hooktree/webhooks/delivery"
)

// The words of `algorithm:`, `encoding:` and `signs:`; the first of each is
// what a source has that says nothing.
var (
	algorithmWords = []string{"sha256", "sha1", "sha512"}
	encodingWords  = []string{"hex", "base64", "base64url"}
	signsWords     = []string{signsBody, signsTime}
)

const (
	signsBody = "body"
	signsTime = "timestamp.body"
)

var algorithms = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

var encodings = map[string]func([]byte) string{
	"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
}

// verifyHMAC checks the signature of a generic provider. Texts are compared,
// and not what they decode to, so that a signature has one spelling.
func (s *Source) verifyHMAC(r *Request, keys [][]byte, now time.Time) error {
	given := r.Header.Get(s.Proof.Header)
	if given == "" {
		return delivery.ErrUnsigned
	}
	digest, ok := strings.CutPrefix(given, s.Proof.Prefix)
	if !ok {
		return delivery.ErrMalformed
	}
	stamp := ""
	if s.Proof.Signs == signsTime {
		stamp = r.Header.Get(s.Timestamp.Header)
		if err := s.fresh(stamp, now); err != nil {
			return err
		}
		stamp += "."
	}
	return equal(digest, keys, func(key []byte) string {
		mac := hmac.New(algorithms[s.Proof.Algorithm], key)
		mac.Write([]byte(stamp))
		mac.Write(r.Body)
		return encodings[s.Proof.Encoding](mac.Sum(nil))
	})
}
