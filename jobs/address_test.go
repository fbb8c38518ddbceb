package jobs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hooktree/jobs"
	"hooktree/webhooks/delivery"
)

// An endpoint's query reaches the endpoint, and nobody else: not even when the
// endpoint says it back.
func TestWorker_keepsAnEndpointsQueryToItself(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.URL = "https://crm.example.com/in?token=Unguessable"
	sub.Traits.Policy.Endings = map[int]delivery.Ending{http.StatusGone: delivery.Delete}
	h.subscribe(sub)
	h.desk.transport = func(req *http.Request) (*http.Response, error) {
		return answer(http.StatusGone, "you asked for "+req.URL.String()), nil
	}
	h.fire()
	h.drain()
	if got := h.desk.requests[0].URL.String(); got != sub.URL {
		t.Errorf("it was sent to %s; want %s", got, sub.URL)
	}
	job := h.onlyJob(sub.ID)
	whole, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(whole), "Unguessable") || job.URL != sub.Address() || job.Request.URL != sub.Address() || !strings.Contains(string(job.Response.Body), "you asked for") {
		t.Errorf("the job is %s; want its answer, and no token", whole)
	}
	events, _, err := h.store.Events(t.Context(), jobs.EventFilter{})
	if err != nil || len(events) != 2 {
		t.Fatalf("the events are %+v, %v; want one and its notice", events, err)
	}
	for _, e := range events {
		if text := fmt.Sprint(string(e.Event.Body), e.Event.Data); strings.Contains(text, "Unguessable") {
			t.Errorf("the event %s says %s", e.Event.Path, text)
		}
	}
}

func TestWorker_tellsOfAStatusThatIsNone(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	h.subscribe(sub)
	h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(0, ""), nil }
	h.fire()
	h.work()
	h.wantJob(h.onlyJob(sub.ID).ID, jobs.JobInProgress, "attempt 1 of 4 failed: the endpoint answered 000, which is no status")
}
