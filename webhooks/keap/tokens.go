package keap

import (
	"regexp"
	"time"

	"hooktree/webhooks/subscription"
)

// tokens is the vendor's OAuth. Its staff told how long tokens work: 24 hours,
// and 45 days for refresh tokens. Users are asked at a path of its accounts
// host, where the pages say that response_type is code by default. No scope but
// full is documented.
func tokens() *subscription.Tokens {
	const refresh = 45 * 24 * time.Hour
	return &subscription.Tokens{
		Prefix: "/token", Authorize: "/app/oauth/authorize", ImpliedCode: true,
		Scopes: regexp.MustCompile(`^full$`), Scope: "full",
		Access: 24 * time.Hour, Refresh: refresh, Allowed: refresh,
		Type: "bearer", TellScope: true,
	}
}
