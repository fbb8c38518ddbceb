package standard

import (
	"regexp"
	"time"

	"hooktree/webhooks/subscription"
)

// tokens is OAuth as RFC 6749 has it, and nothing else.
func tokens() *subscription.Tokens {
	return &subscription.Tokens{
		Prefix: "/api/v1/oauth", Token: "/token", Authorize: "/api/v1/oauth/authorize",
		Scopes: regexp.MustCompile(`^hooks$`), Scope: "hooks",
		Access: time.Hour, Allowed: 45 * 24 * time.Hour,
		Type: "Bearer", TellScope: true,
	}
}
