package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

func TestWorker_opensSecretsOnlyForTheCall(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.desk.answer = func(c jobs.HandlerCall) (map[string]any, *engine.Failure) {
		return map[string]any{"status": int64(200), "echo": c.Params["headers"]}, nil
	}
	run := h.fired()
	h.drain()

	call := h.desk.calls[0]
	headers, _ := call.Params["headers"].(map[string]any)
	if headers["Authorization"] != "Bearer s3cret/value" || call.Secrets["HR_TOKEN"] != "s3cret/value" {
		t.Errorf("the call got %v with secrets %v; want the secret in clear", headers, call.Secrets)
	}
	if call.Key != run.ID+"/order/" || call.Run != run.ID || call.Number != 1 {
		t.Errorf("the call has key %q, run %q, number %d; want those of the run", call.Key, call.Run, call.Number)
	}
	h.wantRun(1, engine.RunComplete)
	tasks, err := h.store.Tasks(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", tasks); strings.Contains(text, "s3cret") || !strings.Contains(text, "•••HR_TOKEN") {
		t.Errorf("the stored tasks are %s; want the secret masked", text)
	}
}

func TestWorker_keepsTheKeyOverRetries(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	h.desk.answer = failing("status", true)
	h.fired()
	h.drain()

	if n := len(h.desk.calls); n != 3 {
		t.Fatalf("%d calls were made; want 3", n)
	}
	for _, c := range h.desk.calls {
		if c.Key != h.desk.calls[0].Key {
			t.Errorf("an attempt has the key %q; want %q", c.Key, h.desk.calls[0].Key)
		}
	}
	h.wantRun(1, engine.RunError)
	if e := h.onlyError(); e.Fault.Node != "order" || e.Fault.Kind != engine.FaultHandler {
		t.Errorf("the error is %+v; want one of the handler of order", e.Fault)
	}
}

func TestWorker_turnsTroubleIntoFailures(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name     string
		answer   func(jobs.HandlerCall) (map[string]any, *engine.Failure)
		working  func(*jobs.WorkerConfig)
		wantCode string
		wantText string
	}{
		{
			"a panic", func(jobs.HandlerCall) (map[string]any, *engine.Failure) { panic("no s3cret/value here") },
			nil, "panic", "no •••HR_TOKEN here",
		},
		{
			"a failure that holds a secret", func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
				return nil, &engine.Failure{Code: "status", Message: "bad token s3cret%2Fvalue"}
			},
			nil, "status", "bad token •••HR_TOKEN",
		},
		{
			"results that are too large", func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
				return map[string]any{"body": strings.Repeat("x", 2000)}, nil
			},
			func(c *jobs.WorkerConfig) { c.Results = 1000 }, "too_large", "2011 bytes of JSON and may be 1000",
		},
		{
			"results that are no JSON", func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
				return map[string]any{"body": func() {}}, nil
			},
			nil, "results", "cannot be stored",
		},
		{
			"a secret without a value", nil,
			func(c *jobs.WorkerConfig) { c.Secrets = nil }, "secret", `the secret "HR_TOKEN" has no value`,
		},
		{
			"a handler that is not there", nil,
			func(c *jobs.WorkerConfig) { c.Handlers = nil }, "missing_handler", `there is no handler "http"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, callTree)
			h.working = tt.working
			h.desk.answer = tt.answer
			h.start()
			h.fired()
			h.drain()
			f := h.onlyError().Fault.Failure
			if f.Code != tt.wantCode || !strings.Contains(f.Message, tt.wantText) {
				t.Errorf("the failure is %s: %s; want %s: %s", f.Code, f.Message, tt.wantCode, tt.wantText)
			}
		})
	}
}

func TestWorker_firesTimersWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	h := build(t, waitTree)
	h.fired()
	if n := h.work(); n != 0 {
		t.Fatalf("%d pieces of work were due at once; want none", n)
	}
	h.wantRun(1, engine.RunWaiting)
	h.clock.move(48*time.Hour - time.Second)
	if n := h.work(); n != 0 {
		t.Fatalf("%d pieces of work were due too early; want none", n)
	}
	h.clock.move(time.Second)
	h.work()
	h.wantRun(1, engine.RunComplete)
}

// toURL resolves each event to one delivery.
func (h *house) toURL(f webhooks.URLFiring) {
	h.resolve = func(event.Event) resolve.Resolution {
		return fires("notify desk", webhooks.Firing{URL: &f})
	}
}

func TestWorker_delivers(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.toURL(webhooks.URLFiring{
		URL: "https://desk.example.com/hook?key=•••HR_TOKEN", Headers: map[string]string{"x-desk": "•••HR_TOKEN"},
		Auth: webhooks.Auth{Kind: webhooks.AuthHMAC, Secret: "HR_TOKEN"},
		Seals: []engine.Seal{
			{At: "/url", Sealed: engine.Sealed{Parts: []engine.Part{{Text: "https://desk.example.com/hook?key="}, {Secret: "HR_TOKEN"}}}},
			{At: "/headers/x-desk", Sealed: engine.Secret("HR_TOKEN")},
		},
	})
	h.desk.transport = func(req *http.Request) (*http.Response, error) {
		r := answer(201, "you sent s3cret/value")
		r.Header.Set("X-Echo", req.Header.Get("X-Desk"))
		return r, nil
	}

	ref := h.fire().Jobs[0]
	if job := h.job(ref.ID); job.Status != jobs.JobQueued || job.Response != nil || job.Summary != "" {
		t.Errorf("before its first attempt the job is %s, %q; want Queued without summary and answer", job.Status, job.Summary)
	}
	h.work()

	req := h.desk.requests[0]
	if req.Method != http.MethodPost || req.URL.String() != "https://desk.example.com/hook?key=s3cret/value" ||
		req.Header.Get("X-Desk") != "s3cret/value" || req.Header.Get("Webhook-Id") != ref.ID ||
		!strings.HasPrefix(req.Header.Get("X-Hub-Signature-256"), "sha256=") {
		t.Errorf("sent was %s %s with %v; want it whole and signed", req.Method, req.URL, req.Header)
	}
	if h.desk.bodies[0] != string(h.event().Body) {
		t.Errorf("the body is %s; want the event's payload", h.desk.bodies[0])
	}
	job := h.job(ref.ID)
	digest := sha256.Sum256(h.event().Body)
	if job.Status != jobs.JobComplete || job.Summary != "201 Created" || job.Request.SHA256 != hex.EncodeToString(digest[:]) {
		t.Errorf("the job is %s, %q, %s; want Complete, 201 Created and the digest", job.Status, job.Summary, job.Request.SHA256)
	}
	if text := fmt.Sprintf("%+v %s %+v", job, job.Response.Body, *job.Request); strings.Contains(text, "s3cret") {
		t.Errorf("the stored job holds the secret: %s", text)
	}
	kept := job.Request.Sent
	if kept.Get("X-Desk") != "•••HR_TOKEN" || kept.Get("Webhook-Id") != ref.ID || kept.Get("Content-Type") != "application/json" ||
		kept.Get("X-Hub-Signature-256") != req.Header.Get("X-Hub-Signature-256") {
		t.Errorf("the headers are kept as %v; want all that were sent, the secret masked", kept)
	}
	if string(job.Response.Body) != "you sent •••HR_TOKEN" || job.Response.Headers.Get("X-Echo") != "•••HR_TOKEN" {
		t.Errorf("the answer is kept as %s, %v; want the secret masked", job.Response.Body, job.Response.Headers)
	}
	if len(job.Attempts) != 1 || job.Attempts[0].Number != 1 || job.Attempts[0].Status != 201 || job.RetryCount != 0 {
		t.Errorf("the attempts are %+v; want the first one", job.Attempts)
	}
}

func TestWorker_delivers_againByTheSchedule(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		switch len(h.desk.requests) {
		case 1:
			return nil, errors.New("connection refused")
		case 2:
			r := answer(503, strings.Repeat("x", jobs.MaxResponse+1))
			r.Header.Set("Retry-After", "600")
			return r, nil
		default:
			return answer(200, ""), nil
		}
	}
	ref := h.fire().Jobs[0]
	h.work()
	if job := h.job(ref.ID); job.Status != jobs.JobInProgress || job.ScheduledAt.Sub(h.clock.Now()) != 5*time.Second {
		t.Errorf("after the first failure the job is %s, due in %v; want In Progress, 5 s", job.Status, job.ScheduledAt.Sub(h.clock.Now()))
	}
	h.clock.move(5 * time.Second)
	h.work()
	job := h.job(ref.ID)
	if job.ScheduledAt.Sub(h.clock.Now()) != 600*time.Second {
		t.Errorf("after Retry-After the job is due in %v; want 10 min", job.ScheduledAt.Sub(h.clock.Now()))
	}
	if len(job.Response.Body) != jobs.MaxResponse || !job.Response.Cut || len(job.Attempts[1].Response.Body) != jobs.MaxExcerpt {
		t.Errorf("kept are %d bytes of the answer, %d in the attempt; want %d and %d, cut",
			len(job.Response.Body), len(job.Attempts[1].Response.Body), jobs.MaxResponse, jobs.MaxExcerpt)
	}
	h.drain()
	job = h.job(ref.ID)
	if job.Status != jobs.JobComplete || job.RetryCount != 2 || len(job.Attempts) != 3 {
		t.Errorf("in the end the job is %s after %d retries; want Complete after 2", job.Status, job.RetryCount)
	}
	for _, req := range h.desk.requests {
		if req.Header.Get("Webhook-Id") != ref.ID {
			t.Errorf("an attempt has the id %s; want %s", req.Header.Get("Webhook-Id"), ref.ID)
		}
	}
}

func TestWorker_delivers_noMore(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name        string
		firing      webhooks.URLFiring
		status      int
		err         error
		wantTries   int
		wantSummary string
	}{
		{"410 stops", webhooks.URLFiring{}, 410, nil, 1, "410 Gone"},
		{"a refusal by the guard stops", webhooks.URLFiring{}, 0, coded{"refused"}, 1, "refused"},
		{"the schedule ends", webhooks.URLFiring{}, 500, nil, 8, "attempt 8 was the last: the endpoint answered 500 Internal Server Error"},
		{
			"a secret without a value sends nothing",
			webhooks.URLFiring{Auth: webhooks.Auth{Kind: webhooks.AuthBearer, Secret: "NONE"}},
			200, nil, 0, `the secret "NONE" has no value: give it one`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			tt.firing.URL = "https://desk.example.com/hook"
			h.toURL(tt.firing)
			h.desk.transport = func(*http.Request) (*http.Response, error) {
				if tt.err != nil {
					return nil, tt.err
				}
				return answer(tt.status, ""), nil
			}
			ref := h.fire().Jobs[0]
			h.drain()
			job := h.job(ref.ID)
			if job.Status != jobs.JobFailed || job.Summary != tt.wantSummary || job.Ended.IsZero() {
				t.Errorf("the job is %s, %q; want Failed, %q", job.Status, job.Summary, tt.wantSummary)
			}
			if n := len(h.desk.requests); n != tt.wantTries {
				t.Errorf("%d requests were sent; want %d", n, tt.wantTries)
			}
		})
	}
}

type coded struct{ code string }

func (c coded) Error() string { return c.code }
func (c coded) Code() string  { return c.code }

func TestWorker_Run_wakesOnCommitAndAtTheDueTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, callTree)
		h.config = func(c *jobs.Config) { c.Now = time.Now }
		h.desk.answer = failing("status", true)
		h.start()
		go h.worker.Run(t.Context())
		synctest.Wait() // it has found nothing and sleeps
		h.fired()
		synctest.Wait()
		if calls, _ := h.desk.made(); len(calls) != 1 {
			t.Fatalf("%d calls were made after the commit; want 1", len(calls))
		}
		<-time.After(10 * time.Second)
		synctest.Wait()
		if calls, _ := h.desk.made(); len(calls) != 2 {
			t.Fatalf("%d calls were made 10 s later; want 2", len(calls))
		}
		if err := h.worker.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
}

// slowList is a ledger whose second list of due work is slow to arrive: whatever
// is under way ends after it was read and before the worker has it.
type slowList struct {
	jobs.Ledger

	lists   int
	release chan struct{}
}

func (l *slowList) Due(ctx context.Context, q jobs.DueQuery) ([]jobs.Work, time.Time, error) {
	work, next, err := l.Ledger.Due(ctx, q)
	if l.lists++; l.lists == 2 {
		close(l.release)
		synctest.Wait()
	}
	return work, next, err
}

func TestWorker_Run_doesNotDoAgainWhatEndedWhileDueWorkWasRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, callTree)
		release := make(chan struct{})
		h.config = func(c *jobs.Config) {
			c.Now, c.Ledger = time.Now, &slowList{Ledger: c.Ledger, release: release}
		}
		h.desk.wait = func(context.Context, jobs.HandlerCall) { <-release }
		h.start()
		h.fired()
		go h.worker.Run(t.Context())
		<-release // held until the worker reads its second list, with the call in it
		<-time.After(time.Minute)
		if calls, _ := h.desk.made(); len(calls) != 1 {
			t.Errorf("%d calls were made; want 1", len(calls))
		}
		h.wantRun(1, engine.RunComplete)
		if err := h.worker.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
}

func TestWorker_Run_doesNotLetOneHostTakeAllSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t)
		h.config = func(c *jobs.Config) { c.Now = time.Now }
		h.working = func(c *jobs.WorkerConfig) { c.Slots, c.PerHost = 4, 2 }
		release := make(chan struct{})
		h.desk.transport = func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "slow.example.com" {
				<-release
			}
			return answer(200, ""), nil
		}
		h.start()
		for range 20 {
			h.toURL(webhooks.URLFiring{URL: "https://slow.example.com/hook"})
			h.fire()
		}
		h.toURL(webhooks.URLFiring{URL: "https://quick.example.com/hook"})
		quick := h.fire().Jobs[0]

		go h.worker.Run(t.Context())
		synctest.Wait()
		if job := h.job(quick.ID); job.Status != jobs.JobComplete {
			t.Errorf("the quick job is %s; want Complete while the slow host is busy", job.Status)
		}
		slow := 0
		_, requests := h.desk.made()
		for _, req := range requests {
			if req.URL.Host == "slow.example.com" {
				slow++
			}
		}
		if slow != 2 {
			t.Errorf("%d requests are under way to the slow host; want 2", slow)
		}
		close(release)
		synctest.Wait()
		counts, err := h.store.Count(t.Context())
		if err != nil || counts.Jobs[jobs.JobComplete] != 21 {
			t.Errorf("the jobs are %v, %v; want 21 complete", counts.Jobs, err)
		}
		_ = h.worker.Stop(t.Context())
	})
}

func TestWorker_Stop_losesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, callTree)
		h.config = func(c *jobs.Config) { c.Now = time.Now }
		h.start()
		h.desk.wait = func(ctx context.Context, _ jobs.HandlerCall) { <-ctx.Done() }
		go h.worker.Run(t.Context())
		h.fired()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if err := h.worker.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("Stop gave %v after %v; want the deadline after 10 s", err, time.Since(began))
		}
		synctest.Wait()
		h.wantRun(1, engine.RunRunning) // what was given up is no failure

		h.desk.wait = nil
		h.start()
		h.drain()
		h.wantRun(1, engine.RunComplete)
		if len(h.desk.calls) != 2 || h.desk.calls[0].Key != h.desk.calls[1].Key {
			t.Errorf("%d calls were made; want 2 with one key", len(h.desk.calls))
		}
	})
}

func TestWorker_RunOnce_restsWorkWhoseOutcomeCannotBeSaved(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	broken := &refusing{Store: h.store}
	h.config = func(c *jobs.Config) { c.Ledger = broken }
	h.start()
	h.fired()
	broken.err = errLost
	if did, _, err := h.worker.RunOnce(t.Context()); !did || !errors.Is(err, errLost) {
		t.Errorf("RunOnce = %t, %v; want the store's error", did, err)
	}
	broken.err = nil
	did, next, err := h.worker.RunOnce(t.Context())
	if did || err != nil || !next.Equal(h.clock.Now().Add(5*time.Second)) {
		t.Errorf("RunOnce = %t, %v, %v; want nothing before 5 s", did, next, err)
	}
	h.drain()
	h.wantRun(1, engine.RunComplete)
	keys := []string{h.desk.calls[0].Key, h.desk.calls[1].Key}
	if len(slices.Compact(keys)) != 1 {
		t.Errorf("the calls have the keys %v; want one", keys)
	}
}

func TestWorker_RunOnce_countsOnlyAttemptsThatWereMade(t *testing.T) {
	t.Parallel()
	h := build(t, callTree)
	ledger := &refusing{Store: h.store}
	h.config = func(c *jobs.Config) { c.Ledger, c.Memory = ledger, 1 }
	h.start()
	h.fired()
	ledger.loading = errLost
	if _, _, err := h.worker.RunOnce(t.Context()); !errors.Is(err, errLost) {
		t.Errorf("RunOnce gave %v; want the store's error", err)
	}
	ledger.loading = nil
	h.drain()
	run := h.wantRun(1, engine.RunComplete)
	tasks, err := h.store.Tasks(t.Context(), run.ID)
	if err != nil || tasks[0].Attempt != 1 {
		t.Errorf("the first task is %+v, %v; want it done at its first attempt", tasks, err)
	}
}

func TestWorker_Run_survivesAPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := build(t)
		h.config = func(c *jobs.Config) { c.Now = time.Now }
		panicked := false
		h.desk.transport = func(*http.Request) (*http.Response, error) {
			if !panicked {
				panicked = true
				panic("the transport is broken")
			}
			return answer(200, ""), nil
		}
		h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
		h.start()
		go h.worker.Run(t.Context())
		ref := h.fire().Jobs[0]
		synctest.Wait()
		if job := h.job(ref.ID); job.Status != jobs.JobQueued || !panicked {
			t.Errorf("after the panic (%t) the job is %s; want Queued", panicked, job.Status)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		if job := h.job(ref.ID); job.Status != jobs.JobComplete {
			t.Errorf("after its rest the job is %s; want Complete", job.Status)
		}
		_ = h.worker.Stop(t.Context())
	})
}
