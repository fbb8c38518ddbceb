package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// Services is what the calls answer by. Every member is required.
type Services struct {
	Accounts *accounts.Service
	Space    func() Space // of now
	Log      *slog.Logger
}

// Space is what some dialects tell of the space.
type Space struct{ Slug, Name string }

// bodyLimit is how large a request may be: it is a handful of parameters.
const bodyLimit = 16 << 10

// New makes two mounts for each dialect whose clients ask for tokens: of its
// token call, and of the endpoint where applications send users to be asked.
func New(services Services, dialects []subscription.Dialect) []server.Mount {
	var mounts, endpoints []server.Mount
	for i := range dialects {
		if dialects[i].Tokens == nil {
			continue
		}
		c := &calls{services, dialect{dialects[i].Name, *dialects[i].Tokens}}
		mounts = append(mounts, server.Mount{Name: "oauth-" + c.name, Prefixes: []string{c.Prefix}, Routes: c.routes(), Refuse: c.refuse})
		endpoints = append(endpoints, server.Mount{Name: "authorize-" + c.name, Prefixes: []string{c.Authorize}, Routes: c.endpoint(), Refuse: refusePage})
	}
	return append(mounts, endpoints...) // who comes last refuses below both
}

// calls are those of one dialect.
type calls struct {
	Services
	dialect
}

// call answers a client that has shown its credentials.
type call func(ctx context.Context, client accounts.Client, sent asked, origin string) (map[string]any, *failure)

func (c *calls) routes() []server.Route {
	routes := []server.Route{c.route(c.Token, c.token)}
	if c.Revoke != "" {
		routes = append(routes, c.route(c.Revoke, c.revoke))
	}
	return routes
}

// route leaves credentials to the call: they are a client's and no user's.
func (c *calls) route(path string, do call) server.Route {
	return server.Route{
		Method: http.MethodPost, Path: path, Own: true, Limit: bodyLimit,
		Handle: func(ctx context.Context, req server.Request) server.Response {
			answer, refused := c.answer(ctx, req, do)
			if refused != nil {
				return c.refusal(refused)
			}
			return respond(http.StatusOK, c.header("ok"), answer)
		},
	}
}

func (c *calls) answer(ctx context.Context, req server.Request, do call) (map[string]any, *failure) {
	sent, refused := parseAsked(req.Header, req.Body)
	if refused != nil {
		return nil, refused
	}
	client, refused := c.authenticate(ctx, req, sent)
	if refused != nil {
		return nil, refused
	}
	return do(ctx, client, sent, req.Origin)
}

// respond writes an answer in JSON.
func respond(status int, header http.Header, answer map[string]any) server.Response {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(answer) // of texts and numbers
	return server.Response{Status: status, Header: header, Body: bytes.TrimRight(b.Bytes(), "\n")}
}
