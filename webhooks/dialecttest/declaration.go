package dialecttest

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"hooktree/webhooks/subscription"
)

// Codes are all codes of refusals, for tables in which most have one status.
var Codes = []subscription.Code{
	subscription.Malformed, subscription.Unsupported, subscription.TooLarge, subscription.NoRoute,
	subscription.NoMethod, subscription.NotSignedIn, subscription.Foreign, subscription.Missing,
	subscription.Invalid, subscription.NoEvent, subscription.BadURL, subscription.Exists,
	subscription.NotFound, subscription.Unconfirmed, subscription.TooMany, subscription.Busy,
	subscription.NoRoom, subscription.Failed,
}

// wholeTable finds what a table forgot: what is not in it is not tested.
func wholeTable(d *Dialect, f *faults) {
	for _, code := range Codes {
		if d.Statuses[code] < 400 {
			f.add("Statuses has no status of a refusal for %s", code)
		}
	}
	for _, want := range []subscription.Operation{subscription.List{}, subscription.Create{}, subscription.Delete{}} {
		if !slices.ContainsFunc(d.Calls, func(c Call) bool { return reflect.TypeOf(c.Want) == reflect.TypeOf(want) }) {
			f.add("Calls has no %T: whoever subscribes must list, create and delete", want)
		}
	}
	if len(d.Paths) == 0 {
		f.add("Paths is empty: say where the tree of at least one event stands")
	}
	for _, missing := range []struct {
		name string
		is   bool
	}{{"Hooks", d.Hooks == nil}, {"Fault", d.Fault == nil}, {"Told", d.Told == nil}} {
		if missing.is {
			f.add("%s is nil: say how clients read it", missing.name)
		}
	}
}

// soundDeclaration looks at what wire.go registers.
func soundDeclaration(d *Dialect, f *faults) {
	own := &d.Dialect
	if own.Name == "" || own.Title == "" || len(own.Prefixes) == 0 || len(own.Credentials) == 0 {
		f.add("the dialect %q lacks a name, a title, a prefix or a place for credentials", own.Name)
	}
	for _, prefix := range own.Prefixes {
		if !strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/") {
			f.add("the prefix %q does not begin with a slash, or ends with one", prefix)
		}
	}
	for _, c := range own.Credentials {
		if (c.Kind == subscription.Bearer) != (c.Name == "") {
			f.add("the credentials in %s are named %q: a bearer has no name, all others have one", c.Kind, c.Name)
		}
	}
	for _, o := range own.Options {
		soundOption(d, o, f)
	}
	externals(own, f)
}

// soundFirst holds the first subscription that people are shown against what
// the dialect reads: a draft of an event that it offers.
func soundFirst(d *Dialect, f *faults) {
	first := &d.Dialect.First
	op, refusal, err := d.parse(Request(http.MethodPost, first.Path, first.ContentType, first.Body))
	create, ok := op.(subscription.Create)
	switch {
	case err != nil:
		f.add("%v", err)
	case refusal != nil:
		f.add("the first subscription is refused: %s", refusal.Message)
	case !ok || len(create.Drafts) != 1 || create.Drafts[0].URL != subscription.ExampleURL:
		f.add("the first subscription is read as %+v; want one draft to %s", op, subscription.ExampleURL)
	case !slices.ContainsFunc(d.protocol().Offers(d.catalogue()), func(o subscription.Offer) bool { return o.Key == create.Drafts[0].Event }):
		f.add("the first subscription is to %q, which is not offered", create.Drafts[0].Event)
	}
}

// soundOption looks at one option, and that the dialect stands with each choice.
func soundOption(d *Dialect, o subscription.Option, f *faults) {
	if o.Name == "" || o.Name == subscription.Visible || !strings.HasSuffix(o.Note, ".") {
		f.add("the option %q has no name of its own, or its note is no sentence", o.Name)
	}
	if n, err := strconv.Atoi(o.Default); o.Kind == subscription.NumberOption && (err != nil || n < o.Range[0] || n > o.Range[1]) {
		f.add("the option %s is %q by default, which is not within its range %v", o.Name, o.Default, o.Range)
	}
	if o.Kind != subscription.ChoiceOption {
		return
	}
	if !slices.Contains(o.Choices, o.Default) {
		f.add("the option %s is %q by default, which is none of its choices", o.Name, o.Default)
	}
	for _, choice := range o.Choices {
		settings := d.Dialect.Defaults()
		settings[o.Name] = choice
		if len(d.Dialect.New(settings).Offers(d.catalogue())) == 0 {
			f.add("with %s: %s there is no event to subscribe to", o.Name, choice)
		}
	}
}

// externals looks at the ids that the dialect shows: one each, and such that
// they stand in a path.
func externals(own *subscription.Dialect, f *faults) {
	ids := []string{"019ca000-0000-7000-8000-00000000a001", "019ca000-0000-7000-8000-00000000a002", "019ca000-0001-7000-8000-00000000b001"}
	seen := map[string]bool{}
	for i, id := range ids {
		external := own.External(int64(i+1), id)
		if external == "" || strings.ContainsAny(external, "/,?#% ") {
			f.add("the id %q cannot stand in a path", external)
		}
		if seen[external] {
			f.add("two subscriptions have the id %q", external)
		}
		if again := own.External(int64(i+1), id); again != external {
			f.add("the id of one subscription is %q, and then %q", external, again)
		}
		seen[external] = true
	}
}
