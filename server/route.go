package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"hooktree/server/accounts"
)

// row is one route of the one table: what stands in a Mount, and where.
type row struct {
	Route

	api    string // name of the mount; "native" and "root" for our own
	prefix string
	refuse func(Refusal) Response
	// raw answers by itself where plain requests and responses will not do:
	// the intake of events, the stream, metrics and the pages.
	raw     func(*fiber.Ctx, caller)
	metrics *routeMetrics
}

// caller is who sent a request, and the request's id.
type caller struct {
	accounts.Identity

	request string
}

// path is the whole path, as it is registered.
func (r *row) path() string { return r.prefix + r.Path }

// tabulate puts every route there is into the table.
func (s *Server) tabulate() error {
	native, document := s.native()
	var err error
	if s.openAPI, err = documented(document, s.mounts); err != nil {
		return err
	}
	s.mounts = append([]Mount{native}, s.mounts...)
	s.rows = append(s.rows, s.ownRows()...)
	for _, m := range s.mounts {
		for _, prefix := range m.Prefixes {
			for _, route := range m.Routes {
				s.rows = append(s.rows, row{Route: route, api: m.Name, prefix: prefix, refuse: m.Refuse})
			}
		}
	}
	seen := map[string]bool{}
	for i := range s.rows {
		r := &s.rows[i]
		if r.refuse == nil {
			r.refuse = problemResponse
		}
		r.Limit = cmp.Or(r.Limit, DefaultLimit)
		r.Timeout = cmp.Or(r.Timeout, callTimeout)
		key := r.Method + " " + r.path()
		if seen[key] {
			return fmt.Errorf("the route %s stands twice in the table", key)
		}
		seen[key] = true
		r.metrics = s.metrics.route(r)
	}
	return nil
}

// register hands the table to fiber. Nothing else registers a route, so none
// can lack its row.
func (s *Server) register() {
	for i := range s.rows {
		r := &s.rows[i]
		s.app.Add(r.Method, r.path(), s.handler(r))
	}
	s.app.Use(s.servePage)
}

// largestBody is where fasthttp stops reading; smaller limits are checked by
// their routes.
func (s *Server) largestBody() int64 {
	return slices.MaxFunc(s.rows, func(a, b row) int { return int(a.Limit - b.Limit) }).Limit
}

// handler is what every request of a route goes through.
func (s *Server) handler(r *row) fiber.Handler {
	return func(c *fiber.Ctx) error {
		began := s.config.Now()
		id := s.ids.of(c)
		c.Response().Header.Set(fiber.HeaderXRequestID, id)
		secure(c)
		identity, refusal := s.admit(c, r)
		if refusal == nil {
			refusal = s.answer(c, r, caller{Identity: identity, request: id})
		}
		if refusal != nil {
			refusal.Request = id
			refuse(c.Context(), r.refuse, *refusal)
		}
		ended := s.config.Now()
		r.metrics.observe(c.Response().StatusCode(), ended.Sub(began))
		s.logRequest(c, r, id, identity, ended)
		return nil
	}
}

// admit lets a request pass to the handler, or says why not.
func (s *Server) admit(c *fiber.Ctx, r *row) (accounts.Identity, *Refusal) {
	if refusal := s.origins.check(c); refusal != nil {
		return accounts.Identity{}, refusal
	}
	identity, refusal := s.authenticate(c, r)
	if refusal != nil {
		return identity, refusal
	}
	switch {
	case identity.Foreign():
		return identity, foreign(identity)
	case identity.Role.May(r.Role):
	case !identity.Known():
		return identity, &Refusal{
			Status: http.StatusUnauthorized, Code: "not_signed_in",
			Message: "this call needs the role " + r.Role.String() + "; sign in, or send a token as Authorization: Bearer",
		}
	default:
		return identity, &Refusal{
			Status: http.StatusForbidden, Code: "forbidden",
			Message: fmt.Sprintf("this call needs the role %s, and %s has %s; ask an admin", r.Role, clip(identity.Name), identity.Role),
		}
	}
	if int64(len(c.Request().Body())) > r.Limit {
		refusal := tooLarge(r.Limit)
		return identity, &refusal
	}
	if coding := c.Request().Header.ContentEncoding(); isPacked(coding) && !(r.Unpack && isGzip(coding)) {
		return identity, &Refusal{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_encoding",
			Message: "the body is encoded as " + clip(string(coding)) + ", which is not read here; send it without Content-Encoding",
		}
	}
	return identity, nil
}

// foreign refuses a token of a vendor's dialect. What such a token is for is
// the dialect's own API, which looks at credentials by itself.
func foreign(identity accounts.Identity) *Refusal {
	return &Refusal{
		Status: http.StatusForbidden, Code: "other_dialect",
		Message: fmt.Sprintf("this token is for the REST hooks of %s alone; for this call an admin makes one by "+
			"`hooktree token create NAME --role ROLE`, without --dialect", identity.Dialect),
	}
}

// answer asks the route's handler.
func (s *Server) answer(c *fiber.Ctx, r *row, who caller) *Refusal {
	if r.raw != nil {
		r.raw(c, who)
		return nil
	}
	req, refusal := s.newRequest(c, r)
	if refusal != nil {
		return refusal
	}
	req.ID, req.Identity = who.request, who.Identity
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	write(c.Context(), r.Handle(ctx, req))
	return nil
}

// secure sets the headers that hold for every answer. The pages add theirs.
func secure(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// What a tree replies may be HTML with an event's data in it: it is shown,
	// and may run nothing in the name of this origin.
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; sandbox")
}

// Listed is a route with the role that it needs, for people and for tests.
type Listed struct {
	API, Method, Path string
	Role              accounts.Role
	Limit             int64
}

// Table lists every route that the server answers, but for the pages.
func (s *Server) Table() []Listed {
	table := make([]Listed, len(s.rows))
	for i, r := range s.rows {
		table[i] = Listed{API: r.api, Method: r.Method, Path: r.path(), Role: r.Role, Limit: r.Limit}
	}
	return table
}
