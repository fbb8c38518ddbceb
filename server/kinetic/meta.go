package kinetic

import (
	"context"
	"slices"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
)

func (a *api) metaRoutes() []server.Route {
	return slices.Concat(
		// The Ruby client asks for the version before it signs in.
		a.routes(accounts.Public, get("", a.showVersion), get("/version", a.showVersion)),
		a.routes(accounts.Viewer,
			get("/meta/availableErrorActions", listErrorActions),
			get("/meta/sourceAdapters", listSourceAdapters),
			get("/notices", noNotices),
			get("/categories", empty("categories")),
			get("/categories/:name", noCategory),
			get("/policyRules", empty("policyRules")),
			get("/policyRules/:type", empty("policyRules")),
			get("/policyRules/:type/:name", noPolicy),
		),
	)
}

// showVersion is the root of the API, and its version.
func (a *api) showVersion(context.Context, *request) (any, error) {
	return map[string]any{"api": "v2", "version": taskVersion, "buildVersion": a.config.Version}, nil
}

func listErrorActions(context.Context, *request) (any, error) {
	return map[string]any{"availableErrorActions": allowed}, nil
}

// listSourceAdapters names the one kind of source whose trees events fire. It
// has nothing to set up.
func listSourceAdapters(context.Context, *request) (any, error) {
	type adapter struct {
		Name       string `json:"name"`
		Properties []any  `json:"properties"`
	}
	return map[string]any{"sourceAdapters": []adapter{{trees.DefaultSource, []any{}}, {"Adhoc", []any{}}}}, nil
}

func noNotices(context.Context, *request) (any, error) {
	return map[string]any{"notices": []any{}}, nil
}

// empty answers for lists of what hooktree does not have.
func empty(key string) call {
	return func(_ context.Context, req *request) (any, error) {
		p, err := req.paging(false)
		if err != nil {
			return nil, err
		}
		return listed(p, key, []any{}), nil
	}
}

// Why there are no categories and no policy rules.
const (
	noCategories = "hooktree has no categories; trees and routines are found by their names"
	noPolicies   = "hooktree has no policy rules: the role of a user or token says what it may do, and access keys sign calls of run-tree"
)

func noCategory(_ context.Context, req *request) (any, error) {
	return nil, missing("there is no category %q: %s", clip(req.Params["name"]), noCategories)
}

func noPolicy(_ context.Context, req *request) (any, error) {
	return nil, missing("there is no policy rule %q: %s", clip(req.Params["name"]), noPolicies)
}
