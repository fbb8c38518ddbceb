package jobs

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// proof is how a request is signed.
type proof struct {
	auth    webhooks.Auth
	secrets [][]byte
	missing error // the secret has no value: nothing can be sent
}

// proof looks up the secret of the space that a webhook signs by.
func (o *opening) proof(auth webhooks.Auth) proof {
	if auth.Kind == webhooks.AuthNone {
		return proof{}
	}
	secret, err := o.secret(auth.Secret)
	return proof{auth: auth, secrets: [][]byte{[]byte(secret)}, missing: err}
}

// proofTo takes the secrets of a subscription that are valid now, which are
// masked from then on. One without any signs nothing.
func (o *opening) proofTo(e *subscription.Endpoint, now time.Time) proof {
	p := proof{auth: e.Traits.Auth}
	for i, s := range e.Secrets {
		if s.Value == "" || !s.Expires.IsZero() && !s.Expires.After(now) {
			continue
		}
		name := fmt.Sprintf("secret %d of %s", i+1, e.Name())
		o.revealed[name] = s.Value
		if key, prefixed := strings.CutPrefix(s.Value, "whsec_"); prefixed {
			o.revealed[name+" without its prefix"] = key
		}
		p.secrets = append(p.secrets, []byte(s.Value))
	}
	if len(p.secrets) == 0 {
		p.auth = webhooks.Auth{}
	}
	return p
}

// sign gives the headers of a delivery.
func (p proof) sign(m delivery.Message) (http.Header, error) {
	if p.missing != nil {
		return nil, p.missing
	}
	return delivery.Sign(p.auth, p.secrets, m)
}
