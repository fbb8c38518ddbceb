package kinetic

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"hooktree/server"
	"hooktree/server/accounts"
)

// api answers the calls.
type api struct {
	services Services
	config   Config
	unsigned server.Quota // of the lines about signatures that were refused
}

// The prefixes: through the platform, and straight at the Task server.
var (
	corePrefixes = []string{"/app/api/v1"}
	v1Prefixes   = []string{"/app/components/task/app/api/v1", "/kinetic-task/app/api/v1"}
	v2Prefixes   = []string{"/app/components/task/app/api/v2", "/kinetic-task/app/api/v2"}
)

// New makes the mounts of the vendor's API: Core, and both versions of Task.
func New(services Services, config Config) []server.Mount {
	if config.Limit == 0 {
		config.Limit = DefaultLimit
	}
	a := &api{services: services, config: config}
	return []server.Mount{
		{
			Name: "kinetic-core", Prefixes: corePrefixes, Refuse: refuse,
			Routes: a.core(),
		},
		{
			Name: "kinetic-task-v1", Prefixes: v1Prefixes, Refuse: refuse,
			Routes: a.taskV1(),
		},
		{
			Name: "kinetic-task-v2", Prefixes: v2Prefixes, Refuse: refuse,
			Routes: slices.Concat(
				a.treeRoutes(), a.runRoutes(), a.triggerRoutes(), a.errorRoutes(), a.handlerRoutes(),
				a.sourceRoutes(), a.accessKeyRoutes(), a.engineRoutes(), a.metaRoutes(), a.absentRoutes(),
			),
		},
	}
}

// call answers one request with a body, or with an error that is told as the
// vendor tells errors.
type call func(ctx context.Context, req *request) (any, error)

func get(path string, c call) route    { return route{method: http.MethodGet, path: path, call: c} }
func post(path string, c call) route   { return route{method: http.MethodPost, path: path, call: c} }
func put(path string, c call) route    { return route{method: http.MethodPut, path: path, call: c} }
func remove(path string, c call) route { return route{method: http.MethodDelete, path: path, call: c} }

// route is a call at its place.
type route struct {
	method, path string
	limit        int64
	call         call
}

// routes gives calls the role that they need.
func (a *api) routes(role accounts.Role, list ...route) []server.Route {
	out := make([]server.Route, len(list))
	for i, r := range list {
		out[i] = server.Route{Method: r.method, Path: r.path, Role: role, Limit: r.limit, Handle: a.handle(r.call)}
	}
	return out
}

func (a *api) handle(c call) func(context.Context, server.Request) server.Response {
	return func(ctx context.Context, raw server.Request) server.Response {
		req := newRequest(raw)
		body, err := c(ctx, req)
		if err != nil {
			return a.failureOf(req, err).response(req.ID)
		}
		return answer(body)
	}
}

// request is a request with what was asked to be included.
type request struct {
	server.Request

	includes map[string]bool
}

// newRequest reads `include`, a list of words that clients part by commas.
func newRequest(raw server.Request) *request {
	req := &request{Request: raw, includes: map[string]bool{}}
	for _, list := range raw.Query["include"] {
		for word := range strings.SplitSeq(list, ",") {
			req.includes[strings.TrimSpace(word)] = true
		}
	}
	return req
}

// by is who sends the request, for audits.
func (r *request) by() string { return r.Identity.Name }
