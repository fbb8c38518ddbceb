package actionstep_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

const (
	api  = "application/vnd.api+json"
	base = "/resthooks"
	hook = `{"eventName":"ActionCreated","targetUrl":"https://crm.example.com/hooks?callback_id=12345"}`
)

func protocol(ids, delivery string) subscription.Protocol {
	return actionstep.Dialect().New(subscription.Settings{"ids": ids, "delivery": delivery})
}

func ask(method, target, body string) subscription.Request {
	r := dialecttest.Request(method, target, api, body)
	r.Prefix = "/api/rest"
	return r
}

// table is how Actionstep's clients speak.
func table(ids, delivery string) dialecttest.Dialect {
	draft := subscription.Draft{Event: "ActionCreated", URL: "https://crm.example.com/hooks?callback_id=12345"}
	created := func(drafts ...subscription.Draft) subscription.Create { return subscription.Create{Drafts: drafts} }
	other := subscription.Draft{Event: "TaskUpdated", URL: "https://crm.example.com/tasks"}
	const task = `{"eventName":"TaskUpdated","targetUrl":"https://crm.example.com/tasks"}`
	changed := func(status subscription.Status) subscription.Change {
		d := draft
		d.Status = status
		return subscription.Change{ID: "382", Draft: d}
	}
	with := func(status string) string {
		return `{"resthooks":{"id":382,"triggeredCount":7,"lastTriggered":"","status":"` + status + `",` + hook[1:] + `}`
	}
	return dialecttest.Dialect{
		Dialect:  actionstep.Dialect(),
		Settings: subscription.Settings{"ids": ids, "delivery": delivery},
		Calls: []dialecttest.Call{
			{Name: "list", Request: ask("GET", base, ""), Want: subscription.List{Limit: 50}, Status: 200},
			{Name: "list with a slash", Request: ask("GET", base+"/", ""), Want: subscription.List{Limit: 50}, Status: 200},
			{Name: "a page", Request: ask("GET", base+"?page=2&pageSize=10", ""), Want: subscription.List{Offset: 10, Limit: 10}, Status: 200},
			{Name: "a page that is cut", Request: ask("GET", base+"?pageSize=500", ""), Want: subscription.List{Limit: 200}, Status: 200},
			{Name: "all", Request: ask("GET", base+"?pageSize=All", ""), Want: subscription.List{}, Status: 200},
			{Name: "a list with a filter", Request: ask("GET", base+"?targetUrl_ilike=*EXAMPLE*&eventName_nteq=None&sort=id", ""), Want: subscription.List{}, Status: 200},
			{Name: "a list with other resources' fields", Request: ask("GET", base+"?include=action&fields[actions]=id,name", ""), Want: subscription.List{Limit: 50}, Status: 200},
			{Name: "get", Request: ask("GET", base+"/382", ""), Want: subscription.Get{ID: "382"}, Status: 200},
			{Name: "create", Request: ask("POST", base, `{"resthooks":`+hook+`}`), Want: created(draft), Status: 200},
			{Name: "create by an array", Request: ask("POST", base, `{"resthooks":[`+hook+`]}`), Want: created(draft), Status: 200},
			{Name: "create several", Request: ask("POST", base, `{"resthooks":[`+hook+`,`+task+`]}`), Want: created(draft, other), Status: 200},
			{Name: "create by a bare body", Request: dialecttest.Request("POST", base, "application/json", hook), Want: created(draft), Status: 200},
			{Name: "create by a bare array", Request: ask("POST", base, `[`+hook+`]`), Want: created(draft), Status: 200},
			{Name: "create as Active", Request: ask("POST", base, with("Active")), Want: created(draft), Status: 200},
			{Name: "create without a content type", Request: dialecttest.Request("POST", base, "", hook), Want: created(draft), Status: 200},
			{Name: "update", Request: ask("PUT", base+"/382", `{"resthooks":`+hook+`}`), Want: changed(""), Status: 200},
			{Name: "enable", Request: ask("PUT", base+"/382", with("Active")), Want: changed(subscription.Active), Status: 200},
			{Name: "disable", Request: ask("PUT", base+"/382", with("Disabled")), Want: changed(subscription.Disabled), Status: 200},
			{Name: "the status alone", Request: ask("PUT", base+"/382", `{"status":"Active"}`), Want: subscription.Change{ID: "382", Draft: subscription.Draft{Status: subscription.Active}}, Status: 200},
			{Name: "delete", Request: ask("DELETE", base+"/382", ""), Want: subscription.Delete{IDs: []string{"382"}}, Status: 204},
			{Name: "delete several", Request: ask("DELETE", base+"/382,746", ""), Want: subscription.Delete{IDs: []string{"382", "746"}}, Status: 204},
			{Name: "delete by a status", Request: ask("PUT", base+"/382", with("Deleted")), Want: subscription.Delete{IDs: []string{"382"}}, Status: 200},
		},
		Refused: refusedRequests(with),
		Statuses: map[subscription.Code]int{
			subscription.Malformed: 400, subscription.Unsupported: 415, subscription.TooLarge: 400, subscription.NoRoute: 404,
			subscription.NoMethod: 405, subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.Missing: 400,
			subscription.Invalid: 400, subscription.NoEvent: 400, subscription.BadURL: 400, subscription.Exists: 400,
			subscription.NotFound: 404, subscription.Unconfirmed: 400, subscription.TooMany: 400, subscription.Busy: 429,
			subscription.NoRoom: 503, subscription.Failed: 500,
		},
		Words: map[subscription.Status]string{subscription.Active: "Active", subscription.Disabled: "Disabled", subscription.Pending: "Disabled"},
		Paths: map[string]string{
			"ActionCreated": "Actionstep > actions / ActionCreated", "StepChanged": "Actionstep > actions / StepChanged",
			"FileNoteUpdated": "Actionstep > filenotes / FileNoteUpdated", "TimeEntryCreated": "Actionstep > timeentries / TimeEntryCreated",
		},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func refusedRequests(with func(string) string) []dialecttest.Refused {
	refused := func(name, method, target, body string, code subscription.Code, field, says string) dialecttest.Refused {
		return dialecttest.Refused{Name: name, Request: ask(method, target, body), Code: code, Field: field, Says: says}
	}
	return []dialecttest.Refused{
		refused("another resource", "GET", "/actions", "", subscription.NoRoute, "", "/api/rest/resthooks"),
		refused("the resource in capitals", "GET", "/Resthooks", "", subscription.NoRoute, "", "/api/rest/resthooks"),
		refused("below a hook", "GET", base+"/1/2", "", subscription.NoRoute, "", "no such resource"),
		refused("two slashes", "GET", base+"//", "", subscription.NoRoute, "", "no such resource"),
		refused("to delete all", "DELETE", base, "", subscription.NoMethod, "", "GET or POST or OPTIONS are"),
		refused("to post to one", "POST", base+"/1", hook, subscription.NoMethod, "", "GET or PUT or DELETE or OPTIONS are"),
		refused("a gap between ids", "DELETE", base+"/1,,2", "", subscription.Invalid, "", "between two commas"),
		refused("a gap between ids to get", "GET", base+"/1,", "", subscription.Invalid, "", "between two commas"),
		refused("too many to get", "GET", base+"/"+repeated("1", 101), "", subscription.TooLarge, "", "at most 100"),
		refused("to change several", "PUT", base+"/1,2", hook, subscription.Invalid, "", "name one"),
		refused("a page zero", "GET", base+"?page=0", "", subscription.Invalid, "?page", "from 1"),
		refused("a size in words", "GET", base+"?pageSize=all", "", subscription.Invalid, "?pageSize", ", or All"),
		refused("a filter by what is none", "GET", base+"?eventname_eq=ActionCreated", "", subscription.Invalid, "?eventname_eq", `no "eventname" to filter by`),
		refused("a comparison that there is not", "GET", base+"?status_gt=Active", "", subscription.Invalid, "?status_gt", "_eq, _nteq, _like, _ilike"),
		refused("a pattern for a number", "GET", base+"?id_ilike=1*", "", subscription.Invalid, "?id_ilike", "_gt, _gteq"),
		refused("a count in words", "GET", base+"?triggeredCount_gt=few", "", subscription.Invalid, "?triggeredCount_gt", "a whole number"),
		refused("a time that is none", "GET", base+"?lastTriggered_gteq=yesterday", "", subscription.Invalid, "?lastTriggered_gteq", "a time such as"),
		refused("too many filters", "GET", base+"?page=1"+strings.Repeat("&id=1", 21), "", subscription.TooLarge, "?id", "at most 20"),
		refused("a filter without end", "GET", base+"?targetUrl_ilike="+strings.Repeat("*x", 3000), "", subscription.TooLarge, "?targetUrl_ilike", "at most 4096 bytes"),
		refused("a filter in one text", "GET", base+"?filter=status+%3D+%27Active%27", "", subscription.Invalid, "?filter", "status_eq=Active"),
		refused("to sort by what is none", "GET", base+"?sort=-created", "", subscription.Invalid, "?sort", `no "created"`),
		refused("to sort too often", "GET", base+"?sort="+repeated("id", 8), "", subscription.TooLarge, "?sort", "7 members"),
		refused("to show what is none", "GET", base+"?fields=id,url", "", subscription.Invalid, "?fields", `no "url"`),
		refused("to show a gap", "GET", base+"?fields=id,", "", subscription.Invalid, "?fields", `no ""`),
		refused("to show of one what is none", "GET", base+"/1?fields[resthooks]=url", "", subscription.Invalid, "?fields[resthooks]", `no "url"`),
		refused("no event", "POST", base, `{"targetUrl":"https://x"}`, subscription.Missing, "eventName", "eventName is missing"),
		refused("no address", "POST", base, `{"resthooks":{"eventName":"ActionCreated"}}`, subscription.Missing, "targetUrl", "targetUrl is missing"),
		refused("no hook", "POST", base, `{"resthooks":[]}`, subscription.Missing, "resthooks", "no REST hook"),
		refused("a hook that is a text", "POST", base, `{"resthooks":"ActionCreated"}`, subscription.Malformed, "resthooks", "holds no REST hook"),
		refused("an event that is a number", "POST", base, `{"eventName":7}`, subscription.Invalid, "eventName", "is text"),
		refused("to make a disabled one", "POST", base, with("Disabled"), subscription.Invalid, "status", "by PUT"),
		refused("an unknown status", "PUT", base+"/382", with("active"), subscription.Invalid, "status", "Active, Disabled or Deleted"),
		refused("another id in the body", "PUT", base+"/383", with("Active"), subscription.Invalid, "id", "another than"),
		refused("an id that is none", "PUT", base+"/383", `{"id":[1]}`, subscription.Invalid, "id", "whole number"),
		refused("a change of nothing", "PUT", base+"/383", `{}`, subscription.Missing, "eventName", "nothing is to be changed"),
		refused("a change of two", "PUT", base+"/383", `[`+hook+`,`+hook+`]`, subscription.Invalid, "resthooks", "send one"),
		refused("a member twice", "POST", base, `{"eventName":"a","eventName":"b"}`, subscription.Malformed, "", "no JSON"),
		refused("too many", "POST", base, `{"resthooks":[`+repeated(hook, 101)+`]}`, subscription.TooLarge, "resthooks", "at most 100"),
		refused("too many to delete", "DELETE", base+"/"+repeated("1", 101), "", subscription.TooLarge, "", "at most 100"),
	}
}

func repeated(text string, times int) string {
	all := text
	for range times - 1 {
		all += "," + text
	}
	return all
}

// row is a subscription in an answer; both known forms of ids are read.
type row struct {
	ID        any     `json:"id"`
	EventName string  `json:"eventName"`
	TargetURL string  `json:"targetUrl"`
	Status    string  `json:"status"`
	Count     int     `json:"triggeredCount"`
	Last      *string `json:"lastTriggered"`
	Timestamp *string `json:"triggeredLastTimestamp"`
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	if r.Status == http.StatusNoContent {
		return nil, nil
	}
	var body struct{ Resthooks json.RawMessage }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, err
	}
	var hooks []dialecttest.Hook
	var rows []row
	var err error
	if body.Resthooks[0] == '[' {
		err = json.Unmarshal(body.Resthooks, &rows)
	} else {
		rows = make([]row, 1)
		err = json.Unmarshal(body.Resthooks, &rows[0])
	}
	for _, h := range rows {
		hooks = append(hooks, dialecttest.Hook{ID: fmt.Sprint(h.ID), Event: h.EventName, URL: h.TargetURL, Status: h.Status})
	}
	return hooks, err
}

func readFault(r subscription.Response) (string, error) {
	var body struct {
		Errors struct {
			ID, Code, Title, Detail string
			Status                  int
			Meta                    []string
		}
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return "", err
	}
	if r.Header.Get("Content-Type") != api || body.Errors.Status != r.Status || body.Errors.Code == "" || body.Errors.Meta == nil {
		return "", errors.New("it is not the vendor's object of errors")
	}
	return body.Errors.Detail, nil
}

// readTold reads a delivery as the receivers do that tell events by
// meta.debug.
func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(m.Body, &body); err != nil {
		return nil, err
	}
	var meta struct {
		Debug struct {
			Resthook struct {
				ID        any    `json:"id"`
				EventName string `json:"event_name"`
			}
		}
	}
	if err := json.Unmarshal(body["meta"], &meta); err != nil {
		return nil, err
	}
	told := dialecttest.Told{Event: meta.Debug.Resthook.EventName}
	delete(body, "meta")
	for _, content := range body {
		rows := make([]struct{ ID any }, 1)
		err := json.Unmarshal(content, &rows)
		if content[0] == '{' {
			err = json.Unmarshal(content, &rows[0])
		}
		if err != nil || len(rows) != 1 {
			return nil, fmt.Errorf("%d rows: %w", len(rows), err)
		}
		told.Entity = fmt.Sprint(rows[0].ID)
	}
	return []dialecttest.Told{told}, nil
}

func TestDialect_conforms(t *testing.T) {
	t.Parallel()

	for _, ids := range []string{"number", "text"} {
		for _, delivery := range []string{"resource", "jsonapi"} {
			t.Run(ids+" ids, delivered as "+delivery, func(t *testing.T) {
				t.Parallel()

				dialecttest.Run(t, table(ids, delivery))
			})
		}
	}
}

func FuzzParse(f *testing.F) { dialecttest.FuzzParse(f, table("number", "resource")) }
