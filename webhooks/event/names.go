package event

import (
	"maps"
	"slices"
	"strings"

	"hooktree/engine"
	"hooktree/engine/spelling"
)

// Names gives what the expressions of a tree may read from the event that
// fires it by the naming convention, by the tree's group and name. Fields are
// the declared fields of the form that the group names; nil leaves `values`
// untyped.
//
// A group that no event has, such as `Approvals`, is fired by webhooks or
// calls: every name may be read. False says that the group is an event's and
// the name is none of its actions, or that the path is a slip away from one
// ([Catalogue.Near]).
func (c *Catalogue) Names(path Path, fields map[string]engine.Type) (map[string]engine.Type, bool) {
	kinds, known := c.at(path)
	if len(kinds) == 0 {
		return c.allNames(), !known && len(c.Near(path)) == 0
	}
	names := map[string]engine.Type{}
	for _, k := range kinds {
		maps.Copy(names, k.With(fields))
	}
	return names, true
}

// With gives the kind's names with the declared fields of a form as the type
// of `values`; nil leaves them untyped.
func (k *Kind) With(fields map[string]engine.Type) map[string]engine.Type {
	names := maps.Clone(k.Names)
	if _, ok := names["values"]; ok && fields != nil {
		names["values"] = engine.Type{Kind: engine.KindRecord, Fields: fields}
	}
	return names
}

// KindAt gives the kind whose own path this is, and the scope that the path
// names: a path higher up the ladder is that of all events below it. Nil means
// that no event has it.
func (c *Catalogue) KindAt(path Path) (*Kind, Scope) {
	matches, _ := c.rungs(path.Group)
	for _, m := range matches {
		if m.rung.Names[0] == path.Name {
			return m.kind, m.rung.scope(path.Group, m.kind.Level == LevelDatastore)
		}
	}
	if k, _ := c.openAt(path); k != nil {
		return k, Scope{}
	}
	return nil, Scope{}
}

// scope reads the slugs out of a group that fits the rung.
func (r Rung) scope(group string, datastore bool) Scope {
	s := Scope{Datastore: datastore}
	segments := strings.Split(group, separator)
	for i, slot := range strings.Split(r.Group, separator) {
		switch slot {
		case kappSlot:
			s.Kapp = segments[i]
		case formSlot:
			s.Form = segments[i]
		}
	}
	return s
}

// Near lists paths like one that no event has, best first.
func (c *Catalogue) Near(path Path) []string {
	var near []string
	_, rungs := c.rungs(path.Group)
	for _, name := range spelling.Nearest(path.Name, rungs) {
		near = append(near, Path{path.Group, name}.String())
	}
	if near != nil {
		return near
	}
	var first []string
	for _, k := range c.kinds {
		first = append(first, head(k.Ladder[0].Group))
	}
	for _, name := range c.platforms {
		if o := c.open[name]; o != nil {
			first = append(first, o.title)
		}
	}
	own, rest, _ := strings.Cut(path.Group, separator)
	for _, segment := range spelling.Nearest(own, slices.Compact(first)) {
		group := segment
		if rest != "" {
			group += separator + rest
		}
		meant := Path{group, path.Name}
		if kinds, _ := c.at(meant); len(kinds) > 0 {
			near = append(near, meant.String())
		}
	}
	return near
}

// at lists the kinds whose ladder leads to a path, and whether the group is
// one that an event has.
func (c *Catalogue) at(path Path) ([]*Kind, bool) {
	matches, names := c.rungs(path.Group)
	var kinds []*Kind
	for _, m := range matches {
		if slices.Contains(m.rung.Names, path.Name) {
			kinds = append(kinds, m.kind)
		}
	}
	k, open := c.openAt(path)
	if k != nil {
		kinds = append(kinds, k)
	}
	return kinds, names != nil || open
}

type match struct {
	kind *Kind
	rung Rung
}

// rungs finds the steps of ladders that a group may be, and the names looked
// for there. A group whose first segment is fixed by a rung is not taken for
// `[kapp] > [form]`.
func (c *Catalogue) rungs(group string) ([]match, []string) {
	segments := strings.Split(group, separator)
	fixed := c.fixed(segments[0])
	var matches []match
	var names []string
	for _, k := range c.kinds {
		for _, rung := range k.Ladder {
			if fixed && head(rung.Group) == kappSlot || !rung.fits(segments) {
				continue
			}
			matches = append(matches, match{k, rung})
			names = append(names, rung.Names...)
		}
	}
	return matches, names
}

// fixed reports whether some rung begins with this very segment.
func (c *Catalogue) fixed(segment string) bool {
	for _, o := range c.open {
		if o.title == segment {
			return true
		}
	}
	return slices.ContainsFunc(c.kinds, func(k *Kind) bool {
		return slices.ContainsFunc(k.Ladder, func(r Rung) bool { return head(r.Group) == segment })
	})
}

// fits reports whether segments could be this rung's group. A slug has no
// space in it, which keeps `Work Orders > Rush` from passing for a form.
func (r Rung) fits(segments []string) bool {
	want := strings.Split(r.Group, separator)
	if len(want) != len(segments) {
		return false
	}
	for i, w := range want {
		if w == kappSlot || w == formSlot {
			if badSlug(segments[i]) != "" {
				return false
			}
			continue
		}
		if w != segments[i] {
			return false
		}
	}
	return true
}

func head(group string) string {
	first, _, _ := strings.Cut(group, separator)
	return first
}

// allNames is what any event may have. A tree that webhooks or calls fire has
// no event of its own to be checked against, so records become open mappings.
func (c *Catalogue) allNames() map[string]engine.Type {
	names := map[string]engine.Type{"data": {Kind: engine.KindAny}}
	for name, t := range members() {
		if t.Kind == engine.KindRecord {
			t = engine.Type{Kind: engine.KindMap}
		}
		names[name] = t
	}
	return names
}
