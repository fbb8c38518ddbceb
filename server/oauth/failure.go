package oauth

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"hooktree/server"
)

// failure is why a call gives nothing, in the words of RFC 6749.
type failure struct {
	status  int
	code    string // "invalid_grant"
	message string
	retry   time.Duration
}

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) *failure {
	return fail(http.StatusBadRequest, "invalid_request", format, args...)
}

// refusal answers a call that gives nothing.
func (d *dialect) refusal(f *failure) server.Response {
	answer := map[string]any{"error": f.code, "error_description": f.message}
	if d.Envelope != nil {
		d.Envelope(answer, f.code, f.message)
	}
	r := respond(f.status, d.header(f.code), answer)
	if f.status == http.StatusUnauthorized {
		r.Header.Set("WWW-Authenticate", `Basic realm="hooktree"`)
	}
	if f.retry > 0 {
		r.Header.Set("Retry-After", strconv.Itoa(int((f.retry+time.Second-1)/time.Second)))
	}
	return r
}

// refuse renders what the server refuses before a call is asked.
func (d *dialect) refuse(r server.Refusal) server.Response {
	code := "invalid_request"
	switch {
	case r.Status == http.StatusTooManyRequests:
		code = "too_many_requests"
	case r.Status >= http.StatusInternalServerError:
		code = "server_error"
	}
	return d.refusal(&failure{status: r.Status, code: code, message: r.Message, retry: r.RetryAfter})
}
