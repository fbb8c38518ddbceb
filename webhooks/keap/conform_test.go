package keap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/keap"
	"hooktree/webhooks/subscription"
)

// table is how Keap's clients speak.
func table() dialecttest.Dialect {
	const hook = `{"eventKey":"contact.add","hookUrl":"https://example.com/hook"}`
	draft := subscription.Draft{Event: "contact.add", URL: "https://example.com/hook"}
	confirm := dialecttest.Request("POST", "/hooks/8/delayedVerify", jsonType, "")
	confirm.Header.Set("X-Hook-Secret", "told")
	return dialecttest.Dialect{
		Dialect: keap.Dialect(), Settings: subscription.Settings{"window": "20ms", "api": ""},
		Calls: []dialecttest.Call{
			{Name: "list", Request: dialecttest.Request("GET", "/hooks", "", ""), Want: subscription.List{}, Status: 200},
			{Name: "event keys", Request: dialecttest.Request("GET", "/hooks/event_keys", "", ""), Want: subscription.Types{}, Status: 200},
			{Name: "create", Request: dialecttest.Request("POST", "/hooks", jsonType, hook), Want: subscription.Create{Drafts: []subscription.Draft{draft}}, Status: 200},
			{Name: "get", Request: dialecttest.Request("GET", "/hooks/8", "", ""), Want: subscription.Get{ID: "8"}, Status: 200},
			{Name: "update", Request: dialecttest.Request("PUT", "/hooks/8", jsonType, hook), Want: subscription.Change{ID: "8", Draft: draft}, Status: 200},
			{Name: "delete", Request: dialecttest.Request("DELETE", "/hooks/8", "", ""), Want: subscription.Delete{IDs: []string{"8"}}, Status: 204},
			{Name: "verify", Request: dialecttest.Request("POST", "/hooks/8/verify", jsonType, "[]"), Want: subscription.Verify{ID: "8"}, Status: 200},
			{Name: "delayed verification", Request: confirm, Want: subscription.Confirm{ID: "8", Secret: "told"}, Status: 200},
		},
		Statuses: map[subscription.Code]int{
			subscription.Malformed: 400, subscription.Unsupported: 415, subscription.TooLarge: 413, subscription.NoRoute: 404,
			subscription.NoMethod: 405, subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.Missing: 400,
			subscription.Invalid: 400, subscription.NoEvent: 400, subscription.BadURL: 400, subscription.Exists: 400,
			subscription.NotFound: 404, subscription.Unconfirmed: 400, subscription.TooMany: 403, subscription.Busy: 429,
			subscription.NoRoom: 507, subscription.Failed: 500,
		},
		Words: map[subscription.Status]string{
			subscription.Pending: "Unverified", subscription.Active: "Verified", subscription.Disabled: "Inactive",
		},
		Paths: map[string]string{"contact.add": "Keap > contact / add", "invoice.payment.add": "Keap > invoice.payment / add"},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	type row struct{ Key, EventKey, HookURL, Status string }
	rows := make([]row, 1)
	err := json.Unmarshal(r.Body, &rows)
	if r.Body[0] == '{' {
		err = json.Unmarshal(r.Body, &rows[0])
	}
	var hooks []dialecttest.Hook
	for _, h := range rows {
		hooks = append(hooks, dialecttest.Hook{ID: h.Key, Event: h.EventKey, URL: h.HookURL, Status: h.Status})
	}
	return hooks, err
}

func readFault(r subscription.Response) (string, error) {
	var body struct {
		Message, LocalizedMessage string
		StackTrace, Suppressed    []string
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return "", err
	}
	if body.LocalizedMessage != body.Message || body.StackTrace == nil || body.Suppressed == nil {
		return "", errors.New("it is not the vendor's Error")
	}
	return body.Message, nil
}

func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	var body struct {
		Event string `json:"event_key"`
		Keys  []struct {
			ID        any
			Timestamp string
		} `json:"object_keys"`
	}
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return nil, err
	}
	var told []dialecttest.Told
	for _, key := range body.Keys {
		if key.Timestamp == "" {
			return nil, errors.New("an object has no timestamp")
		}
		told = append(told, dialecttest.Told{Event: body.Event, Entity: fmt.Sprint(key.ID)})
	}
	return told, nil
}

func TestDialect_conforms(t *testing.T) {
	t.Parallel()

	dialecttest.Run(t, table())
}

func TestDialect_lives(t *testing.T) {
	t.Parallel()

	dialecttest.Live(t, table(), map[int]dialecttest.Fate{
		200: dialecttest.Counts, 302: dialecttest.Counts, 500: dialecttest.Retries, 410: dialecttest.Disables,
	})
}
