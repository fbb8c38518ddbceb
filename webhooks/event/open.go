package event

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"hooktree/engine"
)

// MaxOpenName is how many bytes the name of an open platform's event may have.
const MaxOpenName = 100

// Open says how the events of a platform are known that lists none, such as
// those of a code host. Every well-formed name is one: parts of letters,
// digits, blanks, - and _ between dots, colons and slashes.
//
// A name's slashes are levels of its group, and its dots narrow it, so that
// with the title `Shop` the event `orders/create.draft` fires the tree
// `Shop > orders / create.draft`, or else `Shop > orders / create`. A webhook
// that wants `orders/create` gets it too.
type Open struct {
	Title  string     // begins the paths of its events
	Entity [][]string // members of data that say what it happened to, the first present one counts
	// Example is the name of an event as the platform sends it; empty for none
	// that is known.
	Example string
}

// opened is an open platform in a catalogue. Kinds are made when they are asked
// for and not kept: their names are a stranger's.
type opened struct {
	platform, title string
	example         string
	entity          [][]string
	names           map[string]engine.Type
}

func (o *Open) opened(platform string) *opened {
	made := &opened{platform: platform, title: o.Title, example: o.Example, names: map[string]engine.Type{"data": {Kind: engine.KindAny}}}
	for _, member := range []string{"event", "space", "identity"} {
		made.names[member] = members()[member]
	}
	for _, path := range o.Entity {
		made.entity = append(made.entity, append([]string{"data"}, path...))
	}
	return made
}

// OpenPlatform is an open platform, to whoever asks what can happen.
type OpenPlatform struct {
	Name    string
	Title   string // begins the paths of its events
	Level   Level
	Example *Kind // nil where no name is known
}

// OpenPlatforms lists the open platforms, by name.
func (c *Catalogue) OpenPlatforms() []OpenPlatform {
	var all []OpenPlatform
	for _, name := range slices.Sorted(maps.Keys(c.open)) {
		o := c.open[name]
		p := OpenPlatform{Name: name, Title: o.title, Level: LevelSpace}
		if OpenName(o.example) {
			p.Example = o.kind(o.example)
		}
		all = append(all, p)
	}
	return all
}

// find gives the kind of a name.
func (o *opened) find(name string) (*Kind, *Fault) {
	if !OpenName(name) {
		fault := unknown(CodeUnknownName, "name", name, "of platform "+o.platform, nil)
		fault.Hint = "a name is at most 100 letters, digits, blanks, - and _, with single dots, colons and slashes between them"
		return nil, fault
	}
	return o.kind(name), nil
}

// kind makes the kind of a well-formed name.
func (o *opened) kind(name string) *Kind {
	group, last := o.title, name
	above := ""
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		above, last = name[:at+1], name[at+1:]
		group += separator + strings.ReplaceAll(name[:at], "/", separator)
	}
	k := &Kind{
		Platform: o.platform, Type: o.platform, Action: name, Level: LevelSpace,
		Names: o.names, entity: o.entity, objects: openObjects,
	}
	rung := Rung{Group: group, Names: []string{last}}
	for at := strings.LastIndexByte(last, '.'); at > 0; at = strings.LastIndexByte(last[:at], '.') {
		rung.Names = append(rung.Names, last[:at])
		k.wider = append(k.wider, above+last[:at])
	}
	k.Ladder = []Rung{rung}
	return k
}

// openObjects are the members that must hold an object; data may be anything.
var openObjects = []string{"event", "identity", "space"}

// OpenName reports whether text can be the name of an open platform's event.
func OpenName(text string) bool {
	if len(text) > MaxOpenName {
		return false
	}
	between := func(r rune) bool { return r == '.' || r == ':' || r == '/' }
	for part := range strings.FieldsFuncSeq(text, between) {
		if part != strings.TrimSpace(part) || strings.ContainsFunc(part, foreign) {
			return false
		}
	}
	// Each part stands between two single marks: no mark begins, ends or
	// repeats.
	last := '.'
	for _, r := range text {
		if between(r) && between(last) {
			return false
		}
		last = r
	}
	return !between(last)
}

func foreign(r rune) bool {
	return r != '-' && r != '_' && r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// openAt gives the kind of an open platform whose own path this is, and whether
// the path is one of an open platform at all.
func (c *Catalogue) openAt(path Path) (*Kind, bool) {
	first := head(path.Group)
	for _, platform := range slices.Sorted(maps.Keys(c.open)) {
		o := c.open[platform]
		if o.title != first {
			continue
		}
		name := path.Name
		if path.Group != first {
			name = strings.ReplaceAll(path.Group[len(first)+len(separator):], separator, "/") + "/" + name
		}
		if strings.Count(name, "/") != strings.Count(path.Group, separator) || !OpenName(name) {
			return nil, true
		}
		return o.kind(name), true
	}
	return nil, false
}
