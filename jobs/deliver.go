package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/engine/masking"
	"hooktree/webhooks/delivery"
)

// maxDrained is how much of an answer is read beyond what is kept, so that its
// connection can be used again.
const maxDrained = 256 << 10

// sending is how one attempt is made.
type sending struct {
	url     string        // where it goes now; empty is where the job says
	shown   string        // url, as it may be shown
	proof   proof         // by which it is signed
	limit   time.Duration // for the whole of the attempt
	opening *opening
}

// sent is how one attempt of a delivery ended.
type sent struct {
	at       time.Time
	ended    time.Time
	url      string      // where it went, as it may be shown, if not where the job said
	digest   string      // of the body; empty when nothing was sent
	headers  http.Header // of the request, masked
	response *Response   // nil when no answer came
	refused  bool        // nothing was sent, and nothing can be
	timedOut bool        // no answer came in time
	err      string      // why no answer came
}

// deliver tries a URL job once and saves how it went.
func (w *Worker) deliver(ctx context.Context, work *Work) error {
	loaded, err := w.Runner.Ledger.LoadJob(ctx, work.JobID)
	if err != nil {
		return fmt.Errorf("load job %s: %w", work.JobID, err)
	}
	if loaded.Job.Status.Final() {
		return nil // canceled since the work was read
	}
	if loaded.Job.Subscription != "" {
		return w.serve(ctx, &loaded)
	}
	outcome := w.send(ctx, &loaded, w.asWebhook(&loaded))
	if ctx.Err() != nil {
		return ctx.Err() // given up on our side: it is sent again
	}
	w.seats.heard(work.Host, outcome.attempt(), outcome.took())
	jitter := w.Jitter()
	_, err = w.Runner.changeJob(ctx, work.JobID, func(l *LoadedJob) (*JobProgress, error) {
		p, tried := l.Job.tried(&outcome, jitter)
		p.settle(w.Policy.Next(tried), &outcome, false)
		return p, nil
	})
	return err
}

// asWebhook sends what an explicit webhook fired: signed by a secret of the
// space.
func (w *Worker) asWebhook(l *LoadedJob) sending {
	o := newOpening(w.Secrets)
	return sending{proof: o.proof(l.Job.Request.Auth), limit: w.Delivery, opening: o}
}

// send makes one attempt.
func (w *Worker) send(ctx context.Context, l *LoadedJob, by sending) sent {
	s := sent{at: w.Runner.Now(), url: by.shown}
	ctx, cancel := context.WithTimeout(ctx, by.limit)
	defer cancel()
	q := *l.Job.Request
	if by.url != "" {
		q.URL = by.url
	}
	req, err := q.open(ctx, l, by, s.at)
	clean := by.opening.mask()
	switch {
	case err != nil:
		s.refused, s.err = true, clean.Text(err.Error())
	case w.Client == nil:
		s.refused, s.err = true, "this installation sends nothing to URLs"
	default:
		s.digest, s.headers = q.SHA256, masked(req.Header, clean)
		s.response, err = w.exchange(req, clean)
		s.failed(err, clean)
	}
	s.ended = w.Runner.Now()
	return s
}

// failed notes why no answer came.
func (s *sent) failed(err error, clean masking.Masker) {
	if err == nil {
		return
	}
	s.err = clean.Text(withoutURL(err).Error())
	s.timedOut = errors.Is(err, context.DeadlineExceeded)
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok {
		s.refused = coded.Code() == "refused"
		s.timedOut = s.timedOut || coded.Code() == "timeout"
	}
}

// masked gives headers as they may be shown. Authorization is never shown: it
// may be a secret in a form that the masker does not know.
func masked(headers http.Header, clean masking.Masker) http.Header {
	shown := make(http.Header, len(headers))
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			if name == "Authorization" {
				value = "•••"
			}
			shown.Add(name, clean.Text(value))
		}
	}
	return shown
}

// exchange sends a request and reads its answer, as much of it as is kept. An
// answer whose status and beginning came is one, though the rest never comes;
// of one that is no success the status is enough.
func (w *Worker) exchange(req *http.Request, clean masking.Masker) (*Response, error) {
	resp, err := w.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusContinue {
		return nil, fmt.Errorf("the endpoint answered %03d, which is no status", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	if err != nil && len(body) == 0 && resp.StatusCode/100 == 2 { // it may not have been taken
		return nil, fmt.Errorf("the endpoint answered %s, and its body could not be read: %w", statusOf(resp.StatusCode), err)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxDrained) // it is of no interest
	r := &Response{Status: resp.StatusCode, Headers: masked(resp.Header, clean), Cut: err != nil}
	if len(body) > MaxResponse {
		body, r.Cut = body[:MaxResponse], true
	}
	r.Body = []byte(clean.Text(string(body)))
	return r, nil
}

func (s *sent) took() time.Duration { return s.ended.Sub(s.at) }

// attempt is the outcome as a policy wants to know it, without the attempt's
// number and chance.
func (s *sent) attempt() delivery.Attempt {
	a := delivery.Attempt{Ended: s.ended, Refused: s.refused, TimedOut: s.timedOut, Err: s.err}
	if s.response != nil {
		a.Status, a.RetryAfter = s.response.Status, s.response.Headers.Get("Retry-After")
	}
	return a
}

// tried gives what is to be saved of a job after an attempt, whatever becomes
// of it, and the attempt as a policy wants to know it.
func (j *Job) tried(s *sent, jitter float64) (*JobProgress, delivery.Attempt) {
	a := Attempt{Number: 1, At: s.at, Took: s.took(), Error: s.err}
	if n := len(j.Attempts); n > 0 {
		a.Number = j.Attempts[n-1].Number + 1
	}
	tried := s.attempt()
	tried.Number, tried.Jitter = a.Number, jitter
	if s.response != nil {
		a.Status, a.Response = s.response.Status, s.response.excerpt()
	}
	p := &JobProgress{Job: *j, Was: j.Status}
	p.Job.Attempts = attemptsOf(j)
	p.Job.attempted(a)
	p.Job.Updated = s.ended
	p.Job.Response = s.response
	q := *j.Request
	if s.url != "" {
		q.URL, p.Job.URL = s.url, s.url
	}
	if s.digest != "" {
		q.SHA256, q.Sent = s.digest, s.headers
	}
	p.Job.Request = &q
	return p, tried
}

// settle puts what was decided about an attempt into the job. A job that was
// canceled while it was sent stays so.
func (p *JobProgress) settle(d delivery.Decision, s *sent, ordered bool) {
	j := &p.Job
	if p.Was.Final() {
		p.Drop = []string{j.ID}
		return
	}
	if d.Step == delivery.Retry {
		j.Status, j.Summary, j.ScheduledAt = JobInProgress, d.Reason, d.At
		p.Add = []Work{j.delivery(d.At, ordered)}
		return
	}
	p.Drop = []string{j.ID}
	j.Ended = s.ended
	j.Status, j.Summary = JobFailed, d.Reason
	if d.Step == delivery.Delivered {
		j.Status = JobComplete
	}
	if s.response != nil && d.Step != delivery.GiveUp {
		j.Summary = statusOf(s.response.Status)
	}
}

// statusOf words a status: "200 OK".
func statusOf(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// excerpt is the response as an attempt keeps it.
func (r *Response) excerpt() *Response {
	e := *r
	e.Headers = nil
	if len(e.Body) > MaxExcerpt {
		e.Body, e.Cut = e.Body[:MaxExcerpt], true
	}
	return &e
}
