package actionstep

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"hooktree/engine/spelling"
	"hooktree/webhooks/subscription"
)

// view is what a GET wants to see of its REST hooks.
type view struct {
	ids        []string // only these; empty for all
	conditions []condition
	order      []ordering
	fields     []string // only these members; empty for all
	page, size int      // size zero is all
}

// ordering is one key of a sort.
type ordering struct {
	by      *member
	descend bool
}

// readView reads the query of a GET of several.
func readView(ids []string, query url.Values) (view, *subscription.Refusal) {
	v := view{ids: ids}
	var refusal *subscription.Refusal
	if v.page, v.size, refusal = readPage(query, len(ids) > 0); refusal != nil {
		return v, refusal
	}
	if v.conditions, refusal = readConditions(query); refusal != nil {
		return v, refusal
	}
	if v.order, refusal = readOrder(query.Get("sort")); refusal != nil {
		return v, refusal
	}
	if query.Get("filter") != "" {
		return v, refuseQuery(subscription.Invalid, "filter", "filters are parameters here, such as status_eq=Active or targetUrl_ilike=*example*")
	}
	v.fields, refusal = readFields(query)
	return v, refusal
}

// readOrder reads member names with commas; a minus before one descends.
func readOrder(text string) ([]ordering, *subscription.Refusal) {
	var all []ordering
	for _, name := range listed(text) {
		name, descend := strings.CutPrefix(name, "-")
		m := memberOf(name)
		if m == nil {
			return nil, refuseMember("sort", name)
		}
		if len(all) == len(members) {
			return nil, refuseQuery(subscription.TooLarge, "sort", "there are %d members to sort by", len(members))
		}
		all = append(all, ordering{m, descend})
	}
	return all, nil
}

// defaultFields is what stands for all members that are shown anyway.
const defaultFields = ":default"

// readFields reads which members to show. Those of other resources, in
// brackets, are about what a REST hook does not lead to.
func readFields(query url.Values) ([]string, *subscription.Refusal) {
	var fields []string
	for _, parameter := range []string{"fields", "fields[" + resource + "]"} {
		for _, name := range listed(query.Get(parameter)) {
			switch {
			case name == defaultFields:
				fields = append(fields, memberNames()...)
			case memberOf(name) == nil:
				return nil, refuseMember(parameter, name)
			default:
				fields = append(fields, name)
			}
		}
	}
	return fields, nil
}

// listed parts a list with commas; nothing has no parts.
func listed(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func refuseMember(parameter, name string) *subscription.Refusal {
	refusal := refuseQuery(subscription.Invalid, parameter, "a REST hook has no %.50q; it has %s", name, strings.Join(memberNames(), ", "))
	refusal.Near = spelling.Nearest(name, memberNames())
	return refusal
}

// needsAll reports whether the page cannot be cut before all are known.
func (v *view) needsAll() bool { return len(v.ids)+len(v.conditions)+len(v.order) > 0 }

// operation is what has to be asked for the view.
func (v *view) operation() subscription.List {
	if v.needsAll() {
		return subscription.List{}
	}
	return subscription.List{Offset: (v.page - 1) * v.size, Limit: v.size}
}

// of gives the page of what was asked for, and how many there are in all.
func (v *view) of(all []subscription.Subscription, total int) ([]subscription.Subscription, int) {
	if !v.needsAll() {
		return all, total
	}
	found := slices.DeleteFunc(slices.Clone(all), func(s subscription.Subscription) bool { return !v.wants(&s) })
	slices.SortStableFunc(found, func(a, b subscription.Subscription) int { return v.compare(&a, &b) })
	total = len(found)
	if v.size == 0 {
		return found, total
	}
	from := min(total, (v.page-1)*v.size)
	return found[from:min(total, from+v.size)], total
}

func (v *view) wants(s *subscription.Subscription) bool {
	if len(v.ids) > 0 && !slices.Contains(v.ids, s.External) {
		return false
	}
	return !slices.ContainsFunc(v.conditions, func(c condition) bool { return !c.holds(s) })
}

func (v *view) compare(a, b *subscription.Subscription) int {
	for _, o := range v.order {
		c := o.by.compare(a, b)
		if c == 0 {
			continue
		}
		if o.descend {
			return -c
		}
		return c
	}
	return 0
}

// missing gives the first id that is asked for and not there; empty for none.
func (v *view) missing(all []subscription.Subscription) string {
	for _, id := range v.ids {
		if !slices.ContainsFunc(all, func(s subscription.Subscription) bool { return s.External == id }) {
			return id
		}
	}
	return ""
}

// show leaves the members of a REST hook that are wanted.
func show(h hook, fields []string) any {
	if len(fields) == 0 {
		return h
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(encoded(h), &all); err != nil {
		panic("actionstep: a REST hook is no object: " + err.Error())
	}
	shown := map[string]json.RawMessage{}
	for _, name := range fields {
		shown[name] = all[name]
	}
	return shown
}
