package inbound

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/google/uuid"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// headerRun is how our own handlers name the run whose effect a request is.
const headerRun = "Hooktree-Run"

// receive takes one delivery.
func (a *api) receive(ctx context.Context, req server.Request) server.Response {
	s, ok := a.services.Sources(req.Params["source"])
	if !ok {
		a.tally.count(countUnknown)
		return unknown()
	}
	now := a.config.Now()
	sent := source.Request{Header: req.Header, Query: req.Query, Body: req.Body}
	if err := s.Verify(sent, a.services.Secrets, now); err != nil {
		return a.unverified(&s, req, err)
	}
	if reply, ok := s.Handshake(sent); ok {
		a.tally.count(countHandshakes)
		return server.Response{Header: reply.Header, Body: reply.Body}
	}
	events, err := s.Events(sent, a.services.Catalogue(), now)
	if err != nil {
		return a.refused(&s, req, err)
	}
	receipts, err := a.accept(ctx, events, causeOf(req))
	switch {
	case errors.Is(err, jobs.ErrKeyReused) && s.Repeats() && len(events) == 1: // of several the others would be lost
		a.tally.count(countRepeats)
		return taken(&s, sent, told{Repeats: 1})
	case err != nil:
		return a.failed(&s, req, err)
	}
	a.tally.accepted(receipts)
	return taken(&s, sent, newTold(receipts))
}

// taken answers a delivery that is stored, or was.
func taken(s *source.Source, sent source.Request, t told) server.Response {
	if s.Silent(sent) {
		return server.Response{Status: http.StatusOK}
	}
	return answer(t)
}

// accept stores events. A delivery of none is nothing to store.
func (a *api) accept(ctx context.Context, events []event.Event, cause event.Cause) ([]jobs.Receipt, error) {
	if len(events) == 0 {
		return nil, nil
	}
	for i := range events {
		events[i].Cause = cause
	}
	return a.services.Intake.Accept(ctx, events)
}

// causeOf says which run of ours led to a delivery, as far as it says so.
func causeOf(req server.Request) event.Cause {
	run, err := uuid.Parse(req.Header.Get(headerRun))
	if err != nil {
		return event.Cause{}
	}
	return event.Cause{Run: run.String(), Depth: 1}
}

// told is the answer to a delivery that was taken.
type told struct {
	Events  []toldEvent `json:"events"`
	Repeats int         `json:"repeats"` // of the delivery's events came before
}

type toldEvent struct {
	ID        string `json:"id"`
	Path      string `json:"path"`
	Duplicate bool   `json:"duplicate"`
}

func newTold(receipts []jobs.Receipt) told {
	t := told{Events: make([]toldEvent, len(receipts))}
	for i, r := range receipts {
		t.Events[i] = toldEvent{ID: r.EventID, Path: r.Path, Duplicate: r.Duplicate}
		if r.Duplicate {
			t.Repeats++
		}
	}
	return t
}

func answer(t told) server.Response {
	if t.Events == nil {
		t.Events = []toldEvent{}
	}
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false) // paths hold >
	_ = e.Encode(t)        // of texts and numbers
	return server.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: bytes.TrimRight(body.Bytes(), "\n")}
}

func unknown() server.Response {
	return server.Refusal{
		Status: http.StatusNotFound, Code: "unknown_source",
		Message: "there is no source of this name; the names stand under `sources:` in space.yaml",
	}.Response()
}

// unverified answers a delivery that does not prove where it comes from: with
// the same words whatever is wrong. A source that cannot verify anything, for
// want of a secret's value, asks the provider to come back.
func (a *api) unverified(s *source.Source, req server.Request, err error) server.Response {
	if errors.Is(err, delivery.ErrNoSecret) {
		a.tally.count(countUnready)
		a.warn("a source cannot verify deliveries", s, req, err)
		return server.Refusal{
			Status: http.StatusServiceUnavailable, Code: "source_not_ready", RetryAfter: time.Minute,
			Message: "the source cannot verify deliveries yet and nothing was stored; its operator finds the reason in the server's log",
		}.Response()
	}
	a.tally.count(countUnverified)
	a.warn("a delivery was refused: it is not verified", s, req, err)
	response := server.Refusal{
		Status: http.StatusUnauthorized, Code: "not_verified",
		Message: "the delivery could not be verified and nothing was stored; compare the secret, the token and the clock at the provider with those here",
	}.Response()
	maps.Copy(response.Header, s.Challenge())
	return response
}

// refused answers a delivery that was verified and makes no event.
func (a *api) refused(s *source.Source, req server.Request, err error) server.Response {
	a.tally.count(countRefused)
	a.warn("a delivery was refused: it makes no event", s, req, err)
	response, ok := server.ProblemOf(err)
	if wrong, isType := errors.AsType[*source.MediaTypeError](err); isType {
		response, ok = server.Refusal{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Message: wrong.Error(),
		}.Response(), true
	}
	if !ok {
		return a.broken(s, req, err)
	}
	maps.Copy(response.Header, s.Final())
	return response
}

// failed answers a delivery whose events could not be stored.
func (a *api) failed(s *source.Source, req server.Request, err error) server.Response {
	a.tally.count(countFailed)
	a.warn("a delivery was not stored", s, req, err)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Refusal{
			Status: http.StatusServiceUnavailable, Code: "too_slow", RetryAfter: 5 * time.Second,
			Message: "storing the delivery took longer than the server waits; send it again",
		}.Response()
	}
	if response, ok := server.ProblemOf(err); ok {
		return response
	}
	return a.broken(s, req, err)
}

// broken answers what nobody should see, and logs it each time.
func (a *api) broken(s *source.Source, req server.Request, err error) server.Response {
	a.config.Log.Error("a delivery failed", "source", s.Name, "error", err, "request", req.ID)
	return server.Refusal{
		Status: http.StatusInternalServerError, Code: "internal",
		Message: "something broke here and nothing was stored; the log of the server says what, under this request's id",
	}.Response()
}

// warn logs what became of a delivery, once a minute for each source and
// sentence: a stranger may send any number.
func (a *api) warn(sentence string, s *source.Source, req server.Request, err error) {
	if more, due := a.tally.due(s.Name+" "+sentence, a.config.Now()); due {
		a.config.Log.Warn(sentence, "source", s.Name, "error", err, "more", more, "from", req.Remote.String(), "request", req.ID)
	}
}
