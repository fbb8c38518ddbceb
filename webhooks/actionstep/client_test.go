package actionstep_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"hooktree/webhooks/subscription"
)

// hooks makes subscriptions, every second of which was never triggered.
func hooks(n int) []subscription.Subscription {
	all := make([]subscription.Subscription, n)
	for i := range all {
		all[i] = subscription.Subscription{
			External: fmt.Sprint(i + 1), Event: "ActionCreated", URL: fmt.Sprintf("https://crm.example.com/%d", i+1), Status: subscription.Active,
		}
		if i%2 == 1 {
			all[i].Triggered, all[i].LastTriggered = int64(i), time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)
		}
	}
	return all
}

// listed answers a list as the service would over so many subscriptions.
func listed(t *testing.T, ids, target string, of int) subscription.Response {
	t.Helper()

	p := protocol(ids, "resource")
	r := ask("GET", target, "")
	op, refusal := p.Parse(r)
	if refusal != nil {
		t.Fatal(refusal)
	}
	list := op.(subscription.List)
	from, to := min(list.Offset, of), of
	if list.Limit > 0 {
		to = min(of, from+list.Limit)
	}
	return p.Render(r, subscription.Outcome{Operation: op, Subscriptions: hooks(of)[from:to], Total: of})
}

// TestList_readsAsTheOfficialClientReads: it takes meta.paging.resthooks
// without looking, computes from it how many rows the page has, and reads an
// object exactly when there is one.
func TestList_readsAsTheOfficialClientReads(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		target         string
		of, rows       int
		page, pages    int
		size           int
		previous, next string
	}{
		{base, 1, 1, 1, 1, 50, "", ""},
		{base, 2, 2, 1, 1, 50, "", ""},
		{base + "?page=1&pageSize=10", 11, 10, 1, 2, 10, "", "?page=2&pageSize=10"},
		{base + "?page=2&pageSize=10", 11, 1, 2, 2, 10, "?page=1&pageSize=10", ""},
		{base + "?page=2", 120, 50, 2, 3, 50, "?page=1", "?page=3"},
		{base + "?page=3", 120, 20, 3, 3, 50, "?page=2", ""},
		{base + "?pageSize=All", 450, 450, 1, 1, 450, "", ""},
		{base + "?pageSize=All", 1, 1, 1, 1, 1, "", ""},
		{base + "?pageSize=1000", 450, 200, 1, 3, 200, "", "?page=2&pageSize=1000"},
	} {
		t.Run(fmt.Sprintf("%s of %d", tt.target, tt.of), func(t *testing.T) {
			t.Parallel()

			var body struct {
				Resthooks json.RawMessage
				Meta      struct {
					Paging map[string]struct {
						RecordCount, PageCount, Page, PageSize int
						PrevPage, NextPage                     *string
					}
				}
			}
			answer := listed(t, "number", tt.target, tt.of)
			if err := json.Unmarshal(answer.Body, &body); err != nil {
				t.Fatal(err)
			}
			p := body.Meta.Paging["resthooks"]
			rows := min(p.PageSize, p.PageSize+(p.RecordCount-p.Page*p.PageSize))
			if rows != tt.rows || p.Page != tt.page || p.PageCount != tt.pages || p.PageSize != tt.size || p.RecordCount != tt.of {
				t.Errorf("the page has %d rows by %+v; want %+v", rows, p, tt)
			}
			if isObject := body.Resthooks[0] == '{'; isObject != (rows == 1) {
				t.Errorf("%d rows are %.20s", rows, body.Resthooks)
			}
			const url = "https://hooks.example.com/api/rest/resthooks"
			for _, link := range []struct {
				got  *string
				want string
			}{{p.PrevPage, tt.previous}, {p.NextPage, tt.next}} {
				if (link.got == nil) != (link.want == "") || link.got != nil && *link.got != url+link.want {
					t.Errorf("a link is %v; want %q", link.got, link.want)
				}
			}
		})
	}
}

func TestList_isNoContentWithoutRows(t *testing.T) {
	t.Parallel()

	for _, target := range []string{base, base + "?pageSize=All", base + "?page=9"} {
		of := 0
		if target == base+"?page=9" {
			of = 3
		}
		answer := listed(t, "number", target, of)
		if answer.Status != http.StatusNoContent || len(answer.Body) != 0 {
			t.Errorf("%s of %d is answered %d %s", target, of, answer.Status, answer.Body)
		}
	}
}

// TestHook_readsAsTheStrictClientReads: one client demands a number as id, and
// a text or null as triggeredLastTimestamp that is there.
func TestHook_readsAsTheStrictClientReads(t *testing.T) {
	t.Parallel()

	body := decoded(t, listed(t, "number", base, 2).Body)
	for i, row := range rowsOf(body) {
		last, told := row["triggeredLastTimestamp"]
		if _, number := row["id"].(float64); !number || !told {
			t.Errorf("the client refuses %v", row)
		}
		want, legacy := any(nil), ""
		if i == 1 {
			want, legacy = "2030-01-02T03:04:05+00:00", "2030-01-02T03:04:05+00:00"
		}
		if last != want || row["lastTriggered"] != legacy {
			t.Errorf("the last time of %v is %v and %v; want %v and %q", row["id"], last, row["lastTriggered"], want, legacy)
		}
	}
	for _, row := range rowsOf(decoded(t, listed(t, "text", base, 2).Body)) {
		if _, text := row["id"].(string); !text {
			t.Errorf("with ids: text the id is %T", row["id"])
		}
	}
}

// TestLists_readAsTheClientThatCastsReads: one client takes what is no array
// for the only element, and looks whether it was ever triggered.
func TestLists_readAsTheClientThatCastsReads(t *testing.T) {
	t.Parallel()

	for _, n := range []int{1, 3} {
		body := decoded(t, listed(t, "number", base, n).Body)
		all, isArray := body["resthooks"].([]any)
		if !isArray {
			all = []any{body["resthooks"]}
		}
		never := 0
		for _, h := range all {
			if h.(map[string]any)["triggeredLastTimestamp"] == nil {
				never++
			}
		}
		if len(all) != n || never != (n+1)/2 {
			t.Errorf("of %d hooks it reads %d, %d of them never triggered", n, len(all), never)
		}
	}
}

func TestRefusal_saysWhereAndWhatIsNear(t *testing.T) {
	t.Parallel()

	p := protocol("number", "resource")
	offers := p.Offers(nil)
	events := offers[0].Key
	for _, o := range offers[1:] {
		events += ", " + o.Key
	}
	for _, tt := range []struct {
		name               string
		request            subscription.Request
		refusal            subscription.Refusal
		pointer, parameter any
		detail             string
		header, value      string
	}{
		{
			"an unknown event", ask("POST", base, ""),
			subscription.Refusal{Code: subscription.NoEvent, Field: subscription.FieldEvent, Message: "there is no event", Near: []string{"TaskCreated", "TaskUpdated"}},
			"/resthooks/eventName", nil, "there is no event (the nearest are TaskCreated, TaskUpdated)", "", "",
		},
		{"a bad address", ask("POST", base, ""), subscription.Refusal{Code: subscription.BadURL, Field: subscription.FieldURL, Message: "m"}, "/resthooks/targetUrl", nil, "m", "", ""},
		{"an event like none", ask("POST", base, ""), subscription.Refusal{Code: subscription.NoEvent, Field: subscription.FieldEvent, Message: "m"}, "/resthooks/eventName", nil, "m; there are " + events, "", ""},
		{"an id that is not there", ask("PUT", base+"/9", ""), subscription.Refusal{Code: subscription.NotFound, Field: subscription.FieldID, Message: "m"}, nil, nil, "m", "", ""},
		{"a bad page", ask("GET", base, ""), subscription.Refusal{Code: subscription.Invalid, Field: "?pageSize", Message: "m"}, nil, "pageSize", "m", "", ""},
		{"another method", ask("PATCH", base+"/1", ""), subscription.Refusal{Code: subscription.NoMethod, Message: "m"}, nil, nil, "m", "Allow", "GET, PUT, DELETE, OPTIONS"},
		{"no token", subscription.Request{}, subscription.Refusal{Code: subscription.NotSignedIn, Message: "m"}, nil, nil, "m", "WWW-Authenticate", "Bearer"},
		{"too busy", subscription.Request{}, subscription.Refusal{Code: subscription.Busy, Message: "m", RetryAfter: 300 * time.Millisecond}, nil, nil, "m", "Retry-After", "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			answer := p.Render(tt.request, subscription.Outcome{Refusal: &tt.refusal})
			problem := decoded(t, answer.Body)["errors"].(map[string]any)
			source := problem["source"].(map[string]any)
			if source["pointer"] != tt.pointer || source["parameter"] != tt.parameter || problem["detail"] != tt.detail {
				t.Errorf("the answer is %s", answer.Body)
			}
			if answer.Header.Get(tt.header) != tt.value {
				t.Errorf("%s is %q; want %q", tt.header, answer.Header.Get(tt.header), tt.value)
			}
			if near := problem["meta"].([]any); len(near) != len(tt.refusal.Near) {
				t.Errorf("meta is %v", near)
			}
		})
	}
}

func TestPut_ofDeletedAnswersWithWhatIsGone(t *testing.T) {
	t.Parallel()

	gone := hooks(1)
	gone[0].Status = subscription.Deleted
	outcome := subscription.Outcome{Operation: subscription.Delete{IDs: []string{"1"}}, Subscriptions: gone}
	p := protocol("number", "resource")
	answer := p.Render(ask("PUT", base+"/1", ""), outcome)
	if row := rowsOf(decoded(t, answer.Body))[0]; answer.Status != 200 || row["status"] != "Deleted" {
		t.Errorf("PUT is answered %d %s", answer.Status, answer.Body)
	}
	if answer := p.Render(ask("DELETE", base+"/1", ""), outcome); answer.Status != 204 || len(answer.Body) != 0 {
		t.Errorf("DELETE is answered %d %s", answer.Status, answer.Body)
	}
}
