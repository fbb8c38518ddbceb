package actionstep

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"hooktree/engine/spelling"
	"hooktree/webhooks/subscription"
)

// The bounds of filters.
const (
	maxConditions = 20
	maxCondition  = 2 * subscription.MaxURL // bytes of a value
)

// operator compares a member with what a client wrote. A client's parameter
// ends in its name; without one it is eq.
type operator string

const (
	equal       operator = "eq"
	unequal     operator = "nteq"
	greater     operator = "gt"
	greaterOrEq operator = "gteq"
	less        operator = "lt"
	lessOrEq    operator = "lteq"
	like        operator = "like"  // * stands for anything
	likeAnyCase operator = "ilike" // and case does not count
)

var (
	ofTexts   = []operator{equal, unequal, like, likeAnyCase}
	ofNumbers = []operator{equal, unequal, greater, greaterOrEq, less, lessOrEq}
)

func (m *member) operators() []operator {
	if m.text != nil {
		return ofTexts
	}
	return ofNumbers
}

// condition is one filter of a list.
type condition struct {
	of      *member
	by      operator
	texts   []string // any of them
	numbers []int64
}

// readConditions reads the filters of a query: member=value, or
// member_operator=value. What is about neither a member nor an operator is
// passed over, like any parameter that nobody knows.
func readConditions(query url.Values) ([]condition, *subscription.Refusal) {
	var all []condition
	for _, parameter := range slices.Sorted(maps.Keys(query)) {
		of, by, refusal := readParameter(parameter)
		if refusal != nil {
			return nil, refusal
		}
		if of == nil {
			continue
		}
		for _, value := range query[parameter] {
			c, refusal := newCondition(of, by, parameter, value)
			if refusal != nil {
				return nil, refusal
			}
			all = append(all, c)
		}
		if len(all) > maxConditions {
			return nil, refuseQuery(subscription.TooLarge, parameter, "a request takes at most %d filters", maxConditions)
		}
	}
	return all, nil
}

// readParameter takes a parameter's name apart; no member means that it is no
// filter.
func readParameter(parameter string) (*member, operator, *subscription.Refusal) {
	if m := memberOf(parameter); m != nil {
		return m, equal, nil
	}
	at := strings.LastIndexByte(parameter, '_')
	if at < 0 {
		return nil, "", nil
	}
	name, by := parameter[:at], operator(parameter[at+1:])
	m := memberOf(name)
	switch {
	case m == nil && !slices.Contains(ofTexts, by) && !slices.Contains(ofNumbers, by):
		return nil, "", nil
	case m == nil:
		refusal := refuseQuery(subscription.Invalid, parameter, "a REST hook has no %.50q to filter by; it has %s", name, strings.Join(memberNames(), ", "))
		refusal.Near = spelling.Nearest(name, memberNames())
		return nil, "", refusal
	case !slices.Contains(m.operators(), by):
		return nil, "", refuseQuery(subscription.Invalid, parameter, "%s is compared by %s", name, joined(m.operators()))
	}
	return m, by, nil
}

func joined(operators []operator) string {
	var names []string
	for _, o := range operators {
		names = append(names, "_"+string(o))
	}
	return strings.Join(names, ", ")
}

// newCondition reads the value of a filter. Several with commas mean any of
// them where things are equal or not.
func newCondition(of *member, by operator, parameter, value string) (condition, *subscription.Refusal) {
	c := condition{of: of, by: by}
	if len(value) > maxCondition {
		return c, refuseQuery(subscription.TooLarge, parameter, "a value has at most %d bytes", maxCondition)
	}
	values := []string{value}
	if by == equal || by == unequal {
		values = strings.Split(value, ",")
	}
	if of.text != nil {
		c.texts = append(c.texts, value) // an address may have commas of its own
		c.texts = append(c.texts, values...)
		if of.name == "eventName" {
			c.texts = append(c.texts, canonicals(values)...)
		}
		return c, nil
	}
	for _, text := range values {
		n, ok := of.read(text)
		if !ok {
			return c, refuseQuery(subscription.Invalid, parameter, "%s is %s", of.name, of.form)
		}
		c.numbers = append(c.numbers, n)
	}
	return c, nil
}

func canonicals(names []string) []string {
	known := make([]string, len(names))
	for i, name := range names {
		known[i] = canonical(name)
	}
	return known
}

// holds reports whether a REST hook is one that the filter wants.
func (c *condition) holds(s *subscription.Subscription) bool {
	if c.of.text != nil {
		return c.holdsText(c.of.text(s))
	}
	n, known := c.of.number(s)
	if !known { // never triggered: it equals nothing, and is before or after nothing
		return c.by == unequal
	}
	switch c.by {
	case equal:
		return slices.Contains(c.numbers, n)
	case unequal:
		return !slices.Contains(c.numbers, n)
	case greater:
		return n > c.numbers[0]
	case greaterOrEq:
		return n >= c.numbers[0]
	case less:
		return n < c.numbers[0]
	case lessOrEq:
		return n <= c.numbers[0]
	case like, likeAnyCase: // are of texts
	}
	return false
}

func (c *condition) holdsText(text string) bool {
	switch c.by {
	case equal:
		return slices.Contains(c.texts, text)
	case unequal:
		return !slices.Contains(c.texts, text)
	case like:
		return matches(c.texts[0], text)
	case likeAnyCase:
		return matches(strings.ToLower(c.texts[0]), strings.ToLower(text))
	case greater, greaterOrEq, less, lessOrEq: // are of numbers
	}
	return false
}

// matches reports whether a text is a pattern in which a star stands for
// anything. Looking for each piece where the one before ends is enough, since
// the first place that fits leaves most for those that follow.
func matches(pattern, text string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	pieces := strings.Split(rest, "*")
	last := len(pieces) - 1
	for _, piece := range pieces[:last] {
		if _, text, ok = strings.Cut(text, piece); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, pieces[last])
}
