package standard_test

import (
	"encoding/json"
	"errors"
	"testing"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

// table is how clients of the standard dialect speak.
func table() dialecttest.Dialect {
	const create = `{"event":"submission.submitted","target_url":"https://app.example.com/in"}`
	draft := subscription.Draft{Event: "submission.submitted", URL: "https://app.example.com/in"}
	return dialecttest.Dialect{
		Dialect: standard.Dialect(),
		Calls: []dialecttest.Call{
			{Name: "list", Request: ask("GET", "", ""), Want: subscription.List{Limit: 100}, Status: 200},
			{Name: "events", Request: ask("GET", "/events", ""), Want: subscription.Types{}, Status: 200},
			{Name: "create", Request: ask("POST", "", create), Want: subscription.Create{Drafts: []subscription.Draft{draft}}, Status: 201},
			{Name: "get", Request: ask("GET", "/7", ""), Want: subscription.Get{ID: "7"}, Status: 200},
			{Name: "enable", Request: ask("PATCH", "/7", `{"status":"active"}`), Want: subscription.Change{ID: "7", Draft: subscription.Draft{Status: subscription.Active}}, Status: 200},
			{Name: "delete", Request: ask("DELETE", "/7", ""), Want: subscription.Delete{IDs: []string{"7"}}, Status: 204},
			{Name: "samples", Request: ask("GET", "/samples?event=submission.submitted", ""), Want: subscription.Sample{Event: "submission.submitted", Limit: 3}, Status: 200},
			{Name: "test", Request: ask("POST", "/7/test", ""), Want: subscription.Dispatch{ID: "7"}, Status: 200},
			{Name: "rotate", Request: ask("POST", "/7/rotate", ""), Want: subscription.Rotate{ID: "7"}, Status: 200},
			{Name: "replay", Request: ask("POST", "/7/replay", ""), Want: subscription.Replay{ID: "7"}, Status: 202},
		},
		Statuses: map[subscription.Code]int{
			subscription.Malformed: 400, subscription.Unsupported: 415, subscription.TooLarge: 413, subscription.NoRoute: 404,
			subscription.NoMethod: 405, subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.Missing: 422,
			subscription.Invalid: 422, subscription.NoEvent: 422, subscription.BadURL: 422, subscription.Exists: 409,
			subscription.NotFound: 404, subscription.Unconfirmed: 409, subscription.TooMany: 409, subscription.Busy: 429,
			subscription.NoRoom: 507, subscription.Failed: 500,
		},
		Words: map[subscription.Status]string{
			subscription.Pending: "pending", subscription.Active: "active", subscription.Disabled: "disabled",
		},
		Paths: map[string]string{
			"submission.submitted": "Submissions > [kapp] > [form] / Submitted", "user.login": "Users / Login",
		},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	type row struct {
		ID, Event, Status string
		URL               string `json:"target_url"`
	}
	var body struct {
		row

		Hooks []row
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, err
	}
	rows := body.Hooks
	if body.ID != "" {
		rows = append(rows, body.row)
	}
	var hooks []dialecttest.Hook
	for _, h := range rows {
		hooks = append(hooks, dialecttest.Hook{ID: h.ID, Event: h.Event, URL: h.URL, Status: h.Status})
	}
	return hooks, nil
}

func readFault(r subscription.Response) (string, error) {
	var body struct {
		Title, Code, Detail string
		Status              int
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return "", err
	}
	if r.Header.Get("Content-Type") != "application/problem+json" || body.Status != r.Status || body.Code == "" || body.Title == "" {
		return "", errors.New("it is no problem")
	}
	return body.Detail, nil
}

func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	var body struct{ Type, Subject, SpecVersion string }
	err := json.Unmarshal(m.Body, &body)
	if err == nil && body.SpecVersion != "1.0" {
		err = errors.New("it is no CloudEvent")
	}
	return []dialecttest.Told{{Event: body.Type, Entity: body.Subject}}, err
}

func TestDialect_conforms(t *testing.T) {
	t.Parallel()

	dialecttest.Run(t, table())
}

func TestDialect_lives(t *testing.T) {
	t.Parallel()

	dialecttest.Live(t, table(), map[int]dialecttest.Fate{
		200: dialecttest.Counts, 204: dialecttest.Counts, 302: dialecttest.Retries, 500: dialecttest.Retries, 410: dialecttest.Deletes,
	})
}
