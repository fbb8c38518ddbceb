package accelo

import (
	"regexp"
	"strconv"
	"time"

	"hooktree/webhooks/subscription"
)

// scope is one scope: read(all), write(companies,contacts).
const scope = `(read|write)\([a-z_]+(, *[a-z_]+)*\)`

// tokens is the vendor's OAuth. Its members and the 30 days of access tokens
// are documented. The vendor's service applications have no refresh tokens;
// those that a user allowed have, for a time that is not documented, nor is
// the form of account_details.
func tokens() *subscription.Tokens {
	return &subscription.Tokens{
		Prefix: "/oauth2/v0", Token: "/token", Revoke: "/revoke", Authorize: "/oauth2/v0/authorize",
		Scopes: regexp.MustCompile(`^` + scope + `([, ]+` + scope + `)*$`), Scope: "read(all)",
		AskedLife: true, Access: 30 * 24 * time.Hour, Allowed: 90 * 24 * time.Hour,
		Type: "Bearer", TellScope: true, StatusHeader: "X-Status-Reason", Tell: tellDeployment, Envelope: envelope,
	}
}

func tellDeployment(answer map[string]any, about subscription.Granted) {
	owner := about.Owner
	answer["deployment"] = about.Slug
	answer["deployment_name"] = about.Name
	answer["deployment_uri"] = about.Origin
	answer["account_id"] = strconv.FormatInt(owner.ID, 10)
	answer["account_details"] = map[string]any{"id": owner.ID, "name": owner.Name, "email": owner.Email}
}

// envelope is how all other calls tell a status. The token call is documented
// with RFC 6749's members; clients find either.
func envelope(answer map[string]any, word, message string) {
	answer["response"] = nil
	answer["meta"] = map[string]any{"status": word, "message": message, "more_info": status{word: word}.moreInfo()}
}
