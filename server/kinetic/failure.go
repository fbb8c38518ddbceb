package kinetic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/trees"
	"hooktree/webhooks/event"
	dialect "hooktree/webhooks/kinetic"
)

// The keys of failures that programs read. The vendor documents two of them,
// stale_record and uniqueness_violation; the others are of the same kind.
const (
	keyInvalid     = "invalid"
	keyMalformed   = "malformed_request"
	keyMediaType   = "unsupported_media_type"
	keyNotFound    = "not_found"
	keySignature   = "invalid_signature"
	keyForbidden   = "forbidden"
	keyStale       = "stale_record"
	keyTaken       = "uniqueness_violation"
	keyUnsupported = "unsupported"
)

// failure is a call that is answered in the vendor's form of an error.
type failure struct {
	status  int
	key     string
	message string
	retry   time.Duration
}

func (f *failure) Error() string { return f.message }

func fail(status int, key, format string, args ...any) error {
	return &failure{status: status, key: key, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return fail(http.StatusBadRequest, keyInvalid, format, args...)
}

func missing(format string, args ...any) error {
	return fail(http.StatusNotFound, keyNotFound, format, args...)
}

func unsupported(format string, args ...any) error {
	return fail(http.StatusBadRequest, keyUnsupported, format, args...)
}

// failureBody is the vendor's form: clients read error or message, whichever
// is there.
type failureBody struct {
	Error         string `json:"error"`
	Message       string `json:"message"`
	ErrorKey      string `json:"errorKey"`
	StatusCode    int    `json:"statusCode"`
	CorrelationID string `json:"correlationId"`
}

// response is the failure of the request of an id.
func (f *failure) response(id string) server.Response {
	r := answer(failureBody{
		Error: f.message, Message: f.message, ErrorKey: f.key, StatusCode: f.status, CorrelationID: id,
	})
	r.Status = f.status
	if f.retry > 0 {
		r.Header.Set("Retry-After", fmt.Sprint(int((f.retry+time.Second-1)/time.Second)))
	}
	return r
}

// refuse renders what the server refuses before a call is asked.
func refuse(r server.Refusal) server.Response {
	f := &failure{status: r.Status, key: r.Code, message: r.Message, retry: r.RetryAfter}
	return f.response(r.Request)
}

// failureOf turns a service's error into what the client is told. What it does
// not know is logged, once, and told as internal.
func (a *api) failureOf(req *request, err error) *failure {
	for _, known := range []func(error) *failure{toldFailure, jobsFailure, definitionFailure, treeFailure} {
		if f := known(err); f != nil {
			return f
		}
	}
	a.config.Log.Error("a call failed", "error", err, "request", req.ID, "by", req.Identity.Credential)
	if errors.Is(err, context.DeadlineExceeded) {
		return &failure{
			status: http.StatusServiceUnavailable, key: "too_slow", retry: 5 * time.Second,
			message: "the answer took longer than the server waits; narrow the filter or try again",
		}
	}
	return &failure{
		status: http.StatusInternalServerError, key: "internal",
		message: "something broke here; the log of the server says what, under this correlation id",
	}
}

func toldFailure(err error) *failure {
	f, _ := errors.AsType[*failure](err)
	return f
}

func jobsFailure(err error) *failure {
	switch {
	case errors.Is(err, jobs.ErrBusy):
		return &failure{
			status: http.StatusTooManyRequests, key: "busy", retry: time.Second,
			message: "more is waiting to be written than fits; nothing was stored: wait a second and send it again",
		}
	case errors.Is(err, jobs.ErrDiskFull):
		return &failure{
			status: http.StatusInsufficientStorage, key: "disk_full", retry: time.Minute,
			message: "too little disk space is left and nothing was stored; free space or shorten retention, then send it again",
		}
	case errors.Is(err, jobs.ErrNotFound):
		return &failure{status: http.StatusNotFound, key: keyNotFound, message: "there is nothing of this id; it may have been removed by retention"}
	case errors.Is(err, jobs.ErrStale):
		return &failure{status: http.StatusBadRequest, key: keyStale, message: "it was changed in the meantime; read it again and repeat the change if it still applies"}
	case errors.Is(err, jobs.ErrCursor):
		return &failure{status: http.StatusBadRequest, key: keyInvalid, message: "the pageToken is not one that a list gave; begin again without it"}
	case errors.Is(err, jobs.ErrFinal), errors.Is(err, jobs.ErrInvalid):
		return &failure{status: http.StatusBadRequest, key: keyInvalid, message: err.Error()}
	default:
		return nil
	}
}

// definitionFailure tells of webhooks and events that were refused.
func definitionFailure(err error) *failure {
	if faults, ok := errors.AsType[dialect.Faults](err); ok {
		return &failure{status: http.StatusBadRequest, key: keyInvalid, message: faults.Error()}
	}
	if fault, ok := errors.AsType[*event.Fault](err); ok {
		return &failure{status: http.StatusBadRequest, key: string(fault.Code), message: fault.Error()}
	}
	return nil
}

// treeFailure tells of trees that were refused, all faults at once.
func treeFailure(err error) *failure {
	if faults, ok := errors.AsType[trees.Faults](err); ok {
		return &failure{status: http.StatusBadRequest, key: "faulty_tree", message: "nothing was stored; the tree has faults:\n" + strings.TrimRight(faults.Fatal().Render(), "\n")}
	}
	switch {
	case errors.Is(err, trees.ErrNotFound):
		return &failure{status: http.StatusNotFound, key: keyNotFound, message: "there is no such tree"}
	case errors.Is(err, trees.ErrConflict):
		return &failure{status: http.StatusBadRequest, key: keyStale, message: "the tree was changed in the meantime; read it again and send its versionId"}
	default:
		return nil
	}
}

// clip shortens what a client sent before it is shown again.
func clip(text string) string {
	const most = 120
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
