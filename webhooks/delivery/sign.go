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
// that auth asks for. The secrets are the values behind auth.Secret or of a
// subscription, the newest first. While one is rotated, Standard Webhooks
// signs with each; every other way has room for one proof and uses the first.
// A secret that is empty is refused, since its signature proves nothing.
func Sign(auth webhooks.Auth, secrets [][]byte, m Message) (http.Header, error) {
	if err := checkID(m.ID); err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set(HeaderID, m.ID)
	if auth.Kind == webhooks.AuthNone {
		return h, nil
	}
	if err := checkSecrets(auth.Secret, secrets); err != nil {
		return nil, fmt.Errorf("sign delivery: %w", err)
	}
	if err := prove(h, auth, secrets, m); err != nil {
		return nil, fmt.Errorf("sign delivery by %s: %w", auth.Kind, err)
	}
	return h, nil
}

func checkSecrets(name string, secrets [][]byte) error {
	if len(secrets) == 0 {
		return errors.New("there is no secret to sign with: name or add one")
	}
	for _, secret := range secrets {
		if len(secret) == 0 {
			return fmt.Errorf("the secret %q is empty: give it a value", name)
		}
	}
	return nil
}

func prove(h http.Header, auth webhooks.Auth, secrets [][]byte, m Message) error {
	secret := secrets[0]
	switch auth.Kind {
	case webhooks.AuthKinetic:
		return signKinetic(h, auth.Key, secret, m.Body)
	case webhooks.AuthHMAC:
		return signHMAC(h, auth.Header, secret, m.Body)
	case webhooks.AuthStandard:
		return signStandard(h, secrets, m)
	case webhooks.AuthHub:
		return signHub(h, auth.Key, secret, m.Body)
	case webhooks.AuthBasic:
		return setBasic(h, auth.Key, secret)
	case webhooks.AuthBearer:
		return setBearer(h, secret)
	}
	return errors.New("there is no such way to sign: use kinetic, hmac, standard, hub, basic or bearer")
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
