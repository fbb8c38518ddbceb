package actionstep

import (
	"regexp"
	"time"

	"hooktree/webhooks/subscription"
)

// tokens is the vendor's OAuth, as its documentation has it: access for 60
// minutes, refresh tokens for 21 days.
func tokens() *subscription.Tokens {
	const refresh = 21 * 24 * time.Hour
	return &subscription.Tokens{
		Prefix: "/api/oauth", Token: "/token", Authorize: "/api/oauth/authorize",
		Scopes: regexp.MustCompile(`^[a-z_]+([, ]+[a-z_]+)*$`), Scope: "all",
		Access: time.Hour, Refresh: refresh, Allowed: refresh,
		Type: "Bearer", Tell: tellOrganization,
	}
}

func tellOrganization(answer map[string]any, about subscription.Granted) {
	answer["api_endpoint"] = about.Origin + "/api/" // clients add rest/resthooks
	answer["orgkey"] = about.Slug
}
