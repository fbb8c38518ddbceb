package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"hooktree/engine"
	"hooktree/engine/masking"
)

// Headers that every request of the http handler carries.
const (
	HeaderKey   = "Idempotency-Key" // the call's key, unless the author sets another
	HeaderRun   = "Hooktree-Run"    // UUID of the run: an event that comes back with it was caused by the run
	HeaderTrace = "Traceparent"     // W3C trace context
)

// The bounds of the http handler when a node sets none.
const (
	defaultTimeout = "30s"
	defaultMaxSize = 1 << 20
	maxRedirects   = 10
)

// codes of failed requests besides those of the transport.
const (
	codeConnect = "connect"
	codeTimeout = "timeout"
	codeStatus  = "status"
	codeBadBody = "bad_body"
	codeTooBig  = "too_large"
)

func httpSpec() *engine.Spec {
	anyText := engine.Type{Kind: engine.KindText}
	anyMap := engine.Type{Kind: engine.KindMap}
	return &engine.Spec{
		Name: "http",
		Help: "Sends an HTTP request and reads the answer.",
		Params: []engine.Param{
			{Name: "url", Type: anyText, Required: true, Secret: true, Help: "http or https, in full"},
			{
				Name: "method", Type: anyText, Default: http.MethodGet,
				Enum: []any{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, Help: "in capitals",
			},
			{Name: "query", Type: anyMap, Secret: true, Help: "added to the URL, percent-encoded; a list repeats its name"},
			{Name: "headers", Type: anyMap, Secret: true, Help: "by name; `Idempotency-Key` replaces the one that is sent otherwise"},
			{Name: "body", Type: engine.Type{Kind: engine.KindAny}, Secret: true, Help: "what is sent; none when absent"},
			{
				Name: "as", Type: anyText, Enum: []any{"json", "form", "text"},
				Help: "how the body is written; when absent, by the Content-Type header, else text as text and the rest as JSON",
			},
			{Name: "auth", Type: authType(), Secret: true, Help: "`basic: {user, password}` or `bearer: TOKEN`"},
			{Name: "timeout", Type: engine.Type{Kind: engine.KindDuration}, Default: defaultTimeout, Help: "longest time up to the end of the answer; the node's own `timeout` holds as well"},
			{Name: "max_size", Type: engine.Type{Kind: engine.KindInteger}, Default: int64(defaultMaxSize), Help: "longest body of an answer in bytes, decompressed"},
			{Name: "expect", Type: engine.Type{Kind: engine.KindList, Elem: &engine.Type{Kind: engine.KindInteger}}, Help: "statuses that are no error; any 2xx when absent"},
			{Name: "redirects", Type: engine.Type{Kind: engine.KindInteger}, Default: int64(0), Help: "how many redirects to follow, at most 10, on the same scheme, host and port only"},
		},
		Results: []engine.Result{
			{Name: "status", Type: engine.Type{Kind: engine.KindInteger}, Help: "of the answer"},
			{Name: "headers", Type: engine.Type{Kind: engine.KindMap, Elem: &anyText}, Help: "of the answer, by name in lower case"},
			{Name: "body", Type: engine.Type{Kind: engine.KindAny}, Help: "by its content type: JSON as values, a form as a mapping, text and XML as text, the rest as base64; nil when empty"},
		},
		Errors: []engine.Class{
			classInvalid,
			{Code: "refused", Help: "the address guard let nothing out; the message says what to allow"},
			{Code: "dns", Retryable: true, Help: "the name could not be resolved"},
			{Code: codeConnect, Retryable: true, Help: "no connection, or it broke"},
			{Code: codeTimeout, Retryable: true, Help: "the other side took too long"},
			{Code: "canceled", Retryable: true, Help: "given up on our side, by a stop of the server"},
			{Code: "tls", Help: "the certificate is not trusted, or the two sides share no version"},
			{Code: codeStatus, Help: "an unexpected status, in `error.status`, with the start of the answer in `error.body`; 408, 425, 429 and 5xx are retried"},
			{Code: codeTooBig, Help: "the answer is longer than max_size"},
			{Code: codeBadBody, Help: "the answer's body is not what its content type says"},
		},
	}
}

func authType() engine.Type {
	word := engine.Type{Kind: engine.KindText}
	return engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{
		"bearer": word,
		"basic":  {Kind: engine.KindRecord, Fields: map[string]engine.Type{"user": word, "password": word}},
	}}
}

// HTTP sends requests by the given client, which guards and bounds them.
func HTTP(client *http.Client) Handler {
	h := httpHandler{spec: httpSpec(), client: client}
	return Handler{Spec: h.spec, Act: h.act}
}

type httpHandler struct {
	spec   *engine.Spec
	client *http.Client
}

func (h httpHandler) act(ctx context.Context, call Call) (map[string]any, error) {
	mask := masking.New(call.Secrets)
	results, err := h.send(ctx, call, &mask)
	if err == nil {
		maskAnswer(mask, results)
		return results, nil
	}
	failure := FailureOf(err)
	failure.Message = mask.Text(failure.Message)
	maskAnswer(mask, failure.Detail)
	if excerpt, ok := failure.Detail["body"].(string); ok {
		failure.Detail["body"] = cut(excerpt, maxExcerpt) // after the masks: half a secret has none
	}
	return nil, &Error{Failure: failure, Cause: errors.Unwrap(err)}
}

// send does the work of act; what it gives may still hold secrets. It teaches
// redact the credentials that it makes.
func (h httpHandler) send(ctx context.Context, call Call, mask *masking.Masker) (map[string]any, error) {
	params, err := Bind(h.spec, call.Params)
	if err != nil {
		return nil, invalid(err)
	}
	if err := checkBounds(params); err != nil {
		return nil, invalid(err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(call, params))
	defer cancel()
	req, err := newRequest(ctx, call, params)
	if err != nil {
		return nil, invalid(err)
	}
	*mask = masking.New(withCredentials(call.Secrets, req.Header))
	resp, err := h.following(integer(params["redirects"])).Do(req)
	if err != nil {
		return nil, h.broken(req, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is lost: it was read, or given up

	if !expected(resp.StatusCode, params["expect"]) {
		return nil, statusError(req, resp)
	}
	body, err := readBody(resp, integer(params["max_size"]))
	if err != nil {
		return nil, h.broken(req, err)
	}
	return map[string]any{
		"status":  int64(resp.StatusCode),
		"headers": headersOf(resp.Header),
		"body":    body,
	}, nil
}

// maskAnswer masks an answer's headers and body in place. Its status is a number
// that no endpoint can hide a secret in.
func maskAnswer(m masking.Masker, fields map[string]any) {
	for _, name := range []string{"headers", "body"} {
		if value, ok := fields[name]; ok {
			fields[name] = m.Value(value)
		}
	}
}

func checkBounds(params map[string]any) error {
	switch {
	case duration(params["timeout"]) <= 0:
		return errors.New(`parameter "timeout" must be longer than zero`)
	case integer(params["max_size"]) < 1:
		return errors.New(`parameter "max_size" must be at least 1`)
	case integer(params["redirects"]) < 0 || integer(params["redirects"]) > maxRedirects:
		return fmt.Errorf("parameter \"redirects\" must be between 0 and %d", maxRedirects)
	}
	return nil
}

func timeoutOf(call Call, params map[string]any) time.Duration {
	timeout := duration(params["timeout"])
	return min(timeout, cmp.Or(max(call.Timeout, 0), timeout))
}

// following gives a client that follows so many redirects of the same origin.
// Another origin would be shown headers that were not meant for it.
func (h httpHandler) following(redirects int) *http.Client {
	client := *h.client
	client.CheckRedirect = func(next *http.Request, past []*http.Request) error {
		if len(past) > redirects || !sameOrigin(next.URL, past[0].URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &client
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

func expected(status int, expect any) bool {
	list, _ := expect.([]any)
	if len(list) == 0 {
		return status >= 200 && status <= 299
	}
	return slices.Contains(list, any(int64(status)))
}

// coded is an error that knows its class: those of the guarded transport do.
type coded interface {
	error
	Code() string
	Retryable() bool
}

// broken makes the failure of a request that got no answer, or no whole one.
func (h httpHandler) broken(req *http.Request, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // its text repeats the URL
	}
	failure := engine.Failure{Code: codeConnect, Retryable: true, Message: describeRequest(req) + ": " + err.Error()}
	if known, ok := errors.AsType[coded](err); ok {
		failure.Code, failure.Retryable = known.Code(), known.Retryable()
	} else if errors.Is(err, context.DeadlineExceeded) {
		failure.Code = codeTimeout
	}
	return &Error{Failure: failure, Cause: err}
}

// describeRequest names a request without its query, which is long at best and
// secret at worst.
func describeRequest(req *http.Request) string {
	return fmt.Sprintf("%s %s://%s%s", req.Method, req.URL.Scheme, req.URL.Host, req.URL.EscapedPath())
}
