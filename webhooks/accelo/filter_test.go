package accelo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/subscription"
)

// kept are subscriptions to filter, by the last letter of their ids.
func kept() []subscription.Subscription {
	of := func(id, event, address, kind string, owner int64) subscription.Subscription {
		return subscription.Subscription{External: id, Event: event, URL: address, ContentType: kind, Owner: subscription.Owner{ID: owner}}
	}
	return []subscription.Subscription{
		of("a", "assign_task", "https://crm.example.com/tasks", "application/json", 9),
		of("b", "create_quote", "https://crm.example.com/Quotes", "", 10),
		of("c", "create_task", "https://erp.example.com/tasks", "", 9),
		of("d", "create_invoice", "https://erp.example.com/", "application/json", 9),
	}
}

// picked parses a request for a list and gives the ids of what its filters leave.
func picked(t *testing.T, r subscription.Request) string {
	t.Helper()

	op, refusal := protocol().Parse(r)
	if refusal != nil {
		t.Fatalf("%s is refused: %s", r.Query, refusal.Message)
	}
	all := kept()
	if pick := op.(subscription.List).Pick; pick != nil { //nolint:forcetypeassert // a list is asked for
		all = pick(all)
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].External
	}
	return strings.Join(ids, "")
}

func TestFilters_leaveWhatTheVendorsLanguageSays(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ name, filters, want string }{
		{"nothing", "", "abcd"},
		{"a value", "event_id(create_task)", "c"},
		{"one of some values", "event_id(create_task, assign_task)", "ac"},
		{"none of some values", "event_id_not(create_task,assign_task)", "bd"},
		{"two filters, which both hold", "trigger_type(create),content_type(application/json)", "d"},
		{"the last of two filters of one name", "event_id(create_task),event_id(assign_task)", "a"},
		{"either", "_OR(trigger_table(quote),trigger_type(update))", "ab"},
		{"both inside of either", "_OR(trigger_table(quote),_AND(trigger_table(task),trigger_type(create)))", "bc"},
		{"neither", "_OR_not(trigger_table(quote),trigger_type(update))", "cd"},
		{"a word", "search(TASKS)", "ac"},
		{"all words", "search(task erp),order_by_asc(event_id)", "c"},
		{"either word, which may be said twice", "_OR(search(quotes),search(erp))", "bcd"},
		{"more than a number", "user_id_greater_than(9)", "b"},
		{"no more than a number", "user_id_less_than_or_equal(9)", "acd"},
		{"less than a number, and not as text", "user_id_less_than(10)", "acd"},
		{"at least a number", "user_id_greater_than_or_equal(10)", "b"},
		{"after a text", "subscription_id_greater_than(b)", "cd"},
		{"what is empty", "empty(trigger_url)", ""},
		{"what is not", "empty_not(trigger_url)", "abcd"},
		{"an order", "order_by_desc(subscription_id)", "dcba"},
		{"an order by two", "order_by_asc(trigger_table),order_by_desc(subscription_id)", "dbca"},
		{"an order by numbers", "order_by_desc(user_id)", "bacd"},
		{"commas too many", ",,event_id(assign_task,),", "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			if got := picked(t, filtering("_filters", tt.filters)); got != tt.want {
				t.Errorf("%s leaves %q; want %q", tt.filters, got, tt.want)
			}
		})
	}
}

func filtering(name, text string) subscription.Request {
	r := ask("GET", base, "", "")
	r.Query.Set(name, text)
	return r
}

func TestFilters_areReadFromJSON(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct{ name, body, want string }{
		{"a value", `{"_filters":{"event_id":["create_task","assign_task"]}}`, "ac"},
		{"a number", `{"_filters":{"user_id":[10]}}`, "b"},
		{"a value alone", `{"_filters":{"user_id":10}}`, "b"},
		{"some of the vendor's kind", `{"_filters":{"trigger_type":["create"],"order_by_desc":["subscription_id"]}}`, "dcb"},
		{"either, as nested objects", `{"_filters":{"_OR":[{"trigger_table":["quote"]},{"trigger_type":["update"]}]}}`, "ab"},
		{"an address with brackets in it", `{"_filters":{"trigger_url":["https://x/?a=(1,2)"]}}`, ""},
		{"the language in a text", `{"_filters":"event_id(assign_task)"}`, "a"},
		{"a search", `{"_search":"erp Tasks"}`, "c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			if got := picked(t, ask("GET", base, "application/json", tt.body)); got != tt.want {
				t.Errorf("%s leaves %q; want %q", tt.body, got, tt.want)
			}
		})
	}
}

func TestFilters_refuseMoreNamesThanAreRead(t *testing.T) {
	t.Parallel()

	body := `{"_filters":{"event_id":["x"` + strings.Repeat(`,"x"`, 500) + `]}}`
	op, refusal := protocol().Parse(ask("GET", base, "application/json", body))
	if refusal == nil || !strings.Contains(refusal.Message, "more than 500 names") {
		t.Errorf("a filter of 501 values is read as %v, %v", op, refusal)
	}
}

// A list is made of texts from strangers: whatever they are, it is refused, or
// some of the subscriptions are left, the same each time, and can be shown.
func FuzzList(f *testing.F) {
	for _, seed := range [][3]string{
		{"event_id,user(name),_ALL", "event_id_not(a,b),_OR(search(x),_AND(empty(trigger_url)))", "a b"},
		{"a(((((((b", "order_by_desc(user_id),user_id_less_than(9)", ""},
		{"_ALL(_ALL(_ALL))", `{"_OR":[{"user_id":[9]},{"event_id":null}]}`, "("},
		{"user()x", "(((", "\x00"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, fields, filters, search string) {
		r := filtering("_filters", filters)
		r.Query.Set("_fields", fields)
		r.Query.Set("_search", search)
		op, refusal := protocol().Parse(r)
		if refusal != nil {
			return
		}
		all := kept()
		if pick := op.(subscription.List).Pick; pick != nil { //nolint:forcetypeassert // a list was asked for
			all = pick(all)
			if again := pick(kept()); !cmp.Equal(all, again) {
				t.Errorf("%q leaves %v, and then %v", filters, all, again)
			}
		}
		for i := range all {
			if !slices.ContainsFunc(kept(), func(s subscription.Subscription) bool { return s.External == all[i].External }) {
				t.Errorf("%q makes %v", filters, all[i])
			}
		}
		decoded(t, protocol().Render(r, subscription.Outcome{Operation: op, Subscriptions: all, Total: len(all)}).Body)
	})
}
