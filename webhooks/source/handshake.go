package source

import (
	"net/http"
	"strings"

	"hooktree/webhooks/event"
)

// HookSecret is the header by which a receiver of REST hooks confirms that it
// wants them.
const HookSecret = "X-Hook-Secret"

// Reply is what a provider wants to be answered before it sends events.
type Reply struct {
	Header http.Header
	Body   []byte
}

// maxEcho is how many bytes of a request are sent back.
const maxEcho = 1024

// Handshake gives the answer to a request that asks whether its events are
// wanted; false for one that brings events. The request was verified.
func (s *Source) Handshake(r Request) (Reply, bool) {
	switch s.Kind {
	case Keap:
		return keapHandshake(&r)
	case Slack:
		return slackHandshake(&r)
	default:
		return Reply{}, false
	}
}

// keapHandshake echoes the secret. Any body may come with it; only one that
// brings events is not passed over.
func keapHandshake(r *Request) (Reply, bool) {
	secret := r.Header.Get(HookSecret)
	if secret == "" || len(secret) > maxEcho {
		return Reply{}, false
	}
	if value, fault := event.Decode(r.Body); fault == nil && member(value, "event_key") != nil {
		return Reply{}, false
	}
	return Reply{Header: http.Header{HookSecret: {secret}}}, true
}

// slackHandshake echoes the challenge as the text that it is, and says nothing
// to a look at a slash command's address.
func slackHandshake(r *Request) (Reply, bool) {
	if slackCheck(r) {
		return Reply{}, true
	}
	doc, err := readJSON(r)
	if err != nil || member(doc.value, "type") != "url_verification" {
		return Reply{}, false
	}
	challenge, _ := member(doc.value, "challenge").(string)
	if challenge == "" || len(challenge) > maxEcho || strings.ContainsFunc(challenge, func(c rune) bool { return c < ' ' || c > '~' }) {
		return Reply{}, false
	}
	return Reply{Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(challenge)}, true
}
