package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// problem turns a service's error into what the client is told. What it does
// not know is logged here, once, and told as internal.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	if err == nil {
		return nil
	}
	for _, known := range []func(error) *Problem{knownProblem, changeProblem, jobsProblem, accountsProblem, subscriptionProblem, faultsProblem} {
		if p := known(err); p != nil {
			return p
		}
	}
	who := callerOf(ctx)
	s.config.Log.Error("a call failed", "error", err, "request", who.request, "by", who.Credential)
	if errors.Is(err, context.DeadlineExceeded) {
		return newProblem(http.StatusServiceUnavailable, "too_slow", "the answer took longer than the server waits; narrow the filter or try again").with("Retry-After", "5")
	}
	return internal().problem()
}

// ProblemOf renders an error of a service in the native API's form, for mounts
// that speak it too; false for one whose text belongs into the log alone.
func ProblemOf(err error) (Response, bool) {
	for _, known := range []func(error) *Problem{knownProblem, jobsProblem, faultsProblem} {
		if p := known(err); p != nil {
			return p.response(), true
		}
	}
	return Response{}, false
}

func knownProblem(err error) *Problem {
	p, _ := errors.AsType[*Problem](err)
	return p
}

func jobsProblem(err error) *Problem {
	switch {
	case errors.Is(err, jobs.ErrBusy):
		return newProblem(http.StatusTooManyRequests, "busy", "more events are waiting to be written than fit; nothing was stored: wait a second and send it again").with("Retry-After", "1")
	case errors.Is(err, jobs.ErrDiskFull):
		return newProblem(http.StatusInsufficientStorage, "disk_full", "too little disk space is left and nothing was stored; free space or shorten retention, then send it again").with("Retry-After", "60")
	case errors.Is(err, jobs.ErrKeyReused):
		return newProblem(http.StatusUnprocessableEntity, "key_reused", "this event id or Idempotency-Key came before with another body; use a new key for a new event")
	case errors.Is(err, jobs.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "there is nothing of this id; it may have been removed by retention")
	case errors.Is(err, jobs.ErrCursor):
		return newProblem(http.StatusUnprocessableEntity, "invalid_cursor", "the cursor is not one that this list gave; leave it out to start at the first page")
	case errors.Is(err, jobs.ErrFinal):
		return newProblem(http.StatusConflict, "ended", err.Error())
	case errors.Is(err, jobs.ErrInvalid):
		return newProblem(http.StatusUnprocessableEntity, "invalid", err.Error())
	case errors.Is(err, jobs.ErrStale):
		return newProblem(http.StatusConflict, "stale", "it has changed in the meantime; look at it again and repeat the call if it still applies")
	default:
		return nil
	}
}

func accountsProblem(err error) *Problem {
	if invalid, ok := errors.AsType[*accounts.InvalidError](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", invalid.Text)
		p.Errors = []Detail{{Location: "body/" + invalid.Field, Message: invalid.Text}}
		return p
	}
	if throttled, ok := errors.AsType[*accounts.ThrottledError](err); ok {
		return newProblem(http.StatusTooManyRequests, "too_many_logins", throttled.Error()).with("Retry-After", seconds(throttled.RetryAfter))
	}
	if refused, ok := errors.AsType[*accounts.AuthorizationError](err); ok {
		return newProblem(http.StatusUnprocessableEntity, refused.Code, refused.Text)
	}
	switch {
	case errors.Is(err, accounts.ErrNoUser):
		return newProblem(http.StatusConflict, "no_user", "a token lets no application in; sign in as the user in whose name it is to act")
	case errors.Is(err, accounts.ErrDenied):
		return newProblem(http.StatusUnauthorized, "denied", "the name, password or secret is wrong, or has expired; try again")
	case errors.Is(err, accounts.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "there is no such user, token or client")
	case errors.Is(err, accounts.ErrExists):
		return newProblem(http.StatusConflict, "exists", "the name is taken; choose another")
	case errors.Is(err, accounts.ErrFull):
		return newProblem(http.StatusConflict, "full", err.Error()+"; revoke one that is no longer used")
	case errors.Is(err, accounts.ErrLastAdmin):
		return newProblem(http.StatusConflict, "last_admin", "the space needs one active admin with a password; make another user admin first")
	case errors.Is(err, accounts.ErrStale):
		return newProblem(http.StatusPreconditionFailed, "stale", "the user has changed in the meantime; read it again and send the new ETag as If-Match")
	case errors.Is(err, accounts.ErrSetUp):
		return newProblem(http.StatusConflict, "set_up", "the first admin exists already; sign in")
	default:
		return nil
	}
}

// changeProblem tells of a change of a tree or webhook that came too late.
func changeProblem(err error) *Problem {
	switch {
	case errors.Is(err, trees.ErrConflict), errors.Is(err, webhooks.ErrStale):
		return newProblem(http.StatusPreconditionFailed, "stale", "it was changed in this very moment; read it again and repeat the change on top of it")
	case errors.Is(err, trees.ErrNotFound), errors.Is(err, webhooks.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "there is no tree or webhook of this name any more; list those there are")
	case errors.Is(err, webhooks.ErrExists):
		return newProblem(http.StatusConflict, "exists", "the name is taken; choose another, or change the webhook by PUT with If-Match")
	default:
		return nil
	}
}

// faultsProblem tells of events and trees that were refused, fault by fault.
func faultsProblem(err error) *Problem {
	if refusal, ok := errors.AsType[*event.Refusal](err); ok {
		return eventProblem(refusal)
	}
	if faults, ok := errors.AsType[trees.Faults](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "faults", "nothing was stored: it has faults, and each stands in errors with its place")
		p.Errors = treeDetails(faults)
		return p
	}
	return nil
}

// eventProblem answers 400 when a body could not be read, 422 when it was read
// and means nothing here. The code is that of the first fault.
func eventProblem(r *event.Refusal) *Problem {
	status := http.StatusUnprocessableEntity
	for _, f := range r.Faults {
		if f.Code.Unreadable() {
			status = http.StatusBadRequest
		}
	}
	p := newProblem(status, string(r.Faults[0].Code), "nothing was stored: "+r.Error())
	for _, f := range r.Faults {
		p.Errors = append(p.Errors, Detail{
			Code: string(f.Code), Location: "body" + f.Pointer, Message: f.Text, Hint: f.Hint,
			Suggestions: f.Suggestions, Line: f.Line, Column: f.Column,
		})
	}
	return p
}

func treeDetails(faults trees.Faults) []Detail {
	details := make([]Detail, len(faults))
	for i, f := range faults {
		details[i] = Detail{
			Location: "body", Message: f.Message, Hint: f.Hint, File: f.File, Line: f.Line, Column: f.Column,
			Length: f.Length, Severity: string(f.Severity), Text: f.Text,
		}
	}
	return details
}

// humaErrors makes huma speak our problems. Its hook is a variable of the
// package, so it is set once for the process.
var humaErrors = sync.OnceFunc(func() { huma.NewError = humaProblem })

func humaProblem(status int, message string, errs ...error) huma.StatusError {
	p := newProblem(status, humaCode(status), message)
	for _, err := range errs {
		if err != nil && status < http.StatusInternalServerError {
			p.Errors = append(p.Errors, humaDetail(err))
		}
	}
	switch {
	case status >= http.StatusInternalServerError:
		p.Detail = internal().Message
	case len(p.Errors) > 0:
		p.Detail = "the request was refused: " + p.Errors[0].Location + ": " + p.Errors[0].Message + "; the form of each call stands in /openapi.json"
	}
	return p
}

func humaCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "malformed_request"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	default:
		return "internal"
	}
}

// humaDetail takes over a fault that huma found. Its locations are written
// `body.items[3].name`; ours are `body/items/3/name`.
func humaDetail(err error) Detail {
	if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
		return Detail{Location: strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(d.Location), Message: d.Message}
	}
	return Detail{Location: "body", Message: err.Error()}
}
