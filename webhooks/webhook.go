package webhooks

import (
	"time"

	"hooktree/engine"
)

// MaxName is how many bytes the name of a webhook may have.
const MaxName = 255

// Webhook is a rule: which events, in which scope, under which filter, go to
// which targets. It is immutable once compiled.
type Webhook struct {
	Name     string // unique in its scope
	Kapp     string // slug for a kapp's webhook; empty for the space's
	Type     string // of the catalogue
	Action   string // of the catalogue, short dialect
	Form     string // only this form's events; empty for all of the scope
	Filter   engine.Expr
	Targets  []Target
	Inactive bool
	Origin   string // "file", "api", "convention"
	Dialect  string // in which Source is written; empty for our own
	Source   string // the definition as it was written, for people and for export
	Hash     string // of the definition; jobs name it
	Updated  time.Time
}

// Target is where a webhook's firing goes: a tree by its rendered title, or a
// URL. Exactly one of Tree and URL is set.
type Target struct {
	Tree *TreeTarget
	URL  *URLTarget
}

// TreeTarget names a tree by templates; each renders to plain text.
type TreeTarget struct {
	Source, Group, Name engine.Expr
}

// URLTarget is an endpoint outside.
type URLTarget struct {
	URL     engine.Expr
	Method  string // POST when empty
	Headers map[string]engine.Expr
	Body    engine.Expr // nil sends the event's payload
	Auth    Auth
}

// Auth is how a delivery proves where it comes from. Secret is the name of a
// declared secret, never its value.
type Auth struct {
	Kind   AuthKind
	Key    string // identifier of the access key, for AuthKinetic; user for AuthBasic; algorithm for AuthHub
	Secret string
	Header string // for AuthHMAC; X-Hub-Signature-256 when empty
}

// AuthKind is a way of signing or authorizing a delivery.
type AuthKind string

// The ways.
const (
	AuthNone     AuthKind = ""
	AuthKinetic  AuthKind = "kinetic"  // X-Kinetic-Signature
	AuthHMAC     AuthKind = "hmac"     // hex HMAC-SHA256 of the body
	AuthStandard AuthKind = "standard" // Standard Webhooks, v1 and v1a
	AuthHub      AuthKind = "hub"      // X-Hub-Signature of PubSubHubbub; subscriptions only
	AuthBasic    AuthKind = "basic"
	AuthBearer   AuthKind = "bearer"
)
