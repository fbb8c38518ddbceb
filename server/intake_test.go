package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

const postEvents = "/api/v1/events"

func TestIntake_storesWhatThePayloadSaysAndWhoSentIt(t *testing.T) {
	t.Parallel()

	h := open(t)
	const run = "019541d2-0000-7000-8000-000000000001"
	got := h.do(accounts.Operator, "POST", postEvents, submitted, "Idempotency-Key", "k1", "Hooktree-Run", run)
	if got.status != 202 || got.header.Get("Content-Type") != "application/json" {
		t.Fatalf("POST = %d %s %s", got.status, got.header, got.body)
	}
	stored := h.intake.stored()
	if len(stored) != 1 {
		t.Fatalf("%d events were stored; want one", len(stored))
	}
	e := stored[0]
	if e.Path != "Submissions > services > laptop-request / Submitted" || e.ExternalID != "k1" || e.Entity != "s1" || !e.Received.Equal(noon) {
		t.Errorf("stored %+v", e)
	}
	if !strings.HasPrefix(e.Credential, "token:") {
		t.Errorf("Credential = %q; want the token's", e.Credential)
	}
	if want := (event.Cause{Run: run, Depth: 1}); e.Cause != want {
		t.Errorf("Cause = %+v; want %+v", e.Cause, want)
	}
	if string(e.Body) != submitted {
		t.Errorf("Body = %s; want it as it was sent", e.Body)
	}
}

// fasthttp reads the next request into the same memory: what was stored of the
// first must not change with it.
func TestIntake_keepsNothingOfTheRequestsMemory(t *testing.T) {
	t.Parallel()

	h := open(t)
	const requests = 20
	for i := range requests { // over one connection, of the same length
		body := strings.Replace(submitted, `"s1"`, fmt.Sprintf(`"%02d"`, i), 1)
		if got := h.do(accounts.Operator, "POST", postEvents, body, "Idempotency-Key", fmt.Sprintf("key-%02d", i), "X-Request-Id", fmt.Sprintf("r%02d", i)); got.status != 202 {
			t.Fatalf("POST %d = %d %s", i, got.status, got.body)
		}
	}
	for i, e := range h.intake.stored() {
		id, key := fmt.Sprintf("%02d", i), fmt.Sprintf("key-%02d", i)
		submission, _ := e.Data["submission"].(map[string]any)
		if e.Entity != id || e.ExternalID != key || submission["id"] != id || !strings.Contains(string(e.Body), `"id":"`+id+`"`) {
			t.Errorf("event %d has become %q %q %v %s", i, e.Entity, e.ExternalID, submission, e.Body)
		}
	}
}

func TestIntake_takesArraysAndCloudEvents(t *testing.T) {
	t.Parallel()

	data := `{"kapp":{"slug":"services"},"form":{"slug":"laptop-request"}}`
	cloud := `{"specversion":"1.0","id":"7","source":"/portal","type":"com.example.submission.submitted","data":` + data + `}`
	for _, tt := range []struct {
		name, body string
		headers    []string
		ids        []string
	}{
		{"an array", "[" + submitted + "," + submitted + "]", nil, []string{"", ""}},
		{"an array with a key", "[" + submitted + "," + submitted + "]", []string{"Idempotency-Key", "k"}, []string{"k#0", "k#1"}},
		{"an array of one with a key", "[" + submitted + "]", []string{"Idempotency-Key", "k"}, []string{"k"}},
		{"a structured CloudEvent", cloud, []string{"Content-Type", "application/cloudevents+json; charset=UTF-8"}, []string{"/portal 7"}},
		{"a batch", "[" + cloud + "]", []string{"Content-Type", "application/cloudevents-batch+json"}, []string{"/portal 7"}},
		{"a binary CloudEvent", data, []string{"Ce-Specversion", "1.0", "Ce-Id", "7", "Ce-Source", "/portal", "Ce-Type", "submission.submitted"}, []string{"/portal 7"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			if got := h.do(accounts.Operator, "POST", postEvents, tt.body, tt.headers...); got.status != 202 {
				t.Fatalf("POST = %d %s", got.status, got.body)
			}
			var ids []string
			for _, e := range h.intake.stored() {
				ids = append(ids, e.ExternalID)
				if e.Path != "Submissions > services > laptop-request / Submitted" {
					t.Errorf("Path = %q", e.Path)
				}
			}
			if diff := cmp.Diff(tt.ids, ids); diff != "" {
				t.Errorf("external ids differ (-want +got):\n%s", diff)
			}
		})
	}
}

// waits makes a house whose events fire the webhooks named, each with a run.
func waits(t *testing.T, await func(context.Context, string) (jobs.Reply, error), webhook ...string) *house {
	t.Helper()
	h := open(t)
	h.intake.await = await
	for _, name := range webhook {
		h.intake.firings = append(h.intake.firings, webhooks.Firing{Webhook: name, Tree: &webhooks.TreeFiring{Hash: "h1"}})
	}
	h.intake.receipts = func([]event.Event) []jobs.Receipt {
		r := jobs.Receipt{EventID: "e1"}
		for i, name := range webhook {
			r.Jobs = append(r.Jobs, jobs.JobRef{ID: "j-" + name, Webhook: name, Tree: "T", Run: int64(i + 1), RunID: "run of " + name})
		}
		return []jobs.Receipt{r}
	}
	return h
}

func TestIntake_waitAnswersWithWhatTheRunGives(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, query string
		reply       jobs.Reply
		err         error
		status      int
		body        string
		header      [2]string
	}{
		{
			"its reply", "?wait=15s",
			jobs.Reply{Answer: &engine.Answer{Status: 418, Headers: map[string]string{"X-Pot": "short", "Set-Cookie": "a=b"}, Body: "no coffee"}},
			nil,
			418, "no coffee",
			[2]string{"X-Pot", "short"},
		},
		{"its return", "?wait=15s", jobs.Reply{Answer: &engine.Answer{Body: map[string]any{"po": int64(7)}}}, nil, 200, `{"po":7}`, [2]string{"Content-Type", "application/json"}},
		{"that it returned nothing", "?wait=15s", jobs.Reply{Status: engine.RunComplete}, nil, 204, "", [2]string{"Hooktree-Run-Number", "2"}},
		{"that it was cancelled", "?wait=15s", jobs.Reply{Status: engine.RunCancelled}, nil, 409, "run_cancelled", [2]string{"Hooktree-Run-Number", "2"}},
		{"the receipt when the time is over", "?wait=15s", jobs.Reply{}, context.DeadlineExceeded, 202, `"run":2`, [2]string{"Content-Type", "application/json"}},
		{"the receipt when too many wait", "?wait=15s", jobs.Reply{}, jobs.ErrBusy, 202, `"run":2`, [2]string{"Content-Type", "application/json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var asked string
			h := waits(t, func(_ context.Context, run string) (jobs.Reply, error) {
				asked = run
				return tt.reply, tt.err
			}, "other", "wanted")
			got := h.do(accounts.Operator, "POST", postEvents+tt.query+"&webhook=wanted", submitted)
			if got.status != tt.status || !strings.Contains(got.body, tt.body) || got.header.Get(tt.header[0]) != tt.header[1] {
				t.Errorf("POST = %d %s %s; want %d, %s and %s", got.status, got.header, got.body, tt.status, tt.body, tt.header)
			}
			if asked != "run of wanted" {
				t.Errorf("waited for %q", asked)
			}
			if got.header.Get("Set-Cookie") != "" {
				t.Error("a tree set a cookie of this server")
			}
		})
	}
}

func TestIntake_refusesToWaitForTwoRunsBeforeAnythingIsStored(t *testing.T) {
	t.Parallel()

	h := waits(t, nil, "one", "two")
	checkProblem(t, h.do(accounts.Operator, "POST", postEvents+"?wait=1s", submitted), 409, "not_one_run", "one, two")
	if stored := h.intake.stored(); len(stored) > 0 {
		t.Errorf("%d events were stored", len(stored))
	}
}

func TestIntake_aWaitEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()

	waiting := make(chan struct{})
	h := waits(t, func(ctx context.Context, _ string) (jobs.Reply, error) {
		close(waiting)
		<-ctx.Done()
		return jobs.Reply{}, ctx.Err()
	}, "one")
	answered := make(chan answer)
	go func() { answered <- h.do(accounts.Operator, "POST", postEvents+"?wait=60s", submitted) }()
	<-waiting
	began := time.Now()
	if err := h.server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if got := <-answered; got.status != 202 {
		t.Errorf("POST = %d %s; want 202: the event is stored", got.status, got.body)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// The answer is written by hand; it must say what encoding/json would.
func FuzzReceipts(f *testing.F) {
	f.Add("e1", "Submissions > a > b / Submitted", "hook", "T :: G :: N", int64(7), true)
	f.Add("\"\\\x00\xff<>&\u2028", "\n", "", "", int64(0), false)
	f.Fuzz(func(t *testing.T, id, path, webhook, target string, run int64, duplicate bool) {
		receipt := jobs.Receipt{
			EventID: id, Path: path, Duplicate: duplicate,
			Jobs:     []jobs.JobRef{{ID: id, Webhook: webhook, Tree: target, Run: run}, {ID: path, URL: target}},
			Verdicts: []webhooks.Verdict{{Webhook: webhook, Hash: target, Outcome: webhooks.Fired, Reason: path, Filter: id, Target: target}},
		}
		byHand := server.AppendReceipts([]jobs.Receipt{receipt, {}})
		byJSON, err := json.Marshal(server.ShowReceipts([]jobs.Receipt{receipt, {}}))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := errors.Join(json.Unmarshal(byHand, &got), json.Unmarshal(byJSON, &want)); err != nil {
			t.Fatalf("%v in:\n%s\n%s", err, byHand, byJSON)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("written by hand, the answer differs (-want +got):\n%s", diff)
		}
	})
}

// Whatever is posted, through the whole handler: the server answers 202 with
// as many receipts as it stored, or a problem and stores nothing.
func FuzzPostEvents(f *testing.F) {
	for _, body := range []string{submitted, "[" + submitted + "]", `{}`, `[]`, ``, `{"event":{"platform":"x","name":"y"},"data":{}}`, "\xff", `{"event":{"type":"User","action":"Created","timestamp":1e400}}`} {
		f.Add(body, "application/json", "", "")
	}
	f.Add(`{"kapp":{"slug":"a"}}`, "application/cloudevents+json; charset=utf-8", "key", "wait=1s")
	h := open(f)
	f.Fuzz(func(t *testing.T, body, contentType, key, query string) {
		got := h.post(body, contentType, key, query)
		stored := len(h.intake.take())
		switch {
		case got.status == 202:
			var told server.Receipts
			if err := json.Unmarshal([]byte(got.body), &told); err != nil || len(told.Events) != stored || stored == 0 {
				t.Errorf("202 with %s for %d stored events (%v)", got.body, stored, err)
			}
		case got.status >= 400 && got.status < 500:
			if p := got.problem(t); p.Code == "" || p.Detail == "" || stored > 0 {
				t.Errorf("refused with %s, and %d events stored", got.body, stored)
			}
		default:
			t.Errorf("POST = %d %s", got.status, got.body)
		}
	})
}
