package kinetic_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/server/kinetic"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

const nightly = "/app/components/task/app/api/v1/run-tree/Kinetic%20Request%20CE/Robots/Nightly"

func TestBodiesOfAllSizes_areAnsweredInTheVendorsForm(t *testing.T) {
	t.Parallel()

	h := open(t)
	large := `{"a":"` + strings.Repeat("x", 2<<20) + `"}`
	deep := strings.Repeat(`{"a":`, 200_000) + "1" + strings.Repeat("}", 200_000)
	for _, tt := range []struct {
		name, target, body string
		want               int
	}{
		{"nothing starts a run without data", nightly, "", 200},
		{"2 MB are too much for a webhook", "/app/api/v1/webhooks", large, 413},
		{"nothing is no webhook", "/app/api/v1/webhooks", "", 400},
		{"nothing is no tree", v2 + "/trees", "", 400},
		{"nothing resolves no errors", v2 + "/errors/resolve", "", 400},
		{"a deep body is refused before it is walked", nightly, deep, 400},
		{"text that is not UTF-8 is refused", nightly, "{\"a\":\"\xff\"}", 400},
	} {
		a := h.do(sent{method: http.MethodPost, target: tt.target, role: accounts.Admin, body: tt.body})
		if a.status != tt.want || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s %.200s; want %d in JSON", tt.name, a.status, a.header.Get("Content-Type"), a.body, tt.want)
		}
		if tt.want != 200 && !strings.Contains(a.body, fmt.Sprintf(`"statusCode":%d,"correlationId":"test"`, tt.want)) {
			t.Errorf("%s: %.300s is not the vendor's form of an error", tt.name, a.body)
		}
	}
	// A body that nobody takes is refused by its announced length: it is not
	// even read.
	a := h.raw("POST " + nightly + " HTTP/1.1\r\nHost: hooktree.test\r\nX-Request-Id: test\r\nContent-Length: 10485760\r\n\r\n")
	if a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, `"statusCode":413`) {
		t.Errorf("10 MB gave %d %s; want 413 in the vendor's form", a.status, a.body)
	}
	if list, _, err := h.store.Events(t.Context(), jobs.EventFilter{}); err != nil || len(list) != 1 {
		t.Errorf("%d events are stored (%v); want the one that was answered 200", len(list), err)
	}
}

// The platform calls one tree after the other with one event: the event's id
// does not make the second call a repeat of the first.
func TestRunTree_startsEachTreeThatIsCalledWithAnEvent(t *testing.T) {
	t.Parallel()

	h := open(t)
	const body = `{"event":{"id":"e1","type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"laptop-request"},"submission":{"id":"5f0c"},"values":{"Cost":1}}`
	laptop := strings.Replace(nightly, "Robots/Nightly", "Submissions%20%3E%20services%20%3E%20laptop-request/Submitted", 1)
	for i, target := range []string{nightly, laptop} {
		a := h.do(sent{method: http.MethodPost, target: target, role: accounts.Operator, body: body})
		if want := fmt.Sprintf(`"runId":"%d"`, i+1); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s gave %d %s; want %s", target, a.status, a.body, want)
		}
	}
}

// An access key's signature says who called.
func TestRunTree_isKeptAsAnEventOfItsCaller(t *testing.T) {
	t.Parallel()

	h := open(t)
	created := h.do(sent{method: http.MethodPost, target: v2 + "/access-keys", role: accounts.Admin, body: `{"identifier":"platform","secret":"s3cr3t"}`})
	if created.status != http.StatusOK || strings.Contains(created.body, "s3cr3t") {
		t.Fatalf("the key was answered by %d %s; want 200 without its secret", created.status, created.body)
	}
	signed := http.Header{
		"X-Kinetic-Signaturekey": {"platform"}, "X-Kinetic-Signature": {"d6_oBLl4D9f0dL52eJ8QL_getwU"},
		"Hooktree-Run": {"019cade2-11c0-75d2-8d41-43abbaa1a30e"},
	}
	for _, want := range []int64{1, 2} {
		a := h.do(sent{method: http.MethodPost, target: nightly, body: `{"submission":{"id":"1"}}`, header: signed})
		if a.status != http.StatusOK || !strings.Contains(a.body, fmt.Sprintf(`"run":{"id":%d}`, want)) {
			t.Fatalf("the call gave %d %s; want run %d", a.status, a.body, want)
		}
	}
	list, _, err := h.store.Events(t.Context(), jobs.EventFilter{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d events are stored (%v); want 2", len(list), err)
	}
	e := list[0].Event
	if e.Credential != "access-key:platform" || e.Type != "Tree" || e.Path != "Robots / Nightly" || e.Cause.Depth != 1 {
		t.Errorf("the event is %+v; want one of the access key, caused by a run", e)
	}
	audits := h.keys.Audits()
	if len(audits) != 1 || audits[0].Did != "access-key.create" || audits[0].Who != "admin" {
		t.Errorf("the audit of access keys is %+v; want their making by admin", audits)
	}
	if strings.Contains(h.log.String(), "s3cr3t") {
		t.Errorf("the log holds the secret:\n%s", h.log)
	}
}

func TestAccessKeys_aSecretThatWasMadeUpIsToldOnce(t *testing.T) {
	t.Parallel()

	h := open(t)
	a := h.do(sent{method: http.MethodPost, target: v2 + "/access-keys", role: accounts.Admin, body: `{"description":"made up"}`})
	_, rest, found := strings.Cut(a.body, `"secret":"`)
	secret, _, _ := strings.Cut(rest, `"`)
	if a.status != http.StatusOK || !found || len(secret) < 40 {
		t.Fatalf("the answer is %d %s; want 200 with a secret of 40 characters and more", a.status, a.body)
	}
	list := h.do(sent{method: http.MethodGet, target: v2 + "/access-keys?include=details", role: accounts.Admin})
	if strings.Contains(list.body, secret) || strings.Contains(list.body, `"secret"`) {
		t.Errorf("the list tells the secret: %s", list.body)
	}
}

func TestWebhookJobs_canBeRetriedAndCancelled(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.do(sent{method: http.MethodPost, target: nightly, role: accounts.Operator, body: "{}"})
	var listed struct {
		WebhookJobs []struct{ ID, ResponseContent string } `json:"webhookJobs"`
	}
	h.get("/app/api/v1/webhookJobs", &listed)
	if len(listed.WebhookJobs) != 1 {
		t.Fatalf("the jobs are %+v; want one", listed)
	}
	target := "/app/api/v1/webhookJobs/" + listed.WebhookJobs[0].ID
	put := func(role accounts.Role, body string, want int, part string) {
		t.Helper()
		a := h.do(sent{method: http.MethodPut, target: target, role: role, body: body})
		if a.status != want || !strings.Contains(a.body, part) {
			t.Errorf("PUT %s as %s = %d %s; want %d with %s", body, role, a.status, a.body, want, part)
		}
	}
	put(accounts.Viewer, `{"status":"Queued"}`, 403, `operator`)
	put(accounts.Operator, `{"status":"Queued"}`, 200, `"retryCount":1`)
	put(accounts.Operator, `{"status":"Complete"}`, 400, `Queued`)
	put(accounts.Operator, `{"status":"Cancelled"}`, 200, `"status":"Complete"`) // the job is; its run is stopped
	put(accounts.Operator, `{"status":"Cancelled"}`, 400, `run #2 is Cancelled`)
	for number, want := range map[int64]engine.RunStatus{1: engine.RunWaiting, 2: engine.RunCancelled} {
		run, err := h.store.Run(t.Context(), number)
		if err != nil || run.Status != want {
			t.Errorf("run #%d is %s (%v); want %s", number, run.Status, err, want)
		}
	}
	audits, _, err := h.store.Audits(t.Context(), jobs.Page{})
	var did []string
	for _, a := range audits {
		did = append(did, a.Who+" "+a.Did)
	}
	if want := []string{"operator job.cancel", "operator job.retry"}; err != nil || !slices.Equal(did, want) {
		t.Errorf("the audit is %q (%v); want %q", did, err, want)
	}
}

// The vendor has no word for a delivery that is held: it was not delivered.
func TestWebhookJobs_thatAreHeldAreAmongTheFailed(t *testing.T) {
	t.Parallel()

	h := open(t)
	e := event.Event{ID: "0198c000-0000-7000-8000-000000000001", Type: "Submission", Action: "Submitted", Body: []byte("{}"), Received: h.clock.Now()}
	_, err := h.store.Accept(t.Context(), []jobs.Acceptance{{
		Event: e, Verdicts: []webhooks.Verdict{{Webhook: "standard/1", Outcome: webhooks.Inactive}},
		Firings: []jobs.Firing{{Job: jobs.Job{
			ID: "0198c000-0000-7000-8000-000000000002", EventID: e.ID, EventType: e.Type, EventAction: e.Action, Webhook: "standard/1",
			URL: "https://app.example.com/in", Status: jobs.JobHeld, Summary: "held for a replay", Subscription: "1", Created: h.clock.Now(),
		}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[string]int{"Failed": 1, "Complete": 0} {
		var listed struct {
			WebhookJobs []struct{ Status, Summary string } `json:"webhookJobs"`
		}
		h.get("/app/api/v1/webhookJobs?status="+status, &listed)
		if len(listed.WebhookJobs) != want || want == 1 && (listed.WebhookJobs[0].Status != "Failed" || listed.WebhookJobs[0].Summary != "held for a replay") {
			t.Errorf("among the %s are %+v; want %d", status, listed.WebhookJobs, want)
		}
	}
}

func TestTreeCounts_countByDay(t *testing.T) {
	t.Parallel()

	h := open(t)
	for range 3 {
		h.do(sent{method: http.MethodPost, target: nightly, role: accounts.Operator, body: "{}"})
	}
	var counts struct {
		StartDay, EndDay string
		Days             []string
		RunsSeries       []struct {
			Data []struct{ StartTime, Y int64 }
		}
	}
	h.get(v2+"/trees/Kinetic%20Request%20CE%20::%20Robots%20::%20Nightly/counts", &counts)
	if counts.StartDay != "February 01, 2026" || counts.EndDay != "March 02, 2026" || len(counts.Days) != 30 || counts.Days[29] != "02" {
		t.Errorf("the days are %s to %s: %v; want 30 up to March 02, 2026", counts.StartDay, counts.EndDay, counts.Days)
	}
	if data := counts.RunsSeries[0].Data; data[29].Y != 3 || data[28].Y != 0 || data[29].StartTime != 1772409600000 {
		t.Errorf("the last days have %+v; want 3 runs on the last", data[28:])
	}
}

func TestWalk_givesThePartThatIsWanted(t *testing.T) {
	t.Parallel()

	// Of the numbers from total down to 1, in pages of ten, the even ones match.
	for _, tt := range []struct {
		name                 string
		total, limit, offset int
		ascending, count     bool
		want                 []int
		wantCount            int
		wantMore             bool
	}{
		{"nothing", 0, 5, 0, false, true, nil, 0, false},
		{"the first part", 30, 3, 0, false, true, []int{30, 28, 26}, 15, true},
		{"a part over two pages", 30, 3, 4, false, true, []int{22, 20, 18}, 15, true},
		{"the last part", 30, 10, 12, false, true, []int{6, 4, 2}, 15, false},
		{"a part past the end", 30, 10, 20, false, true, nil, 15, false},
		{"as many as there are", 30, 15, 0, false, true, []int{30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2}, 15, false},
		{"no rows, only a count", 30, 0, 0, false, true, nil, 15, true},
		{"without a count it stops where more is known", 30, 3, 0, false, false, []int{30, 28, 26}, 5, true},
		{"turned round", 30, 3, 1, true, true, []int{4, 6, 8}, 15, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			rows, count, more, err := kinetic.Walked(tt.total, 10, tt.limit, tt.offset, tt.ascending, tt.count)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(rows, tt.want) || count != tt.wantCount || more != tt.wantMore {
				t.Errorf("got %v, %d, %t; want %v, %d, %t", rows, count, more, tt.want, tt.wantCount, tt.wantMore)
			}
		})
	}
	if _, count, _, err := kinetic.Walked(50_000, 1000, 5, 0, false, true); err != nil || count != 5000 {
		t.Errorf("of 50,000 rows %d were counted (%v); want those of the window", count, err)
	}
	if _, _, _, err := kinetic.Walked(50_000, 1000, 5, 0, true, true); err == nil {
		t.Error("50,000 rows were turned round; want a refusal")
	}
}

func TestGUIDs_followFromTitles(t *testing.T) {
	t.Parallel()

	one, id := kinetic.GUIDOf(engine.Title{Source: "Kinetic Request CE", Group: "Robots", Name: "Nightly"})
	if one != "39adc952-7c9a-5576-9339-4ba8c361cc71" || id != 63418569751706 {
		t.Errorf("the tree is %s, %d; clients have kept 39adc952-7c9a-5576-9339-4ba8c361cc71, 63418569751706", one, id)
	}
	if other, _ := kinetic.GUIDOf(engine.Title{Source: "Kinetic Request CE", Group: "Robots", Name: "nightly"}); other == one {
		t.Error("another title has the same guid")
	}
}

func TestRetitled_changesTheTitleAlone(t *testing.T) {
	t.Parallel()

	title := engine.Title{Source: "Other", Group: "A > B", Name: `say "hi"`}
	for _, tt := range []struct {
		name, text, want string
		routine          bool
	}{
		{"a source is added", "tree: a / b # here\n# kept\nnodes: []\n", "tree: \"A > B / say \\\"hi\\\"\"\nsource: \"Other\"\n# kept\nnodes: []\n", false},
		{"a source is changed where it stands", "source: 'S'\nnote: x\n'tree': a / b\n", "source: \"Other\"\nnote: x\ntree: \"A > B / say \\\"hi\\\"\"\n", false},
		{"a routine has a name alone", "routine: x\noutputs: [a]\n", "routine: \"say \\\"hi\\\"\"\nsource: \"Other\"\noutputs: [a]\n", true},
		{"a last line may lack its end", "tree: a / b", "tree: \"A > B / say \\\"hi\\\"\"\nsource: \"Other\"\n", false},
	} {
		got, err := kinetic.Retitled([]byte(tt.text), title, tt.routine)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	for _, text := range []string{"{tree: a / b}", "tree: >\n  a / b\n", "tree:\n  a / b\n", "tree: [", "- a"} {
		if got, err := kinetic.Retitled([]byte(text), title, false); err == nil {
			t.Errorf("%q was retitled as %q; want a refusal", text, got)
		}
	}
}

// What is shown under both prefixes, and by the long and the short way to a
// thing, is the same.
func TestPrefixes_areTheSame(t *testing.T) {
	t.Parallel()

	h := open(t)
	for _, path := range []string{"/trees?include=details", "/sources", "/handlers", "/engine"} {
		var one, other any
		h.get(v2+path, &one)
		h.get("/kinetic-task/app/api/v2"+path, &other)
		if !reflect.DeepEqual(one, other) {
			t.Errorf("%s differs under the two prefixes:\n%s", path, cmp.Diff(one, other))
		}
	}
}

// A stranger may send any number of requests whose signature is none.
func TestRunTree_doesNotFloodTheLog(t *testing.T) {
	t.Parallel()

	h := open(t)
	forged := http.Header{"X-Kinetic-Signaturekey": {"platform"}, "X-Kinetic-Signature": {"forged"}}
	for range 20 {
		if a := h.do(sent{method: http.MethodPost, target: nightly, body: `{}`, header: forged}); a.status != http.StatusUnauthorized {
			t.Fatalf("a forged signature gave %d %s", a.status, a.body)
		}
	}
	if n := strings.Count(h.log.String(), "a signature was refused"); n != 5 {
		t.Errorf("twenty forged signatures left %d lines; want 5", n)
	}
}
