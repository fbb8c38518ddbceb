package dialecttest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestRun_passesASoundDialect(t *testing.T) {
	t.Parallel()

	dialecttest.Run(t, table(sound()))
}

func FuzzParse(f *testing.F) { dialecttest.FuzzParse(f, table(sound())) }

// TestRun_findsWhatIsWrong breaks the sound dialect in one way at a time.
func TestRun_findsWhatIsWrong(t *testing.T) {
	t.Parallel()

	for _, tt := range breakages() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			p := sound()
			if tt.protocol != nil {
				tt.protocol(&p)
			}
			d := table(p)
			if tt.table != nil {
				tt.table(&d)
			}
			found := dialecttest.Faults(d)
			if !strings.Contains(strings.Join(found[tt.property], "\n"), tt.says) || len(found[tt.property]) == 0 {
				t.Errorf("%q does not tell that %q; found:\n%s", tt.property, tt.says, found)
			}
		})
	}
}

// breakage is one way to be wrong, and which property tells.
type breakage struct {
	name           string
	property, says string
	protocol       func(*plain)
	table          func(*dialecttest.Dialect)
}

func breakages() []breakage {
	header := http.Header{"Content-Type": {"application/json"}}
	return []breakage{
		{"a code without a status", "the table is whole", "has no status of a refusal for busy", nil, func(d *dialecttest.Dialect) { delete(d.Statuses, subscription.Busy) }},
		{"a table without a list", "the table is whole", "Calls has no subscription.List", nil, func(d *dialecttest.Dialect) { d.Calls = d.Calls[1:] }},
		{"ids that repeat", "the declaration is sound", "two subscriptions have the id", nil, func(d *dialecttest.Dialect) {
			d.Dialect.External = func(int64, string) string { return "1" }
		}},
		{"an option that is none", "the declaration is sound", "no sentence", nil, func(d *dialecttest.Dialect) {
			d.Dialect.Options = []subscription.Option{{Name: "ids", Note: "ids"}}
		}},
		{"a first subscription to nothing", "the first subscription is one", "which is not offered", nil, func(d *dialecttest.Dialect) {
			d.Dialect.First.Body = strings.Replace(d.Dialect.First.Body, "thing.made", "thing.unmade", 1)
		}},
		{"a first subscription elsewhere", "the first subscription is one", "one draft to https://example.com/hook", nil, func(d *dialecttest.Dialect) {
			d.Dialect.First.Body = strings.Replace(d.Dialect.First.Body, "example.com", "example.org", 1)
		}},
		{"a request that is misread", "every documented request is understood", "want", func(p *plain) {
			p.parse = func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				op, refusal := parse(r)
				if _, ok := op.(subscription.List); ok {
					op = subscription.List{Limit: 1}
				}
				return op, refusal
			}
		}, nil},
		{"a strict reader", "what nobody knows is passed over", "is refused", func(p *plain) {
			p.parse = func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				if bytes.Contains(r.Body, []byte("x_unknown")) {
					return nil, refuse(subscription.Invalid, "what is x_unknown?")
				}
				return parse(r)
			}
		}, nil},
		{"a parser that panics", "a request is an operation or refused", "panics", func(p *plain) {
			p.parse = func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				_ = r.Query["event"][:1][0] // nobody sent it
				return parse(r)
			}
		}, nil},
		{"neither an operation nor a refusal", "a request is an operation or refused", "neither", func(p *plain) {
			p.parse = func(subscription.Request) (subscription.Operation, *subscription.Refusal) { return nil, nil }
		}, nil},
		{"an echo of what was sent", "a request is an operation or refused", "repeats what was sent", func(p *plain) {
			p.parse = func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				return nil, refuse(subscription.NoRoute, r.Path+" is nothing")
			}
		}, nil},
		{"broken JSON that is taken", "what is no request is refused in form", "is read as", func(p *plain) {
			p.parse = func(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
				if r.Method == http.MethodPost {
					return subscription.Create{Drafts: []subscription.Draft{{Event: "thing.made", URL: "https://crm.example.com/"}}}, nil
				}
				return parse(r)
			}
		}, nil},
		{"a page as refusal", "every code has its status and form", "is a page", func(p *plain) {
			p.render = func(r subscription.Request, o subscription.Outcome) subscription.Response {
				if o.Refusal != nil {
					return subscription.Response{Status: 400, Header: header, Body: []byte(`"<html></html>"`)}
				}
				return render(r, o)
			}
		}, nil},
		{"a refusal without a word", "every code has its status and form", "has no body", func(p *plain) {
			p.render = func(subscription.Request, subscription.Outcome) subscription.Response {
				return subscription.Response{Status: 400}
			}
		}, nil},
		{"another status than documented", "every code has its status and form", "want 409", nil, func(d *dialecttest.Dialect) { d.Statuses[subscription.Exists] = 409 }},
		{"an answer that is no JSON", "every outcome is answered", "the body is no application/json", func(p *plain) {
			p.render = func(subscription.Request, subscription.Outcome) subscription.Response {
				return subscription.Response{Status: 200, Header: header, Body: []byte("[1,")}
			}
		}, nil},
		{"a subscription that is left out", "what was made reads back", "clients read of", func(p *plain) {
			p.render = func(r subscription.Request, o subscription.Outcome) subscription.Response {
				o.Subscriptions = o.Subscriptions[:min(1, len(o.Subscriptions))]
				return render(r, o)
			}
		}, nil},
		{"a secret that is told", "secrets stay secret", "tells the secret", func(p *plain) {
			p.render = func(r subscription.Request, o subscription.Outcome) subscription.Response {
				for i := range o.Subscriptions {
					o.Subscriptions[i].Event = o.Subscriptions[i].Challenge
				}
				return render(r, o)
			}
		}, nil},
		{"an offer that the catalogue lacks", "offers are in the catalogue", "which the catalogue lacks", func(p *plain) {
			p.offers = append(p.offers, subscription.Offer{Key: "x", Title: "X", Type: "plain", Action: "nothing"})
		}, nil},
		{"an event that is not offered", "offers are in the catalogue", "is not offered", func(p *plain) { p.offers = nil }, nil},
		{"a tree in another place", "offers are in the catalogue", "stands at", nil, func(d *dialecttest.Dialect) { d.Paths = map[string]string{"thing.made": "Plain > thing / created"} }},
		{"chance in a delivery", "deliveries say what happened", "told in two ways", func(p *plain) {
			times := make(chan int, 1)
			times <- 0
			p.compose = func(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
				n := <-times
				times <- n + 1
				m, err := compose(s, e)
				m.Body = fmt.Appendf(nil, `{"n":%d,"event":%q}`, n, s.Event)
				return m, err
			}
		}, nil},
		{"an event that is changed", "deliveries say what happened", "changes the event", func(p *plain) {
			p.compose = func(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
				e.Data["told"] = true
				return compose(s, e)
			}
		}, nil},
		{"another event in a delivery", "deliveries say what happened", "reads as", func(p *plain) {
			p.compose = func(_ *subscription.Subscription, e *event.Event) (subscription.Message, error) {
				return compose(&subscription.Subscription{Event: "thing.lost"}, e)
			}
		}, nil},
		{"a panic over strange data", "what tells of nothing is an error or valid", "panics", func(p *plain) {
			p.compose = func(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
				_ = e.Data["data"].(map[string]any)["id"].(int64)
				return compose(s, e)
			}
		}, nil},
		{"waits that get shorter", "deliveries come to an end", "do not get shorter", func(p *plain) {
			p.traits.Policy.Waits = []time.Duration{time.Minute, time.Second}
		}, nil},
		{"no success", "deliveries come to an end", "no answer is a success", func(p *plain) {
			p.traits.Policy.Success = delivery.Range{Low: 600, High: 700}
		}, nil},
		{"a batch without a window", "batches join what was composed", "needs a window", func(p *plain) {
			p.traits.Batch = subscription.Batch{Max: 5}
		}, nil},
		{"a window of what is not offered", "batches join what was composed", "the event is not offered", func(p *plain) {
			p.traits.Batch = subscription.Batch{Windows: map[string]time.Duration{"no.such": time.Second}}
		}, nil},
		{"a batch that loses deliveries", "batches join what was composed", "is of no deliveries", func(p *plain) {
			p.traits.Batch = subscription.Batch{Max: 5, Window: time.Second, Join: func(bodies [][]byte) ([]byte, error) {
				return append([]byte(nil), bytes.Join(bodies, nil)...), nil
			}}
		}, nil},
	}
}
