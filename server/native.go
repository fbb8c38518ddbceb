package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"hooktree/server/accounts"
)

// nativePrefix is where the native API stands.
const nativePrefix = "/api/v1"

// operation is one call of the native API: a row of its table.
type operation struct {
	method, path string
	role         accounts.Role
	tag, summary string
	call         calling
}

// calling registers an operation with huma.
type calling func(huma.API, huma.Operation)

// creates answers 201.
func (c calling) creates() calling { return c.status(http.StatusCreated) }

// empty answers 204.
func (c calling) empty() calling { return c.status(http.StatusNoContent) }

func (c calling) status(status int) calling {
	return func(api huma.API, op huma.Operation) {
		op.DefaultStatus = status
		c(api, op)
	}
}

// upTo takes a body of another size than DefaultLimit.
func (c calling) upTo(limit int64) calling {
	return func(api huma.API, op huma.Operation) {
		op.MaxBodyBytes = limit
		c(api, op)
	}
}

// operations is the table of the native API but for the raw calls of ownRows.
func (s *Server) operations() []operation { //nolint:funlen // one table of all calls
	const (
		get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete

		viewer, operator, author, admin = accounts.Viewer, accounts.Operator, accounts.Author, accounts.Admin
	)
	return []operation{
		{get, "/events", viewer, "events", "List events, the newest first", call(s, s.listEvents)},
		{get, "/events/{id}", viewer, "events", "Show an event with its verdicts and the values that their filters saw", call(s, s.showEvent)},
		{get, "/jobs", viewer, "jobs", "List webhook jobs, the newest first", call(s, s.listJobs)},
		{post, "/jobs/retry", operator, "jobs", "Try jobs again by id or filter, the oldest first", call(s, s.retryJobs)},
		{get, "/jobs/{id}", viewer, "jobs", "Show a job with what was sent and answered", call(s, s.showJob)},
		{post, "/jobs/{id}/retry", operator, "jobs", "Try a job again: a new attempt, and a new run of a tree", call(s, s.retryJob)},
		{post, "/jobs/{id}/cancel", operator, "jobs", "Cancel a job that is not finished", call(s, s.cancelJob)},
		{get, "/runs", viewer, "runs", "List runs, the newest first", call(s, s.listRuns)},
		{get, "/runs/{number}", viewer, "runs", "Show a run and what it waits for", call(s, s.showRun)},
		{get, "/runs/{number}/tasks", viewer, "runs", "List a run's tasks with inputs, results and what their connectors saw", call(s, s.listTasks)},
		{post, "/runs/{number}/cancel", operator, "runs", "Cancel a run that is not finished", call(s, s.cancelRun)},
		{get, "/errors", viewer, "errors", "List errors, the newest first", call(s, s.listErrors)},
		{post, "/errors/resolve", operator, "errors", "Resolve open errors by id or filter", call(s, s.resolveErrors)},
		{get, "/audit", operator, "audit", "List who did what, the newest first", call(s, s.listAudit)},
		{get, "/counts", viewer, "home", "Count jobs, runs and open errors", call(s, s.showCounts)},
		{get, "/trees", viewer, "trees", "List trees by title", call(s, s.listTrees)},
		{post, "/trees/check", viewer, "trees", "Check a tree's YAML without storing it", call(s, s.checkTree).upTo(maxTree)},
		{get, "/trees/{title}", viewer, "trees", "Show a tree: YAML and graph", call(s, s.showTree)},
		{get, "/trees/{title}/versions", viewer, "trees", "List a tree's versions, the latest first", call(s, s.listVersions)},
		{put, "/trees/{title}", author, "trees", "Make or change a tree", call(s, s.putTree).upTo(maxTree)},
		{del, "/trees/{title}", author, "trees", "Delete a tree; runs that are pinned to it go on", call(s, s.deleteTree).empty()},
		{get, "/webhooks", viewer, "webhooks", "List explicit webhooks by name", call(s, s.listWebhooks)},
		{post, "/webhooks", author, "webhooks", "Make a webhook", call(s, s.createWebhook).creates()},
		{get, "/webhooks/{name}", viewer, "webhooks", "Show a webhook", call(s, s.showWebhook)},
		{put, "/webhooks/{name}", author, "webhooks", "Make or change a webhook", call(s, s.putWebhook)},
		{del, "/webhooks/{name}", author, "webhooks", "Delete a webhook", call(s, s.deleteWebhook).empty()},
		{get, "/subscriptions", viewer, "subscriptions", "List subscriptions of outside applications, the newest or those in trouble first", call(s, s.listSubscriptions)},
		{get, "/subscriptions/{id}", viewer, "subscriptions", "Show a subscription with its health and what is held for it", call(s, s.showSubscription)},
		{post, "/subscriptions/{id}/enable", operator, "subscriptions", "Send to a disabled subscription again, with a clean record", call(s, s.enableSubscription)},
		{post, "/subscriptions/{id}/disable", operator, "subscriptions", "Send a subscription nothing, and hold its events", call(s, s.disableSubscription)},
		{post, "/subscriptions/{id}/verify", operator, "subscriptions", "Ask a subscription's endpoint for its confirmation once more", call(s, s.verifySubscription)},
		{post, "/subscriptions/{id}/replay", operator, "subscriptions", "Send again what was held for a subscription or failed", call(s, s.replaySubscription)},
		{del, "/subscriptions/{id}", operator, "subscriptions", "Delete a subscription", call(s, s.deleteSubscription).empty()},
		{get, "/dialects", viewer, "subscriptions", "List the dialects of REST hooks, each with what a first subscription looks like", call(s, s.listDialects)},
		{get, "/catalogue", viewer, "catalogue", "List what can happen: types, actions, scopes and paths", call(s, s.showCatalogue)},
		{get, "/handlers", viewer, "catalogue", "List what nodes can do, with parameters and results", call(s, s.listHandlers)},
		{post, "/setup", accounts.Public, "session", "Make the first admin by the setup link's secret, and sign in", call(s, s.setUp).creates()},
		{post, "/session", accounts.Public, "session", "Sign in by name and password", call(s, s.logIn).creates()},
		{get, "/session", viewer, "session", "Show who is signed in", call(s, s.showSession)},
		{del, "/session", accounts.Public, "session", "Sign out", call(s, s.logOut).empty()},
		{put, "/session/password", viewer, "session", "Change the own password", call(s, s.changePassword).empty()},
		{get, "/users", admin, "accounts", "List users by name", call(s, s.listUsers)},
		{post, "/users", admin, "accounts", "Make a user", call(s, s.createUser).creates()},
		{get, "/users/{name}", admin, "accounts", "Show a user", call(s, s.showUser)},
		{put, "/users/{name}", admin, "accounts", "Change a user; members that are left out stay", call(s, s.updateUser)},
		{del, "/users/{name}", admin, "accounts", "Delete a user", call(s, s.deleteUser).empty()},
		{get, "/tokens", admin, "accounts", "List API tokens, the oldest first", call(s, s.listTokens)},
		{post, "/tokens", admin, "accounts", "Make an API token; its secret is shown once", call(s, s.createToken).creates()},
		{del, "/tokens/{id}", admin, "accounts", "Revoke an API token", call(s, s.revokeToken).empty()},
		{get, "/consent", viewer, "session", "Show what an application asks the user who is signed in", call(s, s.showConsent)},
		{post, "/consent", operator, "session", "Let an application act in the name of the user who is signed in", call(s, s.allowClient)},
		{get, "/clients", admin, "accounts", "List clients of REST hooks, the oldest first", call(s, s.listClients)},
		{post, "/clients", admin, "accounts", "Make a client of REST hooks; its secrets are shown once", call(s, s.createClient).creates()},
		{del, "/clients/{id}", admin, "accounts", "Revoke a client of REST hooks with all of its tokens", call(s, s.revokeClient).empty()},
	}
}

// native makes the mount of the native API, and its OpenAPI document.
func (s *Server) native() (Mount, *huma.OpenAPI) {
	humaErrors()
	into := &adapter{}
	api := huma.NewAPI(nativeConfig(s.config.Version), into)
	for _, op := range s.operations() {
		into.role = op.role
		op.call(api, huma.Operation{
			OperationID: operationID(op.method, op.path), Method: op.method, Path: nativePrefix + op.path,
			Summary: op.summary, Tags: []string{op.tag}, MaxBodyBytes: DefaultLimit,
			Extensions: map[string]any{"x-role": op.role.String()},
		})
	}
	describeRaw(api.OpenAPI())
	return Mount{Name: "native", Prefixes: []string{nativePrefix}, Routes: into.routes, Refuse: problemResponse}, api.OpenAPI()
}

func nativeConfig(version string) huma.Config {
	config := huma.DefaultConfig("hooktree", version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // adds a $schema to every answer
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{"application/json": {Marshal: writeJSON, Unmarshal: json.Unmarshal}, "json": {Marshal: writeJSON, Unmarshal: json.Unmarshal}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":    {Type: "http", Scheme: "bearer"},
		"password": {Type: "http", Scheme: "basic"},
		"session":  {Type: "apiKey", In: "cookie", Name: sessionCookie},
	}
	config.Security = []map[string][]string{{"token": {}}, {"password": {}}, {"session": {}}}
	return config
}

// call makes a service's error into a problem before huma sees it.
func call[I, O any](s *Server, handle func(context.Context, *I) (*O, error)) calling {
	return func(api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := handle(ctx, in)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
	}
}

// operationID names a call in client code: get-jobs-id-retry.
func operationID(method, path string) string {
	id := []byte(method + path)
	id = bytes.ToLower(id)
	for i, b := range id {
		if b == '/' {
			id[i] = '-'
		}
	}
	return strings.NewReplacer("{", "", "}", "").Replace(string(id))
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
