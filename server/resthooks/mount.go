package resthooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/subscription"
)

// Services is what the mounts answer by. Every member is required.
type Services struct {
	Accounts      Accounts
	Subscriptions Subscriptions
	Log           *slog.Logger
}

// Accounts knows tokens; [accounts.Service] is one.
type Accounts interface {
	Bearer(ctx context.Context, secret []byte) (accounts.Identity, error)
}

// Subscriptions carries operations out; [subscription.Service] is one.
type Subscriptions interface {
	Do(ctx context.Context, who subscription.Caller, op subscription.Operation) subscription.Outcome
	// Protocol gives a dialect's protocol with the space's settings of now.
	Protocol(dialect string) subscription.Protocol
}

// timeout bounds one call. Creating a subscription may wait half a minute for
// its endpoint to confirm it, as Keap allows.
const timeout = 45 * time.Second

// New makes one mount a dialect.
func New(services Services, dialects []subscription.Dialect) []server.Mount {
	mounts := make([]server.Mount, len(dialects))
	for i, d := range dialects {
		m := &mount{services, d}
		mounts[i] = server.Mount{Name: d.Name, Prefixes: d.Prefixes, Document: d.Document, Routes: m.routes(), Refuse: m.refuse}
	}
	return mounts
}

// mount answers the clients of one dialect.
type mount struct {
	Services

	dialect subscription.Dialect
}

// methods are all that a client may use: a protocol refuses those that say
// nothing to it in its own words.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// routes leave what lies below the prefix to the protocol, and credentials to
// the mount: each dialect's clients carry them in their own places.
func (m *mount) routes() []server.Route {
	var routes []server.Route
	for _, path := range []string{"", "/*"} {
		for _, method := range methods {
			routes = append(routes, server.Route{Method: method, Path: path, Own: true, Unpack: true, Timeout: timeout, Handle: m.handle})
		}
	}
	return routes
}

func (m *mount) handle(ctx context.Context, raw server.Request) server.Response {
	protocol := m.Subscriptions.Protocol(m.dialect.Name)
	req, refusal := m.request(raw)
	if refusal != nil {
		return respond(protocol.Render(req, subscription.Outcome{Refusal: refusal}))
	}
	who, refusal := m.caller(ctx, raw)
	if refusal != nil {
		return respond(protocol.Render(req, subscription.Outcome{Refusal: refusal}))
	}
	op, refusal := protocol.Parse(req)
	if refusal != nil {
		return respond(protocol.Render(req, subscription.Outcome{Refusal: refusal}))
	}
	return respond(protocol.Render(req, m.Subscriptions.Do(ctx, who, op)))
}

// request gives a request as protocols read it.
func (m *mount) request(raw server.Request) (subscription.Request, *subscription.Refusal) {
	req := subscription.Request{
		Method: raw.Method, Query: raw.Query, Header: raw.Header, Body: raw.Body, Origin: raw.Origin,
	}
	for _, prefix := range m.dialect.Prefixes {
		if rest, ok := strings.CutPrefix(raw.Path, prefix); ok {
			req.Prefix, req.Path = prefix, rest
		}
	}
	path, err := url.PathUnescape(req.Path)
	if err != nil {
		return req, &subscription.Refusal{
			Code: subscription.NoRoute, Message: "the path is not percent-encoded: write a percent sign as %25",
		}
	}
	req.Path = path
	return req, nil
}

// caller finds out who asks. Tokens of another dialect are worth nothing here;
// our own, of no dialect, are good for those that share our tokens.
func (m *mount) caller(ctx context.Context, raw server.Request) (subscription.Caller, *subscription.Refusal) {
	secret := m.token(raw)
	if secret == "" {
		return subscription.Caller{}, &subscription.Refusal{
			Code: subscription.NotSignedIn, Message: "there is no token in the request; send one as Authorization: Bearer TOKEN",
		}
	}
	id, err := m.Accounts.Bearer(ctx, []byte(secret))
	switch {
	case errors.Is(err, accounts.ErrDenied):
		return subscription.Caller{}, &subscription.Refusal{
			Code: subscription.NotSignedIn, Message: "the token is unknown, expired or revoked; ask for a new one",
		}
	case err != nil:
		m.Log.Error("check a token", "dialect", m.dialect.Name, "error", err)
		return subscription.Caller{}, &subscription.Refusal{
			Code: subscription.Failed, Message: "the token could not be checked; the server's log says why",
		}
	case !m.welcomes(id):
		return subscription.Caller{}, &subscription.Refusal{
			Code:    subscription.Foreign,
			Message: "the token is none for " + m.dialect.Title + "; make one by hooktree token create --dialect " + m.dialect.Name,
		}
	}
	return m.callerOf(id), nil
}

// welcomes reports whether an identity may use the dialect.
func (m *mount) welcomes(id accounts.Identity) bool {
	if id.Dialect == "" {
		return m.dialect.OwnTokens && id.Role.May(accounts.Operator)
	}
	return id.Dialect == m.dialect.Name
}

func (m *mount) callerOf(id accounts.Identity) subscription.Caller {
	owner := subscription.Owner(id.Owner)
	if owner == (subscription.Owner{}) {
		owner.Name = id.Name
	}
	return subscription.Caller{Dialect: m.dialect.Name, Owner: owner, Name: id.Name, Credential: id.Credential}
}

// token gives the first token that stands in one of the dialect's places.
func (m *mount) token(raw server.Request) string {
	for _, place := range m.dialect.Credentials {
		var found string
		switch place.Kind {
		case subscription.Bearer:
			scheme, rest, _ := strings.Cut(raw.Header.Get("Authorization"), " ")
			if strings.EqualFold(scheme, "Bearer") {
				found = strings.TrimSpace(rest)
			}
		case subscription.Header:
			found = raw.Header.Get(place.Name)
		case subscription.Query:
			found = raw.Query.Get(place.Name)
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// codes says which refusal of a dialect stands for one of the server's.
var codes = map[int]subscription.Code{
	http.StatusBadRequest:            subscription.Malformed,
	http.StatusUnauthorized:          subscription.NotSignedIn,
	http.StatusForbidden:             subscription.Foreign,
	http.StatusNotFound:              subscription.NoRoute,
	http.StatusMethodNotAllowed:      subscription.NoMethod,
	http.StatusRequestEntityTooLarge: subscription.TooLarge,
	http.StatusUnsupportedMediaType:  subscription.Unsupported,
	http.StatusTooManyRequests:       subscription.Busy,
	http.StatusServiceUnavailable:    subscription.Busy,
	http.StatusInsufficientStorage:   subscription.NoRoom,
}

// refuse renders what the server refuses before the mount is asked.
func (m *mount) refuse(r server.Refusal) server.Response {
	code, ok := codes[r.Status]
	if !ok {
		code = subscription.Failed
	}
	req, _ := m.request(server.Request{Path: r.Path}) // a path that cannot be read asks for no format
	protocol := m.Subscriptions.Protocol(m.dialect.Name)
	return respond(protocol.Render(req, subscription.Outcome{
		Refusal: &subscription.Refusal{Code: code, Message: r.Message, RetryAfter: r.RetryAfter},
	}))
}

func respond(r subscription.Response) server.Response { return server.Response(r) }
