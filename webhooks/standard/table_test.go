package standard_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"hooktree/webhooks/dialecttest"
	"hooktree/webhooks/standard"
	"hooktree/webhooks/subscription"
)

// table is how clients of resthooks.org's patterns and Zapier speak.
func table() dialecttest.Dialect {
	filter, ordered, rate, concurrency := "values.Cost > 5", true, 2.5, 3
	created := func(d subscription.Draft) subscription.Create {
		d.Event, d.URL = "submission.submitted", "https://app.example.com/in"
		return subscription.Create{Drafts: []subscription.Draft{d}}
	}
	const hook = `{"event":"submission.submitted","target_url":"https://app.example.com/in"`
	const id = "019ca000-0000-7000-8000-00000000a001"
	changed := func(status subscription.Status) subscription.Change {
		return subscription.Change{ID: id, Draft: subscription.Draft{Status: status}}
	}
	return dialecttest.Dialect{
		Dialect: standard.Dialect(),
		Calls: []dialecttest.Call{
			{Name: "list", Request: ask("GET", "", ""), Want: subscription.List{Limit: 100}, Status: 200},
			{Name: "list with a slash", Request: ask("GET", "/", ""), Want: subscription.List{Limit: 100}, Status: 200},
			{
				Name: "list some", Request: ask("GET", "?event=a.b&target_url=https://x&limit=5&offset=10", ""),
				Want: subscription.List{Limit: 5, Offset: 10, Event: "a.b", URL: "https://x"}, Status: 200,
			},
			{Name: "create", Request: ask("POST", "", hook+`}`), Want: created(subscription.Draft{}), Status: 201},
			{Name: "create as Zapier once did", Request: ask("POST", "", hook+`,"subscription_url":"https://app.example.com/in"}`), Want: created(subscription.Draft{}), Status: 201},
			{
				Name: "create with all", Status: 201,
				Request: ask("POST", "", `{"event":"submission.submitted","url":"https://app.example.com/in","content_type":"application/json","secret":"whsec_AAAA","filter":"values.Cost > 5","ordered":true,"rate":2.5,"concurrency":3}`),
				Want: created(subscription.Draft{
					ContentType: "application/json", Secret: "whsec_AAAA", Filter: &filter, Ordered: &ordered, Rate: &rate, Concurrency: &concurrency,
				}),
			},
			{Name: "create with a pair of keys", Request: ask("POST", "", hook+`,"signature":"v1a"}`), Want: created(subscription.Draft{Pair: true}), Status: 201},
			{Name: "create with a secret", Request: ask("POST", "", hook+`,"signature":"v1"}`), Want: created(subscription.Draft{}), Status: 201},
			{
				Name: "create for a while", Request: ask("POST", "", hook+`,"expiration_date":"2030-01-31T13:00:00+01:00"}`),
				Want: created(subscription.Draft{Expires: new(time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC))}), Status: 201,
			},
			{Name: "types", Request: ask("GET", "/events", ""), Want: subscription.Types{}, Status: 200},
			{Name: "samples", Request: ask("GET", "/samples?event=a.b", ""), Want: subscription.Sample{Event: "a.b", Limit: 3}, Status: 200},
			{
				Name: "samples of the other content type", Request: ask("GET", "/samples?event=a.b&limit=1&content_type=application/json", ""),
				Want: subscription.Sample{Event: "a.b", ContentType: "application/json", Limit: 1}, Status: 200,
			},
			{Name: "get", Request: ask("GET", "/"+id, ""), Want: subscription.Get{ID: id}, Status: 200},
			{Name: "disable", Request: ask("PATCH", "/"+id, `{"status":"disabled"}`), Want: changed(subscription.Disabled), Status: 200},
			{Name: "enable", Request: ask("PUT", "/"+id, `{"status":"active"}`), Want: changed(subscription.Active), Status: 200},
			{
				Name: "let it never expire", Request: ask("PATCH", "/"+id, `{"expiration_date":""}`),
				Want: subscription.Change{ID: id, Draft: subscription.Draft{Expires: &time.Time{}}}, Status: 200,
			},
			{Name: "delete", Request: ask("DELETE", "/"+id, ""), Want: subscription.Delete{IDs: []string{id}}, Status: 204},
			{Name: "test", Request: ask("POST", "/"+id+"/test", ""), Want: subscription.Dispatch{ID: id}, Status: 200},
			{Name: "rotate", Request: ask("POST", "/"+id+"/rotate", ""), Want: subscription.Rotate{ID: id}, Status: 200},
			{Name: "rotate to one's own", Request: ask("POST", "/"+id+"/rotate", `{"secret":"whsec_AAAA"}`), Want: subscription.Rotate{ID: id, Secret: "whsec_AAAA"}, Status: 200},
			{Name: "replay", Request: ask("POST", "/"+id+"/replay", `{"from":"2030-01-01T00:00:00Z"}`), Want: subscription.Replay{ID: id, From: "2030-01-01T00:00:00Z"}, Status: 202},
		},
		Refused: refusedRequests(),
		Statuses: map[subscription.Code]int{
			subscription.Malformed: 400, subscription.Unsupported: 415, subscription.TooLarge: 413, subscription.NoRoute: 404,
			subscription.NoMethod: 405, subscription.NotSignedIn: 401, subscription.Foreign: 403, subscription.Missing: 422,
			subscription.Invalid: 422, subscription.NoEvent: 422, subscription.BadURL: 422, subscription.Exists: 409,
			subscription.NotFound: 404, subscription.Unconfirmed: 409, subscription.TooMany: 409, subscription.Busy: 429,
			subscription.NoRoom: 507, subscription.Failed: 500,
		},
		Words: map[subscription.Status]string{subscription.Active: "active", subscription.Disabled: "disabled", subscription.Pending: "pending"},
		Paths: map[string]string{"submission.submitted": "Submissions > [kapp] > [form] / Submitted"},
		Hooks: readHooks, Fault: readFault, Told: readTold,
	}
}

func refusedRequests() []dialecttest.Refused {
	refused := func(name, method, target, body string, code subscription.Code, field, says string) dialecttest.Refused {
		return dialecttest.Refused{Name: name, Request: ask(method, target, body), Code: code, Field: field, Says: says}
	}
	return []dialecttest.Refused{
		refused("an unknown place", "GET", "/7/nothing", "", subscription.NoRoute, "", "hooks are at"),
		refused("a method that a list has not", "DELETE", "", "", subscription.NoMethod, "", "GET or POST is"),
		refused("no event", "POST", "", `{"target_url":"https://x"}`, subscription.Missing, "event", "/api/v1/hooks/events"),
		refused("no address", "POST", "", `{"event":"a.b"}`, subscription.Missing, "target_url", "where deliveries go"),
		refused("no JSON", "POST", "", `{"event"`, subscription.Malformed, "", "no JSON"),
		refused("no object", "POST", "", `["event"]`, subscription.Malformed, "", "no JSON object"),
		refused("a member twice", "POST", "", `{"event":"a","event":"b","target_url":"https://x"}`, subscription.Malformed, "", "no JSON"),
		refused("a wrong type", "POST", "", `{"event":5}`, subscription.Invalid, "event", "event is text, not number"),
		refused("a fraction of deliveries", "POST", "", `{"event":"a.b","target_url":"https://x","concurrency":1.5}`, subscription.Invalid, "concurrency", "a whole number"),
		refused("a status of a new hook", "POST", "", `{"event":"a.b","target_url":"https://x","status":"active"}`, subscription.Invalid, "status", "leave status out"),
		refused("an unknown status", "PATCH", "/7", `{"status":"asleep"}`, subscription.Invalid, "status", "active or disabled"),
		refused("an unknown content type", "PATCH", "/7", `{"content_type":"text/xml"}`, subscription.Invalid, "content_type", "application/json"),
		refused("an end that is no time", "POST", "", `{"event":"a.b","target_url":"https://x","expiration_date":"soon"}`, subscription.Invalid, "expires", "a time such as"),
		refused("samples of another content type", "GET", "/samples?event=a.b&content_type=text/xml", "", subscription.Invalid, "content_type", "application/json"),
		refused("an unknown signature", "POST", "", `{"event":"a.b","target_url":"https://x","signature":"v2"}`, subscription.Invalid, "signature", "v1a, by a pair"),
		refused("another signature", "PATCH", "/7", `{"signature":"v1a"}`, subscription.Invalid, "signature", "when it is made"),
		refused("a secret by the way", "PATCH", "/7", `{"secret":"x"}`, subscription.Invalid, "secret", "rotate"),
		refused("a filter that is written wrong", "POST", "", `{"event":"a.b","target_url":"https://x","fliter":"false"}`, subscription.Invalid, "fliter", "did you mean filter?"),
		refused("an order that is written wrong", "PATCH", "/7", `{"orderd":true}`, subscription.Invalid, "orderd", "did you mean ordered?"),
		refused("a replay of some other time", "POST", "/7/replay", `{"since":"2030-01-01T00:00:00Z"}`, subscription.Invalid, "since", "from and to"),
		refused("a rotation to something else", "POST", "/7/rotate", `{"key":"x"}`, subscription.Invalid, "key", "what may be sent is secret"),
		refused("a page that is too long", "GET", "?limit=5000", "", subscription.Invalid, "limit", "1 to 1000"),
		refused("samples of nothing", "GET", "/samples", "", subscription.Missing, "event", "?event="),
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
	err := json.Unmarshal(r.Body, &body)
	rows := body.Hooks
	if rows == nil {
		rows = []row{body.row}
	}
	hooks := make([]dialecttest.Hook, len(rows))
	for i, h := range rows {
		hooks[i] = dialecttest.Hook{ID: h.ID, Event: h.Event, URL: h.URL, Status: h.Status}
	}
	return hooks, err
}

func readFault(r subscription.Response) (string, error) {
	var body struct {
		Status              int
		Code, Title, Detail string
		Errors              []struct{ Suggestions []string }
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return "", err
	}
	if r.Header.Get("Content-Type") != "application/problem+json" || body.Status != r.Status || body.Code == "" || body.Title == "" {
		return "", errors.New("it is no problem+json of ours")
	}
	return body.Detail, nil
}

// readTold reads a delivery in either form.
func readTold(m subscription.Message) ([]dialecttest.Told, error) {
	var body struct{ Type, Subject string }
	err := json.Unmarshal(m.Body, &body)
	return []dialecttest.Told{{Event: body.Type, Entity: body.Subject}}, err
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
