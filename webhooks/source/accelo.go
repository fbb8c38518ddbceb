package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// verifyAccelo checks the hexadecimal HMAC of the body. The vendor documents
// neither its algorithm nor a prefix: SHA-1 and SHA-256 are taken, with their
// prefix or known by their length.
func verifyAccelo(r *Request, keys [][]byte) error {
	given := r.Header.Get("X-Hub-Signature")
	if given == "" {
		return delivery.ErrUnsigned
	}
	algorithm, digest, prefixed := strings.Cut(given, "=")
	if !prefixed {
		algorithm, digest = "sha1", given
		if len(given) == hex.EncodedLen(sha256.Size) {
			algorithm = "sha256"
		}
	}
	if algorithm != "sha1" && algorithm != "sha256" {
		return delivery.ErrMalformed
	}
	return equal(digest, keys, func(key []byte) string {
		mac := hmac.New(algorithms[algorithm], key)
		mac.Write(r.Body)
		return hex.EncodeToString(mac.Sum(nil))
	})
}

// accelo reads a delivery of Accelo: the header X-Accelo-Event is its name, and
// the body, JSON or a form, says only which object it is about. An object is
// created and deleted once; of its other events nothing tells a repeat.
func accelo(r *Request) (event.Message, error) {
	name, err := header(r, "X-Accelo-Event")
	if err != nil {
		return event.Message{}, err
	}
	doc, err := readAny(r)
	if err != nil {
		return event.Message{}, err
	}
	if doc.raw != "" { // an id is a number in JSON, and here as well
		fields, _ := doc.value.(map[string]any)
		if id, err := strconv.ParseInt(word(fields["id"]), 10, 64); err == nil {
			fields["id"] = id
		}
		if doc, err = made(fields, doc.raw); err != nil {
			return event.Message{}, err
		}
	}
	m := event.Message{Name: name, Data: doc.json, Raw: doc.raw}
	id := word(member(doc.value, "id"))
	if id != "" && (strings.HasPrefix(name, "create_") || strings.HasPrefix(name, "delete_")) {
		m.ID = digest(name, id)
	}
	return m, nil
}
