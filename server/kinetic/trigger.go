package kinetic

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
)

func (a *api) triggerRoutes() []server.Route {
	const why = "triggers follow from a run's start and its waits, and cannot be changed by hand"
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/triggers", a.listTriggers),
			get("/triggers/backlog", a.listBacklog),
			get("/triggers/scheduled", a.listScheduled),
			get("/triggers/paused", a.listPaused),
			get("/triggers/:id", a.showTrigger),
		),
		a.routes(accounts.Operator,
			absent(http.MethodPut, "/triggers/:id", why),
			absent(http.MethodDelete, "/triggers/:id", why),
		),
	)
}

// trigger is what made a run begin or go on, as the API shows it. hooktree
// keeps none: a run's start is its Root trigger, the end of a wait its Complete
// trigger, an update of a deferral its Update trigger.
type trigger struct {
	Action               string        `json:"action"`
	Type                 string        `json:"type"`
	Mode                 string        `json:"mode"`
	Status               string        `json:"status"`
	BranchID             int           `json:"branchId"`
	LoopIndex            string        `json:"loopIndex"`
	NodeID               engine.NodeID `json:"nodeId"`
	NodeName             string        `json:"nodeName"`
	Originator           string        `json:"originator"`
	EngineIdentification string        `json:"engineIdentification"`
	Flags                *string       `json:"flags"`
	ManagementAction     *string       `json:"managementAction"`
	Message              *string       `json:"message"`
	Results              *string       `json:"results"`
	ScheduledAt          stamp         `json:"scheduledAt"`
	SelectionCriterion   *string       `json:"selectionCriterion"`
	Token                *string       `json:"token"`

	*triggerDetails

	Run  *runRef `json:"run,omitempty"`
	Tree *tree   `json:"tree,omitempty"`
}

type triggerDetails struct {
	ID string `json:"id"`
	stamped
}

// The actions of triggers.
const (
	actionRoot     = "Root"
	actionComplete = "Complete"
	actionUpdate   = "Update"
)

const engineName = "hooktree"

// triggerID is a run's number and the rank of a task in it; a run's own
// trigger has no rank.
func triggerID(run, task int64) string {
	return strconv.FormatInt(run, 10) + "-" + strconv.FormatInt(task, 10)
}

func rootID(run int64) string { return strconv.FormatInt(run, 10) }

// newTriggers derives the triggers of a run, the oldest first.
func newTriggers(r *jobs.Run, records []engine.Task, version *trees.Tree, req *request) []trigger {
	root := trigger{
		Action: actionRoot, Type: "Automatic", Mode: "Active", Status: statusClosed, BranchID: 1, LoopIndex: "/",
		NodeID: engine.Start, NodeName: "Start", Originator: "ENGINE Run Tree", ScheduledAt: stamp{r.Created},
	}
	if r.Status == engine.RunQueued {
		root.Mode, root.Status = runStaged, statusNew
	}
	root.finish(r, rootID(r.Number), r.Created, r.Started, req)
	list := []trigger{root}
	for i := range records {
		t := &records[i]
		if derived, ok := newTrigger(t, version); ok {
			derived.finish(r, triggerID(r.Number, t.Order), t.Started, t.Ended, req)
			list = append(list, derived)
		}
	}
	return list
}

// newTrigger derives the trigger of a task that waits or has waited; false for
// one that never did.
func newTrigger(t *engine.Task, version *trees.Tree) (trigger, bool) {
	shown := trigger{
		Action: actionComplete, Type: "Automatic", Mode: "Active", Status: statusNew,
		BranchID: branchOf(t.Place), LoopIndex: loopIndex(t.Place), NodeID: t.Node, NodeName: string(t.Node),
		Originator: "HANDLER Wait", Message: text(t.Message), ScheduledAt: stamp{t.Due},
	}
	if t.Status.Final() {
		shown.Status = statusClosed
	}
	n := nodeOf(version, t.Node)
	if n == nil {
		return shown, false
	}
	shown.NodeName = n.Name
	if mark, ok := t.Place.Last(); ok && mark.Kind == engine.MarkUpdate && mark.Node == t.Node {
		shown.Action, shown.Type, shown.Originator = actionUpdate, "Deferred", "API Update Task"
		return shown, true
	}
	switch {
	case n.Defer != nil && t.Status.Final():
		shown.Type, shown.Originator = "Deferred", "API Complete Task"
		return shown, true
	case n.Wait != nil:
		return shown, t.Status == engine.TaskWaiting || t.Status.Final() && t.Status != engine.TaskPassed
	default:
		return shown, false
	}
}

// finish adds what comes from the run and the includes.
func (t *trigger) finish(r *jobs.Run, id string, created, updated time.Time, req *request) {
	t.EngineIdentification = engineName
	if req.includes["details"] {
		t.triggerDetails = &triggerDetails{ID: id, stamped: stamped{
			CreatedAt: stamp{created}, CreatedBy: text("SYSTEM"), UpdatedAt: stamp{updated}, UpdatedBy: text("SYSTEM"),
		}}
	}
	brief := briefTree(r.Title, r.Hash)
	if req.includes["run"] {
		t.Run = &runRef{ID: r.Number, Status: runStatus(r.Status), Tree: brief}
	}
	if req.includes["tree"] {
		t.Tree = &brief
	}
}

// maxTriggerRuns is how many of the newest runs a list of triggers looks at,
// unless it names one.
const maxTriggerRuns = 500

// wantedTriggers reads the filters of a list of triggers.
func wantedTriggers(req *request) (func(*trigger) bool, error) {
	action, err := req.choice("action", actionComplete, actionRoot, actionUpdate)
	if err != nil {
		return nil, err
	}
	status, err := req.choice("status", statusClosed, "Failed", "Managed", statusNew, "Paused", "Unpaused", "Work In Progress")
	if err != nil {
		return nil, err
	}
	branch := req.Query.Get("branchId")
	// What is never set selects nothing.
	none := req.any("managementAction", "selectionCriterion", "token") != ""
	return func(t *trigger) bool {
		return !none && equals(action, t.Action) && equals(status, t.Status) && equals(branch, strconv.Itoa(t.BranchID))
	}, nil
}

func (a *api) listTriggers(ctx context.Context, req *request) (any, error) {
	match, err := wantedTriggers(req)
	if err != nil {
		return nil, err
	}
	return a.tellTriggers(ctx, req, nil, match)
}

// open are the statuses of runs that may have something to do.
var openRuns = []engine.RunStatus{engine.RunQueued, engine.RunRunning, engine.RunWaiting, engine.RunError}

// listBacklog lists what is due and has not begun.
func (a *api) listBacklog(ctx context.Context, req *request) (any, error) {
	now := a.config.Now()
	return a.tellTriggers(ctx, req, openRuns, func(t *trigger) bool {
		return t.Status == statusNew && !t.ScheduledAt.After(now)
	})
}

// listScheduled lists what falls due later.
func (a *api) listScheduled(ctx context.Context, req *request) (any, error) {
	now := a.config.Now()
	return a.tellTriggers(ctx, req, openRuns, func(t *trigger) bool {
		return t.Status == statusNew && t.ScheduledAt.After(now)
	})
}

// listPaused is always empty: nothing pauses handlers here.
func (a *api) listPaused(ctx context.Context, req *request) (any, error) {
	return a.tellTriggers(ctx, req, openRuns, func(*trigger) bool { return false })
}

func (a *api) tellTriggers(ctx context.Context, req *request, open []engine.RunStatus, match func(*trigger) bool) (any, error) {
	p, err := req.paging(true)
	if err != nil {
		return nil, err
	}
	runs, err := a.runsOfTriggers(ctx, req, open)
	if err != nil {
		return nil, err
	}
	list := []trigger{}
	for i := range runs {
		records, err := a.services.History.Tasks(ctx, runs[i].ID)
		if err != nil {
			return nil, fmt.Errorf("list the tasks of run #%d: %w", runs[i].Number, err)
		}
		all := newTriggers(&runs[i], records, a.treeOf(ctx, runs[i].Hash), req)
		slices.Reverse(all) // the runs are listed newest first too
		for j := range all {
			if match(&all[j]) {
				list = append(list, all[j])
			}
		}
	}
	if p.ascending {
		slices.Reverse(list)
	}
	return listed(p, "triggers", list), nil
}

// runsOfTriggers lists the runs whose triggers are wanted, newest first.
func (a *api) runsOfTriggers(ctx context.Context, req *request, open []engine.RunStatus) ([]jobs.Run, error) {
	if number, err := req.number("runId", 0); err != nil || number > 0 {
		if err != nil {
			return nil, err
		}
		r, err := a.services.History.Run(ctx, number)
		if err != nil {
			return nil, fmt.Errorf("load run #%d: %w", number, err)
		}
		return []jobs.Run{r}, nil
	}
	w, err := a.wantedTriggerRuns(ctx, req, open)
	if err != nil {
		return nil, err
	}
	found, err := walk(paging{limit: maxTriggerRuns}, func(cursor string, limit int) ([]jobs.Run, string, error) {
		f := w.filter
		f.Page = jobs.Page{Limit: min(limit, maxTriggerRuns), Cursor: cursor}
		return a.services.History.Runs(ctx, f)
	}, w.match)
	return found.rows, err
}

// wantedTriggerRuns reads which runs' triggers are wanted. A status there is
// one of triggers, not of runs.
func (a *api) wantedTriggerRuns(ctx context.Context, req *request, open []engine.RunStatus) (wantedRuns, error) {
	asked := *req
	asked.Query = make(map[string][]string, len(req.Query))
	for name, values := range req.Query {
		if name != "status" {
			asked.Query[name] = values
		}
	}
	w, err := a.wantedRuns(ctx, &asked)
	w.filter.Status = open
	return w, err
}

func (a *api) showTrigger(ctx context.Context, req *request) (any, error) {
	asked := req.Params["id"]
	var number int64
	if _, err := fmt.Sscanf(asked, "%d", &number); err != nil {
		return nil, noTrigger(asked)
	}
	r, err := a.services.History.Run(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("load run #%d: %w", number, err)
	}
	records, err := a.services.History.Tasks(ctx, r.ID)
	if err != nil {
		return nil, fmt.Errorf("list the tasks of run #%d: %w", number, err)
	}
	detailed := *req
	detailed.includes = map[string]bool{"details": true, "run": req.includes["run"], "tree": req.includes["tree"]}
	for _, t := range newTriggers(&r, records, a.treeOf(ctx, r.Hash), &detailed) {
		if t.ID == asked {
			if !req.includes["details"] {
				t.triggerDetails = nil
			}
			return t, nil
		}
	}
	return nil, noTrigger(asked)
}

func noTrigger(asked string) error {
	return missing("there is no trigger %s; a trigger is named as lists with include=details name it", clip(asked))
}
