package keap

import (
	"strconv"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/subscription"
)

// Name is the dialect's, in tokens, settings and the names of subscriptions.
const Name = "keap"

// The window in which events gather: what it is unless a space says otherwise,
// and at most.
const (
	defaultWindow = "1s"
	maxWindow     = 10 * time.Minute
)

// maxBatch is how many objects one delivery holds at most, by the vendor.
const maxBatch = 1000

// Dialect is what wire.go registers.
func Dialect() subscription.Dialect {
	return subscription.Dialect{
		Name: Name, Title: "Keap", Vendor: platform(),
		Prefixes: []string{"/crm/rest/v1"},
		First: subscription.First{
			Path: "/hooks", ContentType: "application/json",
			Body: `{"eventKey":"contact.add","hookUrl":"` + subscription.ExampleURL + `"}`,
		},
		Credentials: []subscription.Carrier{
			{Kind: subscription.Bearer},
			{Kind: subscription.Header, Name: "X-Keap-Api-Key"},
			{Kind: subscription.Query, Name: "access_token"},
		},
		External: func(number int64, _ string) string { return strconv.FormatInt(number, 10) },
		Options: []subscription.Option{
			{
				Name: "window", Kind: subscription.DurationOption, Default: defaultWindow,
				Note: "How long events of one key gather into one delivery, at most 10m. The vendor's own is 30 to 60 seconds.",
			},
			{
				Name: "api", Kind: subscription.TextOption,
				Note: "Where resources are, such as `https://api.infusionsoft.com/crm/rest/v1`: it begins the `apiUrl` of a delivery where the event's data has none. Without it `apiUrl` is empty.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol {
			window, err := engine.ParseDuration(s["window"])
			if err != nil || window < 0 { // a checked setting is one
				window = time.Second
			}
			return protocol{window: min(window, maxWindow), api: s["api"]}
		},
	}
}

// protocol is the dialect with its settings.
type protocol struct {
	window time.Duration
	api    string
}

// Traits are how its subscriptions behave.
func (p protocol) Traits() subscription.Traits {
	return subscription.Traits{
		Policy: policy(), Handshake: true, Renews: true,
		Batch: subscription.Batch{Window: p.window, Max: maxBatch, Join: join},
	}
}
