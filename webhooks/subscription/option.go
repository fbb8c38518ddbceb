package subscription

import (
	"errors"
	"time"
	_ "time/tzdata" // a machine without a list of zones serves the same space
)

// Option is a setting of a dialect. It feeds the check of space.yaml, its
// schema and the documentation.
type Option struct {
	Name    string // "ids"
	Note    string // a sentence: what it changes
	Kind    OptionKind
	Choices []string      // of ChoiceOption
	Range   [2]int        // of NumberOption: the least and the most
	Longest time.Duration // of DurationOption; zero is a day
	Default string        // in the form in which it is written
}

// OptionKind is what an option's value is.
type OptionKind string

// The kinds of options.
const (
	ChoiceOption   OptionKind = "choice"
	DurationOption OptionKind = "duration" // as in trees: 1s, 30s, 5m
	NumberOption   OptionKind = "number"   // a whole one
	TextOption     OptionKind = "text"
	URIOption      OptionKind = "uri"  // an absolute one: https://crm.example.com/api, urn:acme
	ZoneOption     OptionKind = "zone" // of time, as the IANA names it: Pacific/Auckland
)

// Zone gives the time zone of a setting. The machine's own has no name here: a
// space means the same wherever it is served.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == time.Local.String() {
		return nil, errors.New("a zone has a name")
	}
	return time.LoadLocation(name)
}

// Visible is the option that every dialect has besides its own: an expression
// over `user` (id, name, email of a subscription's owner) and the event, which
// says whether the owner may see it. Without one, all may see all.
const Visible = "visible"

// Settings are a dialect's options by name: checked, and with the default
// where space.yaml says nothing.
type Settings map[string]string
