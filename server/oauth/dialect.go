package oauth

import (
	"net/http"
	"strings"

	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// dialect is one dialect whose clients ask for tokens, and how.
type dialect struct {
	name string
	subscription.Tokens
}

// Terms gives those of the dialects whose clients ask for tokens, by name.
func Terms(dialects []subscription.Dialect) map[string]accounts.Terms {
	terms := map[string]accounts.Terms{}
	for i := range dialects {
		if t := dialects[i].Tokens; t != nil {
			terms[dialects[i].Name] = accounts.Terms{
				Access: t.Access, Refresh: t.Refresh, Allowed: t.Allowed, Scope: t.Scope, Scopes: t.Scopes, ImpliedCode: t.ImpliedCode,
			}
		}
	}
	return terms
}

// grants names the grant types that there are, for people.
const grants = "authorization_code, refresh_token or client_credentials"

// header is that of each answer (RFC 6749, 5.1).
func (d *dialect) header(status string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	if d.StatusHeader != "" {
		h.Set(d.StatusHeader, strings.ToLower(status))
	}
	return h
}
