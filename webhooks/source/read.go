package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/engine/spelling"
	"hooktree/trees"
	"hooktree/webhooks/event"
)

// The bounds of `sources:`.
const (
	MaxSources   = 200
	maxSecrets   = 10  // of one source
	maxText      = 100 // bytes of a name, a header or a prefix
	maxTolerance = 24 * time.Hour
)

// commonKeys are the keys of every source.
var commonKeys = []string{"kind", "note", "secret", "secrets", "token", "tokens", "open"}

// ReadAll reads `sources:` of space.yaml:
//
//	sources:
//	  repo:    {kind: github, secrets: [GITHUB_HOOK, GITHUB_HOOK_OLD]}  # several while one is changed
//	  billing: {kind: stripe, secret: STRIPE_HOOK, tolerance: 2m}
//	  crm:     {kind: keap, token: KEAP_PATH}                           # ?token= in the address
//	  legacy:
//	    kind: hmac
//	    secret: LEGACY
//	    header: X-Signature
//	    prefix: sha256=
//	    id: header X-Delivery
//	    event: body /type
//
// Known are the platforms that there are besides those of sources: none of
// these may have paths that begin as theirs do. Faults of the file itself are
// told by [trees.ParseSpace]. There are no sources when there is a fault.
func ReadAll(files []trees.File, space *trees.Space, known ...event.Platform) ([]Source, trees.Faults) {
	at := slices.IndexFunc(files, func(f trees.File) bool { return f.Path == trees.SpaceFile })
	if at < 0 {
		return nil, nil
	}
	doc, root := trees.OpenDocument(files[at].Path, files[at].Content)
	if root == nil || root.Kind != yaml.MappingNode || len(doc.Faults()) > 0 {
		return nil, nil
	}
	r := &reader{Document: doc, known: known, titles: map[string]string{}}
	if space != nil {
		r.secrets = space.Secrets
	}
	for _, pair := range doc.Pairs(root) {
		if pair[0].Value == "sources" && pair[1].Kind == yaml.MappingNode {
			r.list(pair[1])
		}
	}
	faults := doc.Faults()
	if len(faults.Fatal()) > 0 {
		return nil, faults
	}
	return r.found, faults
}

// reader reads the sources of one file.
type reader struct {
	*trees.Document

	known   []event.Platform
	secrets []string // names that the space declares
	found   []Source
	titles  map[string]string // title to the platform whose paths begin with it
}

func (p *reader) list(n *yaml.Node) {
	pairs := p.Pairs(n)
	if len(pairs) > MaxSources {
		p.Fault(n, "", fmt.Sprintf("there are more than %d sources", MaxSources))
		return
	}
	for _, pair := range pairs {
		p.read(pair[0], pair[1])
	}
}

// read reads one source: first its kind, which says what else it may hold.
func (p *reader) read(name, n *yaml.Node) {
	if !isName(name.Value) {
		p.Fault(name, "letters, digits, - and _, a letter or digit first", fmt.Sprintf("%q is no name of a source: it stands in an address", name.Value))
		return
	}
	kind, known := p.kind(n)
	if !known {
		return
	}
	of := kinds[kind]
	m := p.Mapping(n, "a source of the kind "+string(kind), slices.Concat(commonKeys, of.keys)...)
	s := Source{Name: name.Value, Kind: kind, Platform: of.platform, Title: of.title, User: m.Text("user"), Key: m.Text("key")}
	s.Secrets = p.names(m, "secret", "secrets")
	s.Tokens = p.names(m, "token", "tokens")
	p.protection(m, &s, of.secrets)
	s.Tolerance = p.tolerance(m)
	p.proof(m, &s)
	p.places(m, &s)
	p.platform(m, &s, name)
	s.Register = p.register(m, kind)
	p.found = append(p.found, s)
}

func isName(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return text != "" && len(text) <= maxText && strings.Trim(text, letters+"-_") == "" && strings.ContainsRune(letters, rune(text[0]))
}

// kind finds the kind of a source, before its other keys can be judged.
func (p *reader) kind(n *yaml.Node) (Kind, bool) {
	if n.Kind != yaml.MappingNode {
		p.Fault(n, "such as {kind: github, secret: NAME}", "a source is a mapping")
		return "", false
	}
	var words []string
	for _, k := range Kinds() {
		words = append(words, string(k))
	}
	for _, pair := range p.Pairs(n) {
		if pair[0].Value != "kind" {
			continue
		}
		_, known := kinds[Kind(pair[1].Value)]
		if !known {
			p.Fault(pair[1], meant(pair[1].Value, words), fmt.Sprintf("there is no kind of source %q", pair[1].Value))
		}
		return Kind(pair[1].Value), known
	}
	p.Fault(n, "add `kind:`, one of "+strings.Join(words, ", "), "the source has no kind")
	return "", false
}

// meant is the hint for an unknown word.
func meant(word string, known []string) string {
	if near := spelling.Nearest(word, known); len(near) > 0 {
		return "did you mean `" + near[0] + "`?"
	}
	return "known are " + strings.Join(known, ", ")
}

// names reads the names of secrets, under a key for one or a key for several.
func (p *reader) names(m *trees.Mapping, one, several string) []string {
	if m.Key(one) != nil && m.Key(several) != nil {
		p.Fault(m.Key(one), "put it into `"+several+":`", fmt.Sprintf("`%s:` and `%s:` say the same", one, several))
	}
	if n := m.Get(one); n != nil {
		if name := m.Text(one); name != "" {
			return p.declared(n, nil)
		}
	}
	n := m.Get(several)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > maxSecrets {
		p.Fault(n, "such as [NEW, OLD]", fmt.Sprintf("`%s:` is a list of 1 to %d names of secrets", several, maxSecrets))
		return nil
	}
	var names []string
	for _, item := range n.Content {
		names = p.declared(item, names)
	}
	return names
}

// declared adds a name that the space declares.
func (p *reader) declared(n *yaml.Node, names []string) []string {
	switch {
	case n.Kind != yaml.ScalarNode:
		p.Fault(n, "write its name, such as GITHUB_HOOK", "this is no name of a secret")
	case !slices.Contains(p.secrets, n.Value):
		hint := "add it to `secrets:`; its value comes from HOOKTREE_SECRET_NAME or a secrets file"
		if near := spelling.Nearest(n.Value, p.secrets); len(near) > 0 {
			hint = "did you mean `" + near[0] + "`?"
		}
		p.Fault(n, hint, fmt.Sprintf("the space declares no secret %q", clip(n.Value)))
	case slices.Contains(names, n.Value):
		p.Fault(n, "remove one of them", "the secret "+n.Value+" stands twice")
	default:
		return append(names, n.Value)
	}
	return names
}

// protection checks that nobody but the provider can send to a source, unless
// an admin wants it so.
func (p *reader) protection(m *trees.Mapping, s *Source, secrets need) {
	open := m.Flag("open")
	signed := m.Key("secret") != nil || m.Key("secrets") != nil
	hidden := m.Key("token") != nil || m.Key("tokens") != nil
	switch {
	case secrets == unused && signed:
		at := m.Key("secret")
		if at == nil {
			at = m.Key("secrets")
		}
		p.Fault(at, "use `token: NAME`: its value becomes ?token= of the address", fmt.Sprintf("a source of the kind %s signs nothing", s.Kind))
	case open && (signed || hidden):
		p.Fault(m.Key("open"), "remove it", "the source is not open: it has a secret or a token")
	case secrets == required && !signed:
		p.Fault(m.Node(), "add `secret: NAME`", fmt.Sprintf("a source of the kind %s needs a secret", s.Kind))
	case secrets != required && !signed && !hidden && !open:
		hint := "add `token: NAME`, whose value becomes ?token= of the address; or `open: true` if everybody may send"
		if secrets == optional {
			hint = "add `secret: NAME`, or " + strings.TrimPrefix(hint, "add ")
		}
		p.Fault(m.Node(), hint, "anybody could send to this source")
	}
}

func (p *reader) tolerance(m *trees.Mapping) time.Duration {
	n := m.Get("tolerance")
	if n == nil {
		return 0
	}
	d, err := engine.ParseDuration(m.Text("tolerance"))
	if err != nil || d <= 0 || d > maxTolerance {
		p.Fault(n, "such as 5m, which is what holds without it", "`tolerance:` is a duration of at most a day")
		return 0
	}
	return d
}

// proof reads how a generic provider proves itself.
func (p *reader) proof(m *trees.Mapping, s *Source) {
	switch s.Kind {
	case HMAC:
		s.Proof = Proof{
			Header: p.header(m, "X-Signature"), Prefix: p.short(m, "prefix"), Algorithm: p.choice(m, "algorithm", algorithmWords),
			Encoding: p.choice(m, "encoding", encodingWords), Signs: p.choice(m, "signs", signsWords),
		}
	case Token:
		s.Proof = Proof{Header: p.header(m, "Authorization"), Prefix: p.short(m, "prefix")}
	case Basic:
		if m.Key("user") == nil {
			p.Fault(m.Node(), "add `user: NAME`", "the source has no user")
		}
		if strings.Contains(s.User, ":") {
			p.Fault(m.Get("user"), "choose another name", "a user's name cannot hold a colon")
		}
	}
}

// header reads the name of the header that holds the proof.
func (p *reader) header(m *trees.Mapping, such string) string {
	n := m.Get("header")
	if n == nil {
		if m.Key("header") == nil {
			p.Fault(m.Node(), "add `header: "+such+"`", "the source does not say which header holds the proof")
		}
		return ""
	}
	name := m.Text("header")
	if !isHeader(name) {
		p.Fault(n, "letters, digits, - and _", fmt.Sprintf("%q is no name of a header", name))
	}
	return name
}

func (p *reader) short(m *trees.Mapping, key string) string {
	text := m.Text(key)
	if len(text) > maxText {
		p.Fault(m.Get(key), "", fmt.Sprintf("`%s:` is longer than %d bytes", key, maxText))
	}
	return text
}

// choice reads one of some words, of which the first is the default.
func (p *reader) choice(m *trees.Mapping, key string, words []string) string {
	n := m.Get(key)
	if n == nil {
		return words[0]
	}
	if text := m.Text(key); slices.Contains(words, text) {
		return text
	}
	p.Fault(n, meant(n.Value, words), fmt.Sprintf("`%s:` is one of %s", key, strings.Join(words, ", ")))
	return words[0]
}

// places reads where the parts of a generic delivery stand.
func (p *reader) places(m *trees.Mapping, s *Source) {
	if !slices.Contains(kinds[s.Kind].keys, "event") {
		return
	}
	s.Event = Place{Fixed: "received"}
	if n := m.Get("event"); n != nil {
		place, err := parsePlace(m.Text("event"))
		if err != nil {
			place = Place{Fixed: m.Text("event")}
		}
		if err != nil && !event.OpenName(place.Fixed) {
			p.Fault(n, "write `header NAME`, `body /member`, or the name itself", "this is neither a place nor a name of an event")
		}
		s.Event = place
	}
	s.ID = p.place(m, "id")
	s.Timestamp = p.place(m, "timestamp")
	if s.Proof.Signs == signsTime && s.Timestamp.Header == "" {
		p.Fault(m.Get("signs"), "add `timestamp: header NAME`", "the source does not say which header holds the signed time")
	}
	if at := m.Key("tolerance"); at != nil && s.Proof.Signs != signsTime {
		p.Fault(at, "remove it, or add `signs: timestamp.body` if the provider signs so", "`tolerance:` says nothing where no time is signed")
	}
}

func (p *reader) place(m *trees.Mapping, key string) Place {
	n := m.Get(key)
	if n == nil {
		return Place{}
	}
	place, err := parsePlace(m.Text(key))
	if err != nil {
		p.Fault(n, "write `header NAME` or `body /member`", fmt.Sprintf("`%s:` is a place of a delivery", key))
	}
	return place
}

// platform says whose events a generic source brings: those of a platform that
// it names, else of one named like itself.
func (p *reader) platform(m *trees.Mapping, s *Source, name *yaml.Node) {
	if !slices.Contains(kinds[s.Kind].keys, "platform") {
		return
	}
	at := name
	s.Platform = s.Name
	if n := m.Get("platform"); n != nil {
		at, s.Platform = n, m.Text("platform")
		if !isName(s.Platform) {
			p.Fault(n, "letters, digits, - and _", "this is no name of a platform")
			return
		}
	}
	s.Title = capital(s.Platform)
	if n := m.Get("title"); n != nil {
		at, s.Title = n, m.Text("title")
		if !event.OpenName(s.Title) || strings.ContainsAny(s.Title, "/") {
			p.Fault(n, "such as Warehouse", "this cannot begin the path of a tree")
			return
		}
	}
	for _, taken := range []string{s.Platform, s.Title} {
		if event.Reserved(taken) {
			p.Fault(at, "name another by `platform:`", taken+" belongs to the built-in types")
			return
		}
	}
	if slices.ContainsFunc(p.known, func(k event.Platform) bool { return k.Name == s.Platform }) {
		return // its paths are what it says
	}
	first, ok := p.titles[s.Title]
	switch {
	case slices.ContainsFunc(p.known, func(k event.Platform) bool { return k.Has(s.Title) }):
		p.Fault(at, "give it another `title:`, or name the platform by `platform:`", "the paths of another platform begin with "+s.Title)
	case !ok && slices.Contains(slices.Collect(maps.Values(p.titles)), s.Platform):
		p.Fault(at, "give both the same `title:`", "another source gives the platform "+s.Platform+" another title")
	case !ok:
		p.titles[s.Title] = s.Platform
	case first != s.Platform:
		p.Fault(at, "give one of them another `title:`", "the paths of the platform "+first+" begin with "+s.Title+" already")
	}
}
