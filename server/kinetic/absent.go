package kinetic

import (
	"net/http"
	"slices"

	"hooktree/server"
	"hooktree/server/accounts"
)

// absentRoutes are the calls of the vendor's list that hooktree has no
// counterpart of. Each says why, in the form of an error.
func (a *api) absentRoutes() []server.Route {
	const (
		users    = "users and what they may do are kept by hooktree's own API, /api/v1/users"
		settings = "hooktree is set up by its flags, environment or config file; hooktree serve --help lists them"
	)
	var read, write []route
	for _, c := range []struct{ method, path, why string }{
		{http.MethodPost, "/categories", noCategories},
		{http.MethodPut, "/categories/:name", noCategories},
		{http.MethodDelete, "/categories/:name", noCategories},
		{http.MethodPost, "/categories/:name/handlers", noCategories},
		{http.MethodDelete, "/categories/:name/handlers/:id", noCategories},
		{http.MethodPost, "/categories/:name/routines", noCategories},
		{http.MethodDelete, "/categories/:name/routines/:id", noCategories},
		{http.MethodPost, "/categories/:name/policyRules", noCategories},
		{http.MethodDelete, "/categories/:name/policyRules/:type/:rule", noCategories},
		{http.MethodPost, "/policyRules/:type", noPolicies},
		{http.MethodPut, "/policyRules/:type/:name", noPolicies},
		{http.MethodDelete, "/policyRules/:type/:name", noPolicies},
		{http.MethodGet, "/config/systemPolicyRule", noPolicies},
		{http.MethodPut, "/config/systemPolicyRule", noPolicies},
		{http.MethodGet, "/config/auth", settings},
		{http.MethodPut, "/config/auth", settings},
		{http.MethodGet, "/config/db", settings},
		{http.MethodPut, "/config/db", settings},
		{http.MethodGet, "/config/identityStore", settings},
		{http.MethodPut, "/config/identityStore", settings},
		{http.MethodGet, "/config/session", settings},
		{http.MethodPut, "/config/session", settings},
		{http.MethodPut, "/config/server", settings},
		{http.MethodPost, "/config/rotateEncryptionKeys", settings},
		{http.MethodGet, "/environment", settings},
		{http.MethodGet, "/groups", users},
		{http.MethodPost, "/groups", users},
		{http.MethodGet, "/groups/:name", users},
		{http.MethodPut, "/groups/:name", users},
		{http.MethodDelete, "/groups/:name", users},
		{http.MethodPost, "/groups/:name/users", users},
		{http.MethodDelete, "/groups/:name/users/:login", users},
		{http.MethodGet, "/users", users},
		{http.MethodPost, "/users", users},
		{http.MethodGet, "/users/:name", users},
		{http.MethodPut, "/users/:name", users},
		{http.MethodDelete, "/users/:name", users},
	} {
		if c.method == http.MethodGet {
			read = append(read, absent(c.method, c.path, c.why))
		} else {
			write = append(write, absent(c.method, c.path, c.why))
		}
	}
	return slices.Concat(a.routes(accounts.Viewer, read...), a.routes(accounts.Admin, write...))
}
