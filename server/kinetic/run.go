package kinetic

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
)

func (a *api) runRoutes() []server.Route {
	const written = "what a node gave is written once; resolve its error, or retry the job that started the run"
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/runs", a.listRuns),
			get("/runs/task/:token", noDeferral),
			get("/runs/:id", a.showRun),
			get("/runs/:id/tasks", a.listTasks),
			get("/runs/:id/tasks/:task", a.showTask),
		),
		a.routes(accounts.Operator,
			route{method: http.MethodPost, path: "/runs", limit: a.config.Limit, call: a.createRun},
			post("/runs/task/:token", noDeferral),
			put("/runs/task/:token", noDeferral),
			remove("/runs/:id", a.deleteRun),
			absent(http.MethodPut, "/runs/:id", "a run follows from its event and its tree, and cannot be changed by hand"),
			absent(http.MethodPut, "/runs/:id/tasks/:task", written),
			absent(http.MethodPost, "/runs/:id/triggers", written),
		),
	)
}

// noDeferral answers for a token as finishDeferral does.
func noDeferral(_ context.Context, req *request) (any, error) {
	return nil, nothingWaits(req.Params["token"])
}

// run is one execution of a tree version, as the API shows it.
type run struct {
	Status        string    `json:"status"`
	SourceID      string    `json:"sourceId"` // what the event happened to, or the event
	OriginatingID *string   `json:"originatingId"`
	Token         string    `json:"token"`
	Source        sourceRef `json:"source"`
	Tree          tree      `json:"tree"`

	*runDetails
	*runIncludes
}

type runDetails struct {
	ID int64 `json:"id"`
	stamped
}

// runIncludes is what includes add, each where it was asked for.
type runIncludes struct {
	Inputs     map[string]any `json:"inputs,omitzero"`
	Outputs    map[string]any `json:"outputs,omitzero"`
	SourceData *string        `json:"sourceData,omitempty"`
	Tasks      []task         `json:"tasks,omitzero"`
	Triggers   []trigger      `json:"triggers,omitzero"`
	Exceptions []fault        `json:"exceptions,omitzero"`
	Parent     *runRef        `json:"parent,omitempty"`
	Children   []runRef       `json:"children,omitzero"`
}

// runRef names another run.
type runRef struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
	Tree   tree   `json:"tree"`
}

// sourceRef names a source.
type sourceRef struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Type   string `json:"type"`
}

// The statuses of a run that clients know besides Error and Complete.
const (
	runStaged  = "Staged"  // it waits for its lane
	runStarted = "Started" // it runs, or waits
)

// runStatus is the status of a run in the vendor's words. Unlike there, a run
// whose work is done is Complete.
func runStatus(s engine.RunStatus) string {
	switch s {
	case engine.RunQueued:
		return runStaged
	case engine.RunRunning, engine.RunWaiting:
		return runStarted
	case engine.RunError, engine.RunComplete, engine.RunCancelled:
		return string(s)
	}
	return string(s)
}

// newRun shows a run with what the request includes.
func (a *api) newRun(ctx context.Context, r jobs.Run, req *request) (run, error) {
	e, err := a.services.History.Event(ctx, r.EventID)
	if err != nil {
		return run{}, fmt.Errorf("load event %s: %w", r.EventID, err)
	}
	shown := run{
		Status: runStatus(r.Status), SourceID: cmp.Or(e.Event.Entity, r.EventID), OriginatingID: text(r.Parent),
		Token: r.ID, Source: newSourceRef(r.Title.Source), Tree: briefTree(r.Title, r.Hash),
	}
	if req.includes["details"] {
		shown.runDetails = &runDetails{ID: r.Number, stamped: stamped{
			CreatedAt: stamp{r.Created}, CreatedBy: text(senderOf(e.Event.Credential)),
			UpdatedAt: stamp{movedAt(&r)}, UpdatedBy: text("SYSTEM"),
		}}
	}
	in, err := a.newRunIncludes(ctx, &r, &e, req)
	shown.runIncludes = in
	return shown, err
}

// movedAt is when a run began or ended, whichever was last.
func movedAt(r *jobs.Run) time.Time {
	switch {
	case !r.Ended.IsZero():
		return r.Ended
	case !r.Started.IsZero():
		return r.Started
	default:
		return r.Created
	}
}

func (a *api) newRunIncludes(ctx context.Context, r *jobs.Run, e *jobs.EventRecord, req *request) (*runIncludes, error) {
	var in runIncludes
	if req.includes["inputs"] {
		in.Inputs = object(r.Inputs)
		if r.Inputs == nil {
			in.Inputs = map[string]any{}
		}
	}
	if req.includes["outputs"] {
		in.Outputs = object(r.Outputs)
	}
	if req.includes["sourceData"] {
		data := strings.ToValidUTF8(string(e.Event.Body), "�")
		in.SourceData = &data
	}
	var err error
	if req.includes["tasks"] || req.includes["triggers"] {
		if err = a.includeTasks(ctx, &in, r, req); err != nil {
			return nil, err
		}
	}
	if req.includes["exceptions"] {
		if in.Exceptions, err = a.faultsOf(ctx, r, req); err != nil {
			return nil, err
		}
	}
	if req.includes["parent"] || req.includes["children"] {
		err = a.includeFamily(ctx, &in, r, req)
	}
	return &in, err
}

func (a *api) includeTasks(ctx context.Context, in *runIncludes, r *jobs.Run, req *request) error {
	records, err := a.services.History.Tasks(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("list the tasks of run #%d: %w", r.Number, err)
	}
	version := a.treeOf(ctx, r.Hash)
	if req.includes["tasks"] {
		in.Tasks = newTasks(records, version, req)
	}
	if req.includes["triggers"] {
		in.Triggers = newTriggers(r, records, version, req)
	}
	return nil
}

// includeFamily adds the runs that called this one, or that it called: they
// all come from one event.
func (a *api) includeFamily(ctx context.Context, in *runIncludes, r *jobs.Run, req *request) error {
	all, _, err := a.services.History.Runs(ctx, jobs.RunFilter{Page: jobs.Page{Limit: maxLimit}, EventID: r.EventID})
	if err != nil {
		return fmt.Errorf("list the runs of event %s: %w", r.EventID, err)
	}
	if req.includes["children"] {
		in.Children = []runRef{}
	}
	for _, other := range all {
		ref := runRef{ID: other.Number, Status: runStatus(other.Status), Tree: briefTree(other.Title, other.Hash)}
		if req.includes["parent"] && r.Parent != "" && other.ID == r.Parent {
			in.Parent = &ref
		}
		if req.includes["children"] && other.Parent == r.ID {
			in.Children = append(in.Children, ref)
		}
	}
	return nil
}

// findRun gives the run that the request names by its number.
func (a *api) findRun(ctx context.Context, req *request) (jobs.Run, error) {
	asked := req.Params["id"]
	number, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || number < 1 {
		return jobs.Run{}, missing("there is no run %q; a run is named by its number", clip(asked))
	}
	r, err := a.services.History.Run(ctx, number)
	if err != nil {
		return r, fmt.Errorf("load run #%d: %w", number, err)
	}
	if source := req.Params["source"]; source != "" && r.Title.Source != source {
		return r, missing("there is no run %d of the source %q", number, clip(source))
	}
	return r, nil
}

func (a *api) showRun(ctx context.Context, req *request) (any, error) {
	r, err := a.findRun(ctx, req)
	if err != nil {
		return nil, err
	}
	return a.newRun(ctx, r, req)
}

// deleteRun stops a run that is under way, and removes its record. Its job and
// its event stay until retention removes them.
func (a *api) deleteRun(ctx context.Context, req *request) (any, error) {
	r, err := a.findRun(ctx, req)
	if err != nil {
		return nil, err
	}
	act := jobs.Act{By: req.by(), Note: "deleted by the vendor's API"}
	if !r.Status.Final() {
		if err := a.services.Runner.CancelRun(ctx, r.Number, act); err != nil {
			return nil, err
		}
	}
	if err := a.services.Runner.RemoveRun(ctx, r.Number, act); err != nil {
		return nil, err
	}
	return success(fmt.Sprintf("Deleted run #%d", r.Number)), nil
}

// createRun starts a tree with the text of the body as its data.
func (a *api) createRun(ctx context.Context, req *request) (any, error) {
	title, err := a.titleToRun(req)
	if err != nil {
		return nil, err
	}
	sent, err := req.readPayload()
	if err != nil {
		return nil, err
	}
	number, err := a.start(ctx, title, a.eventOf(req, title, sent, req.Identity.Credential))
	if err != nil {
		return nil, err
	}
	return initiated(number), nil
}

func (a *api) titleToRun(req *request) (engine.Title, error) {
	if guid := req.Query.Get("guid"); guid != "" {
		t, err := a.treeByGUID(guid)
		if err != nil {
			return engine.Title{}, err
		}
		return t.Title, nil
	}
	title := engine.Title{Source: req.Query.Get("sourceName"), Group: req.Query.Get("sourceGroup"), Name: req.Query.Get("name")}
	if title.Source == "" {
		title.Source = trees.DefaultSource
		if space := a.services.Trees.Library().Space(); space != nil && space.Source != "" {
			title.Source = space.Source
		}
	}
	if title.Group == "" || title.Name == "" {
		return title, invalid("say which tree is to run: by sourceName, sourceGroup and name, or by guid")
	}
	return title, nil
}
