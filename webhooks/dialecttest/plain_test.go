package dialecttest_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"hooktree/webhooks/delivery"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// plain is the smallest dialect that passes: hooks at /hooks, in JSON. Its
// functions can be replaced by ones that are wrong.
type plain struct {
	parse   func(subscription.Request) (subscription.Operation, *subscription.Refusal)
	render  func(subscription.Request, subscription.Outcome) subscription.Response
	compose func(*subscription.Subscription, *event.Event) (subscription.Message, error)
	offers  []subscription.Offer
	traits  subscription.Traits
}

func (p plain) Parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	return p.parse(r)
}

func (p plain) Render(r subscription.Request, o subscription.Outcome) subscription.Response {
	return p.render(r, o)
}

func (p plain) Compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	return p.compose(s, e)
}
func (p plain) Offers(*event.Catalogue) []subscription.Offer { return p.offers }
func (p plain) Traits() subscription.Traits                  { return p.traits }

func sound() plain {
	return plain{
		parse: parse, render: render, compose: compose,
		offers: []subscription.Offer{{Key: "thing.made", Title: "A thing was made", Type: "plain", Action: "made"}},
		traits: subscription.Traits{Policy: delivery.Policy{Waits: []time.Duration{time.Second}}},
	}
}

// hook is a subscription as the dialect's clients see it.
type hook struct {
	ID     string `json:"id"`
	Event  string `json:"event"`
	URL    string `json:"url"`
	Status string `json:"status"`
}

func refuse(code subscription.Code, message string) *subscription.Refusal {
	return &subscription.Refusal{Code: code, Message: message}
}

func parse(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	id, below := strings.CutPrefix(strings.TrimSuffix(r.Path, "/"), "/")
	switch {
	case strings.Contains(id, "/"):
		return nil, refuse(subscription.NoRoute, "nothing is here")
	case r.Method == http.MethodGet && !below:
		return subscription.List{}, nil
	case r.Method == http.MethodPost && !below:
		return create(r)
	case r.Method == http.MethodDelete && below:
		return subscription.Delete{IDs: []string{id}}, nil
	}
	return nil, refuse(subscription.NoMethod, "not by this method")
}

func create(r subscription.Request) (subscription.Operation, *subscription.Refusal) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refuse(subscription.Unsupported, "send JSON")
	}
	if _, fault := event.Decode(r.Body); fault != nil {
		return nil, refuse(subscription.Malformed, fault.Text)
	}
	var h hook
	if err := json.Unmarshal(r.Body, &h); err != nil || h.Event == "" || h.URL == "" {
		return nil, refuse(subscription.Missing, "say event and url")
	}
	return subscription.Create{Drafts: []subscription.Draft{{Event: h.Event, URL: h.URL}}}, nil
}

func render(_ subscription.Request, o subscription.Outcome) subscription.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	answer := func(status int, body any) subscription.Response {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		return subscription.Response{Status: status, Header: header, Body: text}
	}
	if o.Refusal != nil {
		return answer(http.StatusBadRequest, map[string]string{"error": o.Refusal.Message})
	}
	if _, ok := o.Operation.(subscription.Delete); ok {
		return subscription.Response{Status: http.StatusNoContent}
	}
	hooks := []hook{}
	for _, s := range o.Subscriptions {
		hooks = append(hooks, hook{ID: s.External, Event: s.Event, URL: s.URL, Status: string(s.Status)})
	}
	return answer(http.StatusOK, hooks)
}

func compose(s *subscription.Subscription, e *event.Event) (subscription.Message, error) {
	body, err := json.Marshal(map[string]any{"event": s.Event, "id": e.Entity})
	return subscription.Message{Header: map[string]string{"Content-Type": "application/json"}, Body: body}, err
}

// table is how clients of the plain dialect speak.
func table(p plain) dialecttest.Dialect {
	made := event.Own("plain", "made", event.Path{Group: "Plain > thing", Name: "made"}, nil, "id")
	made.Sample = map[string]any{"id": int64(1)}
	statuses := map[subscription.Code]int{}
	for _, code := range dialecttest.Codes {
		statuses[code] = http.StatusBadRequest
	}
	const body = `{"event":"thing.made","url":"https://crm.example.com/"}`
	return dialecttest.Dialect{
		Dialect: subscription.Dialect{
			Name: "plain", Title: "Plain", Vendor: event.Platform{Name: "plain", Kinds: []*event.Kind{made}},
			Prefixes: []string{"/hooks"}, First: subscription.First{ContentType: "application/json", Body: `{"event":"thing.made","url":"` + subscription.ExampleURL + `"}`}, Credentials: []subscription.Carrier{{Kind: subscription.Bearer}},
			External: func(n int64, _ string) string { return fmt.Sprint(n) },
			New:      func(subscription.Settings) subscription.Protocol { return p },
		},
		Calls: []dialecttest.Call{
			{Name: "list", Request: dialecttest.Request("GET", "", "", ""), Want: subscription.List{}, Status: 200},
			{
				Name: "create", Request: dialecttest.Request("POST", "", "application/json", body), Status: 200,
				Want: subscription.Create{Drafts: []subscription.Draft{{Event: "thing.made", URL: "https://crm.example.com/"}}},
			},
			{Name: "delete", Request: dialecttest.Request("DELETE", "/7", "", ""), Want: subscription.Delete{IDs: []string{"7"}}, Status: 204},
		},
		Statuses: statuses,
		Words:    map[subscription.Status]string{subscription.Active: "active", subscription.Disabled: "disabled", subscription.Pending: "pending"},
		Paths:    map[string]string{"thing.made": "Plain > thing / made"},
		Hooks: func(r subscription.Response) (hooks []dialecttest.Hook, err error) {
			return hooks, json.Unmarshal(r.Body, &hooks)
		},
		Fault: func(r subscription.Response) (string, error) {
			var body struct{ Error string }
			return body.Error, json.Unmarshal(r.Body, &body)
		},
		Told: func(m subscription.Message) ([]dialecttest.Told, error) {
			var body struct{ Event, ID string }
			err := json.Unmarshal(m.Body, &body)
			return []dialecttest.Told{{Event: body.Event, Entity: body.ID}}, err
		},
	}
}
