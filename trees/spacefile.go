package trees

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
)

var (
	spaceKeys = []string{
		"slug", "name", "source", "attributes", "kapps", "datastore", "secrets", "egress", "sources", "dialects", "retention",
	}
	kappKeys = []string{"attributes", "forms"}
	formKeys = []string{"attributes", "fields"}
)

// fieldTypes are the words for the types of fields.
var fieldTypes = map[string]engine.Type{
	"text":     textType,
	"number":   {Kind: engine.KindNumber},
	"integer":  {Kind: engine.KindInteger},
	"boolean":  {Kind: engine.KindBool},
	"date":     textType, // as the platform sends it: 2026-01-31
	"datetime": textType, // 2026-01-31T12:00:00Z
	"time":     textType, // 12:00
	"list":     {Kind: engine.KindList},
	"map":      {Kind: engine.KindMap},
	"any":      anyType,
}

// ParseSpace reads space.yaml. The space is nil when there is a fault.
func ParseSpace(file string, src []byte) (*Space, Faults) {
	p := &spaceParser{newSource(file, src)}
	space := p.parse()
	if p.failed() {
		return nil, p.result()
	}
	return space, p.result()
}

type spaceParser struct{ *source }

var (
	slugForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
	secretForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
)

func (p *spaceParser) parse() *Space {
	root := p.read()
	if root == nil {
		return nil
	}
	m, ok := p.mapping(root, "a space", spaceKeys)
	if !ok {
		return nil
	}
	space := &Space{Slug: m.text("slug")}
	if !m.has("slug") {
		p.fault(p.at(root), "add `slug: NAME`", "the space has no slug")
	} else if n := m.vals["slug"]; !p.broken[n] {
		p.slug(n)
	}
	space.Name = orElse(m.text("name"), space.Slug)
	space.Source = orElse(m.text("source"), DefaultSource)
	space.Attributes = p.attributes(m)
	space.Kapps = eachOf(p, m.vals["kapps"], "`kapps:`", p.kapp)
	space.Datastore = eachOf(p, m.vals["datastore"], "`datastore:`", p.form)
	space.Secrets = p.secrets(m)
	space.Egress.Allow = p.allow(m)
	space.Sources = p.raw(m, "sources")
	p.raw(m, "dialects") // their rooms read the file again
	space.Retention = p.retention(m)
	return space
}

func (p *spaceParser) slug(n *yaml.Node) {
	if !slugForm.MatchString(n.Value) {
		p.fault(p.at(n), "letters, digits, - and _", "%q is no slug", n.Value)
	}
}

// empty reports whether there is nothing to read: an absent key, or one without
// a value.
func (p *spaceParser) empty(n *yaml.Node) bool {
	return n == nil || p.broken[n] || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// eachOf reads a mapping of slugs.
func eachOf[T any](p *spaceParser, n *yaml.Node, what string, read func(*yaml.Node) T) map[string]T {
	out := make(map[string]T)
	if p.empty(n) {
		return out
	}
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "", "%s is a mapping of slugs", what)
		return out
	}
	for _, pair := range p.pairs(n) {
		p.slug(pair[0])
		out[pair[0].Value] = read(pair[1])
	}
	return out
}

func (p *spaceParser) kapp(n *yaml.Node) Kapp {
	var kapp Kapp
	if p.empty(n) {
		return kapp
	}
	if m, ok := p.mapping(n, "a kapp", kappKeys); ok {
		kapp.Attributes = p.attributes(m)
		kapp.Forms = eachOf(p, m.vals["forms"], "`forms:`", p.form)
	}
	return kapp
}

func (p *spaceParser) form(n *yaml.Node) Form {
	var form Form
	if p.empty(n) {
		return form
	}
	if m, ok := p.mapping(n, "a form", formKeys); ok {
		form.Attributes = p.attributes(m)
		form.Fields = p.fields(m)
	}
	return form
}

// fields reads the declared fields of a form; nil when it declares none.
func (p *spaceParser) fields(m *mapping) map[string]engine.Type {
	n := m.vals["fields"]
	if p.empty(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "", "`fields:` is a mapping of names to types")
		return nil
	}
	fields := make(map[string]engine.Type)
	for _, pair := range p.pairs(n) {
		name, typ := pair[0].Value, pair[1]
		fields[name] = anyType
		if p.empty(typ) {
			continue
		}
		t, ok := fieldTypes[typ.Value]
		if !ok || typ.Kind != yaml.ScalarNode {
			p.fault(p.at(typ), suggest(typ.Value, sortedKeys(fieldTypes)), "field %q has the unknown type %q", name, typ.Value)
			continue
		}
		fields[name] = t
	}
	return fields
}

// attributes reads attributes: each a text or a list of texts.
func (p *spaceParser) attributes(m *mapping) Attributes {
	out := make(Attributes)
	n := m.vals["attributes"]
	if p.empty(n) {
		return out
	}
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "", "`attributes:` is a mapping of names to texts, or to lists of them")
		return out
	}
	for _, pair := range p.pairs(n) {
		name, value := pair[0].Value, pair[1]
		switch {
		case p.empty(value):
			out[name] = []string{}
		case value.Kind == yaml.ScalarNode:
			out[name] = []string{value.Value}
		default:
			out[name] = p.texts(value, "attribute `"+name+"`")
		}
	}
	return out
}

// texts reads a list of texts.
func (p *spaceParser) texts(n *yaml.Node, what string) []string {
	var out []string
	if n.Kind != yaml.SequenceNode {
		p.fault(p.at(n), "", "%s is a list of texts", what)
		return nil
	}
	for _, item := range n.Content {
		switch {
		case p.broken[item]:
		case item.Kind != yaml.ScalarNode || item.Tag == "!!null":
			p.fault(p.at(item), "", "%s is a list of texts", what)
		default:
			out = append(out, item.Value)
		}
	}
	return out
}

// secrets reads the names of secrets, never their values.
func (p *spaceParser) secrets(m *mapping) []string {
	n := m.vals["secrets"]
	if p.empty(n) {
		return nil
	}
	if n.Kind == yaml.MappingNode {
		p.fault(p.at(n), "write `secrets: [NAME]`; values come from HOOKTREE_SECRET_NAME or a secrets file", "`secrets:` lists names, never values")
		return nil
	}
	names := p.texts(n, "`secrets:`")
	for _, item := range n.Content {
		if item.Kind == yaml.ScalarNode && !p.broken[item] && !secretForm.MatchString(item.Value) {
			p.fault(p.at(item), "capitals, digits and _, a letter first", "%q is no name of a secret", item.Value)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// allow reads the networks that the address guard lets through.
func (p *spaceParser) allow(m *mapping) []netip.Prefix {
	n := m.vals["egress"]
	if p.empty(n) {
		return nil
	}
	egress, ok := p.mapping(n, "`egress:`", []string{"allow"})
	if !ok || p.empty(egress.vals["allow"]) {
		return nil
	}
	list := egress.vals["allow"]
	if list.Kind != yaml.SequenceNode {
		p.fault(p.at(list), "", "`allow:` is a list of networks")
		return nil
	}
	var out []netip.Prefix
	for _, item := range list.Content {
		prefix, err := netip.ParsePrefix(item.Value)
		if addr, failed := netip.ParseAddr(item.Value); failed == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			p.fault(p.at(item), "write an address or a network, such as 10.0.0.0/8", "%q is no network", item.Value)
			continue
		}
		out = append(out, prefix.Masked())
	}
	return out
}

// raw reads a mapping of names that is other rooms' business, as it is written.
func (p *spaceParser) raw(m *mapping, key string) map[string]any {
	n := m.vals[key]
	if p.empty(n) {
		return map[string]any{}
	}
	out := make(map[string]any)
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "", "`%s:` is a mapping of names", key)
		return out
	}
	if p.failed() {
		return out // what is told of already would make decoding fail again
	}
	if err := n.Decode(&out); err != nil {
		p.fault(p.at(n), "", "`%s:` cannot be read: %v", key, err)
	}
	return out
}

// retention reads what is kept.
func (p *spaceParser) retention(m *mapping) Retention {
	n := m.vals["retention"]
	if p.empty(n) {
		return Retention{}
	}
	r, ok := p.mapping(n, "`retention:`", []string{"age", "size"})
	if !ok {
		return Retention{}
	}
	kept := Retention{Age: r.duration("age")}
	if size := r.get("size"); size != nil {
		kept.Bytes = p.size(size)
	}
	return kept
}

var sizeForm = regexp.MustCompile(`^([0-9]{1,6}) ?(MB|GB|TB)$`)

func (p *spaceParser) size(n *yaml.Node) int64 {
	match := sizeForm.FindStringSubmatch(strings.TrimSpace(n.Value))
	if match == nil {
		p.fault(p.at(n), "write a whole number and MB, GB or TB, such as 10GB", "`size:` is an amount of storage")
		return 0
	}
	count, _ := strconv.ParseInt(match[1], 10, 64) // six digits always fit
	return count * map[string]int64{"MB": 1e6, "GB": 1e9, "TB": 1e12}[match[2]]
}
