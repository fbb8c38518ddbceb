package jobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

func TestWorker_deliversToASubscription(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Secrets = []subscription.Secret{
		{Value: "new/s3cret"}, {Value: "old/s3cret", Expires: h.clock.Now().Add(time.Hour)}, {Value: "lapsed/s3cret", Expires: h.clock.Now()},
	}
	sub.Traits.Auth = webhooks.Auth{Kind: webhooks.AuthHMAC}
	s := h.subscribe(sub)
	h.desk.transport = func(req *http.Request) (*http.Response, error) {
		if len(h.desk.requests) == 1 {
			r := answer(500, "echo new/s3cret and old/s3cret, not HR_TOKEN")
			r.Header.Set("X-Echo", "new/s3cret")
			return r, nil
		}
		return answer(200, "taken"), nil
	}
	h.fire()
	h.work()

	job := h.onlyJob(sub.ID)
	h.wantJob(job.ID, jobs.JobInProgress, "attempt 1 of 4 failed: the endpoint answered 500 Internal Server Error")
	if text := fmt.Sprintf("%+v %s %+v", job, job.Response.Body, *job.Request); strings.Contains(text, "s3cret and") || strings.Contains(text, "new/s3cret") || strings.Contains(text, "old/s3cret") {
		t.Errorf("the stored job holds a secret: %s", text)
	}
	if got := job.Response.Headers.Get("X-Echo"); got != "•••secret 1 of keap/1" {
		t.Errorf("the answer's header is kept as %q; want it masked", got)
	}
	h.drain()

	job = h.wantJob(job.ID, jobs.JobComplete, "200 OK")
	first, second := h.desk.requests[0], h.desk.requests[1]
	if first.URL.String() != sub.URL || first.Header.Get("Webhook-Id") != job.ID || second.Header.Get("Webhook-Id") != job.ID || h.desk.bodies[0] != h.desk.bodies[1] {
		t.Errorf("sent were %v and %v; want one body under one id", first.Header, second.Header)
	}
	want := "sha256=" + delivery.HMACSignature([]byte("new/s3cret"), []byte(h.desk.bodies[0]))
	if got := first.Header.Get("X-Hub-Signature-256"); got != want {
		t.Errorf("the signature is %q; want %q, of the newest secret", got, want)
	}
	updates := s.saved()
	if len(updates) != 2 || updates[0].Fired != 0 || updates[0].Health.Failures != 1 || updates[1].Fired != 1 || updates[1].Health.Failures != 0 || !updates[1].At.Equal(job.Ended) {
		t.Errorf("the updates are %+v; want a failure and then an event delivered", updates)
	}
}

func TestWorker_signsByEverySecretThatIsValid(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	for _, key := range []string{"bmV3LWtleS1uZXcta2V5LW5ldw==", "b2xkLWtleS1vbGQta2V5LW9sZA=="} {
		sub.Secrets = append(sub.Secrets, subscription.Secret{Value: "whsec_" + key})
	}
	sub.Traits.Auth = webhooks.Auth{Kind: webhooks.AuthStandard}
	h.subscribe(sub)
	h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(200, "bmV3LWtleS1uZXcta2V5LW5ldw=="), nil }
	h.fire()
	h.drain()
	if got := strings.Fields(h.desk.requests[0].Header.Get("Webhook-Signature")); len(got) != 2 {
		t.Errorf("the signatures are %v; want two", got)
	}
	if body := string(h.onlyJob(sub.ID).Response.Body); strings.Contains(body, "bmV3") {
		t.Errorf("the answer is kept as %q; want the key masked without its prefix, too", body)
	}
}

func TestWorker_putsAwayWhatNobodyIsThereFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*subscribers)
		want   jobs.JobStatus
		text   string
	}{
		{"gone", func(s *subscribers) { s.remove(subscriberID(1)) }, jobs.JobCancelled, "The subscription keap/1 is gone."},
		{"disabled", func(s *subscribers) {
			s.set(subscriberID(1), func(e *subscription.Endpoint) { e.Status, e.Reason = subscription.Disabled, "its owner says so" })
		}, jobs.JobHeld, "The subscription keap/1 is disabled: its owner says so"},
		{"pending", func(s *subscribers) {
			s.set(subscriberID(1), func(e *subscription.Endpoint) { e.Status = subscription.Pending })
		}, jobs.JobHeld, "The subscription keap/1 is pending."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			s := h.subscribe(subscribed(1))
			h.fire()
			tt.change(s)
			h.drain()
			job := h.onlyJob(subscriberID(1))
			h.wantJob(job.ID, tt.want, tt.text)
			if len(h.desk.requests) != 0 || job.Ended.IsZero() != (tt.want == jobs.JobHeld) {
				t.Errorf("%d requests were sent, and the job ended %v; want none", len(h.desk.requests), job.Ended)
			}
		})
	}
}

func TestWorker_endsADeliveryWhoseSubscriptionGoesMeanwhile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		want   jobs.JobStatus
		text   string
	}{{200, jobs.JobComplete, "200 OK"}, {500, jobs.JobCancelled, "The subscription keap/1 is gone."}, {410, jobs.JobFailed, "410 Gone"}} {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			t.Parallel()
			h := build(t)
			s := h.subscribe(subscribed(1))
			h.desk.transport = func(*http.Request) (*http.Response, error) {
				s.remove(subscriberID(1))
				return answer(tt.status, ""), nil
			}
			h.fire()
			h.drain()
			job := h.onlyJob(subscriberID(1))
			h.wantJob(job.ID, tt.want, tt.text)
			if len(job.Attempts) != 1 || len(s.saved()) != 0 || job.Ended.IsZero() {
				t.Errorf("the job has %d attempts, and %v was saved; want the attempt alone", len(job.Attempts), s.saved())
			}
		})
	}
}

func TestWorker_sendsToWhereTheSubscriptionIsNow(t *testing.T) {
	t.Parallel()
	h := build(t)
	s := h.subscribe(subscribed(1))
	h.fire()
	s.set(subscriberID(1), func(e *subscription.Endpoint) { e.URL = "https://moved.example.com/" })
	h.drain()
	job := h.onlyJob(subscriberID(1))
	if got := h.desk.requests[0].URL.Host; got != "moved.example.com" || job.URL != "https://moved.example.com/" || job.Request.URL != job.URL {
		t.Errorf("sent was to %s, and the job says %s, %s; want the new address", got, job.URL, job.Request.URL)
	}
}

func TestWorker_waitsAsLongAsTheEndpointAsks(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.subscribe(subscribed(1))
	begun := h.clock.Now()
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		r := answer(429, "")
		r.Header.Set("Retry-After", "3600")
		return r, nil
	}
	h.fire()
	h.work()
	if job := h.onlyJob(subscriberID(1)); !job.ScheduledAt.Equal(begun.Add(time.Hour)) {
		t.Errorf("the next attempt is due at %v; want an hour after %v", job.ScheduledAt, begun)
	}
}

// ending is a subscription whose endpoint comes to an end at the given status.
func ending(n, status int, end delivery.Ending) subscription.Endpoint {
	sub := subscribed(n)
	sub.Secrets = []subscription.Secret{{Value: "hidden/s3cret"}}
	sub.Traits.Policy.Endings = map[int]delivery.Ending{status: end}
	return sub
}

func TestWorker_endsASubscriptionWithANotice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		sub        subscription.Endpoint
		status     int
		wantJob    jobs.JobStatus
		wantNotice string
		wantStatus string
	}{
		{"disabled by a status", ending(1, 403, delivery.Disable), 403, jobs.JobFailed, event.SubscriptionDisabled, "disabled"},
		{"deleted by a status", ending(1, 410, delivery.Delete), 410, jobs.JobFailed, event.SubscriptionDeleted, "deleted"},
		{"disabled while attempts are left", func() subscription.Endpoint {
			sub := ending(1, 1, delivery.Keep)
			sub.Traits.Policy.Failing = delivery.Failing{Attempts: 1, Ending: delivery.Disable}
			return sub
		}(), 500, jobs.JobHeld, event.SubscriptionDisabled, "disabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			s := h.subscribe(tt.sub)
			follow := h.feed.Subscribe("")
			h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(tt.status, "hidden/s3cret"), nil }
			h.fire()
			h.fire()
			h.drain()

			list := h.jobsOf(tt.sub.ID)
			h.wantJob(list[0].ID, tt.wantJob, "")
			if rest := h.job(list[1].ID); !rest.Status.Final() || len(rest.Attempts) != 0 {
				t.Errorf("the job behind it is %s after %d attempts; want it put away", rest.Status, len(rest.Attempts))
			}
			notice := h.notice()
			data, _ := notice.Event.Data["data"].(map[string]any)
			if notice.Event.Action != tt.wantNotice || data["id"] != tt.sub.ID || data["status"] != tt.wantStatus || data["job"] != list[0].ID ||
				data["dialect"] != "keap" || data["external"] != "1" || data["url"] != tt.sub.URL || data["reason"] == "" || notice.Event.Entity != tt.sub.ID {
				t.Errorf("the notice is %+v; want %s of %s", notice.Event, tt.wantNotice, tt.sub.ID)
			}
			if strings.Contains(string(notice.Event.Body), "s3cret") {
				t.Errorf("the notice tells a secret: %s", notice.Event.Body)
			}
			if u := s.saved()[0]; u.Reason == "" || u.Delete != (tt.wantStatus == "deleted") || !u.Delete && u.Status != subscription.Disabled {
				t.Errorf("the update is %+v; want %s with a reason", u, tt.wantStatus)
			}
			if !told(t, follow, jobs.Change{Kind: jobs.ChangeSubscription, ID: tt.sub.ID, Status: tt.wantStatus}) {
				t.Error("the feed does not tell of the subscription")
			}
		})
	}
}

// told reports whether a feed has told of a change.
func told(t *testing.T, follow *jobs.Subscription, want jobs.Change) bool {
	t.Helper()
	changes, _, err := follow.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Stream = ""; c == want {
			return true
		}
	}
	return false
}

// notice gives the one notice that was accepted.
func (h *house) notice() jobs.EventRecord {
	h.t.Helper()
	list := h.notices()
	if len(list) != 1 {
		h.t.Fatalf("there are %d notices; want one", len(list))
	}
	record, err := h.store.Event(h.t.Context(), list[0].Event.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return record
}

func (h *house) notices() []jobs.EventRecord {
	h.t.Helper()
	list, _, err := h.store.Events(h.t.Context(), jobs.EventFilter{Type: event.Hooktree})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// Two subscribers to notices that are both dead, beside one to events: each
// comes to its end once, and nothing goes round, even though somebody enables
// them again and again.
func TestWorker_noticesDoNotGoRound(t *testing.T) {
	t.Parallel()
	h := build(t)
	watch := func(n int) subscription.Endpoint {
		sub := ending(n, 500, delivery.Disable)
		sub.Event = event.SubscriptionDisabled
		return sub
	}
	s := h.subscribe(ending(1, 500, delivery.Disable), watch(2), watch(3))
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		for n := 1; n <= 3; n++ {
			s.set(subscriberID(n), func(e *subscription.Endpoint) { e.Status = subscription.Active })
		}
		return answer(500, ""), nil
	}
	h.fire()
	h.drain()
	if n := len(h.desk.requests); n != 3 {
		t.Errorf("%d requests were sent; want that of the event and those of its notice", n)
	}
	if n := len(h.notices()); n != 3 {
		t.Errorf("there are %d notices; want one of each subscription", n)
	}
	outcomes := map[webhooks.Outcome]int{}
	for _, record := range h.notices() {
		for _, v := range record.Verdicts {
			outcomes[v.Outcome]++
		}
	}
	if outcomes[webhooks.Fired] != 2 || outcomes[webhooks.Inactive] != 2 || outcomes[webhooks.Loop] != 2 {
		t.Errorf("the verdicts on notices are %v; want two fired, two about the subscriptions themselves and two held", outcomes)
	}
}

// The circuit is kept with the subscription: another worker over the same
// store leaves the endpoint alone as long.
func TestWorker_keepsTheCircuitOpenAfterARestart(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Traits.Policy.Breaker = delivery.Breaker{Failures: 2, Pauses: []time.Duration{time.Hour}}
	s := h.subscribe(sub)
	s.keep(h)
	h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(500, ""), nil }
	for range 3 {
		h.fire()
	}
	h.work() // two attempts, and the third is kept back
	if n := len(h.desk.requests); n != 2 {
		t.Fatalf("%d requests were sent; want two before the circuit opens", n)
	}
	opened := s.saved()[1].Health.OpenUntil
	s.reload(h)
	h.start()
	h.clock.move(59 * time.Minute)
	h.work()
	if n := len(h.desk.requests); n != 2 {
		t.Fatalf("%d requests were sent while the circuit is open; want none", n-2)
	}
	did, next, err := h.worker.RunOnce(t.Context())
	if did || err != nil || !next.Equal(opened) {
		t.Errorf("the worker did %t and looks again at %v, %v; want %v", did, next, err, opened)
	}
	h.desk.transport = nil
	h.clock.move(time.Minute)
	h.drain()
	for _, job := range h.jobsOf(sub.ID) {
		h.wantJob(job.ID, jobs.JobComplete, "200 OK")
	}
}

func TestWorker_keepsToTheRate(t *testing.T) {
	t.Parallel()
	h := build(t)
	sub := subscribed(1)
	sub.Rate = 0.5
	h.subscribe(sub)
	var at []time.Duration
	begun := h.clock.Now()
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		at = append(at, h.clock.Now().Sub(begun))
		return answer(200, ""), nil
	}
	for range 4 {
		h.fire()
	}
	h.drain()
	if got := fmt.Sprint(at); got != "[0s 2s 4s 6s]" {
		t.Errorf("deliveries were sent at %s; want one every two seconds", got)
	}
}

func TestWorker_deliversInTheOrderOfEvents(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	sub := subscribed(1)
	sub.Ordered = true
	h.subscribe(sub)
	var want []string
	h.desk.transport = func(req *http.Request) (*http.Response, error) {
		if id := req.Header.Get("Webhook-Id"); id == want[1] {
			return answer(503, ""), nil // until it is given up
		}
		return answer(200, ""), nil
	}
	for range 4 {
		want = append(want, h.fire().Jobs[0].ID)
	}
	h.drain()
	var got []string
	for _, req := range h.desk.requests {
		got = append(got, req.Header.Get("Webhook-Id"))
	}
	order := []string{want[0], want[1], want[1], want[1], want[1], want[2], want[3]}
	if fmt.Sprint(got) != fmt.Sprint(order) {
		t.Errorf("sent were %v; want %v", got, order)
	}
	h.wantJob(want[1], jobs.JobFailed, "")
	h.wantJob(want[3], jobs.JobComplete, "")
}

func TestRunner_Dispatch(t *testing.T) {
	t.Parallel()
	t.Run("nobody to deliver to", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.subscribe()
		if _, err := h.runner.Dispatch(t.Context(), h.event()); !errors.Is(err, jobs.ErrInvalid) {
			t.Errorf("Dispatch gave %v; want ErrInvalid", err)
		}
	})
	t.Run("accepted before", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		h.subscribe(subscribed(1))
		e := h.event()
		e.ExternalID = "once"
		if _, err := h.runner.Accept(t.Context(), []event.Event{e}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.runner.Dispatch(t.Context(), e); !errors.Is(err, jobs.ErrInvalid) || !strings.Contains(err.Error(), "accepted before") {
			t.Errorf("Dispatch gave %v; want ErrInvalid", err)
		}
	})
	t.Run("held", func(t *testing.T) {
		t.Parallel()
		h := build(t)
		sub := subscribed(1)
		sub.Status = subscription.Disabled
		h.subscribe(sub)
		if job, err := h.runner.Dispatch(t.Context(), h.event()); err != nil || job.Status != jobs.JobHeld {
			t.Errorf("Dispatch gave %s, %v; want the held job", job.Status, err)
		}
	})
}
