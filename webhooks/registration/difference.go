package registration

import (
	"maps"
	"net/url"
	"slices"
)

// Hook is a subscription as a platform lists it.
type Hook struct {
	ID     string
	Event  string
	URL    string
	Active bool // it is delivered to
}

// Wanted is a subscription that there should be.
type Wanted struct {
	Event string
	URL   string
}

// is reports whether a platform's subscription is the wanted one. Platforms
// write an address again in their own way, so that its parts are compared.
func (w Wanted) is(h Hook) bool {
	if h.Event != w.Event {
		return false
	}
	if h.URL == w.URL {
		return true
	}
	ours, err := url.Parse(w.URL)
	theirs, err2 := url.Parse(h.URL)
	return err == nil && err2 == nil && sameAddress(w.URL, h.URL) && maps.EqualFunc(ours.Query(), theirs.Query(), slices.Equal)
}

// Step is one thing to be done at a platform.
type Step struct {
	Do   Deed
	Hook Hook   // to be renewed, changed or removed; zero for Create
	Want Wanted // zero for Remove
}

// Deed is what a step does.
type Deed string

// The deeds.
const (
	Create Deed = "create"
	Renew  Deed = "renew"  // it has lapsed: disabled, inactive or never verified
	Remove Deed = "remove" // nobody wants it any more, or it stands twice
)

// Difference says what leads from what a platform has to what is wanted.
// Nothing is removed before its successor is made, so that no event falls
// between. What is not ours is left alone.
func Difference(wanted []Wanted, existing []Hook) []Step {
	var created, renewed, removed []Step
	kept := map[string]bool{}
	for _, w := range wanted {
		at := slices.IndexFunc(existing, func(h Hook) bool { return w.is(h) && h.Active })
		if at < 0 {
			at = slices.IndexFunc(existing, w.is)
		}
		switch {
		case at < 0:
			created = append(created, Step{Do: Create, Want: w})
		case !existing[at].Active:
			renewed = append(renewed, Step{Do: Renew, Hook: existing[at], Want: w})
		}
		if at >= 0 {
			kept[existing[at].ID] = true
		}
	}
	for _, h := range existing {
		if !kept[h.ID] && slices.ContainsFunc(wanted, func(w Wanted) bool { return sameAddress(w.URL, h.URL) }) {
			removed = append(removed, Step{Do: Remove, Hook: h})
		}
	}
	return slices.Concat(created, renewed, removed)
}

// sameAddress reports whether two URLs lead to the same source of ours.
func sameAddress(a, b string) bool {
	left, err := url.Parse(a)
	right, err2 := url.Parse(b)
	return err == nil && err2 == nil && left.Scheme == right.Scheme && left.Host == right.Host && left.Path == right.Path
}
