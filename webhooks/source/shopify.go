package source

import (
	"encoding/base64"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// verifyShopify checks the HMAC of the body in base64.
func verifyShopify(r *Request, keys [][]byte) error {
	given := r.Header.Get("X-Shopify-Hmac-Sha256")
	if given == "" {
		return delivery.ErrUnsigned
	}
	return equal(given, keys, func(key []byte) string {
		return base64.StdEncoding.EncodeToString(hmacSHA256(key, string(r.Body)))
	})
}

// shopify reads a delivery of Shopify, whose headers say everything but what
// it is about: the topic orders/create has the path `Shopify > orders / create`.
func shopify(r *Request) (event.Message, error) {
	topic, err := header(r, "X-Shopify-Topic")
	if err != nil {
		return event.Message{}, err
	}
	doc, err := readJSON(r)
	if err != nil {
		return event.Message{}, err
	}
	return event.Message{
		Name: topic, ID: r.Header.Get("X-Shopify-Webhook-Id"), Occurred: moment(r.Header.Get("X-Shopify-Triggered-At")), Data: doc.json,
	}, nil
}
