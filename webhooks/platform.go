package webhooks

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks/event"
)

// EventFolder is the folder of a space that holds its own event types.
const EventFolder = "events/"

// The bounds of own event types.
const (
	MaxPlatforms = 100 // files in events/
	MaxOwnEvents = 500 // in one file
)

// The keys of a file in events/.
var (
	platformKeys = []string{"platform", "title", "note", "events"}
	ownKeys      = []string{"name", "path", "note", "entity", "fields", "sample"}
)

// ReadPlatforms reads the files of events/, each the own event types of one
// platform:
//
//	platform: warehouse                  # event.platform of the payload
//	title: Warehouse                     # begins its paths; by default the platform with a capital
//	note: Stock movements
//	events:
//	  - name: StockLow                   # event.name of the payload
//	    path: Warehouse > stock / StockLow  # by default TITLE / NAME
//	    note: Fewer pieces are left than ordered in a week
//	    entity: sku                      # the member of data that says what it happened to
//	    fields: {sku: text, left: integer}  # members of data; without it any may come
//	    sample: {sku: A-1, left: 3}      # of data
//
// None may have the name of a built-in platform, or paths that begin as those
// of one do. There are no platforms when there is a fault.
func ReadPlatforms(files []trees.File, builtIn ...event.Platform) ([]event.Platform, trees.Faults) {
	r := &platforms{builtIn: builtIn, names: map[string]string{}, paths: map[event.Path]string{}}
	var faults trees.Faults
	for _, f := range files {
		if !strings.HasPrefix(f.Path, EventFolder) {
			continue
		}
		doc, root := trees.OpenDocument(f.Path, f.Content)
		r.Document, r.file = doc, f.Path
		switch {
		case len(r.found) == MaxPlatforms:
			doc.Fault(root, "join some of them", fmt.Sprintf("there are more than %d platforms", MaxPlatforms))
		case root != nil:
			r.read(root)
		}
		faults = append(faults, doc.Faults()...)
	}
	if len(faults.Fatal()) > 0 {
		return nil, faults
	}
	return r.found, faults
}

// platforms reads files one after the other, and remembers what is taken.
type platforms struct {
	*trees.Document
	builtIn []event.Platform
	file    string
	found   []event.Platform
	names   map[string]string     // platform to its file
	paths   map[event.Path]string // path to its file
}

// reserved reports whether a name, or the first segment of a path, belongs to
// what is built in.
func (r *platforms) reserved(name string) bool {
	return event.Reserved(name) || slices.ContainsFunc(r.builtIn, func(p event.Platform) bool { return p.Has(name) })
}

func (r *platforms) read(root *yaml.Node) {
	m := r.Mapping(root, "the file", platformKeys...)
	if m == nil {
		return
	}
	p := event.Platform{Name: m.Text("platform")}
	title := m.Text("title")
	switch first := r.names[p.Name]; {
	case m.Key("platform") == nil:
		r.Fault(root, "add `platform: NAME`", "the platform has no name")
		return
	case p.Name == "" || strings.ContainsFunc(p.Name, notSlug) || len(p.Name) > event.MaxName:
		r.Fault(m.Get("platform"), "letters, digits, - and _", "this is no name of a platform")
	case r.reserved(p.Name):
		r.Fault(m.Get("platform"), "choose another name", p.Name+" belongs to a built-in platform or type")
	case first != "":
		r.Fault(m.Get("platform"), "put its events into one file", "the platform "+p.Name+" stands in "+first+" already")
	}
	r.names[p.Name] = r.file
	if title == "" {
		first, size := utf8.DecodeRuneInString(p.Name)
		title = string(unicode.ToUpper(first)) + p.Name[size:]
	}
	list := m.Get("events")
	if list == nil || list.Kind != yaml.SequenceNode || len(list.Content) > MaxOwnEvents {
		r.Fault(root, "add `events:` with `- name: ...` below it", fmt.Sprintf("`events:` is a list of at most %d events", MaxOwnEvents))
		return
	}
	for _, item := range list.Content {
		if k := r.event(item, p, title); k != nil {
			p.Kinds = append(p.Kinds, k)
		}
	}
	r.found = append(r.found, p)
}

func notSlug(r rune) bool {
	return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func (r *platforms) event(n *yaml.Node, p event.Platform, title string) *event.Kind {
	m := r.Mapping(n, "an event", ownKeys...)
	if m == nil {
		return nil
	}
	name := m.Text("name")
	if name == "" {
		r.Fault(n, "add `name:`, as the payload's event.name spells it", "the event has no name")
		return nil
	}
	if slices.ContainsFunc(p.Kinds, func(k *event.Kind) bool { return k.Action == name }) {
		r.Fault(m.Get("name"), "remove one of them", "the event "+name+" stands twice")
	}
	path := r.path(m, event.Path{Group: title, Name: name})
	fields := m.Fields()
	entity := m.Text("entity")
	if _, declared := fields[entity]; entity != "" && fields != nil && !declared {
		r.Fault(m.Get("entity"), "add it under `fields:`", "data has no member "+entity)
	}
	k := event.Own(p.Name, name, path, fields, entity)
	k.Note = m.Text("note")
	if s := m.Get("sample"); s != nil {
		k.Sample = r.sample(s, fields)
	}
	return k
}

// path reads where the trees of an event stand, or takes the default.
func (r *platforms) path(m *trees.Mapping, path event.Path) event.Path {
	at := m.Get("path")
	if at != nil {
		group, name, ok := cutPath(at.Value)
		if !ok || strings.Contains(at.Value, "${") || strings.Contains(at.Value, "[") {
			r.Fault(at, "such as `Warehouse > stock / StockLow`", "a path is GROUP / NAME")
			return path
		}
		path = event.Path{Group: group, Name: name}
	} else {
		at = m.Get("name")
	}
	first, _, _ := strings.Cut(path.Group, " > ")
	if r.reserved(first) {
		r.Fault(at, "begin it with the platform's title", "paths that begin with "+first+" belong to a built-in platform or type")
	}
	if file := r.paths[path]; file != "" {
		r.Fault(at, "give each event its own path", "the path "+path.String()+" stands in "+file+" already")
	}
	r.paths[path] = r.file
	return path
}

// sample reads the example of an event's data and holds it against the
// declared fields.
func (r *platforms) sample(n *yaml.Node, fields map[string]engine.Type) map[string]any {
	var sample map[string]any
	if n.Kind != yaml.MappingNode || n.Decode(&sample) != nil {
		r.Fault(n, "", "`sample:` is a mapping, as data is")
		return nil
	}
	for _, pair := range r.Pairs(n) {
		if _, declared := fields[pair[0].Value]; fields != nil && !declared {
			r.Fault(pair[0], "add it under `fields:`", "data has no member "+pair[0].Value)
		}
	}
	return sample
}
