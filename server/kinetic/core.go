package kinetic

import (
	"context"
	"net/http"
	"slices"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/event"
)

// core lists the calls of the Core API: webhooks and their jobs in the space
// and in a kapp, and what clients ask about both.
func (a *api) core() []server.Route {
	var read, operate, write []route
	for _, scope := range []string{"", "/kapps/:kapp"} {
		read = append(read,
			get(scope+"/webhooks", a.listWebhooks),
			get(scope+"/webhooks/:name", a.showWebhook),
			get(scope+"/webhookJobs", a.listJobs),
			get(scope+"/webhookJobs/:id", a.showJob),
			get(scope+"/workflows", listWorkflows),
			get(scope+"/workflows/:id", noWorkflow),
		)
		operate = append(operate, put(scope+"/webhookJobs/:id", a.changeJob))
		write = append(write,
			post(scope+"/webhooks", a.createWebhook),
			put(scope+"/webhooks/:name", a.updateWebhook),
			remove(scope+"/webhooks/:name", a.deleteWebhook),
		)
	}
	read = append(read,
		get("/meta/webhooks/types/:scope", a.listTypes),
		get("/meta/webhooks/events/:scope", a.listEvents),
		get("/meta/webhooks/events/:scope/:type", a.listActions),
		get("/kapps/:kapp/forms/:form/workflows", listWorkflows),
		get("/kapps/:kapp/forms/:form/workflows/:id", noWorkflow),
	)
	return slices.Concat(
		a.routes(accounts.Public, get("/version", a.coreVersion)),
		a.routes(accounts.Viewer, read...),
		a.routes(accounts.Operator, operate...),
		a.routes(accounts.Author, write...),
		a.absentCore(),
	)
}

// absentCore are the writes that hooktree answers with the reason why not.
func (a *api) absentCore() []server.Route {
	var list []route
	for _, scope := range []string{"", "/kapps/:kapp"} {
		list = append(list,
			absent(http.MethodPost, scope+"/webhookJobs", "a job is made by an event and cannot be made by hand; call run-tree, or send the event"),
			absent(http.MethodDelete, scope+"/webhookJobs/:id", "a job is kept until retention removes it; cancel it by PUT with the status Cancelled"),
		)
	}
	for _, scope := range []string{"", "/kapps/:kapp", "/kapps/:kapp/forms/:form"} {
		const why = "there are no workflows in the vendor's JSON here; write the tree as YAML, and name it by the event's path"
		list = append(list,
			absent(http.MethodPost, scope+"/workflows", why), absent(http.MethodPost, scope+"/workflows/repair", why),
			absent(http.MethodPut, scope+"/workflows/:id", why), absent(http.MethodDelete, scope+"/workflows/:id", why),
		)
	}
	return a.routes(accounts.Author, list...)
}

// coreVersion is what clients ask before they use what newer versions have.
func (a *api) coreVersion(context.Context, *request) (any, error) {
	return map[string]any{"version": map[string]any{
		"version": apiVersion, "buildNumber": a.config.Version, "buildDate": nil, "timestamp": nil,
	}}, nil
}

// apiVersion is the version of the vendor's platform that answers here.
// Clients compare it as text.
const apiVersion = "6.1.7"

// listWorkflows is the list of the newer workflows, of which there are none:
// trees are named by the event that fires them.
func listWorkflows(context.Context, *request) (any, error) {
	none := []any{}
	return map[string]any{"workflows": none, "migratable": none, "missing": none, "orphaned": none}, nil
}

func noWorkflow(_ context.Context, req *request) (any, error) {
	return nil, missing("there is no workflow %s; trees are listed by the Task API", clip(req.Params["id"]))
}

// kinds lists the built-in kinds of a scope, or refuses the scope.
func (a *api) kinds(req *request) ([]*event.Kind, error) {
	scope := req.Params["scope"]
	if scope != "space" && scope != "kapp" {
		return nil, missing("there is no scope %q of webhooks; there are space and kapp", clip(scope))
	}
	return slices.DeleteFunc(a.services.Catalogue().Kinds(), func(k *event.Kind) bool {
		inKapp := k.Level == event.LevelKapp || k.Level == event.LevelForm
		return k.Platform != event.Kinetic || scope == "kapp" && !inKapp
	}), nil
}

func (a *api) listTypes(_ context.Context, req *request) (any, error) {
	kinds, err := a.kinds(req)
	if err != nil {
		return nil, err
	}
	types := []string{}
	for _, k := range kinds {
		if !slices.Contains(types, k.Type) {
			types = append(types, k.Type)
		}
	}
	return types, nil
}

// listEvents gives the events of each type.
func (a *api) listEvents(_ context.Context, req *request) (any, error) {
	kinds, err := a.kinds(req)
	if err != nil {
		return nil, err
	}
	events := map[string][]string{}
	for _, k := range kinds {
		events[k.Type] = append(events[k.Type], k.Action)
	}
	return events, nil
}

func (a *api) listActions(_ context.Context, req *request) (any, error) {
	kinds, err := a.kinds(req)
	if err != nil {
		return nil, err
	}
	var actions []string
	for _, k := range kinds {
		if k.Type == req.Params["type"] {
			actions = append(actions, k.Action)
		}
	}
	if actions == nil {
		return nil, missing("there is no type %q in the scope %s", clip(req.Params["type"]), req.Params["scope"])
	}
	return actions, nil
}
