package accelo_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"hooktree/webhooks/accelo"
	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/subscription"
)

const (
	formBody = "trigger_url=https%3A%2F%2Fyour-domain.com%2Fcallback&event_id=assign_task"
	jsonBody = `{"trigger_url":"https://your-domain.com/callback","event_id":"assign_task"}`
)

// table is how Accelo's clients speak.
func table() dialecttest.Dialect {
	created := func(kind, secret string) subscription.Create {
		return subscription.Create{Drafts: []subscription.Draft{{
			Event: "assign_task", URL: "https://your-domain.com/callback", ContentType: kind, Secret: secret,
		}}}
	}
	const id = "583f4b8028dc59073860a6d1"
	gone := subscription.Delete{IDs: []string{id}}
	return dialecttest.Dialect{
		Dialect: accelo.Dialect(),
		Calls: []dialecttest.Call{
			{Name: "list", Request: ask("GET", base, "", ""), Want: subscription.List{}, Status: 200},
			{Name: "list with an extension and a content type", Request: ask("GET", base+".json", "application/json", ""), Want: subscription.List{}, Status: 200},
			{Name: "a page", Request: ask("GET", base+".xml?_limit=5&_page=2", "", ""), Want: subscription.List{Offset: 10, Limit: 5}, Status: 200},
			{Name: "an offset", Request: ask("GET", base+".yml?_offset=7", "", ""), Want: subscription.List{Offset: 7, Limit: 10}, Status: 200},
			{Name: "a page, which comes before an offset", Request: ask("GET", base+"?_offset=7&_page=1&_limit=3", "", ""), Want: subscription.List{Offset: 3, Limit: 3}, Status: 200},
			{Name: "fields", Request: ask("GET", base+"?_fields=user(name),_ALL", "", ""), Want: subscription.List{}, Status: 200},
			{Name: "fields in JSON", Request: ask("GET", base, "application/json", `{"_fields":"event_id, user(name)"}`), Want: subscription.List{}, Status: 200},
			{Name: "list by override", Request: ask("POST", base+"?_method=get", "", ""), Want: subscription.List{}, Status: 200},
			{Name: "types", Request: ask("GET", base+"/types.yml", "", ""), Want: subscription.Types{}, Status: 200},
			{Name: "create by form", Request: ask("POST", base, form, formBody), Want: created(form, ""), Status: 201},
			{Name: "create by JSON", Request: ask("POST", base+".xml", "application/json", jsonBody), Want: created(form, ""), Status: 201},
			{Name: "JSON that is labeled a form", Request: ask("POST", base, form, jsonBody), Want: created(form, ""), Status: 201},
			{Name: "a form without a label", Request: ask("POST", base, "", formBody), Want: created(form, ""), Status: 201},
			{Name: "parameters of the query", Request: ask("POST", base+"?"+formBody+"&secret=s&content_type=application/json", "", ""), Want: created("application/json", "s"), Status: 201},
			{Name: "delete", Request: ask("DELETE", base+"/"+id, form, ""), Want: gone, Status: 200},
			{Name: "delete with an extension", Request: ask("DELETE", base+"/"+id+".json", form, ""), Want: gone, Status: 200},
			{Name: "delete by override", Request: ask("POST", base+"/"+id, form, "_method=delete"), Want: gone, Status: 200},
			{Name: "trigger", Request: ask("POST", base+"/"+id+"/trigger", form, "object_id=9"), Want: subscription.Trigger{ID: id, Object: "9"}, Status: 200},
			{Name: "dispatch with a number", Request: ask("POST", base+"/"+id+"/dispatch.xml", "application/json", `{"object_id":9}`), Want: subscription.Dispatch{ID: id, Object: "9"}, Status: 200},
		},
		Refused:  refusedRequests(),
		Statuses: statuses(),
		Paths: map[string]string{
			"assign_task": "Accelo > task / assign_task", "update_sale": "Accelo > prospect / update_sale", "delete_activity": "Accelo > activity / delete_activity",
		},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func refusedRequests() []dialecttest.Refused {
	refused := func(name, method, target, body string, code subscription.Code, field, says string) dialecttest.Refused {
		return dialecttest.Refused{Name: name, Request: ask(method, target, form, body), Code: code, Field: field, Says: says}
	}
	return []dialecttest.Refused{
		refused("an unknown resource", "GET", "/tasks", "", subscription.NoRoute, "", "/api/v0/webhooks/subscriptions"),
		refused("below a subscription", "GET", base+"/5/nothing", "", subscription.NoRoute, "", "trigger and dispatch"),
		refused("two slashes", "GET", base+"//5", "", subscription.NoRoute, "", "resource"),
		refused("a method", "PUT", base, "", subscription.NoMethod, "", "GET or POST is"),
		refused("one subscription cannot be read", "GET", base+"/5", "", subscription.NoMethod, "", "DELETE is"),
		refused("an overridden method", "GET", base+"?_method=patch", "", subscription.NoMethod, "", "PATCH is not"),
		refused("no address", "POST", base, "event_id=assign_task", subscription.Missing, "trigger_url", "trigger_url is missing"),
		refused("no event", "POST", base, "trigger_url=https://x", subscription.Missing, "event_id", "event_id is missing"),
		refused("a content type of deliveries", "POST", base, "trigger_url=https://x&event_id=a&content_type=text/xml", subscription.Invalid, "content_type", "content_type is"),
		refused("no object", "POST", base+"/5/trigger", "", subscription.Missing, "object_id", "object_id is missing"),
		refused("an object that is no number", "POST", base+"/5/dispatch", "object_id=nine", subscription.Invalid, "object_id", "number of an object"),
		refused("an object below zero", "POST", base+"/5/trigger", "object_id=-9", subscription.Invalid, "object_id", "number of an object"),
		refused("a parameter twice in a query", "GET", base+"?_limit=1&_limit=2", "", subscription.Malformed, "", `"_limit" is there more than once`),
		refused("a parameter twice in a form", "POST", base, formBody+"&event_id=create_task", subscription.Malformed, "", `"event_id" is there more than once`),
		refused("fields that are not closed", "GET", base+"?_fields=user(name", "", subscription.Invalid, "_fields", "a bracket is not closed (at character 10)"),
		refused("fields that were not opened", "GET", base+"?_fields=user)", "", subscription.Invalid, "_fields", "was not opened (at character 5)"),
		refused("fields of nothing", "GET", base+"?_fields=a((b", "", subscription.Invalid, "_fields", "a name is missing before a bracket (at character 3)"),
		refused("fields side by side", "GET", base+"?_fields=user()name", "", subscription.Invalid, "_fields", "a comma is missing"),
		refused("fields far inside", "GET", base+"?_fields="+strings.Repeat("a(", 9), "", subscription.Invalid, "_fields", "more than 8 others"),
		refused("too many fields", "GET", base+"?_fields="+strings.Repeat(",", 501), "", subscription.Invalid, "_fields", "more than 500 names"),
		refused("an unknown filter", "GET", base+"?_filters=evnt_id(assign_task)", "", subscription.Invalid, "_filters", "did you mean event_id?"),
		refused("a filter of dates, which subscriptions have none of", "GET", base+"?_filters=date_created_after(1490140800)", "", subscription.Invalid, "_filters", "there are subscription_id, "),
		refused("a filter without a value", "GET", base+"?_filters=event_id", "", subscription.Invalid, "_filters", "has no value"),
		refused("an unknown field to order by", "GET", base+"?_filters=order_by_desc(standing)", "", subscription.Invalid, "_filters", `no field to order by "standing"`),
		refused("an unknown field to be empty", "GET", base+"?_filters=empty(standing)", "", subscription.Invalid, "_filters", `no field "standing"`),
		refused("an unknown filter inside of others", "GET", base+"?_filters=_OR(_AND(standing(x)))", "", subscription.Invalid, "_filters", `no filter "standing"`),
		refused("filters that are no JSON", "GET", base+"?_filters={", "", subscription.Invalid, "_filters", "it is no JSON"),
		refused("too long a search", "GET", base+"?_search="+strings.Repeat("a+", 501), "", subscription.Invalid, "_search", "more than 500 words"),
		refused("a broken form", "POST", base, "a=%zz", subscription.Malformed, "", "percent-encode"),
		refused("a page of a thousand", "GET", base+"?_limit=1000", "", subscription.Invalid, "_limit", "1 to 100"),
		refused("a page below zero", "GET", base+"?_page=-1", "", subscription.Invalid, "_page", "_page"),
	}
}

func statuses() map[subscription.Code]int {
	all := map[subscription.Code]int{}
	for _, code := range dialecttest.Codes {
		all[code] = http.StatusBadRequest
	}
	maps.Copy(all, map[subscription.Code]int{
		subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.TooMany: 403, subscription.Busy: 429,
		subscription.NoRoom: 500, subscription.Failed: 500,
	})
	return all
}

// resource is a subscription in an answer.
type resource struct {
	ID    string `json:"subscription_id" xml:"subscription_id" yaml:"subscription_id"`
	Event string `json:"event_id" xml:"event_id" yaml:"event_id"`
	URL   string `json:"trigger_url" xml:"trigger_url" yaml:"trigger_url"`
}

// envelope is an answer, in each of the formats.
type envelope struct {
	Meta struct {
		Status  string `json:"status" xml:"status" yaml:"status"`
		Message string `json:"message" xml:"message" yaml:"message"`
		More    string `json:"more_info" xml:"more_info" yaml:"more_info"`
	} `json:"meta" xml:"meta" yaml:"meta"`
	Response struct {
		One resource   `json:"subscription" xml:"subscription" yaml:"subscription"`
		All []resource `json:"subscriptions" xml:"subscriptions>subscription" yaml:"subscriptions"`
	} `json:"response" xml:"response" yaml:"response"`
}

// enveloped reads an answer by its content type.
func enveloped(r subscription.Response) (e envelope, err error) {
	switch kind := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "text/xml"):
		err = xml.Unmarshal(r.Body, &e)
	case strings.HasPrefix(kind, "text/x-yaml"):
		err = yaml.Unmarshal(r.Body, &e)
	default:
		err = json.Unmarshal(r.Body, &e)
	}
	more := "https://affinitylive.jira.com/wiki/display/APIS/Status+Codes#" + e.Meta.Status
	if e.Meta.Status == "too_many_requests" {
		more = "api.accelo.com/docs/#rate-limiting"
	}
	if err == nil && (e.Meta.Status != r.Header.Get("X-Status-Reason") || e.Meta.More != more) {
		err = errors.New("its meta is not the vendor's")
	}
	return e, err
}

func readHooks(r subscription.Response) ([]dialecttest.Hook, error) {
	e, err := enveloped(r)
	all := e.Response.All
	if e.Response.One.ID != "" {
		all = append(all, e.Response.One)
	}
	hooks := make([]dialecttest.Hook, len(all))
	for i, s := range all {
		hooks[i] = dialecttest.Hook{ID: s.ID, Event: s.Event, URL: s.URL}
	}
	return hooks, err
}

func readFault(r subscription.Response) (string, error) {
	e, err := enveloped(r)
	return e.Meta.Message, err
}

// readTold reads a delivery, whose event is in a header.
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

	dialecttest.Run(t, table())
}

func TestDialect_lives(t *testing.T) {
	t.Parallel()

	dialecttest.Live(t, table(), map[int]dialecttest.Fate{
		200: dialecttest.Counts, 204: dialecttest.Counts, 302: dialecttest.Retries, 503: dialecttest.Retries, 410: dialecttest.Deletes,
	})
}

func FuzzParse(f *testing.F) { dialecttest.FuzzParse(f, table()) }
