package source

import (
	"encoding/hex"
	"strings"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// headerStripe holds the time and the signatures: t=1492774577,v1=5257...,v0=...
const headerStripe = "Stripe-Signature"

// verifyStripe checks one of the v1 signatures over TIME.BODY. Signatures of
// other schemes are passed over.
func (s *Source) verifyStripe(r *Request, keys [][]byte, now time.Time) error {
	list := r.Header.Get(headerStripe)
	if list == "" {
		return delivery.ErrUnsigned
	}
	stamp, given := "", []string{}
	for part := range strings.SplitSeq(list, ",") {
		scheme, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch scheme {
		case "t":
			stamp = value
		case "v1":
			given = append(given, value)
		}
	}
	if stamp == "" || len(given) > maxSignatures {
		return delivery.ErrMalformed
	}
	if err := s.fresh(stamp, now); err != nil {
		return err
	}
	result := delivery.ErrMismatch
	for _, signature := range given {
		err := equal(signature, keys, func(key []byte) string {
			return hex.EncodeToString(hmacSHA256(key, stamp, ".", string(r.Body)))
		})
		if err == nil {
			result = nil
		}
	}
	return result
}

// stripe reads an event object: its type is the name, such as invoice.paid,
// and its id stays the same in every attempt.
func stripe(r *Request) (event.Message, error) {
	doc, err := readJSON(r)
	if err != nil {
		return event.Message{}, err
	}
	name, err := named(doc.value, "/type")
	if err != nil {
		return event.Message{}, err
	}
	return event.Message{
		Name: name, ID: word(member(doc.value, "id")), Occurred: moment(word(member(doc.value, "created"))), Data: doc.json,
	}, nil
}
