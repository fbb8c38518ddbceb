package subscription

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/engine/spelling"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks/event"
)

// Setup is what space.yaml says of a dialect, checked.
type Setup struct {
	Settings Settings
	Visible  engine.Expr // nil lets everybody see all
}

// Defaults are the settings of a space that says nothing of the dialect.
func (d *Dialect) Defaults() Settings {
	settings := make(Settings, len(d.Options))
	for _, o := range d.Options {
		settings[o.Name] = o.Default
	}
	return settings
}

// maxSetting is how many bytes a text may have.
const maxSetting = 1 << 10

const day = 24 * time.Hour

// ReadSetups reads `dialects:` of space.yaml:
//
//	dialects:
//	  keap: {window: 30s}
//	  accelo:
//	    visible: user.id == data.owner_id   # which events an owner may see
//
// Faults of the file itself are told by [trees.ParseSpace]. What cannot be read
// may have held a rule, and so may a file that was left out for a fault of it:
// then every dialect has its defaults, and a rule that shows nobody anything.
func ReadSetups(files []trees.File, dialects []Dialect, catalogue *event.Catalogue) (map[string]Setup, trees.Faults) {
	at := slices.IndexFunc(files, func(f trees.File) bool { return f.Path == trees.SpaceFile })
	if at < 0 {
		return closed(dialects, errors.New("there is no space.yaml that can be read")), nil
	}
	doc, root := trees.OpenDocument(files[at].Path, files[at].Content)
	if root == nil || root.Kind != yaml.MappingNode || len(doc.Faults()) > 0 {
		return closed(dialects, errors.New("space.yaml cannot be read")), nil
	}
	r := &setupReader{Document: doc, dialects: dialects, catalogue: catalogue, found: map[string]Setup{}}
	for _, pair := range doc.Pairs(root) {
		switch {
		case pair[0].Value != "dialects" || pair[1].Tag == "!!null":
		case pair[1].Kind != yaml.MappingNode: // which the file's reader tells
			return closed(dialects, errors.New("`dialects:` of space.yaml is no list of names")), doc.Faults()
		default:
			r.list(pair[1])
		}
	}
	faults := doc.Faults()
	if fatal := faults.Fatal(); len(fatal) > 0 {
		return closed(dialects, fmt.Errorf("`dialects:` of space.yaml cannot be read: %w", fatal)), faults
	}
	return r.found, faults
}

// closed are setups by which nobody sees anything.
func closed(dialects []Dialect, why error) map[string]Setup {
	all := make(map[string]Setup, len(dialects))
	for i := range dialects {
		all[dialects[i].Name] = Setup{Settings: dialects[i].Defaults(), Visible: broken{"visible", why}}
	}
	return all
}

// setupReader reads the settings of one file.
type setupReader struct {
	*trees.Document

	dialects  []Dialect
	catalogue *event.Catalogue
	found     map[string]Setup
}

func (r *setupReader) list(n *yaml.Node) {
	names := make([]string, len(r.dialects))
	for i, d := range r.dialects {
		names[i] = d.Name
	}
	for _, pair := range r.Pairs(n) {
		at := slices.Index(names, pair[0].Value)
		if at < 0 {
			r.Fault(pair[0], nearest(pair[0].Value, names), fmt.Sprintf("there is no dialect %q", pair[0].Value))
			continue
		}
		r.found[pair[0].Value] = r.setup(&r.dialects[at], pair[1])
	}
}

// nearest is a hint for a name that is unknown.
func nearest(name string, known []string) string {
	if near := spelling.Nearest(name, known); len(near) > 0 {
		return "did you mean " + near[0] + "?"
	}
	return "known are " + strings.Join(known, ", ")
}

func (r *setupReader) setup(d *Dialect, n *yaml.Node) Setup {
	s := Setup{Settings: d.Defaults()}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return s
	}
	keys := []string{Visible}
	for _, o := range d.Options {
		keys = append(keys, o.Name)
	}
	m := r.Mapping(n, "`"+d.Name+":`", keys...)
	if m == nil {
		return s
	}
	told := len(r.Faults())
	for _, o := range d.Options {
		if at := m.Get(o.Name); at != nil {
			s.Settings[o.Name] = r.option(o, at, m.Text(o.Name))
		}
	}
	// A rule may read what the dialect offers under these settings, if they are
	// good.
	if at := m.Get(Visible); at != nil && len(r.Faults()) == told {
		s.Visible = r.visible(at, d.New(s.Settings))
	}
	return s
}

// option checks one setting.
func (r *setupReader) option(o Option, n *yaml.Node, text string) string {
	switch o.Kind {
	case ChoiceOption:
		if !slices.Contains(o.Choices, text) {
			r.Fault(n, nearest(text, o.Choices), fmt.Sprintf("`%s:` is one of %s", o.Name, strings.Join(o.Choices, ", ")))
		}
	case DurationOption:
		longest := cmp.Or(o.Longest, day)
		if d, err := engine.ParseDuration(text); err != nil || d < 0 || d > longest {
			r.Fault(n, "write a number and a unit, such as "+o.Default, fmt.Sprintf("`%s:` is a duration of at most %s", o.Name, span(longest)))
		}
	case NumberOption:
		if number, err := strconv.Atoi(text); err != nil || number < o.Range[0] || number > o.Range[1] {
			r.Fault(n, "such as "+o.Default, fmt.Sprintf("`%s:` is a whole number from %d to %d", o.Name, o.Range[0], o.Range[1]))
		}
	case URIOption:
		if u, err := url.Parse(text); err != nil || !u.IsAbs() || u.Host+u.Opaque == "" || len(text) > maxSetting {
			r.Fault(n, "such as "+o.Default, fmt.Sprintf("`%s:` is a URI in full, of at most %d bytes", o.Name, maxSetting))
		}
	case ZoneOption:
		if _, err := Zone(text); err != nil {
			r.Fault(n, "write its name, such as Pacific/Auckland or UTC", "`"+o.Name+":` is no time zone")
		}
	case TextOption:
		if len(text) > maxSetting {
			r.Fault(n, "", fmt.Sprintf("`%s:` is a text of at most %d bytes", o.Name, maxSetting))
		}
	}
	return text
}

// span says a bound in its largest whole unit.
func span(d time.Duration) string {
	switch {
	case d == day:
		return "a day"
	case d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	default:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
}

// visible compiles the rule that says which events an owner may see.
func (r *setupReader) visible(n *yaml.Node, p Protocol) engine.Expr {
	if n.Kind != yaml.ScalarNode {
		r.Fault(n, "quote the whole expression", "`"+Visible+":` is an expression")
		return nil
	}
	names, optional := r.names(p.Offers(r.catalogue))
	x, err := expression.Compile(n.Value, &expression.Env{Names: names, Optional: optional}, engine.KindBool)
	if err == nil {
		return x
	}
	var faults expression.Faults
	if !errors.As(err, &faults) {
		r.Fault(n, "", err.Error())
	}
	for _, f := range faults {
		r.FaultWithin(n, f.Offset, f.Length, f.Hint, f.Message)
	}
	return nil
}

// names declares what a rule may read: the owner, and what any of the events
// has. A name that only some of them have is nothing in the others; a member
// that an event lacks makes the rule fail for it, which hides it.
func (r *setupReader) names(offers []Offer) (names map[string]engine.Type, optional []string) {
	names = map[string]engine.Type{}
	for _, o := range offers {
		kind, fault := r.catalogue.Find(o.Type, o.Action)
		if fault != nil {
			continue
		}
		for name, t := range kind.Names {
			if known, ok := names[name]; ok && !reflect.DeepEqual(known, t) {
				t = engine.Type{Kind: engine.KindMap}
			}
			names[name] = t
		}
	}
	for name := range names {
		optional = append(optional, name)
	}
	slices.Sort(optional)
	names[User] = engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{
		"id": {Kind: engine.KindInteger}, "name": {Kind: engine.KindText}, "email": {Kind: engine.KindText},
	}}
	return names, optional
}

// User is the name under which a rule of visibility reads the owner.
const User = "user"

// Seen is an owner as a rule of visibility reads it. What is not known of one is
// not there: a rule that asks for it fails, which hides the event, where a zero
// would be the owner of whatever has none.
func (o Owner) Seen() map[string]any {
	seen := map[string]any{}
	if o.ID != 0 {
		seen["id"] = o.ID
	}
	if o.Name != "" {
		seen["name"] = o.Name
	}
	if o.Email != "" {
		seen["email"] = o.Email
	}
	return seen
}
