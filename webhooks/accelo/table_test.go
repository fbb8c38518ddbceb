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
		subscription.NotSignedIn: 401, subscription.Foreign: 401, subscription.TooMany: 403, subscription.Busy: 429,
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
	if err == nil && (e.Meta.Status != r.Header.Get("X-Status-Reason") || !strings.HasSuffix(e.Meta.More, "#"+e.Meta.Status)) {
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
