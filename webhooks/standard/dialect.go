package standard

import (
	_ "embed" // of the document
	"time"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/subscription"
)

// Name is the dialect's, in tokens, settings and the names of subscriptions.
const Name = "standard"

//go:embed openapi.json
var document []byte

// Dialect is what wire.go registers.
func Dialect() subscription.Dialect {
	return subscription.Dialect{
		Name: Name, Title: "Standard",
		Prefixes: []string{"/api/v1/hooks"},
		First: subscription.First{
			ContentType: "application/json",
			Body:        `{"event":"submission.submitted","target_url":"` + subscription.ExampleURL + `"}`,
		},
		Credentials: []subscription.Carrier{{Kind: subscription.Bearer}},
		Tokens:      tokens(),
		OwnTokens:   true,
		Document:    document,
		External:    func(_ int64, id string) string { return id },
		Options: []subscription.Option{
			{
				Name: "source", Kind: subscription.URIOption, Default: "urn:hooktree",
				Note: "The `source` of the CloudEvents that are sent: a URI that names this installation.",
			},
			{
				Name: "disable_after", Kind: subscription.DurationOption, Longest: 365 * 24 * time.Hour, Default: "5d",
				Note: "How long an endpoint has to fail without one success, and at least ten times, until its hook is disabled.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol {
			patience, err := engine.ParseDuration(s["disable_after"])
			if err != nil { // a checked setting is one
				patience = 5 * 24 * time.Hour
			}
			return protocol{source: s["source"], patience: patience}
		},
	}
}

// protocol is the dialect with its settings.
type protocol struct {
	source   string        // of CloudEvents
	patience time.Duration // with an endpoint that only fails
}

// Traits are how its subscriptions behave.
func (p protocol) Traits() subscription.Traits {
	return subscription.Traits{
		Policy:    policy(p.patience),
		Auth:      webhooks.Auth{Kind: webhooks.AuthStandard},
		NewSecret: true,
	}
}
