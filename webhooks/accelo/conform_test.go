package accelo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"hooktree/webhooks/accelo"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

// table is how Accelo's clients speak.
func table(contentType string) dialecttest.Dialect {
	const address = "https://your-domain.com/callback"
	create := "trigger_url=" + url.QueryEscape(address) + "&event_id=assign_task&content_type=" + url.QueryEscape(contentType)
	draft := subscription.Draft{Event: "assign_task", URL: address, ContentType: contentType}
	ask := func(method, target, body string) subscription.Request {
		return dialecttest.Request(method, target, form, body)
	}
	return dialecttest.Dialect{
		Dialect: accelo.Dialect(),
		Calls: []dialecttest.Call{
			{Name: "list", Request: ask("GET", base, ""), Want: subscription.List{}, Status: 200},
			{Name: "types", Request: ask("GET", base+"/types.json", ""), Want: subscription.Types{}, Status: 200},
			{Name: "create", Request: ask("POST", base, create), Want: subscription.Create{Drafts: []subscription.Draft{draft}}, Status: 201},
			{Name: "delete", Request: ask("DELETE", base+"/583f4b8028dc59073860a6d1", ""), Want: subscription.Delete{IDs: []string{"583f4b8028dc59073860a6d1"}}, Status: 200},
			{Name: "trigger", Request: ask("POST", base+"/5/trigger", "object_id=9"), Want: subscription.Trigger{ID: "5", Object: "9"}, Status: 200},
			{Name: "dispatch", Request: ask("POST", base+"/5/dispatch", "object_id=9"), Want: subscription.Dispatch{ID: "5", Object: "9"}, Status: 200},
		},
		Statuses: map[subscription.Code]int{
			subscription.Malformed: 400, subscription.Unsupported: 400, subscription.TooLarge: 400, subscription.NoRoute: 400,
			subscription.NoMethod: 400, subscription.NotSignedIn: 401, subscription.Foreign: 401, subscription.Missing: 400,
			subscription.Invalid: 400, subscription.NoEvent: 400, subscription.BadURL: 400, subscription.Exists: 400,
			subscription.NotFound: 400, subscription.Unconfirmed: 400, subscription.TooMany: 403, subscription.Busy: 429,
			subscription.NoRoom: 500, subscription.Failed: 500,
		},
		Paths: map[string]string{"assign_task": "Accelo > task / assign_task", "update_sale": "Accelo > prospect / update_sale"},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

type row struct {
	ID    string `json:"subscription_id"`
	Event string `json:"event_id"`
	URL   string `json:"trigger_url"`
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	var body struct {
		Response struct {
			Subscription  *row
			Subscriptions []row
		}
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, err
	}
	rows := body.Response.Subscriptions
	if one := body.Response.Subscription; one != nil {
		rows = append(rows, *one)
	}
	var hooks []dialecttest.Hook
	for _, h := range rows {
		hooks = append(hooks, dialecttest.Hook{ID: h.ID, Event: h.Event, URL: h.URL})
	}
	return hooks, nil
}

func readFault(r subscription.Response) (string, error) {
	var body struct {
		Meta struct {
			Status, Message string
			More            string `json:"more_info"`
		}
		Response json.RawMessage
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return "", err
	}
	if body.Meta.Status != r.Header.Get("X-Status-Reason") || body.Meta.More == "" || string(body.Response) != "null" {
		return "", errors.New("it is not the vendor's envelope of a refusal")
	}
	return body.Meta.Message, nil
}

// readTold reads a delivery in either form, with the event from its header.
func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	told := dialecttest.Told{Event: m.Header["X-Accelo-Event"]}
	if m.Header["Content-Type"] == form {
		values, err := url.ParseQuery(string(m.Body))
		told.Entity = values.Get("id")
		return []dialecttest.Told{told}, err
	}
	var body struct{ ID any }
	err := json.Unmarshal(m.Body, &body)
	told.Entity = fmt.Sprint(body.ID)
	return []dialecttest.Told{told}, err
}

func TestDialect_conforms(t *testing.T) {
	t.Parallel()

	for _, kind := range []string{form, "application/json"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			dialecttest.Run(t, table(kind))
		})
	}
}

func TestDialect_lives(t *testing.T) {
	t.Parallel()

	dialecttest.Live(t, table("application/json"), map[int]dialecttest.Fate{
		200: dialecttest.Counts, 204: dialecttest.Counts, 302: dialecttest.Retries, 500: dialecttest.Retries, 410: dialecttest.Deletes,
	})
}
