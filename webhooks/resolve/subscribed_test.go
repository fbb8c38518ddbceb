package resolve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/subscription"
)

// parrot composes a message that is what it was told to say.
type parrot struct {
	subscription.Protocol

	says string
	err  error
}

func (p parrot) Compose(s *subscription.Subscription, _ *event.Event) (subscription.Message, error) {
	return subscription.Message{Header: map[string]string{"Content-Type": "text/plain"}, Body: []byte(s.External + ":" + p.says)}, p.err
}

// rule compiles an expression over an owner and a StockLow.
func rule(tb testing.TB, text string) engine.Expr {
	tb.Helper()
	x, err := expression.Compile(text, &expression.Env{Names: map[string]engine.Type{
		"user": {Kind: engine.KindMap}, "data": {Kind: engine.KindMap}, "event": {Kind: engine.KindMap},
	}}, engine.KindBool)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// entry is an active subscription to StockLow.
func entry(id string, change ...func(*subscription.Entry)) *subscription.Entry {
	e := &subscription.Entry{
		Subscription: subscription.Subscription{
			ID: "id-" + id, External: id, Dialect: "keap", Event: "stock.low", URL: "https://crm.example.com/" + id + "?token=Unguessable",
			Status: subscription.Active, Owner: subscription.Owner{ID: 7, Name: "clerk"},
		},
		Type: "warehouse", Action: "StockLow", Hash: "hash-" + id, Protocol: parrot{says: "low"},
	}
	for _, c := range change {
		c(e)
	}
	return e
}

// stock is a space without trees whose platform is a warehouse.
func stock(tb testing.TB, entries ...*subscription.Entry) resolve.Rules {
	tb.Helper()
	r := rules(tb, []trees.File{
		{Path: "space.yaml", Content: []byte("slug: acme")},
		{Path: "events/warehouse.yaml", Content: []byte("platform: warehouse\nevents: [{name: StockLow, entity: sku}, {name: StockHigh}]")},
	})
	r.Subscriptions = subscription.NewSet(entries)
	return r
}

func low(tb testing.TB, r resolve.Rules, head, data string) event.Event {
	tb.Helper()
	e, err := event.Parse([]byte(`{"event":{"platform":"warehouse","name":"StockLow"`+head+`},"data":`+data+`}`), r.Catalogue, noon)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func TestSubscriptions_get_a_verdict_each(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name   string
		change func(*subscription.Entry)
		want   webhooks.Outcome
		reason string
	}{
		{"active", func(*subscription.Entry) {}, webhooks.Fired, "it has no filter"},
		{"pending", func(e *subscription.Entry) { e.Status = subscription.Pending }, webhooks.Inactive, "waits for its endpoint's confirmation"},
		{"expired", func(e *subscription.Entry) { e.Expires = noon }, webhooks.Inactive, "it expired at 2026-04-08T12:00:00Z"},
		{"not expired yet", func(e *subscription.Entry) { e.Expires = noon.Add(time.Second) }, webhooks.Fired, ""},
		{"a filter that is true", func(e *subscription.Entry) { e.Filter = rule(t, "data.left < 5") }, webhooks.Fired, "the filter is true"},
		{"a filter that is false", func(e *subscription.Entry) { e.Filter = rule(t, "data.left > 5") }, webhooks.Filtered, "the filter is false"},
		{"a filter that fails", func(e *subscription.Entry) { e.Filter = rule(t, "data.crumbs > 5") }, webhooks.Errored, "crumbs"},
		{"visible", func(e *subscription.Entry) { e.Visible = rule(t, "user.id == data.owner") }, webhooks.Fired, "`visible` of keap in space.yaml is true"},
		{"not visible", func(e *subscription.Entry) { e.Visible = rule(t, "user.id != data.owner") }, webhooks.Filtered, "its owner clerk (7) may not see it: `visible` of keap in space.yaml is false"},
		{"a rule that fails", func(e *subscription.Entry) { e.Visible = rule(t, "user.id == data.boss") }, webhooks.Errored, "`visible` of keap in space.yaml failed"},
		{"not visible and disabled", func(e *subscription.Entry) {
			e.Visible, e.Status = rule(t, "user.id != data.owner"), subscription.Disabled
		}, webhooks.Filtered, "may not see it"},
		{"a message that cannot be made", func(e *subscription.Entry) { e.Protocol = parrot{err: errors.New("no id")} }, webhooks.Errored, "the message could not be made: no id"},
		{"disabled", func(e *subscription.Entry) { e.Status, e.Reason = subscription.Disabled, "it failed four times" }, webhooks.Inactive, "held for a replay, because it is disabled: it failed four times"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			r := stock(t, entry("12", tt.change))
			res := resolve.Resolve(low(t, r, "", `{"sku":"A-1","left":3,"owner":7}`), r)
			if len(res.Verdicts) != 1 {
				t.Fatalf("the verdicts are %+v", res.Verdicts)
			}
			v := res.Verdicts[0]
			if v.Webhook != "keap/12" || !v.Application || v.Hash != "hash-12" || v.Target != "https://crm.example.com/12?token=•••" || v.Outcome != tt.want || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("the verdict is %+v; want %s for %q", v, tt.want, tt.reason)
			}
			held := strings.HasPrefix(v.Reason, "held")
			if sends := tt.want == webhooks.Fired || held; sends != (len(res.Firings) == 1) {
				t.Fatalf("the firings are %+v", res.Firings)
			}
			for _, f := range res.Firings {
				want := &webhooks.URLFiring{
					Method: "POST", URL: "https://crm.example.com/12?token=•••", Headers: map[string]string{"Content-Type": "text/plain"},
					Body: []byte("12:low"), Subscription: "id-12",
				}
				if held {
					want.Held = v.Reason
				}
				if diff := cmp.Diff(want, f.URL); diff != "" || f.Webhook != "keap/12" || f.Verdict != 0 {
					t.Errorf("the firing (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestSubscriptions_come_after_webhooks_and_trees(t *testing.T) {
	t.Parallel()

	r := rules(t, []trees.File{
		{Path: "space.yaml", Content: []byte("slug: acme")},
		{Path: "events/warehouse.yaml", Content: []byte("platform: warehouse\nevents: [{name: StockLow}]")},
		{Path: "webhooks.yaml", Content: []byte("webhooks: [{name: all, type: warehouse, event: StockLow, url: 'https://a.example.com'}]")},
		{Path: "trees/low.yaml", Content: []byte("tree: Warehouse / StockLow\nnodes: [{id: a, return: 1}]")},
	})
	r.Subscriptions = subscription.NewSet([]*subscription.Entry{
		entry("1", func(e *subscription.Entry) { e.Ordered, e.Traits.Batch.Window = true, time.Second }), entry("2"),
		entry("3", func(e *subscription.Entry) { e.Action = "StockHigh" }),
		entry("4", func(e *subscription.Entry) {
			e.Traits.Batch = subscription.Batch{Window: time.Second, Windows: map[string]time.Duration{e.Event: time.Minute, "other": time.Hour}}
		}),
	})
	res := resolve.Resolve(low(t, r, "", `{}`), r)
	var order []string
	for _, v := range res.Verdicts {
		order = append(order, v.Webhook+" "+string(v.Outcome))
	}
	if diff := cmp.Diff([]string{"all fired", "Warehouse / StockLow fired", "keap/1 fired", "keap/2 fired", "keap/4 fired"}, order); diff != "" {
		t.Errorf("the verdicts (-want +got):\n%s", diff)
	}
	if f := res.Firings[2].URL; !f.Ordered || f.Gather != time.Second {
		t.Errorf("the firing is %+v", f)
	}
	if f := res.Firings[4].URL; f.Gather != time.Minute {
		t.Errorf("an event with a window of its own gathers for %s", f.Gather)
	}
}

// What a client publishes is for subscriptions alone: it cannot start trees.
func TestSubscriptions_are_the_audience_of_what_a_client_publishes(t *testing.T) {
	t.Parallel()

	r := rules(t, []trees.File{
		{Path: "space.yaml", Content: []byte("slug: acme")},
		{Path: "events/warehouse.yaml", Content: []byte("platform: warehouse\nevents: [{name: StockLow}]")},
		{Path: "webhooks.yaml", Content: []byte("webhooks: [{name: all, type: warehouse, event: StockLow, url: 'https://a.example.com'}]")},
		{Path: "trees/low.yaml", Content: []byte("tree: Warehouse / StockLow\nnodes: [{id: a, return: 1}]")},
	})
	r.Subscriptions = subscription.NewSet([]*subscription.Entry{entry("1"), entry("2"), entry("3")})
	for head, want := range map[string]string{
		`,"triggeredBy":"keap/2"`:  "keap/1 fired, keap/2 filtered because it triggered the event, which is for all others, keap/3 fired",
		`,"dispatchedTo":"keap/3"`: "keap/3 fired",
		`,"dispatchedTo":"keap/9"`: "Warehouse / StockLow none because it was published for subscriptions alone, and there is no such subscription",
	} {
		var told []string
		for _, v := range resolve.Resolve(low(t, r, head, `{}`), r).Verdicts {
			line := v.Webhook + " " + string(v.Outcome)
			if v.Outcome != webhooks.Fired {
				line += " because " + v.Reason
			}
			told = append(told, line)
		}
		if got := strings.Join(told, ", "); got != want {
			t.Errorf("%s: %s; want %s", head, got, want)
		}
	}
}

func TestSubscriptions_are_held_by_the_loop_guard(t *testing.T) {
	t.Parallel()

	var meter resolve.Meter
	r := stock(t, entry("1"))
	r.Guard = resolve.Guard{PerMinute: 2, Recent: &meter}
	var outcomes []webhooks.Outcome
	for range 3 {
		e := low(t, r, "", `{"sku":"A-1"}`)
		res := resolve.Resolve(e, r)
		meter.Note(e, res)
		outcomes = append(outcomes, res.Verdicts[0].Outcome)
	}
	if diff := cmp.Diff([]webhooks.Outcome{webhooks.Fired, webhooks.Fired, webhooks.Loop}, outcomes); diff != "" {
		t.Errorf("the outcomes (-want +got):\n%s", diff)
	}
}

func TestSubscriptions_share_what_one_event_may_send(t *testing.T) {
	t.Parallel()

	const size = 1 << 20
	var entries []*subscription.Entry
	for i := range 70 {
		entries = append(entries, entry(fmt.Sprint(i), func(e *subscription.Entry) { e.Protocol = parrot{says: strings.Repeat("x", size)} }))
	}
	entries = append(entries, entry("small", func(e *subscription.Entry) { e.Protocol = parrot{says: "x"} }))
	r := stock(t, entries...)
	res := resolve.Resolve(low(t, r, "", `{}`), r)
	if n := len(res.Firings); n != resolve.MaxComposed/size-1+1 { // each is a few bytes longer, and the small one fits
		t.Errorf("%d of 71 messages are sent", n)
	}
	if last := res.Verdicts[69]; last.Outcome != webhooks.Errored || !strings.Contains(last.Reason, "more than 64 MiB in all") {
		t.Errorf("the last verdict is %+v", last)
	}
}

func TestExplain_tells_what_a_subscriptions_expression_saw(t *testing.T) {
	t.Parallel()

	r := stock(
		t, entry("1", func(e *subscription.Entry) { e.Visible = rule(t, "user.id == data.owner") }),
		entry("2", func(e *subscription.Entry) {
			e.Visible, e.Filter = rule(t, "user.name == 'clerk'"), rule(t, "data.left > 5")
		}),
	)
	e := low(t, r, "", `{"left":3,"owner":9}`)
	res := resolve.Resolve(e, r)
	for i, want := range []string{"7 == 9", "3 > 5"} {
		seen, err := resolve.Explain(e, res.Verdicts[i], r)
		if err != nil || len(seen) == 0 || seen[0].Shown != want || seen[0].Value != false {
			t.Errorf("verdict %d saw %+v, %v; want %s", i, seen, err, want)
		}
	}
	r.Subscriptions = nil // both were deleted since: a filter can be read again, a rule knows no owner
	if seen, err := resolve.Explain(e, res.Verdicts[1], r); err != nil || seen[0].Shown != "3 > 5" {
		t.Errorf("a filter of one that is gone saw %+v, %v", seen, err)
	}
	if seen, err := resolve.Explain(e, res.Verdicts[0], r); !errors.Is(err, resolve.ErrChanged) {
		t.Errorf("a rule for one that is gone saw %+v, %v", seen, err)
	}
}
