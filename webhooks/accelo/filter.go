package accelo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine/spelling"
	"hooktree/webhooks/subscription"
)

// test says whether a resource stays in a list.
type test func(resource map[string]any) bool

// filter is which resources of a list stay, and in which order: what `_filters`
// and `_search` ask for. The zero value leaves all as they are.
type filter struct {
	tests []test
	order []order
}

type order struct {
	field string
	down  bool
}

// filterable are the fields of a subscription that filters may name.
var filterable = []string{
	"subscription_id", "event_id", "trigger_table", "trigger_type", "trigger_url", "content_type", "user_id", "user_deployment",
}

// searched are those that a search looks into.
var searched = []string{"event_id", "trigger_table", "trigger_url"}

// readFilter reads `_filters`, in the form of a text or as the JSON object
// that takes its place in a JSON body.
func readFilter(text string) (filter, error) {
	terms, err := readEither(text)
	if err != nil {
		return filter{}, err
	}
	var f filter
	for _, t := range lastOfEach(terms) {
		if t.name == "order_by_asc" || t.name == "order_by_desc" {
			for _, field := range t.inner {
				if !slices.Contains(filterable, field.name) {
					return filter{}, unknownFilter("field to order by", field.name, filterable)
				}
				f.order = append(f.order, order{field.name, t.name == "order_by_desc"})
			}
			continue
		}
		keeps, err := newTest(t)
		if err != nil {
			return filter{}, err
		}
		f.tests = append(f.tests, keeps)
	}
	return f, nil
}

// lastOfEach leaves of filters of one name the last, as the vendor does; of
// combinations and searches, which its examples repeat, all.
func lastOfEach(terms []term) []term {
	var kept []term
	for i, t := range terms {
		again := slices.ContainsFunc(terms[i+1:], func(o term) bool { return o.name == t.name })
		if !again || t.name == "search" || strings.HasPrefix(t.name, "_") {
			kept = append(kept, t)
		}
	}
	return kept
}

// newTest makes the test that one filter is. Any may end in `_not`.
func newTest(t term) (test, error) {
	name, negated := strings.CutSuffix(t.name, "_not")
	keeps, err := plainTest(name, t.inner)
	if err != nil || !negated {
		return keeps, err
	}
	return func(r map[string]any) bool { return !keeps(r) }, nil
}

func plainTest(name string, inner []term) (test, error) {
	if len(inner) == 0 {
		return nil, fmt.Errorf("%.80q has no value; write %.80s(VALUE)", name, name)
	}
	switch name {
	case "_AND", "_OR":
		return combined(name == "_AND", inner)
	case "search":
		return search(strings.Join(names(inner), " "))
	case "empty":
		return empty(names(inner))
	}
	field, holds := comparison(name)
	if !slices.Contains(filterable, field) {
		return nil, unknownFilter("filter", name, slices.Concat(filterable, []string{"order_by_asc", "order_by_desc", "empty", "search", "_AND", "_OR"}))
	}
	values := names(inner)
	return func(r map[string]any) bool {
		return slices.ContainsFunc(values, func(v string) bool { return holds(compared(r[field], v)) })
	}, nil
}

// comparisons are how a filter's name may end, the longer ones first, and what
// that wants of a field that is below (-1), like (0) or above (1) a value.
var comparisons = []struct {
	ending string
	holds  func(int) bool
}{
	{"_greater_than_or_equal", func(c int) bool { return c >= 0 }},
	{"_less_than_or_equal", func(c int) bool { return c <= 0 }},
	{"_greater_than", func(c int) bool { return c > 0 }},
	{"_less_than", func(c int) bool { return c < 0 }},
}

func comparison(name string) (field string, holds func(int) bool) {
	for _, c := range comparisons {
		if field, ok := strings.CutSuffix(name, c.ending); ok {
			return field, c.holds
		}
	}
	return name, func(c int) bool { return c == 0 }
}

// compared holds a field against a value: as numbers where both are.
func compared(field any, value string) int {
	if n, ok := field.(int64); ok {
		if v, err := strconv.ParseInt(value, 10, 64); err == nil {
			return cmp.Compare(n, v)
		}
	}
	return strings.Compare(textOf(field), value)
}

// textOf gives a field of a subscription, which is a text or a number.
func textOf(field any) string {
	if text, ok := field.(string); ok {
		return text
	}
	return fmt.Sprint(field)
}

// combined is all of some filters, or any.
func combined(every bool, inner []term) (test, error) {
	var tests []test
	for _, t := range lastOfEach(inner) {
		keeps, err := newTest(t)
		if err != nil {
			return nil, err
		}
		tests = append(tests, keeps)
	}
	return func(r map[string]any) bool {
		differs := func(keeps test) bool { return keeps(r) != every }
		return slices.ContainsFunc(tests, differs) != every
	}, nil
}

func empty(fields []string) (test, error) {
	for _, field := range fields {
		if !slices.Contains(filterable, field) {
			return nil, unknownFilter("field", field, filterable)
		}
	}
	return func(r map[string]any) bool {
		return !slices.ContainsFunc(fields, func(field string) bool { return textOf(r[field]) != "" })
	}, nil
}

// search wants each of the words in any of the fields that are searched.
func search(text string) (test, error) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > maxTerms {
		return nil, fmt.Errorf("there are more than %d words to search for", maxTerms)
	}
	return func(r map[string]any) bool {
		for _, word := range words {
			if !slices.ContainsFunc(searched, func(field string) bool {
				return strings.Contains(strings.ToLower(textOf(r[field])), word)
			}) {
				return false
			}
		}
		return true
	}, nil
}

func unknownFilter(what, name string, known []string) error {
	if near := spelling.Nearest(name, known); len(near) > 0 {
		return fmt.Errorf("there is no %s %.80q of subscriptions; did you mean %s?", what, name, near[0])
	}
	return fmt.Errorf("there is no %s %.80q of subscriptions; there are %s", what, name, strings.Join(known, ", "))
}

// keeps reports whether a resource stays.
func (f filter) keeps(resource map[string]any) bool {
	return !slices.ContainsFunc(f.tests, func(keeps test) bool { return !keeps(resource) })
}

// compare orders two resources: by the first field that is asked for, then by
// the next.
func (f filter) compare(a, b map[string]any) int {
	for _, o := range f.order {
		c := compared(a[o.field], textOf(b[o.field]))
		if o.down {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func names(terms []term) []string {
	list := make([]string, len(terms))
	for i, t := range terms {
		list[i] = t.name
	}
	return list
}

// pick is the filter as the service applies it; nil where it asks for nothing.
func (f filter) pick(p protocol) func([]subscription.Subscription) []subscription.Subscription {
	if len(f.tests) == 0 && len(f.order) == 0 {
		return nil
	}
	return func(all []subscription.Subscription) []subscription.Subscription {
		var kept []candidate
		for i := range all {
			if resource := p.resourceOf(&all[i]); f.keeps(resource) {
				kept = append(kept, candidate{all[i], resource})
			}
		}
		slices.SortStableFunc(kept, func(a, b candidate) int { return f.compare(a.resource, b.resource) })
		picked := make([]subscription.Subscription, len(kept))
		for i := range kept {
			picked[i] = kept[i].of
		}
		return picked
	}
}

// candidate is a subscription with what filters read of it.
type candidate struct {
	of       subscription.Subscription
	resource map[string]any
}
