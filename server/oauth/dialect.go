package oauth

import (
	"net/http"
	"strconv"
	"strings"

	"hooktree/server/accounts"
)

// dialect is what one dialect's token call does in its own way.
type dialect struct {
	name   string // of the dialect, in tokens and clients
	prefix string
	path   string // of the token call below the prefix
	ending string // path of the call that ends a token; empty for none
	asks   string // whole path where an application sends users to be asked

	kind  string // token_type, as the vendor spells it
	shows bool   // the answer tells the scope
	// asksLife lets a call ask for a shorter life of its token, in expires_in.
	asksLife bool

	// tell adds what the vendor tells besides RFC 6749; nil adds nothing.
	tell func(answer map[string]any, about told)
	// envelope adds what the vendor's other calls tell of a status; nil adds nothing.
	envelope func(answer map[string]any, status, message string)
}

// told is what answers are made of besides the tokens.
type told struct {
	owner  accounts.Owner // for whom they are
	space  Space
	origin string
}

// dialects are those that have a token call. Actionstep's and Accelo's members
// are documented by the vendors; the forms of Accelo's account_details and of
// Keap's scope beyond "full" are not.
var dialects = []dialect{
	{
		name: "accelo", prefix: "/oauth2/v0", path: "/token", ending: "/revoke", asks: "/oauth2/v0/authorize", asksLife: true,
		kind: "Bearer", shows: true, tell: tellAccelo, envelope: acceloEnvelope,
	},
	{
		name: "actionstep", prefix: "/api/oauth", path: "/token", asks: "/api/oauth/authorize",
		kind: "Bearer", tell: tellActionstep,
	},
	{
		name: "keap", prefix: "/token", asks: "/app/oauth/authorize", // of its accounts host
		kind: "bearer", shows: true,
	},
	{
		name: "standard", prefix: "/api/v1/oauth", path: "/token", asks: "/api/v1/oauth/authorize",
		kind: "Bearer", shows: true,
	},
}

func tellActionstep(answer map[string]any, about told) {
	answer["api_endpoint"] = about.origin + "/api/" // clients add rest/resthooks
	answer["orgkey"] = about.space.Slug
}

func tellAccelo(answer map[string]any, about told) {
	owner := about.owner
	answer["deployment"] = about.space.Slug
	answer["deployment_name"] = about.space.Name
	answer["deployment_uri"] = about.origin
	answer["account_id"] = strconv.FormatInt(owner.ID, 10)
	answer["account_details"] = map[string]any{"id": owner.ID, "name": owner.Name, "email": owner.Email}
}

// acceloEnvelope is how all of Accelo's other calls tell a status. Its token
// call is documented with RFC 6749's members; clients find either.
func acceloEnvelope(answer map[string]any, status, message string) {
	answer["response"] = nil
	answer["meta"] = map[string]any{
		"status": status, "message": message, "more_info": "https://affinitylive.jira.com/wiki/display/APIS/Status+Codes#" + status,
	}
}

// grants names the grant types that there are, for people.
const grants = "authorization_code, refresh_token or client_credentials"

func (d *dialect) terms() accounts.Terms {
	terms, _ := accounts.TermsOf(d.name)
	return terms
}

// header is that of each answer (RFC 6749, 5.1).
func (d *dialect) header(status string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	if d.envelope != nil {
		h.Set("X-Status-Reason", strings.ToLower(status))
	}
	return h
}
