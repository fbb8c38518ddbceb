package delivery

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hooktree/webhooks"
)

// HeaderID names the header that holds a delivery's ID: the same over all
// attempts, so that a receiver can tell a repeat.
const HeaderID = "Webhook-Id"

// Message is what is signed.
type Message struct {
	ID   string    // of the delivery
	At   time.Time // of the attempt
	Body []byte    // the exact bytes that are sent
}

// Sign gives the headers that a delivery carries: always its ID, and the proof
// that auth asks for. The secret is the value behind auth.Secret; one that is
// empty is refused, since a signature without a secret proves nothing.
func Sign(auth webhooks.Auth, secret []byte, m Message) (http.Header, error) {
	if err := checkID(m.ID); err != nil {
		return nil, err
	}
	if auth.Kind != webhooks.AuthNone && len(secret) == 0 {
		return nil, fmt.Errorf("sign delivery: the secret %q is empty: give it a value", auth.Secret)
	}
	h := http.Header{}
	h.Set(HeaderID, m.ID)
	if err := prove(h, auth, secret, m); err != nil {
		return nil, fmt.Errorf("sign delivery by %s: %w", auth.Kind, err)
	}
	return h, nil
}

func prove(h http.Header, auth webhooks.Auth, secret []byte, m Message) error {
	switch auth.Kind {
	case webhooks.AuthNone:
		return nil
	case webhooks.AuthKinetic:
		return signKinetic(h, auth.Key, secret, m.Body)
	case webhooks.AuthHMAC:
		return signHMAC(h, auth.Header, secret, m.Body)
	case webhooks.AuthStandard:
		return signStandard(h, secret, m)
	case webhooks.AuthBasic:
		return setBasic(h, auth.Key, secret)
	case webhooks.AuthBearer:
		return setBearer(h, secret)
	}
	return errors.New("there is no such way to sign: use kinetic, hmac, standard, basic or bearer")
}

// checkID keeps IDs to what fits a header and leaves the signed text of
// Standard Webhooks, ID.TIMESTAMP.BODY, with one reading.
func checkID(id string) error {
	if id == "" || strings.Contains(id, ".") || !visible(id) {
		return fmt.Errorf("delivery ID %q: it must be visible ASCII without dots, such as a UUID", id)
	}
	return nil
}

func setBasic(h http.Header, user string, password []byte) error {
	if strings.Contains(user, ":") {
		return fmt.Errorf("the user %q holds a colon, which ends the user's name there", user)
	}
	pair := append([]byte(user+":"), password...)
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString(pair))
	return nil
}

func setBearer(h http.Header, token []byte) error {
	if !visible(string(token)) {
		return errors.New("the token holds spaces or characters that fit no header: look for a line break at its end")
	}
	h.Set("Authorization", "Bearer "+string(token))
	return nil
}

// visible reports whether text is ASCII without spaces and controls.
func visible(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
