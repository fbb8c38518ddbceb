package keap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/keap"
	"hooktree/webhooks/subscription"
)

const (
	hook    = `{"eventKey":"contact.add","hookUrl":"https://example.com/hook"}`
	escaped = `{"eventKey":"contact.add","hookUrl":"https:\/\/example.com\/hook"}`
)

// confirmation is a delayed one.
func confirmation() subscription.Request {
	r := ask("POST", "/hooks/8/delayedVerify", jsonType, "[]")
	r.Header.Set("X-Hook-Secret", "s3cret")
	return r
}

// table is how Keap's clients speak.
func table() dialecttest.Dialect {
	draft := subscription.Draft{Event: "contact.add", URL: "https://example.com/hook"}
	created := subscription.Create{Drafts: []subscription.Draft{draft}}
	return dialecttest.Dialect{
		Dialect: keap.Dialect(), Settings: subscription.Settings{"window": "20ms", "api": ""},
		Calls: []dialecttest.Call{
			{Name: "event keys", Request: ask("GET", "/hooks/event_keys", "", ""), Want: subscription.Types{}, Status: 200},
			{Name: "list", Request: ask("GET", "/hooks", jsonType, ""), Want: subscription.List{}, Status: 200},
			{Name: "list with a slash and a token", Request: ask("GET", "/hooks/?access_token=x", "", ""), Want: subscription.List{}, Status: 200},
			{Name: "create", Request: ask("POST", "/hooks", jsonType, hook), Want: created, Status: 200},
			{Name: "create with escaped slashes", Request: ask("POST", "/hooks", jsonType, escaped), Want: created, Status: 200},
			{Name: "create with a slash", Request: ask("POST", "/hooks/", jsonType+"; charset=utf-8", hook), Want: created, Status: 200},
			{Name: "create without a content type", Request: ask("POST", "/hooks", "", hook), Want: created, Status: 200},
			{Name: "get", Request: ask("GET", "/hooks/8", jsonType, ""), Want: subscription.Get{ID: "8"}, Status: 200},
			{Name: "update", Request: ask("PUT", "/hooks/8", jsonType, hook), Want: subscription.Change{ID: "8", Draft: draft}, Status: 200},
			{
				Name: "update of one member", Request: ask("PUT", "/hooks/8/", jsonType, `{"hookUrl":"https://example.com/hook","status":"Verified","key":"8"}`),
				Want: subscription.Change{ID: "8", Draft: subscription.Draft{URL: draft.URL}}, Status: 200,
			},
			{Name: "delete with a content type", Request: ask("DELETE", "/hooks/8", jsonType, ""), Want: subscription.Delete{IDs: []string{"8"}}, Status: 204},
			{Name: "verify with an empty list", Request: ask("POST", "/hooks/8/verify", jsonType, "[]"), Want: subscription.Verify{ID: "8"}, Status: 200},
			{Name: "verify with an empty object", Request: ask("POST", "/hooks/8/verify", jsonType, "{}"), Want: subscription.Verify{ID: "8"}, Status: 200},
			{Name: "verify with nothing and a slash", Request: ask("POST", "/hooks/8/verify/?access_token=x", "", ""), Want: subscription.Verify{ID: "8"}, Status: 200},
			{Name: "delayed verification", Request: confirmation(), Want: subscription.Confirm{ID: "8", Secret: "s3cret"}, Status: 200},
		},
		Refused:  refusedRequests(),
		Statuses: statuses(),
		Words:    map[subscription.Status]string{subscription.Pending: "Unverified", subscription.Active: "Verified", subscription.Disabled: "Inactive"},
		Paths: map[string]string{
			"contact.add": "Keap > contact / add", "contactGroup.applied": "Keap > contactGroup / applied", "invoice.payment.add": "Keap > invoice.payment / add",
		},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func refusedRequests() []dialecttest.Refused {
	refused := func(name, method, target, body string, code subscription.Code, field, says string) dialecttest.Refused {
		return dialecttest.Refused{Name: name, Request: ask(method, target, jsonType, body), Code: code, Field: field, Says: says}
	}
	return []dialecttest.Refused{
		refused("another resource", "GET", "/contacts", "", subscription.NoRoute, "", "hooks are at"),
		refused("below a hook", "GET", "/hooks/8/nothing", "", subscription.NoRoute, "", "verify and delayedVerify"),
		refused("two slashes inside", "GET", "/hooks//verify", "", subscription.NoRoute, "", "no such resource"),
		refused("a method", "PATCH", "/hooks/8", "", subscription.NoMethod, "", "GET or PUT or DELETE is"),
		refused("get of verify", "GET", "/hooks/8/verify", "", subscription.NoMethod, "", "POST is"),
		refused("no event", "POST", "/hooks", `{"hookUrl":"https://x"}`, subscription.Missing, "eventKey", "eventKey is missing"),
		refused("no address", "POST", "/hooks", `{"eventKey":"contact.add"}`, subscription.Missing, "hookUrl", "hookUrl is missing"),
		refused("nothing", "POST", "/hooks", "", subscription.Malformed, "", "the body is empty"),
		{Name: "a form", Request: ask("POST", "/hooks", "application/x-www-form-urlencoded", "eventKey=contact.add"), Code: subscription.Unsupported, Says: "send JSON"},
		refused("nothing to change", "PUT", "/hooks/8", "{}", subscription.Missing, "eventKey", "nothing to change"),
		refused("broken JSON", "POST", "/hooks", `{"eventKey"`, subscription.Malformed, "", "no JSON"),
		refused("a list", "POST", "/hooks", "[]", subscription.Malformed, "", "no JSON object"),
		refused("a number", "POST", "/hooks", `{"eventKey":5,"hookUrl":"https://x"}`, subscription.Invalid, "eventKey", "eventKey is one text"),
		refused("a delayed verification without the secret", "POST", "/hooks/8/delayedVerify", "[]", subscription.Missing, "X-Hook-Secret", "is missing"),
	}
}

func statuses() map[subscription.Code]int {
	all := map[subscription.Code]int{}
	for _, code := range dialecttest.Codes {
		all[code] = http.StatusBadRequest
	}
	maps.Copy(all, map[subscription.Code]int{
		subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.TooMany: 403, subscription.NotFound: 404,
		subscription.NoRoute: 404, subscription.NoMethod: 405, subscription.TooLarge: 413, subscription.Unsupported: 415,
		subscription.Busy: 429, subscription.NoRoom: 507, subscription.Failed: 500,
	})
	return all
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	type row struct{ Key, EventKey, HookURL, Status string }
	var rows []row
	var err error
	if len(r.Body) > 0 && r.Body[0] == '[' {
		err = json.Unmarshal(r.Body, &rows)
	} else {
		rows = make([]row, 1)
		err = json.Unmarshal(r.Body, &rows[0])
	}
	hooks := make([]dialecttest.Hook, len(rows))
	for i, h := range rows {
		hooks[i] = dialecttest.Hook{ID: h.Key, Event: h.EventKey, URL: h.HookURL, Status: h.Status}
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

// readTold reads a delivery as the clients do that look into object_keys.
func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	var body struct {
		Event   string `json:"event_key"`
		Type    string `json:"object_type"`
		Objects []struct {
			ID        any     `json:"id"`
			API       *string `json:"apiUrl"`
			Timestamp string  `json:"timestamp"`
		} `json:"object_keys"`
	}
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return nil, err
	}
	told := make([]dialecttest.Told, len(body.Objects))
	for i, o := range body.Objects {
		if body.Type == "" || o.API == nil || o.Timestamp == "" {
			return nil, fmt.Errorf("object %d lacks a member", i)
		}
		told[i] = dialecttest.Told{Event: body.Event, Entity: fmt.Sprint(o.ID)}
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
		200: dialecttest.Counts, 302: dialecttest.Counts, 400: dialecttest.Retries, 503: dialecttest.Retries, 410: dialecttest.Disables,
	})
}

func FuzzParse(f *testing.F) { dialecttest.FuzzParse(f, table()) }
