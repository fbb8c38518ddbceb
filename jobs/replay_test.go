package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

// disabled is a house with a disabled subscription and held jobs of it.
func disabled(t *testing.T, events int, ordered bool) (h *house, s *subscribers, ids []string) {
	t.Helper()
	h = build(t)
	h.ordered()
	sub := subscribed(1)
	sub.Status, sub.Reason, sub.Ordered = subscription.Disabled, "its owner says so.", ordered
	s = h.subscribe(sub)
	for range events {
		ids = append(ids, h.fire().Jobs[0].ID)
		h.clock.move(time.Second)
	}
	return h, s, ids
}

func (s *subscribers) enable(id string) {
	s.set(id, func(e *subscription.Endpoint) { e.Status, e.Reason = subscription.Active, "" })
}

func TestRunner_RetryJob_refusesWhatNobodyIsThereFor(t *testing.T) {
	t.Parallel()
	h, s, ids := disabled(t, 1, false)
	try := func(want string) {
		t.Helper()
		_, err := h.runner.RetryJob(t.Context(), ids[0], manager)
		if !errors.Is(err, jobs.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("RetryJob gave %v; want ErrInvalid with %q", err, want)
		}
		if _, _, err := h.runner.RetryJobs(t.Context(), jobs.Replay{Filter: jobs.JobFilter{Subscription: subscriberID(1)}}, manager); !errors.Is(err, jobs.ErrInvalid) {
			t.Errorf("RetryJobs gave %v; want ErrInvalid", err)
		}
		h.wantJob(ids[0], jobs.JobHeld, "The subscription keap/1 is disabled.")
	}
	try("keap/1 is disabled (its owner says so); enable it first, by ")
	s.set(subscriberID(1), func(e *subscription.Endpoint) { e.Status = subscription.Pending })
	try("not confirmed by its endpoint yet; ask for that first, by ")
	s.remove(subscriberID(1))
	try("is gone")
	if job, err := h.runner.CancelJob(t.Context(), ids[0], manager); err != nil || job.Status != jobs.JobCancelled || job.Ended.IsZero() {
		t.Errorf("CancelJob gave %s, %v; want Cancelled", job.Status, err)
	}
}

func TestRunner_RetryJobs_replaysInTheOrderOfEvents(t *testing.T) {
	t.Parallel()
	h, s, ids := disabled(t, 5, true)
	s.enable(subscriberID(1))
	mixed := slices.Clone(ids)
	slices.Reverse(mixed)
	outcomes, next, err := h.runner.RetryJobs(t.Context(), jobs.Replay{IDs: append(mixed, ids[0], "none")}, manager)
	if err != nil || next != "" || len(outcomes) != 6 {
		t.Fatalf("RetryJobs gave %+v, %q, %v; want six outcomes", outcomes, next, err)
	}
	for _, o := range outcomes {
		if unknown := o.ID == "none"; unknown != errors.Is(o.Err, jobs.ErrNotFound) || !unknown && o.Err != nil {
			t.Errorf("job %s: %v", o.ID, o.Err)
		}
	}
	h.drain()
	var got []string
	for _, req := range h.desk.requests {
		got = append(got, req.Header.Get("Webhook-Id"))
	}
	if fmt.Sprint(got) != fmt.Sprint(ids) {
		t.Errorf("sent were %v; want %v", got, ids)
	}
	if n := len(h.audits()); n != 5 {
		t.Errorf("the audit has %d rows; want one a job", n)
	}
}

func TestRunner_RetryJobs_findsJobsByFilter(t *testing.T) {
	t.Parallel()
	begun := build(t).clock.Now()
	tests := []struct {
		name   string
		filter jobs.JobFilter
		want   []int // of the held jobs, a second apart, then one that was canceled
	}{
		{"held and failed ones of a subscription", jobs.JobFilter{Subscription: subscriberID(1)}, []int{0, 1, 2, 3}},
		{"a time range", jobs.JobFilter{From: begun.Add(time.Second), To: begun.Add(3 * time.Second)}, []int{1, 2}},
		{"canceled ones", jobs.JobFilter{Status: []jobs.JobStatus{jobs.JobCancelled}}, []int{4}},
		{"those of another subscription", jobs.JobFilter{Webhook: "keap/2"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, s, ids := disabled(t, 5, false)
			if _, err := h.runner.CancelJob(t.Context(), ids[4], manager); err != nil {
				t.Fatal(err)
			}
			s.enable(subscriberID(1))
			outcomes, next, err := h.runner.RetryJobs(t.Context(), jobs.Replay{Filter: tt.filter}, manager)
			if err != nil || next != "" {
				t.Fatalf("RetryJobs gave %q, %v", next, err)
			}
			var got []int
			for _, o := range outcomes {
				got = append(got, slices.Index(ids, o.ID))
				h.wantJob(o.ID, jobs.JobQueued, "")
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("tried again are %v; want %v", got, tt.want)
			}
		})
	}
}

func TestRunner_RetryJobs_goesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	h, s, ids := disabled(t, jobs.MaxReplayed+5, true)
	s.enable(subscriberID(1))
	replay := jobs.Replay{Filter: jobs.JobFilter{Subscription: subscriberID(1)}}
	outcomes, next, err := h.runner.RetryJobs(t.Context(), replay, manager)
	if err != nil || len(outcomes) != jobs.MaxReplayed || next == "" || outcomes[0].ID != ids[0] {
		t.Fatalf("RetryJobs gave %d outcomes, %q, %v; want the oldest %d and a cursor", len(outcomes), next, err, jobs.MaxReplayed)
	}
	replay.Filter.Cursor = next
	outcomes, next, err = h.runner.RetryJobs(t.Context(), replay, manager)
	if err != nil || len(outcomes) != 5 || next != "" || outcomes[4].ID != ids[len(ids)-1] {
		t.Fatalf("RetryJobs gave %d outcomes, %q, %v; want the last five", len(outcomes), next, err)
	}
}

// Between the search of a replay and a job's turn another replay may have sent
// it. That is played here by a store that does so after each search.
func TestRunner_RetryJobs_sendsNothingTwiceWhenTwoReplayAtATime(t *testing.T) {
	t.Parallel()
	h, s, ids := disabled(t, 3, false)
	s.enable(subscriberID(1))
	h.runner.History = afterSearch{h.runner.History, func() {
		if _, err := h.runner.RetryJob(t.Context(), ids[1], manager); err != nil {
			t.Error(err)
		}
		h.drain()
	}}
	outcomes, _, err := h.runner.RetryJobs(t.Context(), jobs.Replay{Filter: jobs.JobFilter{Subscription: subscriberID(1)}}, manager)
	if err != nil || len(outcomes) != 3 || outcomes[0].Err != nil || outcomes[2].Err != nil {
		t.Fatalf("RetryJobs gave %+v, %v; want the other two tried again", outcomes, err)
	}
	if err := outcomes[1].Err; !errors.Is(err, jobs.ErrInvalid) || !strings.Contains(err.Error(), "is Complete by now") {
		t.Errorf("the job that was sent meanwhile: %v; want ErrInvalid with its status", err)
	}
	h.drain()
	if n := len(h.desk.requests); n != 3 {
		t.Errorf("%d deliveries were sent; want one a job", n)
	}
}

// afterSearch does something after each list of jobs was read.
type afterSearch struct {
	jobs.History

	do func()
}

func (a afterSearch) Jobs(ctx context.Context, f jobs.JobFilter) (found []jobs.Job, next string, err error) {
	found, next, err = a.History.Jobs(ctx, f)
	a.do()
	return found, next, err
}

func TestRunner_RetryJobs_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	h, _, _ := disabled(t, 0, false)
	for _, replay := range []jobs.Replay{
		{IDs: make([]string, jobs.MaxReplayed+1)},
		{Filter: jobs.JobFilter{Status: []jobs.JobStatus{jobs.JobQueued}}},
		{Filter: jobs.JobFilter{Subscription: "none"}},
	} {
		if _, _, err := h.runner.RetryJobs(t.Context(), replay, manager); !errors.Is(err, jobs.ErrInvalid) {
			t.Errorf("RetryJobs of %d ids and %+v gave %v; want ErrInvalid", len(replay.IDs), replay.Filter, err)
		}
	}
}

// What went along with another is tried again with it, once.
func TestRunner_RetryJobs_triesABatchOnce(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	h.subscribe(batched(1, 10))
	h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(410, ""), nil }
	ids := []string{h.say("a"), h.say("b"), h.say("c")}
	h.drain()
	h.desk.transport = nil
	outcomes, _, err := h.runner.RetryJobs(t.Context(), jobs.Replay{IDs: ids[1:]}, manager)
	if err != nil || len(outcomes) != 2 || outcomes[0].Err != nil || outcomes[1].Err != nil {
		t.Fatalf("RetryJobs gave %+v, %v; want both tried again", outcomes, err)
	}
	h.drain()
	if got := fmt.Sprint(h.desk.bodies); got != "[a,b,c a,b,c]" {
		t.Errorf("sent were %s; want all three once more", got)
	}
	if n := len(h.audits()); n != 1 {
		t.Errorf("the audit has %d rows; want one of the job that took the others along", n)
	}
}
