package dialecttest

import (
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/event"
)

// offersExist holds what can be subscribed to against the catalogue.
func offersExist(d *Dialect, f *faults) {
	catalogue := d.catalogue()
	offers := d.protocol().Offers(catalogue)
	if diff := cmp.Diff(offers, d.protocol().Offers(catalogue)); diff != "" {
		f.add("the offers are others when they are asked for again:\n%s", diff)
	}
	paths, offered := map[string]string{}, map[[2]string]bool{}
	for _, o := range offers {
		kind, fault := catalogue.Find(o.Type, o.Action)
		switch {
		case fault != nil:
			f.add("the offer %s is %s %s, which the catalogue lacks: %s", o.Key, o.Type, o.Action, fault.Text)
			continue
		case o.Key == "" || o.Title == "":
			f.add("the offer of %s %s has no key or no title", o.Type, o.Action)
		case paths[o.Key] != "":
			f.add("two offers have the key %s", o.Key)
		}
		paths[o.Key] = kind.Path()
		offered[[2]string{o.Type, o.Action}] = true
	}
	for key, want := range d.Paths {
		if paths[key] != want {
			f.add("the tree of %s stands at %q; want %q", key, paths[key], want)
		}
	}
	d.vendorOffered(offered, f)
}

// vendorOffered looks at the vendor's own events: each is offered, with an
// example and a path below the vendor's name.
func (d *Dialect) vendorOffered(offered map[[2]string]bool, f *faults) {
	for _, kind := range d.Dialect.Vendor.Kinds {
		if !offered[[2]string{kind.Type, kind.Action}] {
			f.add("the vendor's event %s is not offered", kind.Action)
		}
		if len(kind.Sample) == 0 {
			f.add("the vendor's event %s has no example", kind.Action)
		}
		if !strings.HasPrefix(kind.Path(), d.Dialect.Title+" > ") {
			f.add("the tree of %s stands at %s, which is not below %s", kind.Action, kind.Path(), d.Dialect.Title)
		}
	}
}

// kindOf gives the kind of an offer; nil if there is none.
func (d *Dialect) kindOf(typ, action string) *event.Kind {
	kinds := d.catalogue().Kinds()
	at := slices.IndexFunc(kinds, func(k *event.Kind) bool { return k.Type == typ && k.Action == action })
	if at < 0 {
		return nil
	}
	return kinds[at]
}
