package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// batched is a subscription whose deliveries are joined by commas.
func batched(n, most int) subscription.Endpoint {
	sub := subscribed(n)
	sub.Traits.Batch = subscription.Batch{
		Window: time.Second, Max: most,
		Join: func(bodies [][]byte) ([]byte, error) { return bytes.Join(bodies, []byte(",")), nil },
	}
	return sub
}

// say accepts an event with a body of its own, and gives its job.
func (h *house) say(body string) string {
	h.t.Helper()
	e := h.event()
	e.Body = []byte(body)
	receipts, err := h.runner.Accept(h.t.Context(), []event.Event{e})
	if err != nil {
		h.t.Fatal(err)
	}
	return receipts[0].Jobs[0].ID
}

func TestWorker_joinsDeliveries(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	s := h.subscribe(batched(1, 3))
	var ids []string
	for i := range 7 {
		ids = append(ids, h.say(fmt.Sprint(i)))
		h.clock.move(100 * time.Millisecond)
	}
	if n := h.work(); n != 0 {
		t.Fatalf("%d deliveries were made before the window closed; want none", n)
	}
	h.drain()

	if got := fmt.Sprint(h.desk.bodies); got != "[0,1,2 3,4,5 6]" {
		t.Fatalf("sent were %s; want three at a time", got)
	}
	leaders := []string{ids[0], ids[0], ids[0], ids[3], ids[3], ids[3], ids[6]}
	for i, id := range ids {
		job := h.wantJob(id, jobs.JobComplete, "200 OK")
		want := leaders[i]
		if want == id {
			want = ""
		}
		if job.Batch != want || job.Ended.IsZero() {
			t.Errorf("job %d went along with %q and ended %v; want %q", i, job.Batch, job.Ended, want)
		}
		if own := i == 0 || i == 3 || i == 6; own != (len(job.Attempts) == 1) {
			t.Errorf("job %d has %d attempts; want one of each leader", i, len(job.Attempts))
		}
	}
	for i, req := range h.desk.requests {
		if got := req.Header.Get("Webhook-Id"); got != leaders[3*i] {
			t.Errorf("delivery %d has the id %s; want its leader's", i, got)
		}
	}
	if u := s.saved(); len(u) != 3 || u[0].Fired != 3 || u[2].Fired != 1 {
		t.Errorf("the updates are %+v; want 3, 3 and 1 events delivered", u)
	}
}

func TestWorker_sendsJoinedDeliveriesAgainAsTheyWere(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	h.subscribe(batched(1, 10))
	h.desk.transport = func(*http.Request) (*http.Response, error) {
		if len(h.desk.requests) == 1 {
			return answer(500, ""), nil
		}
		return answer(200, ""), nil
	}
	first, second := h.say("a"), h.say("b")
	h.clock.move(time.Second)
	h.work()
	h.wantJob(first, jobs.JobInProgress, "")
	h.wantJob(second, jobs.JobInProgress, "")
	h.say("late")
	h.drain()
	if got := fmt.Sprint(h.desk.bodies); got != "[a,b late a,b]" {
		t.Errorf("sent were %s; want the same again after what came meanwhile", got)
	}
	h.wantJob(second, jobs.JobComplete, "200 OK")
}

// lossy is a store whose process dies after the first delivery was sent, and
// before that was saved.
type lossy struct {
	jobs.Ledger

	lose func(jobs.JobProgress) error
}

func (l *lossy) RecordJob(ctx context.Context, p jobs.JobProgress) error {
	if err := l.lose(p); err != nil {
		return err
	}
	return l.Ledger.RecordJob(ctx, p)
}

// A delivery that may have arrived goes out once more with the same bytes
// under the same ID: those that came meanwhile go apart, also where nobody had
// joined it.
func TestWorker_sendsTheSameBytesAfterACrash(t *testing.T) {
	t.Parallel()
	for _, bodies := range [][]string{{"a", "b"}, {"a"}} {
		t.Run(strings.Join(bodies, ""), func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.ordered()
			ordered := h.config
			lost := errors.New("the process dies")
			h.config = func(c *jobs.Config) {
				ordered(c)
				c.Ledger = &lossy{h.store, func(p jobs.JobProgress) error {
					if len(p.Job.Attempts) > 0 {
						return lost
					}
					return nil
				}}
			}
			s := h.subscribe(batched(1, 10))
			for _, body := range bodies {
				h.say(body)
			}
			h.clock.move(time.Second)
			if _, _, err := h.worker.RunOnce(t.Context()); !errors.Is(err, lost) {
				t.Fatalf("RunOnce gave %v; want that nothing was saved", err)
			}
			for _, job := range h.jobsOf(subscriberID(1)) {
				if job.Status != jobs.JobInProgress {
					t.Errorf("job %s is %s; want In Progress, so that no other takes it along", job.ID, job.Status)
				}
			}
			h.config = func(c *jobs.Config) {
				ordered(c)
				c.Endpoints, c.Batches = s, h.store
			}
			h.start()
			late := h.say("late")
			h.drain()
			whole := strings.Join(bodies, ",")
			if got := fmt.Sprint(h.desk.bodies); got != "["+whole+" "+whole+" late]" {
				t.Errorf("sent were %s; want %s twice, and then the late one", got, whole)
			}
			if a, b := h.desk.requests[0].Header.Get("Webhook-Id"), h.desk.requests[1].Header.Get("Webhook-Id"); a != b {
				t.Errorf("the same bytes went under the ids %s and %s; want one", a, b)
			}
			h.wantJob(late, jobs.JobComplete, "")
		})
	}
}

func TestWorker_gathersAnewWhenOneHasGone(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	var gone string
	ordered := h.config
	h.config = func(c *jobs.Config) {
		ordered(c)
		c.Ledger = &lossy{h.store, func(p jobs.JobProgress) error {
			if len(p.Take) == 2 {
				if _, err := h.runner.CancelJob(t.Context(), gone, manager); err != nil {
					t.Error(err)
				}
			}
			return nil
		}}
	}
	h.subscribe(batched(1, 10))
	h.say("a")
	gone = h.say("b")
	h.say("c")
	h.drain()
	if got := fmt.Sprint(h.desk.bodies); got != "[a,c]" {
		t.Errorf("sent were %s; want those that were not canceled", got)
	}
	h.wantJob(gone, jobs.JobCancelled, "asked for")
}

func TestWorker_splitsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		sizes []int
		want  []int // of the bodies sent
	}{
		{"all fit", []int{10, 10, 10}, []int{32}},
		{"two fit", []int{jobs.MaxJoined/2 - 1, jobs.MaxJoined / 2, jobs.MaxJoined / 2}, []int{jobs.MaxJoined, jobs.MaxJoined / 2}},
		{"two fit but for the comma", []int{jobs.MaxJoined / 2, jobs.MaxJoined / 2}, []int{jobs.MaxJoined / 2, jobs.MaxJoined / 2}},
		{"one is too large alone", []int{jobs.MaxJoined + 1, 10}, []int{jobs.MaxJoined + 1, 10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.ordered()
			h.subscribe(batched(1, 10))
			for _, size := range tt.sizes {
				h.say(strings.Repeat("x", size))
			}
			h.drain()
			var got []int
			for _, body := range h.desk.bodies {
				got = append(got, len(body))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("bodies of %v bytes were sent; want %v", got, tt.want)
			}
		})
	}
}

func TestWorker_sendsApartWhatCannotBeJoined(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	sub := batched(1, 10)
	sub.Traits.Batch.Join = func([][]byte) ([]byte, error) { return nil, errors.New("no JSON") }
	h.subscribe(sub)
	h.say("a")
	h.say("b")
	h.drain()
	if got := fmt.Sprint(h.desk.bodies); got != "[a b]" {
		t.Errorf("sent were %s; want each by itself", got)
	}
}

func TestRunner_jobsThatWentAlong(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.ordered()
	h.subscribe(batched(1, 10))
	h.desk.transport = func(*http.Request) (*http.Response, error) { return answer(410, ""), nil }
	leader, member := h.say("a"), h.say("b")
	h.clock.move(time.Second)
	h.work()
	h.wantJob(member, jobs.JobFailed, "410 Gone")
	h.desk.transport = nil

	job, err := h.runner.RetryJob(t.Context(), member, manager)
	if err != nil || job.ID != leader {
		t.Fatalf("RetryJob gave %s, %v; want the leader", job.ID, err)
	}
	if _, err := h.runner.CancelJob(t.Context(), member, manager); !errors.Is(err, jobs.ErrInvalid) || !strings.Contains(err.Error(), leader) {
		t.Errorf("CancelJob gave %v; want the leader named", err)
	}
	h.drain()
	if got := fmt.Sprint(h.desk.bodies); got != "[a,b a,b]" {
		t.Errorf("sent were %s; want the same again", got)
	}
	h.wantJob(leader, jobs.JobComplete, "200 OK")
	h.wantJob(member, jobs.JobComplete, "200 OK")
}
