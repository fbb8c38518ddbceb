package webhooks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks/event"
)

// File is the file of a space that holds its webhooks.
const File = "webhooks.yaml"

// Reader reads definitions in our own form: the file of a space, and what the
// API is sent.
type Reader struct {
	Catalogue *event.Catalogue
	Space     *trees.Space // for fields and secrets; nil declares none
}

// The keys of a definition. One with a single target may hold its keys itself.
var (
	targetKeys     = []string{"tree", "source", "url", "method", "headers", "body", "auth"}
	definitionKeys = append([]string{"name", "note", "type", "event", "path", "kapp", "form", "filter", "active", "targets"}, targetKeys...)
)

// ReadFile reads webhooks.yaml:
//
//	webhooks:
//	  - name: Tell procurement
//	    type: Submission
//	    event: Submitted
//	    kapp: services              # only this kapp's events
//	    form: laptop-request        # only this form's
//	    filter: values.Quantity > 10
//	    targets:
//	      - tree: Purchases > ${ kapp.slug } / ${ form.slug }
//	      - url: https://procurement.example.com/hooks
//	        headers: {Authorization: "Bearer ${ secret('PROCUREMENT') }"}
//	        auth: {kind: hmac, secret: PROCUREMENT_SIGNING}
//	  - name: Mirror people
//	    path: Datastore Submissions > people / Updated   # in place of type, event, kapp and form
//	    url: https://directory.example.com/people
//	    active: false
//
// There are no webhooks when there is a fault.
func (r Reader) ReadFile(name string, content []byte) ([]Webhook, trees.Faults) {
	doc, root := trees.OpenDocument(name, content)
	p := &definitions{Document: doc, reader: r}
	if root != nil {
		if top := doc.Mapping(root, "the file", "webhooks"); top != nil {
			p.list(top)
		}
	}
	return p.result("file")
}

// Read reads one definition as the API is sent it, in JSON or YAML.
func (r Reader) Read(content []byte) (Webhook, trees.Faults) {
	doc, root := trees.OpenDocument("webhook", indented(content))
	p := &definitions{Document: doc, reader: r}
	if root != nil {
		p.read(root)
	}
	found, faults := p.result("api")
	if len(found) == 0 {
		return Webhook{}, faults
	}
	return found[0], faults
}

// indented lays JSON out in lines, so that faults can point into them. What is
// not JSON stays as it is.
func indented(content []byte) []byte {
	v, fault := event.Decode(content)
	if fault != nil {
		return content
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return content
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// definitions is a document with what was read from it.
type definitions struct {
	*trees.Document
	reader Reader
	found  []Webhook
}

func (p *definitions) result(origin string) ([]Webhook, trees.Faults) {
	faults := p.Faults()
	if len(faults.Fatal()) > 0 {
		return nil, faults
	}
	for i := range p.found {
		p.found[i].Origin = origin
	}
	return p.found, faults
}

func (p *definitions) list(top *trees.Mapping) {
	n := top.Get("webhooks")
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		p.Fault(n, "write `- name: ...` below it", "`webhooks:` is a list")
		return
	}
	if len(n.Content) > MaxWebhooks {
		p.Fault(n, "", "there are more webhooks than a space may have")
		return
	}
	names := map[[2]string]bool{}
	for _, item := range n.Content {
		w, at := p.read(item)
		key := [2]string{w.Kapp, w.Name}
		if at != nil && w.Name != "" && names[key] {
			p.Fault(at, "rename one of them", "two webhooks are named "+w.Name+" in "+w.place())
		}
		names[key] = true
	}
}

// read reads one definition and gives the node of its name.
func (p *definitions) read(n *yaml.Node) (Webhook, *yaml.Node) {
	m := p.Mapping(n, "a webhook", definitionKeys...)
	if m == nil {
		return Webhook{}, nil
	}
	w := Webhook{Name: m.Text("name"), Kapp: m.Text("kapp"), Form: m.Text("form")}
	switch {
	case m.Key("name") == nil:
		p.Fault(n, "add `name:`", "the webhook has no name")
	case len(w.Name) > MaxName:
		p.Fault(m.Get("name"), "", "the name is longer than 255 bytes")
	}
	if m.Key("active") != nil {
		w.Inactive = !m.Flag("active")
	}
	kind := p.kind(m, &w)
	env := p.environment(kind, w)
	if f := m.Get("filter"); f != nil {
		w.Filter = p.condition(f, env)
	}
	w.Targets = p.targets(m, env)
	p.seal(n, &w)
	p.found = append(p.found, w)
	return w, m.Get("name")
}

// kind finds what a definition is about, by type and event or by path.
func (p *definitions) kind(m *trees.Mapping, w *Webhook) *event.Kind {
	if path := m.Get("path"); path != nil {
		return p.kindOfPath(m, path, w)
	}
	typ, action := m.Text("type"), m.Text("event")
	if typ == "" || action == "" {
		p.Fault(m.Node(), "add `type:` and `event:`, or `path:`", "the webhook does not say which events it wants")
		return nil
	}
	kind, fault := p.reader.Catalogue.Find(typ, action)
	if fault != nil {
		at := m.Get("event")
		if fault.Code == event.CodeUnknownType {
			at = m.Get("type")
		}
		p.Fault(at, fault.Hint, fault.Text)
		return nil
	}
	p.checkScope(m, kind)
	w.Type, w.Action = kind.Type, kind.Action
	return kind
}

func (p *definitions) kindOfPath(m *trees.Mapping, n *yaml.Node, w *Webhook) *event.Kind {
	for _, key := range []string{"type", "event", "kapp", "form"} {
		if at := m.Key(key); at != nil {
			p.Fault(at, "remove it", "`"+key+":` stands in the path already")
		}
	}
	group, name, ok := cutPath(n.Value)
	path := event.Path{Group: group, Name: name}
	kind, scope := p.reader.Catalogue.KindAt(path)
	if !ok || kind == nil {
		hint := "write it as in the catalogue, such as `Submissions > services > laptop-request / Submitted`"
		if near := p.reader.Catalogue.Near(path); len(near) > 0 {
			hint = "did you mean `" + near[0] + "`?"
		}
		p.Fault(n, hint, "no event has this path")
		return nil
	}
	w.Type, w.Action, w.Kapp, w.Form = kind.Type, kind.Action, scope.Kapp, scope.Form
	return kind
}

// checkScope tells of a kapp or form that no event of the kind has.
func (p *definitions) checkScope(m *trees.Mapping, kind *event.Kind) {
	levels := map[string][]event.Level{
		"kapp": {event.LevelKapp, event.LevelForm},
		"form": {event.LevelForm, event.LevelDatastore},
	}
	for _, key := range []string{"kapp", "form"} {
		if m.Key(key) != nil && !slices.Contains(levels[key], kind.Level) {
			p.Fault(m.Key(key), "remove it", kind.Full()+" does not happen in a "+key)
		}
	}
}

// environment declares what the expressions of a webhook may read.
func (p *definitions) environment(kind *event.Kind, w Webhook) *expression.Env {
	env := &expression.Env{}
	if p.reader.Space != nil {
		env.Secrets = p.reader.Space.Secrets
	}
	if kind == nil {
		env.Names, _ = p.reader.Catalogue.Names(event.Path{}, nil)
		return env
	}
	var fields map[string]engine.Type
	if p.reader.Space != nil && w.Form != "" {
		form := p.reader.Space.Kapps[w.Kapp].Forms[w.Form]
		if kind.Level == event.LevelDatastore {
			form = p.reader.Space.Datastore[w.Form]
		}
		fields = form.Fields
	}
	env.Names = kind.With(fields)
	if env.Names["values"].Kind == engine.KindRecord {
		env.Answers = []string{"values"}
	}
	return env
}

// seal keeps the definition as canonical JSON, and its hash.
func (p *definitions) seal(n *yaml.Node, w *Webhook) {
	var plain map[string]any
	if err := n.Decode(&plain); err != nil {
		p.Fault(n, "", "the webhook cannot be read: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	source, err := json.Marshal(plain)
	if err != nil {
		p.Fault(n, "quote keys that are no text", "the webhook cannot be written as JSON: "+err.Error())
		return
	}
	sum := sha256.Sum256(source)
	w.Source, w.Hash = string(source), hex.EncodeToString(sum[:])
}
