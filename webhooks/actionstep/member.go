package actionstep

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"hooktree/webhooks/subscription"
)

// member is a member of a REST hook, as a list can be filtered and sorted by
// it. Either texts or numbers are compared; a time is the number of its
// seconds.
type member struct {
	name   string
	text   func(*subscription.Subscription) string
	number func(*subscription.Subscription) (n int64, known bool)
	read   func(string) (n int64, ok bool) // a number as clients write it
	form   string                          // of what is read, for people
}

// members are all, in the order of an answer.
var members = []member{
	{name: "id", number: idOf, read: readNumber, form: "a whole number"},
	{name: "eventName", text: func(s *subscription.Subscription) string { return s.Event }},
	{name: "targetUrl", text: func(s *subscription.Subscription) string { return s.URL }},
	{name: "status", text: func(s *subscription.Subscription) string { return statusWords[s.Status] }},
	{name: "triggeredCount", number: countOf, read: readNumber, form: "a whole number"},
	{name: "lastTriggered", number: lastOf, read: readTime, form: timeForms},
	{name: "triggeredLastTimestamp", number: lastOf, read: readTime, form: timeForms},
}

const timeForms = "a time such as 2030-01-31T12:00:00+13:00, or without the offset in UTC"

func memberOf(name string) *member {
	for i := range members {
		if members[i].name == name {
			return &members[i]
		}
	}
	return nil
}

func memberNames() []string {
	names := make([]string, len(members))
	for i := range members {
		names[i] = members[i].name
	}
	return names
}

// compare orders two REST hooks by the member; one that was never triggered
// comes first.
func (m *member) compare(a, b *subscription.Subscription) int {
	if m.text != nil {
		return strings.Compare(m.text(a), m.text(b))
	}
	x, _ := m.number(a)
	y, _ := m.number(b)
	return cmp.Compare(x, y)
}

func idOf(s *subscription.Subscription) (n int64, known bool) { return readNumber(s.External) }

func countOf(s *subscription.Subscription) (n int64, known bool) { return s.Triggered, true }

func lastOf(s *subscription.Subscription) (n int64, known bool) {
	if s.LastTriggered.IsZero() {
		return 0, false
	}
	return s.LastTriggered.Unix(), true
}

func readNumber(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// readTime reads a time as answers write it, or as a known client does, which
// leaves the offset out and means UTC; a day is its beginning.
func readTime(text string) (n int64, ok bool) {
	text = strings.Replace(text, " ", "+", 1) // a plus that was not escaped
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at.Unix(), true
		}
	}
	return 0, false
}
