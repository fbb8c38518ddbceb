package event

import (
	"slices"

	"hooktree/engine"
)

// Platform is an own platform: event types that a space declares in a file of
// events/. Its payloads are {"event":{"platform":NAME,"name":...},"data":{...}}.
type Platform struct {
	Name  string
	Kinds []*Kind
	// Open makes it a platform of more events than anybody can list; nil
	// leaves it with its kinds.
	Open *Open
}

// Own makes the kind of an own platform's event.
//
// Fields declare the members of `data`; nil declares none and lets any be
// read. Entity is the member of data that says what it happened to.
func Own(platform, name string, path Path, fields map[string]engine.Type, entity string) *Kind {
	k := &Kind{
		Platform: platform, Type: platform, Action: name, Level: LevelSpace,
		Ladder: []Rung{{path.Group, []string{path.Name}}},
		Names:  map[string]engine.Type{"data": {Kind: engine.KindMap}},
	}
	for _, member := range []string{"event", "space", "identity"} {
		k.Names[member] = members()[member]
	}
	if fields != nil {
		k.Names["data"] = engine.Type{Kind: engine.KindRecord, Fields: fields}
	}
	if entity != "" {
		k.entity = [][]string{{"data", entity}}
	}
	return k.finish()
}

// Has reports whether a name is the platform's, or the first segment of one of
// its paths.
func (p Platform) Has(name string) bool {
	return p.Name == name || p.Open != nil && p.Open.Title == name || slices.ContainsFunc(p.Kinds, func(k *Kind) bool {
		return slices.ContainsFunc(k.Ladder, func(r Rung) bool { return head(r.Group) == name })
	})
}

// Alias gives the kind of a platform another name, under which senders know its
// event, too. Kinds are immutable: it is for who makes them.
func (k *Kind) Alias(name string) { k.aliases = append(k.aliases, name) }

// Reserved reports whether a platform may not have this name: it is a built-in
// platform, type, or first segment of a built-in path.
func Reserved(name string) bool {
	switch name {
	case Kinetic, Hooktree, hooktreeTitle:
		return true
	}
	for _, k := range kinetic() {
		if k.Type == name || slices.ContainsFunc(k.Ladder, func(r Rung) bool { return head(r.Group) == name }) {
			return true
		}
	}
	return false
}
