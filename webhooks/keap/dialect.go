package keap

import (
	"strconv"
	"time"

	"hooktree/engine"
	"hooktree/webhooks/subscription"
)

// Name is the dialect's, in tokens, settings and the names of subscriptions.
const Name = "keap"

// The windows in which events gather: what they are unless a space says
// otherwise, and at most.
const (
	defaultWindow = time.Second
	defaultGroups = 5 * time.Minute
	maxWindow     = 10 * time.Minute
)

// slow are the keys whose first attempt the vendor makes later than others'.
var slow = []string{"contactGroup.applied", "contactGroup.delete"}

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
		Tokens:   tokens(),
		External: func(number int64, _ string) string { return strconv.FormatInt(number, 10) },
		Options: []subscription.Option{
			{
				Name: "window", Kind: subscription.DurationOption, Default: "1s", Longest: maxWindow,
				Note: "How long events of one key gather into one delivery, at most 10m. The vendor's own is 30 to 60 seconds.",
			},
			{
				Name: "groups", Kind: subscription.DurationOption, Default: "5m", Longest: maxWindow,
				Note: "How long events of `contactGroup.applied` and `contactGroup.delete` gather, at most 10m. The vendor's own is 5 to 10 minutes.",
			},
			{
				Name: "api", Kind: subscription.TextOption,
				Note: "Where resources are, such as `https://api.infusionsoft.com/crm/rest/v1`: it begins the `apiUrl` of a delivery where the event's data has none. Without it `apiUrl` is empty.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol {
			return protocol{window: windowOf(s["window"], defaultWindow), groups: windowOf(s["groups"], defaultGroups), api: s["api"]}
		},
	}
}

// windowOf reads a setting, which was checked unless somebody made it by hand.
func windowOf(text string, otherwise time.Duration) time.Duration {
	window, err := engine.ParseDuration(text)
	if err != nil || window < 0 {
		return otherwise
	}
	return window
}

// protocol is the dialect with its settings.
type protocol struct {
	window time.Duration
	groups time.Duration
	api    string
}

// Traits are how its subscriptions behave.
func (p protocol) Traits() subscription.Traits {
	windows := map[string]time.Duration{}
	for _, key := range slow {
		windows[key] = p.groups
	}
	return subscription.Traits{
		Policy: policy(), Handshake: true, Renews: true,
		Batch: subscription.Batch{Window: p.window, Windows: windows, Max: maxBatch, Join: join},
	}
}
