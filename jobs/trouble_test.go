package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/egress"
)

// drip is the body of an answer that comes byte by byte, some time apart, until
// it breaks or nobody waits any more.
type drip struct {
	ctx    context.Context //nolint:containedctx // a reader is given none
	every  time.Duration
	breaks int   // after so many bytes; zero never does
	cause  error // of the break
	given  int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.breaks > 0 && d.given == d.breaks {
		return 0, d.cause
	}
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(d.every):
	}
	d.given++
	p[0] = 'x'
	return 1, nil
}

func (d *drip) Close() error { return nil }

func TestWorker_endsWhatEndpointsDoInTime(t *testing.T) {
	t.Parallel()
	body := func(b io.ReadCloser) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: b}, nil
	}
	tests := []struct {
		name        string
		transport   func(*http.Request) (*http.Response, error)
		wantStatus  jobs.JobStatus
		wantSummary string
		wantTook    time.Duration
		wantBody    int // bytes; -1 for no answer
		wantTimeout bool
	}{
		{
			"a hang", func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}, jobs.JobInProgress, "attempt 1 of 4 failed: context deadline exceeded", 30 * time.Second, -1, true,
		},
		{
			"a slow drip: the status came in time", func(req *http.Request) (*http.Response, error) {
				return body(&drip{ctx: req.Context(), every: 700 * time.Millisecond})
			}, jobs.JobComplete, "200 OK", 30 * time.Second, 42, false,
		},
		{
			"headers, and then a hang", func(req *http.Request) (*http.Response, error) {
				return body(&drip{ctx: req.Context(), every: time.Hour})
			}, jobs.JobInProgress, "attempt 1 of 4 failed: the endpoint answered 200 OK, and its body could not be read: context deadline exceeded", 30 * time.Second, -1, true,
		},
		{
			"that it is gone, and then a hang", func(req *http.Request) (*http.Response, error) {
				r, err := body(&drip{ctx: req.Context(), every: time.Hour})
				r.StatusCode = http.StatusGone
				return r, err
			}, jobs.JobFailed, "410 Gone", 30 * time.Second, 0, false,
		},
		{
			"a reset in the middle of the answer", func(req *http.Request) (*http.Response, error) {
				return body(&drip{ctx: req.Context(), every: time.Second, breaks: 3, cause: syscall.ECONNRESET})
			}, jobs.JobComplete, "200 OK", 3 * time.Second, 3, false,
		},
		{
			"a reset before the answer", func(*http.Request) (*http.Response, error) {
				return body(io.NopCloser(brokenReader{}))
			}, jobs.JobInProgress, "attempt 1 of 4 failed: the endpoint answered 200 OK, and its body could not be read: connection reset by peer", 0, -1, false,
		},
		{
			"a giant answer", func(*http.Request) (*http.Response, error) {
				return body(io.NopCloser(io.LimitReader(endless{}, 1<<40)))
			}, jobs.JobComplete, "200 OK", 0, jobs.MaxResponse, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := build(t)
				h.config = func(c *jobs.Config) { c.Now = time.Now }
				s := h.subscribe(subscribed(1))
				h.desk.transport = tt.transport
				h.fire()
				if did, _, err := h.worker.RunOnce(t.Context()); !did || err != nil {
					t.Fatalf("RunOnce gave %t, %v", did, err)
				}
				job := h.wantJob(h.onlyJob(subscriberID(1)).ID, tt.wantStatus, tt.wantSummary)
				got := -1
				if job.Response != nil {
					got = len(job.Response.Body)
				}
				if job.Attempts[0].Took != tt.wantTook || got != tt.wantBody || got >= 0 && !job.Response.Cut {
					t.Errorf("it took %v and %d bytes are kept; want %v and %d, as of an answer that was cut", job.Attempts[0].Took, got, tt.wantTook, tt.wantBody)
				}
				if h := s.saved()[0].Health; (h.Timeouts == 1) != tt.wantTimeout {
					t.Errorf("the endpoint's health is %+v; want a time-out: %t", h, tt.wantTimeout)
				}
			})
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte{'x'}, min(len(p), 512))), nil
}

// gate lets a house reach this machine, and nothing else.
func gate(h *house) {
	h.working = func(c *jobs.WorkerConfig) {
		c.Client = egress.New(egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Client()
	}
}

func TestWorker_doesNotFollowRedirects(t *testing.T) {
	t.Parallel()
	followed := make(chan string, 1)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { followed <- req.URL.String() }))
	t.Cleanup(elsewhere.Close)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(endpoint.Close)

	for _, tt := range []struct {
		name    string
		success delivery.Range
		want    jobs.JobStatus
	}{
		{"a failure, as a rule", delivery.Range{}, jobs.JobInProgress},
		{"delivered, where a dialect says so", delivery.Range{Low: 200, High: 399}, jobs.JobComplete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			gate(h)
			sub := subscribed(1)
			sub.URL, sub.Traits.Policy.Success = endpoint.URL, tt.success
			h.subscribe(sub)
			h.fire()
			h.work()
			job := h.wantJob(h.onlyJob(sub.ID).ID, tt.want, "")
			if job.Attempts[0].Status != 307 || len(followed) > 0 {
				t.Errorf("the answer was %d, and %d redirects were followed; want 307 and none", job.Attempts[0].Status, len(followed))
			}
		})
	}
}

func TestWorker_givesUpWhatTheGuardRefuses(t *testing.T) {
	t.Parallel()
	h := build(t)
	gate(h)
	sub := subscribed(1)
	sub.URL = "http://169.254.169.254/latest/meta-data"
	sub.Traits.Policy.Exhausted = delivery.Disable
	s := h.subscribe(sub)
	h.fire()
	h.drain()
	job := h.wantJob(h.onlyJob(sub.ID).ID, jobs.JobFailed, "")
	if u := s.saved()[0]; len(job.Attempts) != 1 || u.Status != "" || u.Health != (delivery.Health{}) || !strings.Contains(job.Summary, "169.254.169.254") {
		t.Errorf("after %d attempts the job says %q and the endpoint %+v; want one, the address, and nothing", len(job.Attempts), job.Summary, u)
	}
}

func TestWorker_boundsAnswersFromTheNetwork(t *testing.T) {
	t.Parallel()
	wrote := make(chan int, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for range 1 << 10 { // a gigabyte, if anybody read it
			m, err := w.Write(make([]byte, 1<<20))
			if n += m; err != nil {
				break
			}
		}
		wrote <- n
	}))
	t.Cleanup(endpoint.Close)
	h := build(t)
	gate(h)
	sub := subscribed(1)
	sub.URL = endpoint.URL
	h.subscribe(sub)
	h.fire()
	h.work()
	job := h.wantJob(h.onlyJob(sub.ID).ID, jobs.JobComplete, "200 OK")
	if n := <-wrote; len(job.Response.Body) != jobs.MaxResponse || !job.Response.Cut || n >= 1<<30 {
		t.Errorf("kept are %d bytes of %d; want %d, and the rest not read", len(job.Response.Body), n, jobs.MaxResponse)
	}
}

func TestRunner_Dispatch_waitsForTheFirstAttempt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		takes   time.Duration
		status  int
		want    jobs.JobStatus
		wantErr error
	}{
		{"taken", time.Second, 200, jobs.JobComplete, nil},
		{"failed, and to be tried again", time.Second, 500, jobs.JobInProgress, nil},
		{"too slow: it goes on", 20 * time.Second, 200, jobs.JobQueued, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := build(t)
				h.config = func(c *jobs.Config) { c.Now = time.Now }
				h.subscribe(subscribed(1))
				h.desk.transport = func(*http.Request) (*http.Response, error) {
					<-time.After(tt.takes)
					return answer(tt.status, ""), nil
				}
				go h.worker.Run(t.Context())
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				job, err := h.runner.Dispatch(ctx, h.event())
				if job.Status != tt.want || !errors.Is(err, tt.wantErr) {
					t.Errorf("Dispatch gave %s, %v; want %s, %v", job.Status, err, tt.want, tt.wantErr)
				}
				if err == nil && fmt.Sprint(job.Attempts[0].Status) != fmt.Sprint(tt.status) {
					t.Errorf("the attempt is %+v; want the answer %d", job.Attempts[0], tt.status)
				}
				<-time.After(15 * time.Second)
				if kept := h.onlyJob(subscriberID(1)); kept.ID != job.ID || len(kept.Attempts) != 1 {
					t.Errorf("the job that is kept is %+v; want the one that was waited for, tried once", kept)
				}
				if err := h.worker.Stop(t.Context()); err != nil {
					t.Errorf("Stop: %v", err)
				}
			})
		})
	}
}
