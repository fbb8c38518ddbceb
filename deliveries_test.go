package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// arrived is what came to the outside world.
type arrived struct{ path, id, body string }

// outside is an outside world in which one endpoint is gone, and everything
// else is taken.
func outside(t *testing.T) (address string, came <-chan arrived) {
	t.Helper()
	all := make(chan arrived, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		if request.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
		if secret := request.Header.Get("X-Hook-Secret"); secret != "" { // asks whether it wants anything
			w.Header().Set("X-Hook-Secret", secret)
			return
		}
		all <- arrived{request.URL.Path, request.Header.Get("Webhook-Id"), string(body)}
	}))
	t.Cleanup(server.Close)
	return server.URL, all
}

// next waits for what comes to a path.
func next(t *testing.T, came <-chan arrived, path string) arrived {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case a := <-came:
			if a.path == path {
				return a
			}
		case <-limit:
			t.Fatalf("nothing came to %s within a minute", path)
		}
	}
}

// must makes a call that has to end with a status, and reads its answer.
func (b *binary) must(status int, call, body, token string, into any) string {
	b.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	got, answer, err := b.call(method, path, body, bearer(token))
	if err != nil || got != status {
		b.t.Fatalf("%s: %d %s, %v; want %d", call, got, answer, err, status)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			b.t.Fatalf("%s: %s: %v", call, answer, err)
		}
	}
	return string(answer)
}

const submitted = `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"k"},"form":{"slug":"f"},"submission":{"id":"s"}}`

func TestServe_aTreeLearnsOfASubscriptionsEnd(t *testing.T) {
	t.Parallel()
	address, came := outside(t)
	b := newBinary(t, map[string]string{
		"space.yaml": "slug: end\negress: {allow: [127.0.0.1/32]}\n",
		"trees/ended.yaml": fmt.Sprintf(`tree: Hooktree > subscription / deleted
nodes:
  - id: tell
    do: http
    with:
      method: POST
      url: %s/notice
      body: {id: "${ data.id }", status: "${ data.status }", reason: "${ data.reason }", owner: "${ data.owner.name }", url: "${ data.url }"}
`, address),
	})
	b.start()
	token := b.token("operator")
	var hook struct{ ID string }
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":%q}`, address+"/gone"), token, &hook)
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)

	notice := next(t, came, "/notice")
	for _, want := range []string{`"status":"deleted"`, "410 Gone", address + "/gone"} {
		if !strings.Contains(notice.body, want) {
			t.Errorf("the tree was told %s; want %s in it", notice.body, want)
		}
	}
	b.must(http.StatusNotFound, "GET /api/v1/hooks/"+hook.ID, "", token, nil)
	b.stop()
}

// Three events that come together go out as one delivery of Keap's, kept by
// the job of the first.
func TestServe_joinsDeliveriesOfKeap(t *testing.T) {
	t.Parallel()
	address, came := outside(t)
	b := newBinary(t, map[string]string{"space.yaml": "slug: joined\negress: {allow: [127.0.0.1/32]}\ndialects: {keap: {window: 100ms}}\n"})
	b.start()
	token := b.token("operator")
	client := b.newClient("keap")
	var told struct {
		Access string `json:"access_token"`
	}
	status, answer, err := b.call(http.MethodPost, "/token", `{"grant_type":"client_credentials"}`, func(r *http.Request) { r.SetBasicAuth(client.ID, client.Secret) })
	if err != nil || status != http.StatusOK || json.Unmarshal(answer, &told) != nil {
		t.Fatalf("the token call gave %d %s, %v", status, answer, err)
	}
	var hook struct{ Status string }
	b.must(http.StatusOK, "POST /crm/rest/v1/hooks", fmt.Sprintf(`{"eventKey":"contact.add","hookUrl":%q}`, address+"/keap"), told.Access, &hook)
	if hook.Status != "Verified" {
		t.Fatalf("the hook is %s; want Verified", hook.Status)
	}
	const event = `{"event":{"platform":"keap","name":"contact.add"},"data":{"id":%d}}`
	b.must(http.StatusAccepted, "POST /api/v1/events", "["+fmt.Sprintf(event, 1)+","+fmt.Sprintf(event, 2)+","+fmt.Sprintf(event, 3)+"]", token, nil)

	got := next(t, came, "/keap")
	var body struct {
		Keys []struct{ ID int } `json:"object_keys"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || fmt.Sprint(body.Keys) != "[{1} {2} {3}]" {
		t.Errorf("sent was %s, %v; want the three contacts in order", got.body, err)
	}
	var listed struct{ Jobs []struct{ ID, Batch string } }
	b.must(http.StatusOK, "GET /api/v1/jobs?action=contact.add", "", token, &listed)
	if jobs := listed.Jobs; len(jobs) != 3 || jobs[2].ID != got.id || jobs[2].Batch != "" || jobs[1].Batch != got.id || jobs[0].Batch != got.id {
		t.Errorf("the jobs are %+v; want two that went along with %s", listed.Jobs, got.id)
	}
	b.stop()
}

// More endpoints on one host do not answer than a transport usually has
// connections to one. The one beside them gets its event before any of them is
// given up.
func TestServe_deadEndpointsOnOneHostDelayNoOther(t *testing.T) {
	t.Parallel()
	const dead, connections = 40, 32 // what the transport allows otherwise
	hanging := make(chan struct{}, 10*dead)
	var givenUp atomic.Int32
	quick := make(chan int32, 10)
	ended := make(chan struct{})
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body) // only then the server sees the other side go
		if request.URL.Path == "/quick" {
			quick <- givenUp.Load()
			return
		}
		hanging <- struct{}{}
		select {
		case <-request.Context().Done():
			givenUp.Add(1)
		case <-ended:
		}
	}))
	t.Cleanup(host.Close)
	t.Cleanup(func() { close(ended) })
	b := newBinary(t, map[string]string{"space.yaml": "slug: dead\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token := b.token("operator")
	for i := range dead {
		b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":"%s/dead/%d"}`, host.URL, i), token, nil)
	}
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.updated","target_url":"%s/quick"}`, host.URL), token, nil)
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	for range connections {
		<-hanging
	}
	b.must(http.StatusAccepted, "POST /api/v1/events", strings.Replace(submitted, "Submitted", "Updated", 1), token, nil)
	select {
	case n := <-quick:
		if n != 0 {
			t.Errorf("%d deliveries were given up before the living endpoint got its own; want none", n)
		}
	case <-time.After(time.Minute):
		t.Fatal("the living endpoint got nothing within a minute")
	}
	b.kill()
}

func TestServe_whatIsHeldIsReplayed(t *testing.T) {
	t.Parallel()
	address, came := outside(t)
	b := newBinary(t, map[string]string{"space.yaml": "slug: held\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token := b.token("operator")
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":%q,"ordered":true}`, address+"/hook"), token, nil)
	var listed struct{ Subscriptions []struct{ ID string } }
	b.must(http.StatusOK, "GET /api/v1/subscriptions", "", token, &listed)
	id := listed.Subscriptions[0].ID
	b.must(http.StatusOK, "POST /api/v1/subscriptions/"+id+"/disable", `{"note":"while it is mended"}`, token, nil)
	for range 3 {
		b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	}
	var held struct {
		Jobs []struct{ ID, Subscription string }
	}
	b.must(http.StatusOK, "GET /api/v1/jobs?status=Held&subscription="+id, "", token, &held)
	if len(held.Jobs) != 3 || held.Jobs[0].Subscription != id {
		t.Fatalf("held are %+v; want three of the subscription", held)
	}
	replay := fmt.Sprintf(`{"filter":{"subscription":%q},"note":"it is well again"}`, id)
	if told := b.must(http.StatusUnprocessableEntity, "POST /api/v1/jobs/retry", replay, token, nil); !strings.Contains(told, "POST /api/v1/subscriptions/"+id+"/enable") {
		t.Errorf("refused with %s; want how to enable it", told)
	}
	b.must(http.StatusOK, "POST /api/v1/subscriptions/"+id+"/enable", "", token, nil)
	var replayed struct{ Retried []string }
	b.must(http.StatusOK, "POST /api/v1/jobs/retry", replay, token, &replayed)
	if len(replayed.Retried) != 3 {
		t.Fatalf("tried again are %v; want three", replayed.Retried)
	}
	for i := range 3 {
		want := held.Jobs[2-i].ID // the oldest first
		if got := next(t, came, "/hook").id; got != want || replayed.Retried[i] != want {
			t.Errorf("delivery %d came as %s, tried again as %s; want %s", i, got, replayed.Retried[i], want)
		}
	}
	b.stop()
}

// A subscription that no longer asks for order gets what waited behind a
// delivery that fails.
func TestServe_whatWaitsGoesAsItsSubscriptionAsksNow(t *testing.T) {
	t.Parallel()
	came := make(chan string, 100)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		if strings.Contains(string(body), `"poison"`) {
			w.WriteHeader(http.StatusServiceUnavailable)
			came <- "poison"
			return
		}
		came <- "good"
	}))
	t.Cleanup(endpoint.Close)
	b := newBinary(t, map[string]string{"space.yaml": "slug: order\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token := b.token("operator")
	var hook struct{ ID string }
	b.must(http.StatusCreated, "POST /api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":%q,"ordered":true}`, endpoint.URL), token, &hook)
	b.must(http.StatusAccepted, "POST /api/v1/events", strings.Replace(submitted, `"id":"s"`, `"id":"poison"`, 1), token, nil)
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	if got := <-came; got != "poison" {
		t.Fatalf("first came %s; want them in order", got)
	}
	b.must(http.StatusOK, "PATCH /api/v1/hooks/"+hook.ID, `{"ordered":false}`, token, nil)
	limit := time.After(time.Minute)
	for got := ""; got != "good"; {
		select {
		case got = <-came:
		case <-limit:
			t.Fatal("what waited behind the one that fails did not come within a minute")
		}
	}
	b.stop()
}
