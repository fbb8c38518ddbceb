package accelo

import (
	"strconv"
	"strings"

	"hooktree/webhooks"
	"hooktree/webhooks/subscription"
)

// Name is the dialect's, in tokens, settings and the names of subscriptions.
const Name = "accelo"

// Dialect is what wire.go registers.
func Dialect() subscription.Dialect {
	return subscription.Dialect{
		Name: Name, Title: "Accelo", Vendor: platform(),
		Prefixes: []string{"/api/v0"},
		First: subscription.First{
			Path: "/webhooks/subscriptions", ContentType: "application/json",
			Body: `{"event_id":"assign_task","trigger_url":"` + subscription.ExampleURL + `","content_type":"application/json"}`,
		},
		Credentials: []subscription.Carrier{{Kind: subscription.Bearer}},
		Tokens:      tokens(),
		External:    external,
		Options: []subscription.Option{
			{
				Name: "deployment", Kind: subscription.TextOption, Default: "hooktree",
				Note: "The name of the deployment, as subscriptions show it in `user_deployment`.",
			},
			{
				Name: "api", Kind: subscription.URIOption, Default: "https://hooktree.api.accelo.com/api/v0",
				Note: "Where resources are: `resource_url` of a delivery is this, the resource and the id, unless the event's data has a `resource_url`.",
			},
			{
				Name: "signature", Kind: subscription.ChoiceOption, Choices: []string{"sha1", "sha256"}, Default: "sha1",
				Note: "The digest of `X-Hub-Signature`, which the vendor does not document.",
			},
			{
				Name: "timeouts", Kind: subscription.NumberOption, Range: [2]int{1, 10_000}, Default: "10",
				Note: "How many time-outs in a row delete a subscription. The vendor says that too many do, and not how many.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol {
			timeouts, err := strconv.Atoi(s["timeouts"])
			if err != nil { // a checked setting is a number
				timeouts = 10
			}
			return protocol{
				deployment: s["deployment"], api: strings.TrimRight(s["api"], "/"), signature: s["signature"], timeouts: timeouts,
			}
		},
	}
}

// external makes an id of 24 hexadecimal digits, as the vendor's look, of the
// random end of a UUIDv7.
func external(_ int64, id string) string {
	digits := make([]byte, 0, 32)
	for i := range len(id) {
		if id[i] != '-' {
			digits = append(digits, id[i])
		}
	}
	const size = 24
	return string(digits[max(0, len(digits)-size):])
}

// protocol is the dialect with its settings.
type protocol struct {
	deployment string
	api        string
	signature  string
	timeouts   int // in a row, which delete a subscription
}

// Traits are how its subscriptions behave.
func (p protocol) Traits() subscription.Traits {
	return subscription.Traits{
		Policy: policy(p.timeouts),
		Auth:   webhooks.Auth{Kind: webhooks.AuthHub, Key: p.signature},
	}
}
