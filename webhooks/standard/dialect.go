package standard

import (
	_ "embed" // of the document

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
		OwnTokens:   true,
		Document:    document,
		External:    func(_ int64, id string) string { return id },
		Options: []subscription.Option{
			{
				Name: "source", Kind: subscription.TextOption, Default: "urn:hooktree",
				Note: "The `source` of the CloudEvents that are sent: a URI that names this installation.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol { return protocol{source: s["source"]} },
	}
}

// protocol is the dialect with its settings.
type protocol struct {
	source string // of CloudEvents
}

// Traits are how its subscriptions behave.
func (protocol) Traits() subscription.Traits {
	return subscription.Traits{
		Policy:    policy(),
		Auth:      webhooks.Auth{Kind: webhooks.AuthStandard},
		NewSecret: true,
	}
}
