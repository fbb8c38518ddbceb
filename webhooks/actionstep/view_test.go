package actionstep_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/actionstep"
	"hooktree/webhooks/subscription"
)

// shelf are the REST hooks that views are of.
func shelf() []subscription.Subscription {
	day := func(d int) time.Time { return time.Date(2030, 1, d, 12, 0, 0, 5, time.UTC) }
	return []subscription.Subscription{
		{External: "2", Event: "ActionCreated", URL: "https://crm.example.com/a,b", Status: subscription.Active, Triggered: 7, LastTriggered: day(3)},
		{External: "9", Event: "TaskCreated", URL: "https://crm.example.com/Tasks", Status: subscription.Disabled, Triggered: 70, LastTriggered: day(1)},
		{External: "10", Event: "ActionParticipantAdded", URL: "https://example.org/tasks", Status: subscription.Active},
		{External: "11", Event: "ActionCreated", URL: "https://example.org/", Status: subscription.Active, Triggered: 7, LastTriggered: day(2)},
	}
}

// viewed plays a GET as the service would answer it over a shelf.
func viewed(t *testing.T, target string) subscription.Response {
	t.Helper()

	p := protocol("number", "resource")
	r := ask("GET", target, "")
	op, refusal := p.Parse(r)
	if refusal != nil {
		t.Fatalf("%s is refused: %s", target, refusal.Message)
	}
	outcome := subscription.Outcome{Operation: op, Subscriptions: shelf(), Total: len(shelf())}
	switch op := op.(type) {
	case subscription.List:
		if from := min(op.Offset, len(shelf())); op.Limit > 0 {
			outcome.Subscriptions = shelf()[from:min(len(shelf()), from+op.Limit)]
		}
	case subscription.Get:
		outcome.Subscriptions = shelf()[:1]
	}
	return p.Render(r, outcome)
}

func idsOf(t *testing.T, answer subscription.Response) string {
	t.Helper()

	if answer.Status == http.StatusNoContent {
		return ""
	}
	var ids []string
	for _, row := range rowsOf(decoded(t, answer.Body)) {
		ids = append(ids, fmt.Sprint(row["id"]))
	}
	return strings.Join(ids, " ")
}

func TestList_showsWhatIsAskedFor(t *testing.T) {
	t.Parallel()

	for query, want := range map[string]string{
		"eventName=ActionCreated":                                     "2 11",
		"eventName_eq=ActionCreated,TaskCreated":                      "2 9 11",
		"eventName=ActionParticipantCreated":                          "10", // its other name
		"eventName=ActionParticipantAdded":                            "10",
		"eventName_nteq=ActionCreated":                                "9 10",
		"eventName=Nothing":                                           "",
		"status_eq=Active":                                            "2 10 11",
		"status_nteq=Active,Disabled":                                 "",
		"status=active":                                               "", // the API is case-sensitive
		"targetUrl=https://crm.example.com/a,b":                       "2",
		"targetUrl_like=*tasks":                                       "10",
		"targetUrl_ilike=*TASKS":                                      "9 10",
		"targetUrl_ilike=https://*.com/*":                             "2 9",
		"targetUrl_like=https://example.org/":                         "11",
		"targetUrl_like=*example*example*":                            "",
		"targetUrl_like=*":                                            "2 9 10 11",
		"id=10,2":                                                     "2 10",
		"id_gt=9":                                                     "10 11",
		"id_gteq=9&id_lt=11":                                          "9 10",
		"id_lteq=9":                                                   "2 9",
		"triggeredCount_gt=7":                                         "9",
		"triggeredCount=0":                                            "10",
		"lastTriggered_gteq=2030-01-02T12:00:00":                      "2 11",
		"triggeredLastTimestamp_gt=2030-01-02T12:00:00":               "2",
		"triggeredLastTimestamp_lt=2030-01-02":                        "9",
		"triggeredLastTimestamp_lteq=2030-01-03T01:00:00%2B13:00":     "9 11",
		"triggeredLastTimestamp_lteq=2030-01-03T01:00:00+13:00":       "9 11", // its plus not escaped
		"triggeredLastTimestamp_nteq=2030-01-02T12:00:00Z":            "2 9 10",
		"status=Active&triggeredCount=7":                              "2 11",
		"sort=eventName,-id":                                          "11 2 10 9",
		"sort=-triggeredCount,lastTriggered":                          "9 11 2 10",
		"sort=triggeredLastTimestamp":                                 "10 9 11 2",
		"sort=-id&pageSize=3":                                         "11 10 9",
		"sort=-id&pageSize=3&page=2":                                  "2",
		"status=Active&sort=-id&pageSize=2&page=2":                    "2",
		"status=Active&pageSize=2&page=3":                             "",
		"status=Active&pageSize=All":                                  "2 10 11",
		"include=action&x_unknown=1&deleted_at=never&fields[tasks]=x": "2 9 10 11",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()

			if got := idsOf(t, viewed(t, base+"?"+query)); got != want {
				t.Errorf("the ids are %q; want %q", got, want)
			}
		})
	}
}

func TestGet_takesSeveralIDs(t *testing.T) {
	t.Parallel()

	for target, want := range map[string]string{
		"/11,2":                     "2 11",
		"/2,9,10,11?sort=-id":       "11 10 9 2",
		"/2,9?status=Active":        "2",
		"/2,9,11?pageSize=2&page=2": "11",
		"/2,2":                      "2",
		"/9,10?eventName=No":        "",
	} {
		if got := idsOf(t, viewed(t, base+target)); got != want {
			t.Errorf("%s shows %q; want %q", target, got, want)
		}
	}
	answer := viewed(t, base+"/2,12,9")
	if said, err := readFault(answer); answer.Status != 404 || err != nil || !strings.Contains(said, `"12"`) {
		t.Errorf("an id that is not there is answered %d %s", answer.Status, answer.Body)
	}
}

func TestFields_leaveTheMembersThatAreWanted(t *testing.T) {
	t.Parallel()

	whole := rowsOf(decoded(t, viewed(t, base+"/2").Body))[0]
	for target, want := range map[string]map[string]any{
		"/2?fields=id,eventName":                    {"id": 2.0, "eventName": "ActionCreated"},
		"/2?fields[resthooks]=status&fields[x]=y,z": {"status": "Active"},
		"/2?fields=:default,id":                     whole,
		"/2?fields=":                                whole,
		"/2,2?fields=lastTriggered":                 {"lastTriggered": "2030-01-03T12:00:00+00:00"},
		"?fields=triggeredLastTimestamp&id=10":      {"triggeredLastTimestamp": nil},
	} {
		rows := rowsOf(decoded(t, viewed(t, base+target).Body))
		if diff := cmp.Diff([]map[string]any{want}, rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

// What the service gave is not changed by showing it.
func TestList_leavesWhatItShows(t *testing.T) {
	t.Parallel()

	p := protocol("number", "resource")
	r := ask("GET", base+"?eventName=ActionCreated&sort=-id", "")
	outcome := subscription.Outcome{Operation: subscription.List{}, Subscriptions: shelf(), Total: len(shelf())}
	first, second := p.Render(r, outcome), p.Render(r, outcome)
	if diff := cmp.Diff(shelf(), outcome.Subscriptions); diff != "" || string(first.Body) != string(second.Body) {
		t.Errorf("it was changed to %s (-before +after):\n%s", second.Body, diff)
	}
}

// The links of a page keep what was asked for.
func TestList_linksToTheSameView(t *testing.T) {
	t.Parallel()

	body := decoded(t, viewed(t, base+"?status=Active&sort=-id&fields=id&pageSize=1&page=2").Body)
	got := body["meta"].(map[string]any)["paging"].(map[string]any)["resthooks"]
	const url = "https://hooks.example.com/api/rest/resthooks?fields=id&page=%d&pageSize=1&sort=-id&status=Active"
	want := map[string]any{
		"recordCount": 3.0, "pageCount": 3.0, "page": 2.0, "pageSize": 1.0,
		"prevPage": fmt.Sprintf(url, 1), "nextPage": fmt.Sprintf(url, 3),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paging (-want +got):\n%s", diff)
	}
	several := decoded(t, viewed(t, base+"/2,9?pageSize=1").Body)["meta"].(map[string]any)["paging"].(map[string]any)["resthooks"]
	if next := several.(map[string]any)["nextPage"]; next != "https://hooks.example.com/api/rest/resthooks/2,9?page=2&pageSize=1" {
		t.Errorf("the next page of two is at %v", next)
	}
}

// What OPTIONS is for is the vendor's; that it has no body is ours.
func TestOptions_saysWhatAPlaceTakes(t *testing.T) {
	t.Parallel()

	p := protocol("number", "resource")
	for target, want := range map[string]string{base: "GET, POST, OPTIONS", base + "/1": "GET, PUT, DELETE, OPTIONS"} {
		r := ask("OPTIONS", target, "")
		op, refusal := p.Parse(r)
		if refusal != nil {
			t.Fatal(refusal)
		}
		answer := p.Render(r, subscription.Outcome{Operation: op})
		if answer.Status != http.StatusNoContent || answer.Header.Get("Allow") != want || len(answer.Body) != 0 {
			t.Errorf("%s takes %q (%d %s); want %q", target, answer.Header.Get("Allow"), answer.Status, answer.Body, want)
		}
	}
	if op, refusal := p.Parse(ask("OPTIONS", "/actions", "")); refusal == nil {
		t.Errorf("what is not there takes %#v", op)
	}
}

// The vendor's samples have the time of an organization, which summer moves.
func TestHook_hasTimesInTheSpacesZone(t *testing.T) {
	t.Parallel()

	s := shelf()[:1]
	for _, tt := range []struct {
		zone string
		at   time.Time
		want string
	}{
		{"Pacific/Auckland", time.Date(2020, 4, 2, 23, 34, 30, 0, time.UTC), "2020-04-03T12:34:30+13:00"},
		{"Pacific/Auckland", time.Date(2022, 5, 2, 12, 9, 0, 0, time.UTC), "2022-05-03T00:09:00+12:00"},
		{"UTC", time.Date(2022, 5, 2, 12, 9, 0, 999, time.UTC), "2022-05-02T12:09:00+00:00"},
		{"", time.Date(2022, 5, 2, 12, 9, 0, 0, time.UTC), "2022-05-02T12:09:00+00:00"},
	} {
		s[0].LastTriggered = tt.at
		p := actionstep.Dialect().New(subscription.Settings{"zone": tt.zone})
		row := rowsOf(decoded(t, p.Render(ask("GET", base+"/2", ""), subscription.Outcome{Operation: subscription.Get{}, Subscriptions: s}).Body))[0]
		if row["lastTriggered"] != tt.want || row["triggeredLastTimestamp"] != tt.want {
			t.Errorf("in %s it is %v and %v; want %s", tt.zone, row["lastTriggered"], row["triggeredLastTimestamp"], tt.want)
		}
	}
}
