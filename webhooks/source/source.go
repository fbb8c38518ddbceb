package source

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hooktree/webhooks/event"
)

// Source is an inbound webhook of a space, checked. It is immutable.
type Source struct {
	Name      string // in its address: /in/NAME
	Kind      Kind
	Secrets   []string      // names of declared secrets; any of them may have signed
	Tokens    []string      // names of declared secrets; one of them stands in ?token=
	Tolerance time.Duration // how far a signed time may lie from now; zero is the usual one
	Platform  string        // of its events
	Title     string        // begins the paths of its events where the platform is open
	User      string        // of basic
	Key       string        // of kinetic: the only access key that may have signed; empty for any
	Proof     Proof         // of hmac and token
	ID        Place         // of a delivery; generic kinds only
	Event     Place         // of the event's name; generic kinds only
	Timestamp Place         // of the event's time; generic kinds only
	// Register says how the source is registered at its provider; nil for not.
	Register *Register
}

// Proof says where and how a generic provider proves itself.
type Proof struct {
	Header    string
	Prefix    string // before the digest or the token
	Algorithm string // sha1, sha256 or sha512
	Encoding  string // hex, base64 or base64url
	Signs     string // body, or timestamp.body
}

// Request is a delivery.
type Request struct {
	Header http.Header
	Query  url.Values
	Body   []byte // unpacked
}

// Secrets finds the value of a declared secret.
type Secrets func(name string) (string, bool)

// Credential is the scope of the ids of its deliveries, and who sent its events.
func (s *Source) Credential() string { return CredentialOf(s.Name) }

// CredentialOf is the Credential of the source of a name, whether there still
// is one or not.
func CredentialOf(name string) string { return "source:" + name }

// Repeats reports whether a delivery of a known id is a repeat even where its
// body differs: the provider chose the id, and gives one to an event.
func (s *Source) Repeats() bool { return kinds[s.Kind].once }

// Missing names the secrets without which no delivery can be verified: all of
// those of which one would do, when none has a value.
func (s *Source) Missing(secrets Secrets) []string {
	var missing []string
	for _, names := range [][]string{s.Secrets, s.Tokens} {
		if len(names) > 0 && len(valuesOf(names, secrets)) == 0 {
			missing = append(missing, names...)
		}
	}
	return missing
}

// Final gives the headers that ask the provider not to send a delivery again
// which can never be taken.
func (s *Source) Final() http.Header {
	if s.Kind == Slack {
		return http.Header{"X-Slack-No-Retry": {"1"}}
	}
	return nil
}

// Platforms gives the open platforms of sources: those whose events are in no
// platform that is known already.
func Platforms(sources []Source, known []event.Platform) []event.Platform {
	taken := map[string]bool{event.Kinetic: true}
	for _, p := range known {
		taken[p.Name] = true
	}
	var open []event.Platform
	for i := range sources {
		s := &sources[i]
		if taken[s.Platform] {
			continue
		}
		taken[s.Platform] = true
		open = append(open, event.Platform{Name: s.Platform, Open: &event.Open{Title: s.Title, Entity: kinds[s.Kind].entity, Example: s.example()}})
	}
	return open
}

// Challenge gives the headers that ask a sender who proved nothing for a proof.
// Some clients send a password only when they are asked for it.
func (s *Source) Challenge() http.Header {
	if s.Kind == Basic {
		return http.Header{"Www-Authenticate": {`Basic realm="` + s.Name + `", charset="UTF-8"`}}
	}
	return nil
}

// example is the name of an event as the source's platform sends it; empty
// where only a delivery says.
func (s *Source) example() string {
	if s.Event.Fixed != "" {
		return s.Event.Fixed
	}
	return kinds[s.Kind].example
}

// Silent reports whether a delivery that was taken is answered without a body:
// Slack would show it to whoever pressed a button or gave a command.
func (s *Source) Silent(r Request) bool { return s.Kind == Slack && isForm(&r) }

// capital gives a name with its first letter in capital.
func capital(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// clip shortens what a stranger sent before it is shown again.
func clip(text string) string {
	const most = 80
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
