package webhooks

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/trees/expression"
)

// The bounds of one webhook.
const (
	MaxTargets = 20
	MaxHeaders = 50
)

// condition compiles a filter.
func (p *definitions) condition(n *yaml.Node, env *expression.Env) engine.Expr {
	if n.Kind != yaml.ScalarNode {
		p.Fault(n, "quote the whole expression", "a filter is text")
		return nil
	}
	x, err := expression.Compile(n.Value, env, engine.KindBool)
	if err == nil && len(x.Secrets()) > 0 {
		p.Fault(n, "use secrets in headers or the body", "a filter cannot read secrets")
	}
	return p.compiled(n, 0, x, err)
}

// template compiles a text with `${ }` in it, of which bytes before offset
// were left out.
func (p *definitions) template(n *yaml.Node, text string, offset int, env *expression.Env) engine.Expr {
	x, err := expression.Template(text, env)
	return p.compiled(n, offset, x, err)
}

func (p *definitions) compiled(n *yaml.Node, offset int, x expression.Expr, err error) engine.Expr {
	if err == nil {
		return x
	}
	var faults expression.Faults
	if !errors.As(err, &faults) {
		p.Fault(n, "", err.Error())
	}
	for _, f := range faults {
		p.FaultWithin(n, offset+f.Offset, f.Length, f.Hint, f.Message)
	}
	return nil
}

// targets reads `targets:`, or the keys of the only one in the webhook itself.
func (p *definitions) targets(m *trees.Mapping, env *expression.Env) []Target {
	list := m.Get("targets")
	if list == nil {
		return []Target{p.target(m, env)}
	}
	for _, key := range targetKeys {
		if at := m.Key(key); at != nil {
			p.Fault(at, "move it into the list", "`"+key+":` stands beside `targets:`")
		}
	}
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 || len(list.Content) > MaxTargets {
		p.Fault(list, "write `- tree: ...` or `- url: ...` below it", "`targets:` is a list of 1 to 20 targets")
		return nil
	}
	var targets []Target
	for _, item := range list.Content {
		if t := p.Mapping(item, "a target", targetKeys...); t != nil {
			targets = append(targets, p.target(t, env))
		}
	}
	return targets
}

func (p *definitions) target(m *trees.Mapping, env *expression.Env) Target {
	switch tree, address := m.Key("tree"), m.Key("url"); {
	case tree != nil && address != nil:
		p.Fault(address, "make two targets of it", "a target is a tree or a URL, not both")
		return Target{}
	case tree != nil:
		p.only(m, "url", "method", "headers", "body", "auth")
		return p.treeTarget(m, env)
	case address != nil:
		p.only(m, "tree", "source")
		return p.urlTarget(m, env)
	default:
		p.Fault(m.Node(), "add `tree: GROUP / NAME` or `url: https://...`", "there is no target")
		return Target{}
	}
}

// only tells of keys that belong to the other sort of target.
func (p *definitions) only(m *trees.Mapping, other string, keys ...string) {
	for _, key := range append(keys, other) {
		if at := m.Key(key); at != nil && key != other {
			p.Fault(at, "remove it", "`"+key+":` belongs to a target with `"+other+":`")
		}
	}
}

// treeTarget reads `tree: GROUP / NAME` and `source:`.
func (p *definitions) treeTarget(m *trees.Mapping, env *expression.Env) Target {
	n := m.Get("tree")
	if n == nil {
		return Target{}
	}
	group, name, ok := cutPath(n.Value)
	if n.Kind != yaml.ScalarNode || !ok {
		p.Fault(n, "such as `Submissions > ${ kapp.slug } > ${ form.slug } / Submitted`", "a tree is named by GROUP / NAME")
		return Target{}
	}
	t := &TreeTarget{Group: p.open(n, group, 0, env), Name: p.open(n, name, len(n.Value)-len(name), env)}
	source := trees.DefaultSource
	if p.reader.Space != nil {
		source = p.reader.Space.Source
	}
	t.Source = expression.Literal(source)
	if at := m.Get("source"); at != nil {
		t.Source = p.open(at, at.Value, 0, env)
	}
	return Target{Tree: t}
}

// open compiles a template that everybody may see.
func (p *definitions) open(n *yaml.Node, text string, offset int, env *expression.Env) engine.Expr {
	x := p.template(n, text, offset, env)
	if x, ok := x.(expression.Expr); ok && len(x.Secrets()) > 0 {
		p.FaultWithin(n, offset, len(text), "use secrets in headers or the body of a URL", "a tree's name cannot hold a secret")
	}
	return x
}

// cutPath parts GROUP from NAME at the last ` / ` that stands outside `${ }`.
func cutPath(path string) (group, name string, ok bool) {
	const slash = " / "
	for at := len(path); ; {
		at = strings.LastIndex(path[:at], slash)
		if at < 0 {
			return "", "", false
		}
		if open := strings.LastIndex(path[:at], "${"); open < 0 || strings.Contains(path[open:at], "}") {
			group, name = path[:at], path[at+len(slash):]
			return group, name, strings.TrimSpace(group) != "" && strings.TrimSpace(name) != ""
		}
	}
}

var methods = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet, http.MethodDelete}

func (p *definitions) urlTarget(m *trees.Mapping, env *expression.Env) Target {
	u := &URLTarget{Method: m.Text("method")}
	if n := m.Get("url"); n != nil {
		p.checkURL(n)
		u.URL = p.template(n, n.Value, 0, env)
	}
	if u.Method != "" && !slices.Contains(methods, u.Method) {
		p.Fault(m.Get("method"), "known are "+strings.Join(methods, ", "), "there is no method "+u.Method)
	}
	if n := m.Get("headers"); n != nil {
		u.Headers = p.headers(n, env)
	}
	if n := m.Get("body"); n != nil {
		u.Body = p.body(n, env)
	}
	if n := m.Get("auth"); n != nil {
		u.Auth = p.auth(n)
	}
	return Target{URL: u}
}

// checkURL tells of an address that no value could make good.
func (p *definitions) checkURL(n *yaml.Node) {
	start, _, templated := strings.Cut(n.Value, "${")
	address, err := url.Parse(start)
	switch {
	case templated && start == "":
	case n.Kind != yaml.ScalarNode || err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" && !templated:
		p.Fault(n, "write https://host/path; a tree of this space is a target with `tree:`", "this is no absolute address")
	case address.User != nil:
		p.Fault(n, "use `auth: {kind: basic, key: USER, secret: NAME}`", "an address must not hold a password")
	}
}

func (p *definitions) headers(n *yaml.Node, env *expression.Env) map[string]engine.Expr {
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*MaxHeaders {
		p.Fault(n, "write NAME: value", "`headers:` is a mapping of at most 50 names")
		return nil
	}
	headers := map[string]engine.Expr{}
	for _, pair := range p.Pairs(n) {
		key, value := pair[0], pair[1]
		name := http.CanonicalHeaderKey(key.Value)
		switch {
		case strings.ContainsFunc(name, notToken) || name == "":
			p.Fault(key, "letters, digits and - only", "this is no name of a header")
		case headers[name] != nil:
			p.Fault(key, "remove one of them", "the header "+name+" stands twice")
		case slices.Contains([]string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Upgrade", "Te"}, name):
			p.Fault(key, "remove it", "the header "+name+" is set by the connection")
		case value.Kind != yaml.ScalarNode:
			p.Fault(value, "", "a header is text")
		default:
			headers[name] = p.template(value, value.Value, 0, env)
		}
	}
	return headers
}

func notToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// body compiles a body. A secret inside of JSON could break out of its quotes,
// which nobody sees before it is sent.
func (p *definitions) body(n *yaml.Node, env *expression.Env) engine.Expr {
	x := p.value(n, env)
	if n.Kind != yaml.ScalarNode && len(x.Secrets()) > 0 {
		p.Fault(n, "put it into a header, or write the body as one text", "a body of several members cannot hold a secret")
	}
	return x
}

// value compiles plain YAML with `${ }` in its texts.
func (p *definitions) value(n *yaml.Node, env *expression.Env) expression.Expr {
	switch n.Kind {
	case yaml.MappingNode:
		var keys []string
		var values []expression.Expr
		for _, pair := range p.Pairs(n) {
			keys, values = append(keys, pair[0].Value), append(values, p.value(pair[1], env))
		}
		return expression.Mapping(keys, values)
	case yaml.SequenceNode:
		var items []expression.Expr
		for _, item := range n.Content {
			items = append(items, p.value(item, env))
		}
		return expression.List(items)
	}
	if n.Tag == "!!str" {
		if x, ok := p.template(n, n.Value, 0, env).(expression.Expr); ok {
			return x
		}
		return expression.Literal(nil)
	}
	var plain any
	if err := n.Decode(&plain); err != nil {
		p.Fault(n, "quote it", "this value cannot be read")
	}
	return expression.Literal(plain)
}

// kinds are the ways to sign, each with the keys that it takes besides.
var kinds = map[AuthKind][]string{
	AuthKinetic: {"key", "secret"}, AuthHMAC: {"secret", "header"}, AuthStandard: {"secret"},
	AuthBasic: {"key", "secret"}, AuthBearer: {"secret"},
}

func (p *definitions) auth(n *yaml.Node) Auth {
	m := p.Mapping(n, "`auth:`", "kind", "key", "secret", "header")
	if m == nil {
		return Auth{}
	}
	a := Auth{Kind: AuthKind(m.Text("kind")), Key: m.Text("key"), Secret: m.Text("secret"), Header: m.Text("header")}
	takes, ok := kinds[a.Kind]
	if !ok {
		at := m.Get("kind")
		if at == nil {
			at = n
		}
		p.Fault(at, "known are kinetic, hmac, standard, basic, bearer", "there is no kind of authorization "+string(a.Kind))
		return Auth{}
	}
	for _, key := range []string{"key", "secret", "header"} {
		switch at, wanted := m.Key(key), slices.Contains(takes, key); {
		case at != nil && !wanted:
			p.Fault(at, "remove it", "`"+key+":` says nothing to "+string(a.Kind))
		case at == nil && wanted && key != "header":
			p.Fault(n, "add `"+key+":`", string(a.Kind)+" needs `"+key+":`")
		}
	}
	if s := m.Get("secret"); s != nil && p.reader.Space != nil && !slices.Contains(p.reader.Space.Secrets, a.Secret) {
		p.Fault(s, "declare it under `secrets:` in space.yaml", "there is no secret "+a.Secret)
	}
	return a
}
