package event

import (
	"maps"
	"slices"

	"hooktree/engine"
)

// family is a built-in type with what all its actions share.
type family struct {
	typ     string
	level   Level
	actions []string
	groups  []string // of the ladder
	names   map[string]engine.Type
	entity  [][]string
	note    string
	// also maps an action to further names that the ladder looks for, after its own.
	also map[string][]string
}

// families are the built-in types. The order of actions is the order in lists.
//
// Where the vendor's documents are silent, the choice is ours: the groups
// `Kapps` and `Space`, and `Discussion` for a discussion itself.
func families() []family {
	return []family{
		{
			typ: "Space", level: LevelSpace,
			actions: []string{"Login Failure", "Created", "Updated", "Deleted"},
			groups:  []string{"Space"},
			names:   names("user"),
			entity:  [][]string{{"space", "slug"}},
		},
		{
			typ: "User", level: LevelSpace,
			actions: []string{"Created", "Updated", "Deleted", "Login", "Logout", "Membership Change"},
			groups:  []string{"Users"},
			names:   names("user", "membership"),
			entity:  [][]string{{"user", "username"}},
			also:    map[string][]string{"Membership Change": {"User Membership Change"}},
		},
		{
			typ: "Team", level: LevelSpace,
			actions: []string{"Created", "Updated", "Deleted", "Restored", "Membership Change"},
			groups:  []string{"Teams"},
			names:   names("team", "user", "membership"),
			entity:  [][]string{{"team", "slug"}, {"team", "name"}},
			also:    map[string][]string{"Membership Change": {"Team Membership Change"}},
		},
		{
			typ: "Kapp", level: LevelKapp, note: "documented in one place only",
			actions: []string{"Created", "Updated"},
			groups:  []string{"Kapps > [kapp]", "Kapps"},
			names:   names("kapp"),
			entity:  [][]string{{"kapp", "slug"}},
		},
		{
			typ: "Form", level: LevelForm,
			actions: []string{"Created", "Updated", "Deleted", "Restored"},
			groups:  []string{"[kapp] > [form]", "Forms > [kapp] > [form]", "Forms > [kapp]", "Forms"},
			names:   names("kapp", "form"),
			entity:  [][]string{{"form", "slug"}},
		},
		{
			typ: "Submission", level: LevelForm,
			actions: []string{"Created", "Submitted", "Updated", "Saved", "Closed", "Deleted"},
			groups:  []string{"Submissions > [kapp] > [form]", "Submissions > [kapp]", "Submissions"},
			names:   names("kapp", "form", "submission", "values"),
			entity:  [][]string{{"submission", "id"}},
		},
		{
			typ: "Datastore Form", level: LevelDatastore,
			actions: []string{"Created", "Updated", "Deleted", "Restored", "Saved", "Submitted"},
			groups:  []string{"Datastore Forms > [form]", "Datastore Forms"},
			names:   names("form"),
			entity:  [][]string{{"form", "slug"}},
		},
		{
			typ: "Datastore Submission", level: LevelDatastore,
			actions: []string{"Created", "Submitted", "Updated", "Saved", "Deleted"},
			groups:  []string{"Datastore Submissions > [form]", "Datastore Submissions"},
			names:   names("form", "submission", "values"),
			entity:  [][]string{{"submission", "id"}},
			also:    map[string][]string{"Created": {"Saved"}, "Updated": {"Saved"}}, // as real spaces name the tree of both
		},
	}
}

// kinetic lists the built-in kinds.
func kinetic() []*Kind {
	var kinds []*Kind
	for _, f := range families() {
		for _, action := range f.actions {
			k := &Kind{
				Platform: Kinetic, Type: f.typ, Action: action, Level: f.level,
				Names: f.names, Note: f.note, entity: f.entity,
			}
			for _, group := range f.groups {
				k.Ladder = append(k.Ladder, Rung{group, append([]string{action}, f.also[action]...)})
			}
			kinds = append(kinds, k.finish())
		}
	}
	return append(kinds, discussions()...)
}

// discussions lists the kinds whose group depends on the action. A real space
// sends an updated invitation to the tree of a created one.
func discussions() []*Kind {
	data := names("discussion", "invitation", "invitee", "recipient", "message", "user")
	entity := [][]string{{"discussion", "id"}}
	kind := func(action string, ladder ...Rung) *Kind {
		k := &Kind{Platform: Kinetic, Type: "Discussion", Action: action, Level: LevelSpace, Ladder: ladder, Names: data, entity: entity}
		return k.finish()
	}
	created := kind("Discussion Created", Rung{"Discussion", []string{"Created"}})
	created.aliases = []string{"Created"}
	return []*Kind{
		created,
		kind("Invitation Created", Rung{"Discussion > Invitation", []string{"Created"}}),
		kind("Invitation Updated", Rung{"Discussion > Invitation", []string{"Updated", "Created"}}),
		kind("Notification", Rung{"Discussion > Notification", []string{"Created"}}),
	}
}

// finish derives what the parser wants to have at hand.
func (k *Kind) finish() *Kind {
	for name, t := range k.Names {
		if t.Kind == engine.KindRecord || t.Kind == engine.KindMap {
			k.objects = append(k.objects, name)
		}
	}
	slices.Sort(k.objects)
	return k
}

// names gives the types of the members that every event may have and of the
// further ones named.
func names(further ...string) map[string]engine.Type {
	all := members()
	out := map[string]engine.Type{}
	for _, name := range append([]string{"event", "space", "identity", "previous", "changes"}, further...) {
		out[name] = all[name]
	}
	return out
}

// members are the objects of a payload with what is known of them. A member
// that is not listed is a fault when a tree is checked, so the lists are wide.
func members() map[string]engine.Type {
	text, flag := engine.Type{Kind: engine.KindText}, engine.Type{Kind: engine.KindBool}
	object := engine.Type{Kind: engine.KindMap}
	attributes := engine.Type{Kind: engine.KindMap, Elem: &engine.Type{Kind: engine.KindList}}
	stamps := []string{"createdAt", "createdBy", "updatedAt", "updatedBy"}
	record := func(extra map[string]engine.Type, texts ...string) engine.Type {
		fields := maps.Clone(extra)
		if fields == nil {
			fields = map[string]engine.Type{}
		}
		for _, name := range texts {
			fields[name] = text
		}
		return engine.Type{Kind: engine.KindRecord, Fields: fields}
	}
	attributed := map[string]engine.Type{"attributes": attributes}
	person := map[string]engine.Type{"attributes": attributes, "profileAttributes": attributes, "enabled": flag, "spaceAdmin": flag, "memberships": {Kind: engine.KindList}}
	form := map[string]engine.Type{"attributes": attributes, "anonymous": flag}
	submission := map[string]engine.Type{"anonymous": flag, "currentPage": {Kind: engine.KindAny}, "origin": {Kind: engine.KindAny}, "parent": {Kind: engine.KindAny}}
	return map[string]engine.Type{
		"event": record(map[string]engine.Type{"id": {Kind: engine.KindAny}, "timestamp": {Kind: engine.KindAny}}, "type", "action", "platform", "name", "source"),
		"space": record(attributed, append(stamps, "slug", "name")...),
		"kapp":  record(attributed, append(stamps, "slug", "name")...),
		"form":  record(form, append(stamps, "slug", "name", "description", "status", "type", "notes")...),
		"submission": record(submission, append(stamps, "id", "handle", "label", "coreState", "type", "sessionToken",
			"closedAt", "closedBy", "submittedAt", "submittedBy")...),
		"user": record(person, append(stamps, "username", "email", "displayName", "preferredLocale", "timezone", "invitedBy")...),
		"team": record(map[string]engine.Type{"attributes": attributes, "memberships": {Kind: engine.KindList}}, append(stamps, "slug", "name", "localName", "description")...),

		"values": object,
		// The vendor's names for what was before are known inside its trees
		// only. Here both hold the members they are about:
		// previous.values.Cost, changes.submission.coreState.
		"previous":   object,
		"changes":    object,
		"identity":   object,
		"membership": object,
		"discussion": object,
		"invitation": object,
		"invitee":    object,
		"recipient":  object,
		"message":    {Kind: engine.KindAny},
	}
}
