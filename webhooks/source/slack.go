package source

import (
	"encoding/hex"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// verifySlack checks the signature v0=HEX over v0:TIME:BODY.
func (s *Source) verifySlack(r *Request, keys [][]byte, now time.Time) error {
	given, stamp := r.Header.Get("X-Slack-Signature"), r.Header.Get("X-Slack-Request-Timestamp")
	if given == "" {
		return delivery.ErrUnsigned
	}
	if err := s.fresh(stamp, now); err != nil {
		return err
	}
	return equal(given, keys, func(key []byte) string {
		return "v0=" + hex.EncodeToString(hmacSHA256(key, "v0:", stamp, ":", string(r.Body)))
	})
}

// slack reads a delivery of Slack: JSON of the Events API, or a form of what
// somebody did in the client.
func slack(r *Request) (event.Message, error) {
	if isForm(r) {
		return slackForm(r)
	}
	return slackEvent(r)
}

// slackEvent reads a delivery of the Events API. The name is that of the event
// within, with its subtype: message, message.bot_message. What comes without
// an event, such as app_rate_limited, is named by its own type. A retry, which
// says so in X-Slack-Retry-Num, has the id of the first attempt.
func slackEvent(r *Request) (event.Message, error) {
	doc, err := readJSON(r)
	if err != nil {
		return event.Message{}, err
	}
	name, err := named(doc.value, "/type")
	if err != nil {
		return event.Message{}, err
	}
	if name == "event_callback" {
		if name, err = named(doc.value, "/event/type"); err != nil {
			return event.Message{}, err
		}
		name = narrowed(name, lookup(doc.value, "/event/subtype"))
	}
	return event.Message{
		Name: name, ID: word(member(doc.value, "event_id")), Occurred: moment(word(member(doc.value, "event_time"))), Data: doc.json,
	}, nil
}
