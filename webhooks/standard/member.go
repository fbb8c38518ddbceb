package standard

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"hooktree/engine/spelling"
	"hooktree/webhooks/subscription"
)

// membersOf gives the names that a struct's members have in JSON.
func membersOf(v reflect.Type) []string {
	names := make([]string, v.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(v.Field(i).Tag.Get("json"), ",")
	}
	return names
}

// A client may send a hook back as it read it.
var hookMembers = membersOf(reflect.TypeFor[hook]())

// addressMembers are the spellings of a hook's address: one is enough.
var addressMembers = []string{"target_url", "url", "subscription_url"}

// misspelled refuses a member of a hook that is not known where one that it may
// mean is missing: a filter that is written wrong would let everything through.
// Any other is passed over, since clients send more than we read.
func misspelled(body map[string]any) *subscription.Refusal {
	known := membersOf(reflect.TypeFor[hookBody]())
	missing := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return has(body, name) })
	if slices.ContainsFunc(addressMembers, func(name string) bool { return has(body, name) }) {
		missing = slices.DeleteFunc(missing, func(name string) bool { return slices.Contains(addressMembers, name) })
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if is(known, name) || is(hookMembers, name) {
			continue
		}
		if near := spelling.Nearest(name, missing); len(near) > 0 {
			return refuse(subscription.Invalid, name, "a hook has no %.100q; did you mean %s?", name, strings.Join(near, " or "))
		}
	}
	return nil
}

// unread refuses members of which none is known: who sends some means
// something else than who sends nothing.
func unread(body map[string]any, known []string) *subscription.Refusal {
	names := slices.Sorted(maps.Keys(body))
	if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return is(known, name) }) {
		return nil
	}
	return refuse(subscription.Invalid, names[0], "there is no %.100q here; what may be sent is %s", names[0], strings.Join(known, " and "))
}

// Members are known in any case, as encoding/json has it.
func is(known []string, name string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
}

func has(body map[string]any, member string) bool {
	for name := range body {
		if strings.EqualFold(name, member) {
			return true
		}
	}
	return false
}
