package server

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"hooktree/server/accounts"
)

// Mount is an API that the server carries without knowing it: plain requests
// in, plain responses out. Its routes stand in the server's one table of
// routes, with the role that each needs.
type Mount struct {
	Name     string   // for logs and metrics: "kinetic"
	Prefixes []string // each route is served under each of them: "/app/api/v1"
	Routes   []Route
	// Refuse renders, in the API's own form, what the server refuses before
	// a handler is asked: 400, 401, 403, 404, 405, 413, 415, 429, 500.
	Refuse func(Refusal) Response
	// Document is an OpenAPI document of the API, in JSON. Its paths and
	// components join /openapi.json; empty adds nothing.
	Document []byte
	// Counts gives what the API counts for metrics, by name: numbers that only
	// grow. Nil counts nothing.
	Counts func() map[string]float64
}

// Route is one row of the table.
type Route struct {
	Method string
	Path   string // below the prefix; `:name` is one segment, a last `*` the rest
	// Role is needed to call it. Public routes are called without one, and
	// still with an Identity when good credentials came along.
	Role accounts.Role
	// Own leaves credentials to the handler: the server looks at none, and
	// Identity is zero. Such a route is Public.
	Own   bool
	Limit int64 // most bytes of a body; zero is DefaultLimit
	// Unpack takes bodies that are packed by gzip too. The handler gets them
	// unpacked, without Content-Encoding; Limit holds for what they unpack to.
	Unpack  bool
	Timeout time.Duration // of the handler; zero is 30 s
	Handle  func(context.Context, Request) Response
}

// DefaultLimit is how large a body may be where a route says nothing else.
const DefaultLimit = 1 << 20

// Request is one request, copied: a handler may keep all of it.
type Request struct {
	ID       string // of the request, for logs; sent back as X-Request-Id
	Method   string
	Path     string            // as sent, still percent-encoded
	Segments []string          // of the path below the prefix, still percent-encoded
	Params   map[string]string // by the names in the route's path, decoded once; "*" is the rest
	Query    url.Values
	Header   http.Header
	Body     []byte
	Identity accounts.Identity // zero when nobody signed in
	Remote   netip.Addr        // the client's address; behind a trusted proxy, the one it names
	Origin   string            // scheme and host as the client sees them: "https://hooks.example.com"
}

// Response is what goes back.
type Response struct {
	Status int // zero is 200
	Header http.Header
	Body   []byte
}

// Refusal is why the server did not ask a handler.
type Refusal struct {
	Status     int
	Code       string // stable, for programs: "not_signed_in"
	Message    string // for people: what is wrong and what to do
	RetryAfter time.Duration
	Request    string // id of the request; empty for one that had none yet
	Path       string // of the request as sent: it may ask for a format
}
