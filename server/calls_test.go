package server_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// wantJSON compares an answer with what it is to say, whatever the order of
// its members.
func wantJSON(t *testing.T, got answer, want string) {
	t.Helper()
	if got.status != 200 {
		t.Errorf("status = %d; want 200 (%s)", got.status, got.body)
	}
	var a, b any
	if err := json.Unmarshal([]byte(got.body), &a); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("the wanted text: %v", err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("the answer differs (-want +got):\n%s", diff)
	}
}

var title = engine.Title{Source: "Kinetic Request CE", Group: "Submissions > services > laptop-request", Name: "Submitted"}

// past gives a house a job, its event, its run, tasks and an error.
func past(t *testing.T) *house {
	t.Helper()
	h := open(t)
	hash := h.trees.library.All()[0].Hash
	h.history.events["e1"] = jobs.EventRecord{
		Event: event.Event{
			ID: "e1", ExternalID: "x1", Platform: "kinetic", Type: "Submission", Action: "Submitted", Path: "P / Submitted",
			Scope: event.Scope{Kapp: "services", Form: "laptop-request"}, Entity: "s1", Occurred: noon, Received: noon,
			Body: []byte(`{"values":{"Quantity":0}}`), Credential: "token:1",
		},
		Verdicts: []webhooks.Verdict{{Webhook: "big", Outcome: webhooks.Filtered, Reason: "its filter is false", Filter: "values.Quantity > 1"}},
		Jobs:     []jobs.JobRef{{ID: "j1", Webhook: "hook", URL: "https://example.com/in"}},
	}
	h.history.jobs["j1"] = jobs.Job{
		ID: "j1", EventID: "e1", EventType: "Submission", EventAction: "Submitted", Path: "P / Submitted", Kapp: "services",
		Form: "laptop-request", Entity: "s1", Webhook: "hook", URL: "https://example.com/in", Status: jobs.JobFailed, Summary: "500",
		Request:  &jobs.Request{Method: "POST", URL: "https://example.com/in", SHA256: "aa"},
		Response: &jobs.Response{Status: 500, Body: []byte{0xff, 0xfe}, Cut: true},
		Attempts: []jobs.Attempt{{Number: 1, At: noon, Took: 1500 * time.Microsecond, Status: 500}}, RetryCount: 0,
		ScheduledAt: noon, Created: noon, Updated: noon.Add(time.Second), Ended: noon.Add(time.Second),
	}
	h.history.runs[7] = jobs.Run{
		ID: "r7", Number: 7, Title: title, Hash: hash, JobID: "j1", EventID: "e1", Status: engine.RunError, Created: noon, Started: noon,
		Outputs: map[string]any{"po": int64(1)},
		Head: engine.Head{Status: engine.RunError, Open: []engine.Execution{
			{Node: "say", Status: engine.TaskRunning, Attempt: 1}, {Node: "answer", Status: engine.TaskError, Attempt: 1},
		}},
	}
	h.history.tasks["r7"] = []engine.Task{
		{Node: "answer", Status: engine.TaskError, Attempt: 1, Order: 2, Error: &engine.Failure{Code: "limit", Message: "too much"}, Started: noon},
		{
			Node: "say", Status: engine.TaskComplete, Attempt: 1, Order: 1, Results: map[string]any{"output": "hello"}, Started: noon, Ended: noon.Add(time.Second),
			Fired: []engine.Decision{{To: "answer", In: 0, On: engine.OnComplete, Fired: true}},
		},
	}
	h.history.errs = []jobs.ErrorRecord{{
		ID: 3, RunID: "r7", Run: 7, Title: title, EventID: "e1", Open: true, Created: noon,
		Fault: engine.Fault{Node: "answer", Kind: engine.FaultLimit, Failure: engine.Failure{Code: "limit", Message: "too much"}},
	}}
	return h
}

func TestCalls_showAnEventWithWhatItsFiltersSaw(t *testing.T) {
	t.Parallel()

	wantJSON(t, past(t).do(accounts.Viewer, "GET", "/api/v1/events/e1", ""), `{
		"id":"e1","externalId":"x1","platform":"kinetic","type":"Submission","action":"Submitted","path":"P / Submitted",
		"kapp":"services","form":"laptop-request","submission":"s1","sender":"token:1",
		"occurredAt":"2026-03-01T12:00:00.000Z","receivedAt":"2026-03-01T12:00:00.000Z",
		"verdicts":[{"webhook":"big","outcome":"filtered","reason":"its filter is false","filter":"values.Quantity > 1",
			"seen":[{"expression":"values.Quantity > 1","shown":"0 > 1","value":false,"evaluated":true}]}],
		"jobs":[{"id":"j1","webhook":"hook","target":{"url":"https://example.com/in"}}],
		"payload":{"values":{"Quantity":0}}}`)
}

// The event's payload stands in for a body that the job did not keep.
func TestCalls_showAJobWithWhatWasSentAndAnswered(t *testing.T) {
	t.Parallel()

	wantJSON(t, past(t).do(accounts.Viewer, "GET", "/api/v1/jobs/j1", ""), `{
		"id":"j1","event":"e1","type":"Submission","action":"Submitted","path":"P / Submitted","kapp":"services","form":"laptop-request",
		"submission":"s1","webhook":"hook","target":{"url":"https://example.com/in"},"url":"https://example.com/in","status":"Failed","summary":"500",
		"request":{"method":"POST","url":"https://example.com/in","sha256":"aa","body":{"text":"{\"values\":{\"Quantity\":0}}"}},
		"response":{"status":500,"body":{"text":"//4=","encoding":"base64","cut":true}},
		"attempts":[{"number":1,"at":"2026-03-01T12:00:00.000Z","tookMs":1,"status":500}],"retryCount":0,
		"scheduledAt":"2026-03-01T12:00:00.000Z","createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:01.000Z","endedAt":"2026-03-01T12:00:01.000Z"}`)
}

func TestCalls_showWhatAJobWaitsFor(t *testing.T) {
	t.Parallel()

	h := past(t)
	job := h.history.jobs["j1"]
	for status, want := range map[jobs.JobStatus]string{jobs.JobQueued: job.URL + " has not answered", jobs.JobFailed: ""} {
		job.Status = status
		h.history.jobs["j1"] = job
		var told struct{ WaitingFor string }
		if err := json.Unmarshal([]byte(h.do(accounts.Viewer, "GET", "/api/v1/jobs/j1", "").body), &told); err != nil || told.WaitingFor != want {
			t.Errorf("a job that is %s waits for %q, %v; want %q", status, told.WaitingFor, err, want)
		}
	}
}

func TestCalls_showARunAndWhatItWaitsFor(t *testing.T) {
	t.Parallel()

	h := past(t)
	hash := h.trees.library.All()[0].Hash
	wantJSON(t, h.do(accounts.Viewer, "GET", "/api/v1/runs/7", ""), `{
		"number":7,"id":"r7","version":"`+hash+`","job":"j1","event":"e1","status":"Error",
		"tree":{"source":"Kinetic Request CE","group":"Submissions > services > laptop-request","name":"Submitted",
			"title":"Kinetic Request CE :: Submissions > services > laptop-request :: Submitted"},
		"waitingFor":"an error in answer, and 1 more","outputs":{"po":1},
		"pending":[{"node":"say","status":"Running","attempt":1,"reason":"say is running"},{"node":"answer","status":"Error","attempt":1,"reason":"an error in answer"}],
		"createdAt":"2026-03-01T12:00:00.000Z","startedAt":"2026-03-01T12:00:00.000Z"}`)
}

// Values that cannot be recomputed are said to be gone, not left out.
func TestCalls_listTasksInOrderWithTheirConnectors(t *testing.T) {
	t.Parallel()

	h := past(t)
	wantJSON(t, h.do(accounts.Viewer, "GET", "/api/v1/runs/7/tasks?limit=1", ""), `{"next":"1","tasks":[
		{"node":"say","name":"say","does":"echo","status":"Complete","attempt":1,"results":{"output":"hello"},"order":1,"tookMs":1000,
		 "startedAt":"2026-03-01T12:00:00.000Z","endedAt":"2026-03-01T12:00:01.000Z",
		 "connectors":[{"to":"answer","label":"Wanted","on":"complete","when":"values.Quantity > 0","fired":true,
			"seen":[{"expression":"values.Quantity > 0","value":null,"evaluated":false,"error":"not found"}]}]}]}`)
	wantJSON(t, h.do(accounts.Viewer, "GET", "/api/v1/runs/7/tasks?limit=1&cursor=1", ""), `{"tasks":[
		{"node":"answer","name":"answer","does":"return","status":"Error","attempt":1,"order":2,"startedAt":"2026-03-01T12:00:00.000Z",
		 "error":{"code":"limit","message":"too much"}}]}`)
}

func TestCalls_listErrorsWithWhatMayBeDone(t *testing.T) {
	t.Parallel()

	wantJSON(t, past(t).do(accounts.Viewer, "GET", "/api/v1/errors?status=Open", ""), `{"errors":[{
		"id":3,"status":"Open","run":7,"event":"e1","node":"answer","kind":"limit","error":{"code":"limit","message":"too much"},
		"actions":["retry","skip","leave"],"createdAt":"2026-03-01T12:00:00.000Z",
		"tree":{"source":"Kinetic Request CE","group":"Submissions > services > laptop-request","name":"Submitted",
			"title":"Kinetic Request CE :: Submissions > services > laptop-request :: Submitted"}}]}`)
}

func TestCalls_listTheAuditForOperators(t *testing.T) {
	t.Parallel()

	h := open(t)
	wantJSON(t, h.do(accounts.Operator, "GET", "/api/v1/audit?limit=2&cursor=c", ""), `{"acts":[
		{"at":"2026-03-01T12:00:00.000Z","who":"grace","did":"job.retry","what":"j1","note":"the desk is back","detail":{"attempt":3}},
		{"at":"2026-03-01T12:00:00.000Z","who":"hooktree","did":"subscription.disable","what":"keap/1"}],"next":"older"}`)
	if diff := cmp.Diff(jobs.Page{Limit: 2, Cursor: "c"}, h.history.lastAsked()); diff != "" {
		t.Errorf("the store was asked for something else (-want +got):\n%s", diff)
	}
	checkProblem(t, h.do(accounts.Viewer, "GET", "/api/v1/audit", ""), 403, "forbidden", "operator")
}

// Each filter of a list reaches the store as what it says.
func TestCalls_handFiltersToTheStore(t *testing.T) {
	t.Parallel()

	yes := true
	page := jobs.Page{Limit: 7, Cursor: "c"}
	to := noon.Add(time.Hour)
	const times = "&from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z&limit=7&cursor=c"
	for target, want := range map[string]any{
		"/jobs?status=Failed,In%20Progress&webhook=w&type=T&action=A&kapp=k&form=f&submission=s&event=e&run=7&q=a%20b" + times: jobs.JobFilter{
			Page: page, Status: []jobs.JobStatus{jobs.JobFailed, jobs.JobInProgress}, Webhook: "w", Type: "T", Action: "A", Kapp: "k",
			Form: "f", Entity: "s", EventID: "e", Run: 7, From: noon, To: to, Text: "a b",
		},
		"/runs?status=Error&source=S&group=G&name=N&job=j&event=e&q=x" + times: jobs.RunFilter{
			Page: page, Status: []engine.RunStatus{engine.RunError}, Source: "S", Group: "G", Name: "N", JobID: "j", EventID: "e", From: noon, To: to, Text: "x",
		},
		"/events?type=T&action=A&path=P%20%2F%20x&kapp=k&form=f&submission=s&outcome=filtered&fired=false&platform=p&source=desk&q=x" + times: jobs.EventFilter{
			Page: page, Platform: "p", Credential: "source:desk", Fired: new(false), Type: "T", Action: "A", Path: "P / x", Kapp: "k", Form: "f", Entity: "s", Outcome: "filtered", From: noon, To: to, Text: "x",
		},
		"/errors?status=Open&run=7&source=S&group=G&name=N&node=n&kind=limit" + times: jobs.ErrorFilter{
			Page: page, Open: &yes, Run: 7, Source: "S", Group: "G", Name: "N", Node: "n", Kind: "limit", From: noon, To: to,
		},
	} {
		t.Run(target[:6], func(t *testing.T) {
			t.Parallel()

			h := open(t)
			if got := h.do(accounts.Viewer, "GET", "/api/v1"+target, ""); got.status != 200 {
				t.Fatalf("GET = %d %s", got.status, got.body)
			}
			if diff := cmp.Diff(want, h.history.lastAsked()); diff != "" {
				t.Errorf("the store was asked for something else (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCalls_actsNameWhoActsAndWhy(t *testing.T) {
	t.Parallel()

	h := past(t)
	h.desk.resolved = []jobs.Resolved{{ID: 3}, {ID: 4, Err: jobs.ErrNotFound}}
	for _, call := range [][2]string{
		{"/jobs/j1/retry", `{"note":"the receiver is back"}`}, {"/jobs/j1/cancel", ""}, {"/runs/7/cancel", `{}`},
	} {
		if got := h.do(accounts.Operator, "POST", "/api/v1"+call[0], call[1]); got.status != 200 {
			t.Errorf("POST %s = %d %s", call[0], got.status, got.body)
		}
	}
	got := h.do(accounts.Operator, "POST", "/api/v1/errors/resolve", `{"filter":{"run":7},"action":"skip","results":{"a":1},"note":"known"}`)
	wantJSON(t, got, `{"resolved":[3],"refused":[{"id":4,"reason":"there is nothing of this id; it may have been removed by retention"}]}`)
	want := []string{
		"retry job j1 by operator: the receiver is back", "cancel job j1 by operator: ", "cancel run 7 by operator: ", "skip [3] by operator: known",
	}
	if diff := cmp.Diff(want, h.desk.acts); diff != "" {
		t.Errorf("acts differ (-want +got):\n%s", diff)
	}
}

func TestCalls_manyJobsAreTriedAgain(t *testing.T) {
	t.Parallel()

	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	tests := []struct {
		name, body string
		want       jobs.Replay
	}{
		{"by id", `{"ids":["j1","j2"],"note":"the receiver is back"}`, jobs.Replay{IDs: []string{"j1", "j2"}}},
		{"all that can be", `{"filter":{}}`, jobs.Replay{}},
		{
			"by filter", `{"filter":{"status":["Held"],"webhook":"keap/12","subscription":"s1","type":"keap","action":"contact.add","from":"2026-03-02T09:30:00Z","to":"2026-03-02T10:30:00Z","cursor":"c"}}`,
			jobs.Replay{Filter: jobs.JobFilter{
				Page: jobs.Page{Cursor: "c"}, Status: []jobs.JobStatus{jobs.JobHeld}, Webhook: "keap/12", Subscription: "s1",
				Type: "keap", Action: "contact.add", From: at, To: at.Add(time.Hour),
			}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := past(t)
			h.desk.retried, h.desk.next = []jobs.Retried{{ID: "j1"}, {ID: "j2", Err: jobs.ErrNotFound}}, "more"
			got := h.do(accounts.Operator, "POST", "/api/v1/jobs/retry", tt.body)
			wantJSON(t, got, `{"retried":["j1"],"refused":[{"id":"j2","reason":"there is nothing of this id; it may have been removed by retention"}],"next":"more"}`)
			if diff := cmp.Diff(tt.want, h.desk.replay); diff != "" {
				t.Errorf("asked was for something else (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrees_areReadAndChangedByTitleAndETag(t *testing.T) {
	t.Parallel()

	h := open(t)
	hash := h.trees.library.All()[0].Hash
	const target = "/api/v1/trees/Kinetic%20Request%20CE%20::%20Submissions%20%3E%20services%20%3E%20laptop-request%20::%20Submitted"
	got := h.do(accounts.Viewer, "GET", target, "")
	if got.status != 200 || got.header.Get("ETag") != `"`+hash+`"` || !strings.Contains(got.body, `"yaml":"tree: Submissions`) {
		t.Fatalf("GET = %d %s %s", got.status, got.header, got.body)
	}
	yaml := []string{"Content-Type", "application/yaml"}
	for _, tt := range []struct {
		name, method, target string
		ifMatch              string
		status               int
	}{
		{"a change without If-Match", "PUT", target, "", 428},
		{"a change of another version", "PUT", target, `"old"`, 412},
		{"a deletion without If-Match", "DELETE", target, "", 428},
		{"a change of what is not there", "PUT", "/api/v1/trees/S%20::%20G%20::%20N", `"old"`, 412},
		{"a deletion of what is not there", "DELETE", "/api/v1/trees/S%20::%20G%20::%20N", `"old"`, 404},
	} {
		if got := h.do(accounts.Author, tt.method, tt.target, laptop, append(yaml, "If-Match", tt.ifMatch)...); got.status != tt.status {
			t.Errorf("%s = %d %s; want %d", tt.name, got.status, got.body, tt.status)
		}
	}
	if len(h.trees.edits) > 0 {
		t.Fatalf("refused changes were made: %+v", h.trees.edits)
	}
	// A slash in a name is percent-encoded, and stays in the name.
	for _, call := range [][3]string{{"PUT", target, `"` + hash + `"`}, {"PUT", "/api/v1/trees/S%20::%20a%2Fb%20::%20100%2525", ""}, {"DELETE", target, "*"}} {
		if got := h.do(accounts.Author, call[0], call[1], laptop, append(yaml, "If-Match", call[2])...); got.status >= 300 {
			t.Errorf("%s %s = %d %s", call[0], call[1], got.status, got.body)
		}
	}
	want := []trees.Edit{
		{Title: title, YAML: []byte(laptop), IfMatch: hash, Author: "author", Origin: trees.OriginAPI},
		{Title: engine.Title{Source: "S", Group: "a/b", Name: "100%25"}, YAML: []byte(laptop), Author: "author", Origin: trees.OriginAPI},
		{Title: title, IfMatch: hash, Author: "author", Origin: trees.OriginAPI},
	}
	if diff := cmp.Diff(want, h.trees.edits); diff != "" {
		t.Errorf("edits differ (-want +got):\n%s", diff)
	}
}

func TestTrees_checkTellsEveryFaultWithItsPlace(t *testing.T) {
	t.Parallel()

	h := open(t)
	yaml := []string{"Content-Type", "text/yaml"}
	if got := h.do(accounts.Viewer, "POST", "/api/v1/trees/check", laptop, yaml...); got.status != 200 || !strings.Contains(got.body, `"ok":true`) {
		t.Errorf("a sound tree = %d %s", got.status, got.body)
	}
	got := h.do(accounts.Viewer, "POST", "/api/v1/trees/check", strings.Replace(laptop, "do: echo", "do: ecko", 1), yaml...)
	for _, want := range []string{`"ok":false`, `"line":5`, "ecko", "echo"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the answer %s does not hold %s", got.body, want)
		}
	}
	if len(h.trees.edits) > 0 {
		t.Error("a check changed something")
	}
}

func TestWebhooks_areMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()

	h := open(t)
	const target = "/api/v1/webhooks/Tell%20a%2Fb"
	made := h.do(accounts.Author, "POST", "/api/v1/webhooks", `{"name":"Tell a/b","type":"User","event":"Created"}`)
	if made.status != 201 || made.header.Get("ETag") != `"+"` {
		t.Fatalf("POST = %d %s %s", made.status, made.header, made.body)
	}
	if got := h.do(accounts.Author, "POST", "/api/v1/webhooks", `{"name":"Tell a/b"}`); got.status != 409 {
		t.Errorf("a second one of the name = %d; want 409", got.status)
	}
	if got := h.do(accounts.Author, "PUT", target, `{"name":"Tell a/b"}`); got.status != 428 {
		t.Errorf("PUT without If-Match = %d; want 428", got.status)
	}
	if got := h.do(accounts.Author, "PUT", target, `{"name":"Tell a/b"}`, "If-Match", `"+"`); got.status != 200 || got.header.Get("ETag") != `"++"` {
		t.Errorf("PUT = %d %s", got.status, got.body)
	}
	if got := h.do(accounts.Author, "DELETE", target, "", "If-Match", `"+"`); got.status != 412 {
		t.Errorf("DELETE of an old version = %d; want 412", got.status)
	}
	if got := h.do(accounts.Author, "DELETE", target, "", "If-Match", `"++"`); got.status != 204 {
		t.Errorf("DELETE = %d %s; want 204", got.status, got.body)
	}
	if got := h.do(accounts.Viewer, "GET", target, ""); got.status != 404 {
		t.Errorf("GET afterwards = %d; want 404", got.status)
	}
}
