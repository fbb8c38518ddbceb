package kinetic

import (
	"context"
	"net/http"
	"slices"

	"hooktree/server"
	"hooktree/server/accounts"
)

func (a *api) engineRoutes() []server.Route {
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/engine", a.showEngine),
			get("/config/engine", a.showEngineConfig),
			get("/config/license", showLicense),
		),
		a.routes(accounts.Admin,
			post("/engine", commandEngine),
			absent(http.MethodPut, "/config/engine", "the engine is set up by hooktree's flags, environment or config file, and not by this call"),
			absent(http.MethodPost, "/config/license", noLicense),
			absent(http.MethodDelete, "/config/license", noLicense),
		),
	)
}

// taskVersion is the version of the vendor's Task that answers here. Clients
// compare it as text.
const taskVersion = "06.01.0007"

// showEngine tells that work is being done: a server that answers has its
// worker running.
func (a *api) showEngine(context.Context, *request) (any, error) {
	return map[string]any{
		"status": "Running", "statusMessage": nil, "version": taskVersion, "buildDate": nil, "buildVersion": a.config.Version,
	}, nil
}

func (a *api) showEngineConfig(context.Context, *request) (any, error) {
	return map[string]any{"properties": map[string]any{
		"Sleep Delay":   0, // work begins when it falls due
		"Max Threads":   a.config.Threads,
		"Trigger Query": "'Selection Criterion'=null",
	}}, nil
}

// commandEngine starts what runs already. It cannot be stopped from here: what
// is accepted is carried out for as long as the server runs.
func commandEngine(_ context.Context, req *request) (any, error) {
	var sent struct {
		Action string `json:"action"`
	}
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	switch sent.Action {
	case "start":
		return success("The engine is running."), nil
	case "stop":
		return nil, unsupported("the engine works for as long as the server runs; stop hooktree itself")
	default:
		return nil, invalid("the action %q is neither start nor stop", clip(sent.Action))
	}
}

const noLicense = "hooktree needs no license key"

func showLicense(context.Context, *request) (any, error) {
	return map[string]any{"license": "Apache-2.0", "message": noLicense}, nil
}
