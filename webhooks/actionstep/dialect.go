package actionstep

import (
	"strconv"
	"time"

	"hooktree/webhooks/subscription"
)

// Name is the dialect's, in tokens, settings and the names of subscriptions.
const Name = "actionstep"

// The options and their choices.
const (
	optionIDs      = "ids"
	idsNumber      = "number"
	idsText        = "text"
	optionDelivery = "delivery"
	asResource     = "resource"
	asJSONAPI      = "jsonapi"
	optionZone     = "zone"
)

// Dialect is what wire.go registers.
func Dialect() subscription.Dialect {
	return subscription.Dialect{
		Name: Name, Title: title, Vendor: platform(),
		Prefixes: []string{"/api/rest"},
		First: subscription.First{
			Path: "/resthooks", ContentType: "application/vnd.api+json",
			Body: `{"resthooks":{"eventName":"ActionCreated","targetUrl":"` + subscription.ExampleURL + `"}}`,
		},
		Credentials: []subscription.Carrier{{Kind: subscription.Bearer}},
		Tokens:      tokens(),
		External:    func(number int64, _ string) string { return strconv.FormatInt(number, 10) },
		Options: []subscription.Option{
			{
				Name: optionIDs, Kind: subscription.ChoiceOption, Choices: []string{idsNumber, idsText}, Default: idsNumber,
				Note: "How a subscription's `id` is written: `number` is what all known clients read, `text` is what the vendor's page shows.",
			},
			{
				Name: optionDelivery, Kind: subscription.ChoiceOption, Choices: []string{asResource, asJSONAPI}, Default: asResource,
				Note: "The body of deliveries: `resource` is that of a GET, `{\"actions\":[...]}`, as the vendor's page says; `jsonapi` is a JSON:API document, as the vendor's example of a receiver reads.",
			},
			{
				Name: optionZone, Kind: subscription.ZoneOption, Default: time.UTC.String(),
				Note: "The time zone in which answers write times, such as `Pacific/Auckland`: the vendor's is that of the organization.",
			},
		},
		New: func(s subscription.Settings) subscription.Protocol {
			zone, err := subscription.Zone(s[optionZone])
			if err != nil { // a checked setting is one
				zone = time.UTC
			}
			return protocol{textIDs: s[optionIDs] == idsText, jsonAPI: s[optionDelivery] == asJSONAPI, zone: zone}
		},
	}
}

// protocol is the dialect with its settings.
type protocol struct {
	textIDs bool
	jsonAPI bool
	zone    *time.Location
}

// id is a subscription's id as answers and deliveries write it.
func (p protocol) id(external string) any {
	if n, err := strconv.ParseInt(external, 10, 64); err == nil && !p.textIDs {
		return n
	}
	return external
}

// Traits are how its subscriptions behave. The vendor signs nothing: receivers
// rely on an address that nobody guesses. To register again enables what was
// disabled.
func (protocol) Traits() subscription.Traits {
	return subscription.Traits{Policy: policy(), Renews: true}
}
