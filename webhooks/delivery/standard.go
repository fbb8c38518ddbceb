package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
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

// Tolerance is how far a timestamp may lie from now, either way, when nothing
// else is said.
const Tolerance = 5 * time.Minute

// maxSignatures bounds how many signatures of one message are looked at: one
// for each key in a rotation is a few.
const maxSignatures = 16

// ParseStandardSecret reads a secret of Standard Webhooks: `whsec_` and base64.
func ParseStandardSecret(text string) ([]byte, error) {
	encoded := strings.TrimPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the secret is not base64: write whsec_ and the key in base64")
	}
	if len(key) == 0 {
		return nil, errors.New("the secret holds no key: write whsec_ and 24 to 64 bytes in base64")
	}
	return key, nil
}

// StandardSignature is the v1 signature of Standard Webhooks over
// ID.TIMESTAMP.BODY. The key is the secret, decoded.
func StandardSignature(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func signStandard(h http.Header, secret []byte, m Message) error {
	key, err := ParseStandardSecret(string(secret))
	if err != nil {
		return err
	}
	timestamp := strconv.FormatInt(m.At.Unix(), 10)
	h.Set(HeaderTimestamp, timestamp)
	h.Set(HeaderSignature, StandardSignature(key, m.ID, timestamp, m.Body))
	return nil
}

// Standard says how messages of one source are verified.
type Standard struct {
	Keys      [][]byte      // decoded secrets; several while one is rotated
	Tolerance time.Duration // [Tolerance] when zero
}

// Verify checks the v1 signatures of a message that came in at now. One that
// fits one key is enough; signatures of other versions are passed over.
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
	result := ErrMismatch
	for _, signature := range given {
		err := matchAny(signature, s.Keys, func(key []byte) string {
			return StandardSignature(key, id, timestamp, body)
		})
		if !errors.Is(err, ErrMismatch) {
			result = err
		}
	}
	return result
}

func (s Standard) tolerance() time.Duration {
	if s.Tolerance > 0 {
		return s.Tolerance
	}
	return Tolerance
}
