package standard

import (
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// nameOf is how an event is called: `submission.submitted` of the built-in
// platform, `PLATFORM.NAME` of any other. An intake of CloudEvents reads it
// back.
func nameOf(k *event.Kind) string {
	if k.Platform != event.Kinetic {
		return k.Type + "." + k.Action
	}
	return slug(k.Type) + "." + slug(k.Action)
}

func slug(words string) string { return strings.ReplaceAll(strings.ToLower(words), " ", "-") }

// Offers lists every event of the catalogue but the notices about
// subscriptions, which name other people's endpoints.
func (protocol) Offers(c *event.Catalogue) []subscription.Offer {
	var offers []subscription.Offer
	for _, k := range c.Kinds() {
		if k.Platform == noticePlatform {
			continue
		}
		offers = append(offers, subscription.Offer{Key: nameOf(k), Title: k.Path(), Type: k.Type, Action: k.Action})
	}
	return offers
}

// noticePlatform is that of hooktree's own notices.
const noticePlatform = "hooktree"
