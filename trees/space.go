package trees

import (
	"net/netip"
	"strings"
	"time"

	"hooktree/engine"
)

// DefaultSource is the source of trees in a space that names none.
const DefaultSource = "Kinetic Request CE"

// Space is what space.yaml says of an installation. It is immutable.
type Space struct {
	Slug       string
	Name       string
	Source     string // default source of trees
	Attributes Attributes
	Kapps      map[string]Kapp // by slug
	Datastore  map[string]Form // by slug
	Secrets    []string        // names, sorted
	Egress     Egress
	Sources    map[string]any // inbound webhooks, as they were written
	Retention  Retention
}

// Attributes are the attributes of a space, a kapp or a form.
type Attributes map[string][]string

// Kapp is a kapp that the space names.
type Kapp struct {
	Attributes Attributes
	Forms      map[string]Form // by slug
}

// Form is a form that the space names.
type Form struct {
	Attributes Attributes
	Fields     map[string]engine.Type // nil when none are declared: any field may come, untyped
}

// Egress is what the address guard lets through besides public addresses.
type Egress struct {
	Allow []netip.Prefix
}

// Retention says what is kept; zero members leave the server's defaults.
type Retention struct {
	Age   time.Duration
	Bytes int64
}

// Form finds the form that an event's path is about, by the group of a tree:
// `Submissions > KAPP > FORM`, `Datastore Submissions > FORM`, `KAPP > FORM`.
func (s *Space) Form(group string) (Form, bool) {
	parts := strings.Split(group, " > ")
	switch {
	case len(parts) == 3 && (parts[0] == "Submissions" || parts[0] == "Forms"):
		return s.form(parts[1], parts[2])
	case len(parts) == 2 && strings.HasPrefix(parts[0], "Datastore "):
		form, ok := s.Datastore[parts[1]]
		return form, ok
	case len(parts) == 2:
		return s.form(parts[0], parts[1])
	default:
		return Form{}, false
	}
}

func (s *Space) form(kapp, slug string) (Form, bool) {
	form, ok := s.Kapps[kapp].Forms[slug]
	return form, ok
}
