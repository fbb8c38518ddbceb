package source_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what some providers sign by
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// noon is when deliveries come in.
var noon = time.Date(2026, 4, 8, 12, 0, 0, 0, time.UTC)

// The secrets of the tests. They suit every kind.
const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

func secrets(name string) (string, bool) {
	value, ok := map[string]string{"A": secretA, "B": secretB}[name]
	return value, ok
}

// one gives the source of one line.
func one(tb testing.TB, line string) source.Source {
	tb.Helper()
	return sound(tb, "  "+line+"\n")[0]
}

// sent is a delivery as a test writes it.
func sent(body string, header ...string) source.Request {
	r := source.Request{Header: http.Header{}, Query: url.Values{}, Body: []byte(body)}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// mac is an HMAC in hexadecimal, computed apart from the code under test.
func mac(algorithm func() hash.Hash, secret, text string) string {
	return hex.EncodeToString(macBytes(algorithm, secret, text))
}

func macBytes(algorithm func() hash.Hash, secret, text string) []byte {
	m := hmac.New(algorithm, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// scheme is a way to sign, with the source that verifies it. Sign sets the
// headers that prove a delivery, and gives those of which no bit may change.
type scheme struct {
	name   string
	source string
	sign   func(r source.Request, secret string) []string
}

var schemes = []scheme{
	{"github", "s: {kind: github, secrets: [A, B]}", func(r source.Request, secret string) []string {
		r.Header.Set("X-Hub-Signature-256", "sha256="+mac(sha256.New, secret, string(r.Body)))
		return []string{"X-Hub-Signature-256"}
	}},
	{"stripe", "s: {kind: stripe, secrets: [A, B]}", func(r source.Request, secret string) []string {
		stamp := strconv.FormatInt(noon.Unix(), 10)
		r.Header.Set("Stripe-Signature", "t="+stamp+",v1="+mac(sha256.New, secret, stamp+"."+string(r.Body)))
		return []string{"Stripe-Signature"}
	}},
	{"slack", "s: {kind: slack, secrets: [A, B]}", func(r source.Request, secret string) []string {
		stamp := strconv.FormatInt(noon.Unix(), 10)
		r.Header.Set("X-Slack-Request-Timestamp", stamp)
		r.Header.Set("X-Slack-Signature", "v0="+mac(sha256.New, secret, "v0:"+stamp+":"+string(r.Body)))
		return []string{"X-Slack-Request-Timestamp", "X-Slack-Signature"}
	}},
	{"shopify", "s: {kind: shopify, secrets: [A, B]}", func(r source.Request, secret string) []string {
		r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(macBytes(sha256.New, secret, string(r.Body))))
		return []string{"X-Shopify-Hmac-Sha256"}
	}},
	{"standard", "s: {kind: standard, secrets: [A, B]}", func(r source.Request, secret string) []string {
		stamp := strconv.FormatInt(noon.Unix(), 10)
		key, _ := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
		r.Header.Set("Webhook-Id", "d1")
		r.Header.Set("Webhook-Timestamp", stamp)
		r.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(macBytes(sha256.New, string(key), "d1."+stamp+"."+string(r.Body))))
		return []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"}
	}},
	{"standard by Svix's headers", "s: {kind: standard, secrets: [A, B]}", func(r source.Request, secret string) []string {
		stamp := strconv.FormatInt(noon.Unix(), 10)
		key, _ := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
		r.Header.Set("Svix-Id", "d1")
		r.Header.Set("Svix-Timestamp", stamp)
		r.Header.Set("Svix-Signature", "v1,"+base64.StdEncoding.EncodeToString(macBytes(sha256.New, string(key), "d1."+stamp+"."+string(r.Body))))
		return []string{"Svix-Id", "Svix-Timestamp", "Svix-Signature"}
	}},
	{"kinetic", "s: {kind: kinetic, secrets: [A, B], key: AK1}", func(r source.Request, secret string) []string {
		sum := sha1.Sum([]byte(secret + string(r.Body))) //nolint:gosec // the vendor's
		r.Header.Set("X-Kinetic-SignatureKey", "AK1")
		r.Header.Set("X-Kinetic-Signature", base64.RawURLEncoding.EncodeToString(sum[:]))
		return []string{"X-Kinetic-SignatureKey", "X-Kinetic-Signature"}
	}},
	{"accelo with sha1", "s: {kind: accelo, secrets: [A, B]}", func(r source.Request, secret string) []string {
		r.Header.Set("X-Hub-Signature", "sha1="+mac(sha1.New, secret, string(r.Body)))
		return []string{"X-Hub-Signature"}
	}},
	{"accelo with sha256 and no prefix", "s: {kind: accelo, secrets: [A, B]}", func(r source.Request, secret string) []string {
		r.Header.Set("X-Hub-Signature", mac(sha256.New, secret, string(r.Body)))
		return []string{"X-Hub-Signature"}
	}},
	{"hmac", "s: {kind: hmac, secrets: [A, B], header: X-Sign, prefix: 'sha1=', algorithm: sha1}", func(r source.Request, secret string) []string {
		r.Header.Set("X-Sign", "sha1="+mac(sha1.New, secret, string(r.Body)))
		return []string{"X-Sign"}
	}},
	{
		"hmac over a time", "s: {kind: hmac, secrets: [A, B], header: X-Sign, encoding: base64url, signs: timestamp.body, timestamp: header X-Time}",
		func(r source.Request, secret string) []string {
			stamp := strconv.FormatInt(noon.Unix(), 10)
			r.Header.Set("X-Time", stamp)
			r.Header.Set("X-Sign", base64.RawURLEncoding.EncodeToString(macBytes(sha256.New, secret, stamp+"."+string(r.Body))))
			return []string{"X-Time", "X-Sign"}
		},
	},
	{"basic", "s: {kind: basic, user: door, secrets: [A, B]}", func(r source.Request, secret string) []string {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("door:"+secret)))
		return nil // a password is no signature: it does not cover the body
	}},
	{"token", "s: {kind: token, secrets: [A, B], header: Authorization, prefix: 'Bearer '}", func(r source.Request, secret string) []string {
		r.Header.Set("Authorization", "Bearer "+secret)
		return nil
	}},
}

// signs reports whether the scheme covers the body.
func (s scheme) signs() bool { return s.name != "basic" && s.name != "token" }

// platforms are those of dialects, as far as the tests need them.
func platforms() []event.Platform {
	return []event.Platform{
		{Name: "actionstep", Kinds: []*event.Kind{
			event.Own("actionstep", "ActionCreated", event.Path{Group: "Actionstep > actions", Name: "ActionCreated"}, nil, "id"),
			event.Own("actionstep", "ActionParticipantAdded", event.Path{Group: "Actionstep > actionparticipants", Name: "ActionParticipantAdded"}, nil, "id"),
			event.Own("actionstep", "ActionUpdated", event.Path{Group: "Actionstep > actions", Name: "ActionUpdated"}, nil, "id"),
		}},
		{Name: "keap", Kinds: []*event.Kind{
			event.Own("keap", "contact.add", event.Path{Group: "Keap > contact", Name: "add"}, nil, "id"),
			event.Own("keap", "contactGroup.applied", event.Path{Group: "Keap > contactGroup", Name: "applied"}, nil, "id"),
		}},
		{Name: "accelo", Kinds: []*event.Kind{
			event.Own("accelo", "assign_task", event.Path{Group: "Accelo > task", Name: "assign_task"}, nil, "id"),
			event.Own("accelo", "create_task", event.Path{Group: "Accelo > task", Name: "create_task"}, nil, "id"),
			event.Own("accelo", "create_invoice_pdf", event.Path{Group: "Accelo > invoice", Name: "create_invoice_pdf"}, nil, "id"),
		}},
		{Name: "warehouse", Kinds: []*event.Kind{
			event.Own("warehouse", "StockLow", event.Path{Group: "Warehouse > stock", Name: "StockLow"}, nil, "sku"),
		}},
		event.Notices(),
	}
}

// catalogue is that of a space with these sources.
func catalogue(sources ...source.Source) *event.Catalogue {
	known := platforms()
	return event.NewCatalogue(append(known, source.Platforms(sources, known)...)...)
}
