package webhooks

import (
	"cmp"
	"fmt"
	"slices"

	"hooktree/webhooks/event"
)

// MaxWebhooks is how many webhooks a space may have.
const MaxWebhooks = 10_000

// Set is an immutable snapshot of the webhooks of a space, with those that may
// want an event found by its type and action. The zero value holds none.
type Set struct {
	all    []*Webhook // by kapp, then name
	wanted map[[2]string][]*Webhook
}

// NewSet makes a snapshot. Names are unique in the space and in each kapp.
func NewSet(all []Webhook) (*Set, error) {
	if len(all) > MaxWebhooks {
		return nil, fmt.Errorf("there are %d webhooks; a space may have %d", len(all), MaxWebhooks)
	}
	s := &Set{wanted: map[[2]string][]*Webhook{}}
	for i := range all {
		w := all[i]
		s.all = append(s.all, &w)
	}
	slices.SortFunc(s.all, byName)
	for i, w := range s.all {
		if i > 0 && s.all[i-1].Kapp == w.Kapp && s.all[i-1].Name == w.Name {
			return nil, fmt.Errorf("two webhooks are named %q in %s: rename one of them", w.Name, w.place())
		}
		key := [2]string{w.Type, w.Action}
		s.wanted[key] = append(s.wanted[key], w)
	}
	return s, nil
}

func byName(a, b *Webhook) int {
	return cmp.Or(cmp.Compare(a.Kapp, b.Kapp), cmp.Compare(a.Name, b.Name))
}

// All lists the webhooks by kapp and name, those of the space first.
func (s *Set) All() []*Webhook { return slices.Clone(s.all) }

// Find gives a webhook of the space (kapp is empty) or of a kapp.
func (s *Set) Find(kapp, name string) (*Webhook, bool) {
	i, ok := slices.BinarySearchFunc(s.all, [2]string{kapp, name}, func(w *Webhook, key [2]string) int {
		return cmp.Or(cmp.Compare(w.Kapp, key[0]), cmp.Compare(w.Name, key[1]))
	})
	if !ok {
		return nil, false
	}
	return s.all[i], true
}

// Wanting lists the webhooks of a type and action, inactive ones included. The
// caller must not change the slice.
func (s *Set) Wanting(typ, action string) []*Webhook { return s.wanted[[2]string{typ, action}] }

// For lists the webhooks that want events of a kind: by its action, or by one
// that stands for it and others. They are in the order of All.
func (s *Set) For(kind *event.Kind) []*Webhook {
	found := s.Wanting(kind.Type, kind.Action)
	if len(kind.Wider()) == 0 {
		return found
	}
	found = slices.Clone(found)
	for _, action := range kind.Wider() {
		found = append(found, s.Wanting(kind.Type, action)...)
	}
	slices.SortFunc(found, byName)
	return found
}

// place says where a webhook's name is unique.
func (w *Webhook) place() string {
	if w.Kapp == "" {
		return "the space"
	}
	return "the kapp " + w.Kapp
}
