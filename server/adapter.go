package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hooktree/server/accounts"
	"hooktree/webhooks/event"
)

// adapter lets huma describe and answer the native API's calls over the plain
// requests and responses of a Mount. huma's own adapter for fiber is not used:
// it decodes bodies without a bound, hands out memory that is used again,
// leaves parameters encoded, and panics on a target that is no URL.
type adapter struct {
	routes []Route
	role   accounts.Role // of the operation that is being registered
}

// Handle takes a route into the table.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	route := Route{
		Method: op.Method, Path: strings.TrimPrefix(colons.Replace(op.Path), nativePrefix),
		Role: a.role, Limit: op.MaxBodyBytes,
	}
	route.Handle = func(ctx context.Context, req Request) Response {
		if problem := checkJSON(req); problem != nil {
			return problem.response()
		}
		e := &exchange{op: op, ctx: withCaller(ctx, req), req: req, header: http.Header{}}
		handler(e)
		return Response{Status: e.status, Header: e.header, Body: e.body.Bytes()}
	}
	a.routes = append(a.routes, route)
}

// checkJSON is as strict about a call's body as the intake is about events:
// encoding/json alone would take a duplicate key and invalid UTF-8.
func checkJSON(req Request) *Problem {
	if len(req.Body) == 0 || !isJSON(req.Header.Get("Content-Type")) {
		return nil
	}
	if _, fault := event.Decode(req.Body); fault != nil {
		return eventProblem(&event.Refusal{Faults: []*event.Fault{fault}})
	}
	return nil
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}

// colons turns OpenAPI's `{name}` into fiber's `:name`.
var colons = strings.NewReplacer("{", ":", "}", "")

// ServeHTTP is not used: the server answers.
func (*adapter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "served elsewhere", http.StatusNotFound)
}

// exchange is one request and its response as huma sees them.
type exchange struct {
	op     *huma.Operation
	ctx    context.Context //nolint:containedctx // huma asks the exchange for it
	req    Request
	status int
	header http.Header
	body   bytes.Buffer
}

var errNoForms = errors.New("forms are not read here; send JSON")

func (e *exchange) Operation() *huma.Operation { return e.op }
func (e *exchange) Context() context.Context   { return e.ctx }
func (*exchange) TLS() *tls.ConnectionState    { return nil }
func (*exchange) Version() huma.ProtoVersion {
	return huma.ProtoVersion{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}
func (e *exchange) Method() string                           { return e.req.Method }
func (e *exchange) Host() string                             { return e.req.Header.Get("Host") }
func (e *exchange) RemoteAddr() string                       { return e.req.Remote.String() }
func (e *exchange) URL() url.URL                             { return url.URL{Path: e.req.Path, RawQuery: e.req.Query.Encode()} }
func (e *exchange) Param(name string) string                 { return e.req.Params[name] }
func (e *exchange) Query(name string) string                 { return e.req.Query.Get(name) }
func (e *exchange) Header(name string) string                { return e.req.Header.Get(name) }
func (e *exchange) BodyReader() io.Reader                    { return bytes.NewReader(e.req.Body) }
func (*exchange) SetReadDeadline(time.Time) error            { return nil }
func (e *exchange) SetStatus(code int)                       { e.status = code }
func (e *exchange) Status() int                              { return e.status }
func (e *exchange) SetHeader(name, value string)             { e.header.Set(name, value) }
func (e *exchange) AppendHeader(name, value string)          { e.header.Add(name, value) }
func (e *exchange) BodyWriter() io.Writer                    { return &e.body }
func (*exchange) GetMultipartForm() (*multipart.Form, error) { return nil, errNoForms }

func (e *exchange) EachHeader(tell func(name, value string)) {
	for name, values := range e.req.Header {
		for _, value := range values {
			tell(name, value)
		}
	}
}

type callerKey struct{}

// withCaller lets a call know who asked, and how the client sees the server.
func withCaller(ctx context.Context, req Request) context.Context {
	return context.WithValue(ctx, callerKey{}, req)
}

// requestOf gives the request behind a call.
func requestOf(ctx context.Context) Request {
	req, _ := ctx.Value(callerKey{}).(Request)
	return req
}

func callerOf(ctx context.Context) caller {
	req := requestOf(ctx)
	return caller{Identity: req.Identity, request: req.ID}
}
