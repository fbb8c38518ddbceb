package server

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks/event"
)

// The headers of an intake besides the usual ones.
const (
	headerKey = "Idempotency-Key"
	headerRun = "Hooktree-Run" // sent by our own handlers: the run whose effect this event is
)

// maxWait is how long a sender may wait for an answer.
const maxWait = time.Minute

// postEvents is POST /events: the call that platforms make, thousands a
// second. It reads the request where fasthttp holds it, copies the body once,
// and writes the answer by hand.
func (s *Server) postEvents(c *fiber.Ctx, who caller) {
	want, problem := wantedOf(c)
	if problem == nil {
		problem = checkType(c)
	}
	var events []event.Event
	if problem == nil {
		events, problem = s.readEvents(c, who)
	}
	if problem == nil && want.wait > 0 {
		problem = s.checkWanted(events, want)
	}
	if problem != nil {
		s.tell(c, problem)
		return
	}
	receipts, err := s.services.Intake.Accept(context.Background(), events)
	if err != nil {
		s.tell(c, s.intakeProblem(who, err))
		return
	}
	s.metrics.accepted(receipts)
	s.logReceipts(who, receipts)
	if want.wait > 0 {
		if run, ok := want.runOf(receipts[0]); ok {
			s.answerByRun(c, run, want.wait, receipts)
			return
		}
	}
	s.tellReceipts(c, receipts)
}

func (s *Server) tellReceipts(c *fiber.Ctx, receipts []jobs.Receipt) {
	c.Response().SetStatusCode(http.StatusAccepted)
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	c.Response().SetBody(appendReceipts(make([]byte, 0, 512*len(receipts)), receipts))
}

// tell answers with a problem.
func (*Server) tell(c *fiber.Ctx, p *Problem) { write(c.Context(), p.response()) }

// intakeProblem is problem for a call that has no context of its own.
func (s *Server) intakeProblem(who caller, err error) *Problem {
	return s.problem(withCaller(s.stopping, Request{ID: who.request, Identity: who.Identity}), err)
}

// wanted is what a sender wants besides acceptance.
type wanted struct {
	wait    time.Duration // for the run's answer; zero does not wait
	webhook string        // whose run; empty for the only one
}

// wantedOf reads the query.
func wantedOf(c *fiber.Ctx) (wanted, *Problem) {
	var want wanted
	if len(c.Request().URI().QueryString()) == 0 {
		return want, nil
	}
	for key, value := range c.Request().URI().QueryArgs().All() {
		switch string(key) {
		case "wait":
			parsed, err := engine.ParseDuration(string(value))
			if err != nil || parsed <= 0 || parsed > maxWait {
				return want, badQuery("wait", fmt.Sprintf("%q is no time to wait; give a duration up to 60s, such as wait=15s", clip(string(value))))
			}
			want.wait = parsed
		case "webhook":
			want.webhook = string(value)
		default:
			return want, badQuery(string(key), fmt.Sprintf("the parameter %q is not known here; wait and webhook are", clip(string(key))))
		}
	}
	if want.webhook != "" && want.wait == 0 {
		return want, badQuery("webhook", "webhook says whose run to wait for; give wait as well")
	}
	return want, nil
}

// checkWanted refuses to wait for an event that does not fire exactly one run,
// before anything is stored.
func (s *Server) checkWanted(events []event.Event, want wanted) *Problem {
	if len(events) != 1 {
		return newProblem(http.StatusConflict, "not_one_run", fmt.Sprintf("wait needs one event, and the body holds %d; nothing was stored: send them apart, or without wait", len(events)))
	}
	var by []string
	for _, f := range s.services.Resolve(events[0]).Firings {
		if f.Tree != nil && f.Tree.Hash != "" && (want.webhook == "" || f.Webhook == want.webhook) {
			by = append(by, f.Webhook)
		}
	}
	switch len(by) {
	case 1:
		return nil
	case 0:
		return newProblem(http.StatusConflict, "not_one_run", "the event fires no run to wait for; nothing was stored: send it without wait, and look at its verdicts")
	default:
		return newProblem(http.StatusConflict, "not_one_run", "the event fires more than the one run that wait needs, by "+
			clip(strings.Join(by, ", "))+"; nothing was stored: choose one with &webhook=, or send it without wait")
	}
}

// runOf gives the run that is waited for; false when a receipt has none: a
// webhook may have changed since the check.
func (w wanted) runOf(r jobs.Receipt) (jobs.JobRef, bool) {
	for _, j := range r.Jobs {
		if j.RunID != "" && (w.webhook == "" || j.Webhook == w.webhook) {
			return j, true
		}
	}
	return jobs.JobRef{}, false
}

func badQuery(name, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid", message)
	p.Errors = []Detail{{Location: "query/" + clip(name), Message: message}}
	return p
}

// eventTypes are what a body of events may be.
var eventTypes = []string{"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"}

// checkType refuses a body that does not say it is JSON in UTF-8.
func checkType(c *fiber.Ctx) *Problem {
	sent := c.Request().Header.ContentType()
	if bytes.Equal(sent, []byte(fiber.MIMEApplicationJSON)) {
		return nil
	}
	kind, params, err := mime.ParseMediaType(string(sent))
	if err != nil || !slices.Contains(eventTypes, kind) {
		return newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", fmt.Sprintf("the content type %q is not read here; send JSON with Content-Type: application/json", clip(string(sent))))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return newProblem(http.StatusUnsupportedMediaType, "unsupported_charset", fmt.Sprintf("the charset %q is not read here; send UTF-8", clip(charset)))
	}
	return nil
}

// readEvents parses the body, and adds what the payload cannot know.
func (s *Server) readEvents(c *fiber.Ctx, who caller) ([]event.Event, *Problem) {
	key := string(c.Request().Header.Peek(headerKey))
	if len(key) > event.MaxName || !printable(key) {
		message := fmt.Sprintf("an Idempotency-Key has at most %d printable characters; this one has %d bytes", event.MaxName, len(key))
		p := newProblem(http.StatusUnprocessableEntity, "invalid", message)
		p.Errors = []Detail{{Location: "header/" + headerKey, Message: message}}
		return nil, p
	}
	events, err := s.parseEvents(c)
	if err != nil {
		return nil, s.intakeProblem(who, err)
	}
	cause := causeOf(c)
	for i := range events {
		events[i].Credential, events[i].Cause = who.Credential, cause
		if key != "" {
			events[i].ExternalID = key
			if len(events) > 1 {
				events[i].ExternalID = key + "#" + strconv.Itoa(i)
			}
		}
	}
	return events, nil
}

// parseEvents reads the body in the form that it has: a payload, an array, or
// a CloudEvent.
func (s *Server) parseEvents(c *fiber.Ctx) ([]event.Event, error) {
	body := bytes.Clone(c.Request().Body()) // events keep it
	catalogue, received := s.services.Catalogue(), s.config.Now()
	if len(c.Request().Header.Peek("Ce-Specversion")) == 0 {
		return event.ParseAll(body, catalogue, received)
	}
	header := func(name string) string { return string(c.Request().Header.Peek(name)) }
	e, err := event.ParseCloud(header, body, catalogue, received)
	return []event.Event{e}, err
}

// causeOf says which run of ours led to the request, as far as it says so.
func causeOf(c *fiber.Ctx) event.Cause {
	sent := c.Request().Header.Peek(headerRun)
	if len(sent) == 0 {
		return event.Cause{}
	}
	run, err := uuid.ParseBytes(sent)
	if err != nil {
		return event.Cause{}
	}
	return event.Cause{Run: run.String(), Depth: 1}
}

// answerByRun waits for the run, and answers as its tree says, or 202 when the
// time is over.
func (s *Server) answerByRun(c *fiber.Ctx, job jobs.JobRef, wait time.Duration, receipts []jobs.Receipt) {
	ctx, cancel := context.WithTimeout(s.stopping, wait)
	defer cancel()
	reply, err := s.services.Intake.Await(ctx, job.RunID)
	if err != nil { // the event is stored all the same
		s.tellReceipts(c, receipts)
		return
	}
	c.Response().Header.Set("Hooktree-Run-Number", strconv.FormatInt(job.Run, 10))
	write(c.Context(), answerOf(reply))
}

// logReceipts tells which jobs and runs an event made; not what it held.
func (s *Server) logReceipts(who caller, receipts []jobs.Receipt) {
	if !s.config.Log.Enabled(s.stopping, levelAccepted) {
		return
	}
	for _, r := range receipts {
		made := make([]string, len(r.Jobs))
		runs := make([]int64, len(r.Jobs))
		for i, j := range r.Jobs {
			made[i], runs[i] = j.ID, j.Run
		}
		s.config.Log.Log(s.stopping, levelAccepted, "event accepted", "event", r.EventID, "path", r.Path,
			"duplicate", r.Duplicate, "jobs", made, "runs", runs, "by", who.Credential, "request", who.request)
	}
}
