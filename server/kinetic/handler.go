package kinetic

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
)

func (a *api) handlerRoutes() []server.Route {
	const why = "handlers are part of hooktree, or stand in handlers/ of the space; they are not imported from the vendor's packages"
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/handlers", a.listHandlers),
			get("/handlers/missing", noMissingHandlers),
			get("/handlers/:id", a.showHandler),
			get("/handlers/:id/usage", a.handlerUsage),
			get("/handlers/:id/durations", a.handlerDurations),
			absent(http.MethodGet, "/handlers/:id/zip", why),
		),
		a.routes(accounts.Author,
			absent(http.MethodPost, "/handlers", why),
			absent(http.MethodPut, "/handlers/:id", why),
			absent(http.MethodDelete, "/handlers/:id", why),
		),
	)
}

// handler is what nodes can do, as the API shows it.
type handler struct {
	DefinitionID       string  `json:"definitionId"`
	DefinitionName     string  `json:"definitionName"`
	DefinitionVersion  string  `json:"definitionVersion"`
	Name               string  `json:"name"`
	Description        string  `json:"description"`
	Deferrable         bool    `json:"deferrable"` // any handler's node may have `defer:`
	Visible            bool    `json:"visible"`
	Status             string  `json:"status"`
	SelectionCriterion *string `json:"selectionCriterion"`

	Parameters []handlerParameter `json:"parameters,omitzero"`
	Results    []handlerResult    `json:"results,omitzero"`
	Properties map[string]any     `json:"properties,omitzero"`
	Categories []any              `json:"categories,omitzero"`
	*stamped
}

type handlerParameter struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Label       string `json:"label"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
}

type handlerResult struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func newHandler(s *engine.Spec, req *request) handler {
	shown := handler{
		DefinitionID: handlerID(s.Name), DefinitionName: s.Name, DefinitionVersion: "1", Name: s.Name,
		Description: s.Help, Deferrable: true, Visible: true, Status: treeActive,
	}
	if req.includes["parameters"] {
		shown.Parameters = []handlerParameter{}
		for _, p := range s.Params {
			shown.Parameters = append(shown.Parameters, handlerParameter{ID: p.Name, Name: p.Name, Label: p.Name, Description: p.Help, Required: p.Required})
		}
	}
	if req.includes["results"] {
		shown.Results = []handlerResult{}
		for _, r := range s.Results {
			shown.Results = append(shown.Results, handlerResult{Name: r.Name, Description: r.Help})
		}
	}
	if req.includes["properties"] {
		shown.Properties = map[string]any{}
	}
	if req.includes["categories"] {
		shown.Categories = []any{}
	}
	if req.includes["details"] {
		shown.stamped = &stamped{}
	}
	return shown
}

func (a *api) listHandlers(_ context.Context, req *request) (any, error) {
	p, err := req.paging(false)
	if err != nil {
		return nil, err
	}
	var list []handler
	for _, s := range a.services.Handlers() {
		list = append(list, newHandler(s, req))
	}
	return listed(p, "handlers", list), nil
}

// noMissingHandlers is always empty: a tree that names a handler which is not
// there is refused when it is put.
func noMissingHandlers(context.Context, *request) (any, error) {
	return map[string]any{"missingHandlers": []any{}}, nil
}

func (a *api) findHandler(req *request) (*engine.Spec, error) {
	id := req.Params["id"]
	for _, s := range a.services.Handlers() {
		if handlerID(s.Name) == id {
			return s, nil
		}
	}
	return nil, missing("there is no handler %q", clip(id))
}

func (a *api) showHandler(_ context.Context, req *request) (any, error) {
	s, err := a.findHandler(req)
	if err != nil {
		return nil, err
	}
	return newHandler(s, req), nil
}

func calls(n *engine.Node, s *engine.Spec) bool {
	return n.Handler != nil && n.Handler.Spec != nil && n.Handler.Spec.Name == s.Name
}

func (a *api) handlerUsage(_ context.Context, req *request) (any, error) {
	s, err := a.findHandler(req)
	if err != nil {
		return nil, err
	}
	return a.usages("handlerUsage", func(n *engine.Node) bool { return calls(n, s) }), nil
}

// measuredRuns is how many of the newest runs durations are taken from.
const measuredRuns = 100

// handlerDurations tells how long the calls of a handler took in the newest
// runs, in milliseconds.
func (a *api) handlerDurations(ctx context.Context, req *request) (any, error) {
	s, err := a.findHandler(req)
	if err != nil {
		return nil, err
	}
	runs, _, err := a.services.History.Runs(ctx, jobs.RunFilter{Page: jobs.Page{Limit: measuredRuns}})
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	took := []int64{}
	for _, r := range runs {
		records, err := a.services.History.Tasks(ctx, r.ID)
		if err != nil {
			return nil, fmt.Errorf("list the tasks of run #%d: %w", r.Number, err)
		}
		version := a.treeOf(ctx, r.Hash)
		for _, t := range records {
			n := nodeOf(version, t.Node)
			if n != nil && calls(n, s) && t.Status == engine.TaskComplete && !t.Ended.IsZero() {
				took = append(took, t.Ended.Sub(t.Started).Milliseconds())
			}
		}
	}
	return newDurations(newHandler(s, req), took), nil
}

func newDurations(h handler, took []int64) map[string]any {
	shown := map[string]any{
		"handler": h, "taskDurations": took, "pausedTriggerCount": 0,
		"taskMinDuration": nil, "taskMaxDuration": nil, "taskAverageDuration": nil,
	}
	if len(took) > 0 {
		var sum int64
		for _, ms := range took {
			sum += ms
		}
		shown["taskMinDuration"], shown["taskMaxDuration"] = slices.Min(took), slices.Max(took)
		shown["taskAverageDuration"] = sum / int64(len(took))
	}
	return shown
}
