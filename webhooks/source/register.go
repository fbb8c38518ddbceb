package source

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/trees"
)

// Register is how hooktree subscribes a source at its provider, and keeps the
// subscriptions in step. The members that end in a secret hold its name.
type Register struct {
	API          string   // of the provider, up to the resource; empty where the provider has only one
	URL          string   // scheme and host by which the provider reaches this server
	Events       []string // as the provider spells them
	Token        string   // secret: a bearer token
	Key          string   // secret: a key of Keap's, in place of a token
	Client       string   // id of an application, in place of a token
	ClientSecret string   // secret: the application's
	RefreshToken string   // secret: the application's first refresh token; not Accelo's
	TokenURL     string   // of the provider's token call; empty for the known one
}

// The keys of `register:`. Those that prove who asks depend on the kind.
var (
	registerKeys = []string{"api", "url", "events", "token"}
	proofKeys    = map[Kind][]string{
		Keap:       {"key", "client", "client_secret", "refresh_token", "token_url"},
		Actionstep: {"client", "client_secret", "refresh_token", "token_url"},
		Accelo:     {"client", "client_secret", "token_url"},
	}
)

// maxRegistered is how many events one source may subscribe to.
const maxRegistered = 100

// register reads how a source is registered:
//
//	register:
//	  api: https://ap-southeast-2.actionstep.com/api/rest
//	  url: https://hooks.example.com
//	  token: ACTIONSTEP_TOKEN
//	  events: [ActionCreated, StepChanged]
func (p *reader) register(m *trees.Mapping, kind Kind) *Register {
	n := m.Get("register")
	if n == nil {
		return nil
	}
	of := p.Mapping(n, "`register:`", slices.Concat(registerKeys, proofKeys[kind])...)
	if of == nil {
		return nil
	}
	r := &Register{
		API: p.address(of, "api", kind != Keap), URL: p.address(of, "url", true), Client: of.Text("client"),
		Token: p.secret(of, "token"), Key: p.secret(of, "key"), ClientSecret: p.secret(of, "client_secret"),
		RefreshToken: p.secret(of, "refresh_token"), TokenURL: p.address(of, "token_url", false),
	}
	r.Events = p.events(of)
	p.credentials(of, kind)
	return r
}

// address reads a URL without a query.
func (p *reader) address(m *trees.Mapping, key string, needed bool) string {
	n := m.Get(key)
	if n == nil {
		if needed && m.Key(key) == nil {
			p.Fault(m.Node(), "add `"+key+": https://...`", "`register:` has no `"+key+":`")
		}
		return ""
	}
	text := m.Text(key)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.Fault(n, "such as https://hooks.example.com", fmt.Sprintf("`%s:` is no plain address", key))
	}
	return strings.TrimSuffix(text, "/")
}

// secret reads the name of a declared secret.
func (p *reader) secret(m *trees.Mapping, key string) string {
	n := m.Get(key)
	if n == nil {
		return ""
	}
	if names := p.declared(n, nil); len(names) == 1 {
		return names[0]
	}
	return ""
}

func (p *reader) events(m *trees.Mapping) []string {
	n := m.Get("events")
	if n == nil || n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > maxRegistered {
		at := n
		if at == nil {
			at = m.Node()
		}
		p.Fault(at, "such as `events: [contact.add]`", fmt.Sprintf("`events:` is a list of 1 to %d names", maxRegistered))
		return nil
	}
	var names []string
	for _, item := range n.Content {
		switch {
		case item.Kind != yaml.ScalarNode || item.Value == "":
			p.Fault(item, "as the provider spells it", "this is no name of an event")
		case slices.Contains(names, item.Value):
			p.Fault(item, "remove one of them", "the event "+clip(item.Value)+" stands twice")
		default:
			names = append(names, item.Value)
		}
	}
	return names
}

// credentials wants exactly one way to prove who asks.
func (p *reader) credentials(m *trees.Mapping, kind Kind) {
	ways := 0
	for _, key := range []string{"token", "key", "client"} {
		if m.Key(key) != nil {
			ways++
		}
	}
	client, known := []string{"client", "client_secret"}, "`token: NAME`"
	switch kind {
	case Keap:
		known += ", `key: NAME`"
		fallthrough
	case Actionstep:
		client = append(client, "refresh_token")
	}
	if ways != 1 {
		p.Fault(m.Node(), "write "+known+", or `"+strings.Join(client, ":`, `")+":`", "the provider wants exactly one proof of who asks")
		return
	}
	for _, key := range client {
		if (m.Key("client") == nil) != (m.Key(key) == nil) {
			p.Fault(m.Node(), "write all of them", "`"+strings.Join(client, ":`, `")+":` belong together")
			return
		}
	}
}

// registerSchema describes `register:` for editors.
func registerSchema(secret object) object {
	named := func(help string) object {
		return object{"type": "string", "pattern": secret["pattern"], "description": help}
	}
	text := func(help string) object { return object{"type": "string", "description": help} }
	return object{
		"type": "object", "description": keyHelp["register"], "additionalProperties": false, "required": []string{"url", "events"},
		"properties": object{
			"api":    text("address of the provider's API, up to the resource"),
			"url":    text("scheme and host by which the provider reaches this server"),
			"events": object{"type": "array", "items": object{"type": "string"}, "minItems": 1, "maxItems": maxRegistered, "uniqueItems": true, "description": "as the provider spells them"},
			"token":  named("name of a declared secret: a bearer token"),
			"key":    named("name of a declared secret: a key of Keap's, in place of a token"),
			"client": text("id of an application, in place of a token"), "client_secret": named("name of a declared secret: the application's"),
			"refresh_token": named("name of a declared secret: the application's first refresh token"), "token_url": text("address of the provider's token call, where it is another than the known one"),
		},
	}
}
