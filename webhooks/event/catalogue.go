package event

import (
	"slices"
	"strings"

	"hooktree/engine"
)

// Kinetic is the platform of the built-in types.
const Kinetic = "kinetic"

// Level is how far the scope of a type narrows.
type Level string

// The levels: the whole space, one kapp, one form of a kapp, one datastore form.
const (
	LevelSpace     Level = "space"
	LevelKapp      Level = "kapp"
	LevelForm      Level = "form"
	LevelDatastore Level = "datastore"
)

// Kind is one thing that can happen: an action of a type. Kinds are immutable.
type Kind struct {
	Platform string                 `json:"platform"`
	Type     string                 `json:"type"`   // of an own platform: the platform's name
	Action   string                 `json:"action"` // short dialect
	Level    Level                  `json:"scope"`
	Ladder   []Rung                 `json:"ladder"` // where the naming convention looks, the first place first
	Names    map[string]engine.Type `json:"names"`  // what an event's data has, before a form's fields are known
	Note     string                 `json:"note,omitempty"`
	Sample   map[string]any         `json:"sample,omitempty"`

	entity  [][]string // members that name what it happened to, the first present one counts
	objects []string   // sorted names that must hold an object or null
	aliases []string   // other spellings of the action
	wider   []string   // actions that stand for this one and others
}

// Path is the first rung, with [kapp] and [form] for what an event fills in.
func (k *Kind) Path() string {
	first := k.Ladder[0]
	return Path{first.Group, first.Names[0]}.String()
}

// Wider are the actions that mean this one among others, the narrower first:
// those that an event of an open platform has below its own name.
func (k *Kind) Wider() []string { return k.wider }

// Full is the action in the long dialect: `Submission Submitted`.
func (k *Kind) Full() string { return full(k.Type, k.Action) }

func full(typ, action string) string {
	if strings.HasPrefix(action, typ+" ") {
		return action
	}
	return typ + " " + action
}

// Path is where a tree stands that the naming convention finds: `GROUP / NAME`.
type Path struct {
	Group, Name string
}

// String renders the path as a tree's author writes it.
func (p Path) String() string { return p.Group + " / " + p.Name }

// Rung is one step of a naming ladder: a group and the names looked for in it.
type Rung struct {
	Group string   `json:"group"` // [kapp] and [form] stand for slugs
	Names []string `json:"names"`
}

// The placeholders of a rung.
const (
	kappSlot = "[kapp]"
	formSlot = "[form]"
)

// in fills the placeholders of the rung's group.
func (r Rung) in(s Scope) string {
	if !strings.Contains(r.Group, "[") {
		return r.Group
	}
	segments := strings.Split(r.Group, separator)
	for i, segment := range segments {
		switch segment {
		case kappSlot:
			segments[i] = s.Kapp
		case formSlot:
			segments[i] = s.Form
		}
	}
	return strings.Join(segments, separator)
}

const separator = " > "

// Paths are the places where the naming convention looks for the tree of an
// event with this scope, the first place first.
func (k *Kind) Paths(s Scope) []Path {
	paths := make([]Path, 0, 2*len(k.Ladder))
	for _, rung := range k.Ladder {
		group := rung.in(s)
		for _, name := range rung.Names {
			paths = append(paths, Path{group, name})
		}
	}
	return paths
}

// Catalogue is every kind of event that can be received. It is immutable and
// safe for concurrent use.
type Catalogue struct {
	kinds     []*Kind
	named     map[[2]string]*Kind // (type, action) in every spelling
	actions   map[string][]string // type to its actions, in order
	types     []string            // built-in types, in order
	platforms []string            // own platforms, in order
	open      map[string]*opened  // those of them that are open
	notices   bool                // whether a notice of ours may be read by it
}

// NewCatalogue joins the built-in types with those of own platforms, whose
// names [LoadPlatforms] has checked against each other.
func NewCatalogue(own ...Platform) *Catalogue {
	c := &Catalogue{named: map[[2]string]*Kind{}, actions: map[string][]string{}, open: map[string]*opened{}}
	for _, k := range kinetic() {
		c.add(k)
	}
	c.types = slices.Collect(typesOf(c.kinds))
	for _, p := range own {
		c.platforms = append(c.platforms, p.Name)
		for _, k := range p.Kinds {
			c.add(k)
		}
		if p.Open != nil {
			c.open[p.Name] = p.Open.opened(p.Name)
		}
	}
	return c
}

func typesOf(kinds []*Kind) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		last := ""
		for _, k := range kinds {
			if k.Type != last && !yield(k.Type) {
				return
			}
			last = k.Type
		}
	}
}

// add enters a kind under every spelling of its type and action: clients of
// the vendor's own write the long dialect into either member.
func (c *Catalogue) add(k *Kind) {
	c.kinds = append(c.kinds, k)
	c.actions[k.Type] = append(c.actions[k.Type], k.Action)
	actions := append([]string{k.Action, k.Full()}, k.aliases...)
	types := []string{k.Type}
	if k.Platform == Kinetic {
		types = append(types, k.Full())
	}
	for _, typ := range types {
		for _, action := range actions {
			c.named[[2]string{typ, action}] = k
		}
	}
}

// Kinds lists the catalogue: the built-in types first, then own platforms.
func (c *Catalogue) Kinds() []*Kind { return slices.Clone(c.kinds) }

// Types lists the types that a webhook may name, own platforms last.
func (c *Catalogue) Types() []string { return append(slices.Clone(c.types), c.platforms...) }

// Actions lists the actions of a type in the short dialect; nil for an unknown one.
func (c *Catalogue) Actions(typ string) []string { return slices.Clone(c.actions[typ]) }

// Find gives the kind of a type and action in either dialect. For an own
// platform, type is its name and action the event's name.
func (c *Catalogue) Find(typ, action string) (*Kind, *Fault) {
	if k := c.named[[2]string{typ, action}]; k != nil {
		return k, nil
	}
	if o := c.open[typ]; o != nil {
		return o.find(action)
	}
	known := c.actions[typ]
	if known == nil {
		// The long dialect in the type's place still tells the type.
		for _, t := range c.types {
			if strings.HasPrefix(typ, t+" ") && c.named[[2]string{t, typ}] != nil {
				return nil, unknown(CodeUnknownAction, "action", action, "of type "+t, c.actions[t])
			}
		}
		return nil, unknown(CodeUnknownType, "type", typ, "in the catalogue", c.Types())
	}
	fault := unknown(CodeUnknownAction, "action", action, "of type "+typ, known)
	if slices.Contains(c.platforms, typ) {
		fault.Code = CodeUnknownName
	}
	return nil, fault
}

// findOwn gives the kind of an own platform's event.
func (c *Catalogue) findOwn(platform, name string) (*Kind, *Fault) {
	if !slices.Contains(c.platforms, platform) {
		return nil, unknown(CodeUnknownPlatform, "platform", platform, "in the catalogue", append([]string{Kinetic}, c.platforms...))
	}
	if k := c.named[[2]string{platform, name}]; k != nil {
		return k, nil
	}
	if o := c.open[platform]; o != nil {
		return o.find(name)
	}
	return nil, unknown(CodeUnknownName, "name", name, "of platform "+platform, c.actions[platform])
}

// KindOf gives the kind of an event that this catalogue has read.
func (c *Catalogue) KindOf(e Event) (*Kind, *Fault) { return c.Find(e.Type, e.Action) }
