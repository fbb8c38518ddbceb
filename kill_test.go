package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver is the outside world: it notes every effect by the submission that
// it is for, and the idempotency keys that it came with.
type receiver struct {
	*httptest.Server

	mu   sync.Mutex
	keys map[string]map[string]int // submission and path, key, times
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{keys: map[string]map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		type submitted struct {
			Submission struct {
				ID string `json:"id"`
			} `json:"submission"`
		}
		var body struct {
			submitted

			Data submitted `json:"data"` // of a delivery to a subscription
		}
		content, err := io.ReadAll(request.Body)
		if err == nil {
			err = json.Unmarshal(content, &body)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		key := request.Header.Get("Idempotency-Key")
		if key == "" {
			key = request.Header.Get("Webhook-Id")
		}
		r.note(request.URL.Path+" "+body.Submission.ID+body.Data.Submission.ID, key)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) note(what, key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys[what] == nil {
		r.keys[what] = map[string]int{}
	}
	r.keys[what][key]++
}

// killSpace has an effect in the middle of a tree, a retry's wait and a timer
// behind it, and a URL webhook beside it.
func killSpace(receiver string) map[string]string {
	return map[string]string{
		"space.yaml": "slug: kill\nname: A space whose server dies\negress: {allow: [127.0.0.1/32]}\n",
		"trees/order.yaml": strings.ReplaceAll(`tree: Submissions > services > laptop-request / Submitted
nodes:
  - id: total
    do: set
    with: {total: "${ values.Quantity * 2 }"}
  - id: order
    do: http
    with:
      method: POST
      url: RECEIVER/order
      body: {submission: {id: "${ submission.id }"}, total: "${ nodes.total.total }"}
    retry: {max: 20, wait: 0.01s, factor: 1}
  - id: rest
    wait: 0.005s
  - id: confirm
    do: http
    with:
      method: POST
      url: RECEIVER/confirm
      body: {submission: {id: "${ submission.id }"}}
    retry: {max: 20, wait: 0.01s, factor: 1}
  - id: answer
    return: {total: "${ nodes.total.total }"}
`, "RECEIVER", receiver),
		"webhooks.yaml": strings.ReplaceAll(`webhooks:
  - name: Tell the auditor
    type: Submission
    event: Submitted
    url: RECEIVER/audit
`, "RECEIVER", receiver),
	}
}

// subscribe lets an outside application subscribe to what killSpace does, at
// once and in the order of events.
func (b *binary) subscribe(token, receiver string) {
	b.t.Helper()
	for path, ordered := range map[string]bool{"/hook": false, "/ordered": true} {
		body := fmt.Sprintf(`{"event":"submission.submitted","target_url":%q,"content_type":"application/json","ordered":%t}`, receiver+path, ordered)
		status, answer, err := b.call(http.MethodPost, "/api/v1/hooks", body, bearer(token))
		if err != nil || status != http.StatusCreated {
			b.t.Fatalf("subscribe %s: %d %s, %v", path, status, answer, err)
		}
	}
}

// rounds is how often the process is killed.
const rounds = 32

// TestKill kills the real process at random moments under load, starts it
// again each time, and counts: whatever was acknowledged has its run, its job
// and all of its effects, at least once, and always under the same key.
func TestKill_losesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a seed that is logged brings the moments back
	outside := newReceiver(t)
	b := newBinary(t, killSpace(outside.URL))
	b.start()
	token := b.token("operator")
	b.subscribe(token, outside.URL)
	acknowledged := map[string]int64{} // submission to run
	for round := range rounds {
		maps.Copy(acknowledged, b.loadUntilKilled(token, round, time.Duration(chance.IntN(150))*time.Millisecond))
		b.start()
	}
	b.drain(token)

	if len(acknowledged) < rounds {
		t.Errorf("only %d events were acknowledged in %d rounds; the load was no load", len(acknowledged), rounds)
	}
	runs := map[int64]string{}
	for id, run := range acknowledged {
		if other, used := runs[run]; used {
			t.Errorf("run #%d belongs to %s and to %s", run, id, other)
		}
		runs[run] = id
	}
	outside.mu.Lock()
	defer outside.mu.Unlock()
	for id, run := range acknowledged {
		for _, path := range []string{"/order", "/confirm", "/audit", "/hook", "/ordered"} {
			if len(outside.keys[path+" "+id]) == 0 {
				t.Errorf("submission %s (run #%d) was acknowledged and had no effect at %s", id, run, path)
			}
		}
	}
	for what, keys := range outside.keys {
		if len(keys) != 1 {
			t.Errorf("%s came under %d keys: %v", what, len(keys), keys)
		}
	}
	t.Logf("%d events acknowledged over %d kills; %d effects seen", len(acknowledged), rounds, len(outside.keys))
	b.stop()
}

// loadUntilKilled posts events over several connections, kills the process
// after a while, and gives the run of each submission that was acknowledged.
func (b *binary) loadUntilKilled(token string, round int, after time.Duration) map[string]int64 {
	b.t.Helper()
	var mu sync.Mutex
	acknowledged := map[string]int64{}
	var senders sync.WaitGroup
	for sender := range 8 {
		senders.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("s-%d-%d-%d", round, sender, n)
				run, err := b.post(token, id)
				if err != nil {
					return // killed, or about to be
				}
				mu.Lock()
				acknowledged[id] = run
				mu.Unlock()
			}
		})
	}
	timer := time.NewTimer(after)
	<-timer.C
	b.kill()
	senders.Wait()
	return acknowledged
}

// post sends one event and gives the number of its run.
func (b *binary) post(token, id string) (int64, error) {
	body := fmt.Sprintf(`{"event":{"type":"Submission","action":"Submitted","id":%q},"kapp":{"slug":"services"},`+
		`"form":{"slug":"laptop-request"},"submission":{"id":%q},"values":{"Quantity":3}}`, id, id)
	status, answer, err := b.call(http.MethodPost, "/api/v1/events", body, bearer(token))
	if err != nil {
		return 0, err
	}
	var accepted struct {
		Events []struct {
			Jobs []struct {
				Run int64 `json:"run"`
			} `json:"jobs"`
		} `json:"events"`
	}
	if err := json.Unmarshal(answer, &accepted); err != nil || status != http.StatusAccepted {
		b.t.Errorf("post %s: %d %s", id, status, answer)
		return 0, fmt.Errorf("status %d", status)
	}
	var run int64
	for _, job := range accepted.Events[0].Jobs {
		run = max(run, job.Run)
	}
	if run == 0 || len(accepted.Events[0].Jobs) != 4 {
		b.t.Errorf("post %s: want a run and three deliveries, got %s", id, answer)
	}
	return run, nil
}

// drain waits until no run and no job is open.
func (b *binary) drain(token string) {
	b.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var runs struct{ Runs []json.RawMessage }
	var jobs struct{ Jobs []json.RawMessage }
	for {
		b.get("/api/v1/runs?limit=1&status=Queued,Running,Waiting,Error", token, &runs)
		b.get("/api/v1/jobs?limit=1&status=Queued,In+Progress,Failed,Held", token, &jobs)
		if len(runs.Runs) == 0 && len(jobs.Jobs) == 0 {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("still open: runs %s, jobs %s\n%s", runs.Runs, jobs.Jobs, b.process.Printed())
		}
		<-tick.C
	}
}
