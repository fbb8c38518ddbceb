package kinetic

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/trees"
)

// task is one execution of a node in a run, as the API shows it.
type task struct {
	ID              *int64         `json:"id,omitempty"` // its rank in the run; with details
	BranchID        int            `json:"branchId"`
	DeferredResults map[string]any `json:"deferredResults"`
	DefinitionID    string         `json:"definitionId"`
	Duration        *int64         `json:"duration"` // in milliseconds
	LoopIndex       string         `json:"loopIndex"`
	NodeID          engine.NodeID  `json:"nodeId"`
	NodeName        string         `json:"nodeName"`
	Results         map[string]any `json:"results"`
	Status          string         `json:"status"`
	Token           *string        `json:"token"` // never told here: it completes the task
	Visible         bool           `json:"visible"`
}

// The statuses of tasks and of triggers.
const (
	statusNew      = "New"
	statusDeferred = "Deferred"
	statusClosed   = "Closed"
)

// taskStatus is the status of a task in the vendor's words. One that stands in
// an error is not closed.
func taskStatus(s engine.TaskStatus) string {
	switch {
	case s.Final():
		return statusClosed
	case s == engine.TaskWaiting:
		return statusDeferred
	default:
		return statusNew
	}
}

// newTasks shows the tasks of a run. The version, which may be nil, lends names.
func newTasks(records []engine.Task, version *trees.Tree, req *request) []task {
	shown := make([]task, len(records))
	for i, t := range records {
		shown[i] = newTask(t, version, req)
	}
	return shown
}

func newTask(t engine.Task, version *trees.Tree, req *request) task {
	shown := task{
		BranchID: branchOf(t.Place), DeferredResults: map[string]any{}, DefinitionID: "unknown_v1",
		LoopIndex: loopIndex(t.Place), NodeID: t.Node, NodeName: string(t.Node), Results: map[string]any{},
		Status: taskStatus(t.Status), Visible: t.Status != engine.TaskPassed,
	}
	if t.Status.Final() {
		shown.Results = object(t.Results)
	}
	if req.includes["details"] {
		shown.ID = &t.Order
	}
	if !t.Started.IsZero() && !t.Ended.IsZero() {
		took := t.Ended.Sub(t.Started).Milliseconds()
		shown.Duration = &took
	}
	if n := nodeOf(version, t.Node); n != nil {
		shown.DefinitionID, shown.NodeName = definitionID(n), n.Name
	}
	return shown
}

func nodeOf(version *trees.Tree, id engine.NodeID) *engine.Node {
	if version == nil {
		return nil
	}
	for i := range version.Nodes {
		if version.Nodes[i].ID == id {
			return &version.Nodes[i]
		}
	}
	return nil
}

// definitionID is the vendor's id of what a node does, where it has the like.
func definitionID(n *engine.Node) string {
	switch {
	case n.Handler != nil && n.Handler.Spec != nil:
		return handlerID(n.Handler.Spec.Name)
	case n.Routine != nil:
		return routineID(n.Routine.Title)
	case n.Loop != nil:
		return "system_loop_head_v1"
	case n.Wait != nil:
		return "system_wait_v1"
	case n.Return != nil, n.Reply != nil:
		return "system_tree_return_v1"
	case n.Defer != nil:
		return "utilities_defer_v1"
	case n.Join.Mode == engine.JoinSettled:
		return "system_junction_v1"
	case n.Join.Mode != engine.JoinNone:
		return "system_join_v1"
	default:
		return "system_noop_v1"
	}
}

// loopIndex writes a place as the vendor writes loops: "/" at the top, and
// "/LOOP#ITEM" for each loop around.
func loopIndex(p engine.Place) string {
	marks, err := engine.ParsePlace(string(p))
	if err != nil || len(marks) == 0 {
		return "/"
	}
	var b strings.Builder
	for _, m := range marks {
		if m.Kind == engine.MarkItem {
			fmt.Fprintf(&b, "/%s#%d", m.Node, m.Number)
		} else {
			b.WriteString("/" + m.String())
		}
	}
	return b.String()
}

// branchOf numbers the branches of a run: 1 is the tree itself, and each
// update of a deferral begins the next.
func branchOf(p engine.Place) int {
	marks, err := engine.ParsePlace(string(p))
	if err != nil {
		return 1
	}
	branch := 1
	for _, m := range marks {
		if m.Kind == engine.MarkUpdate {
			branch += m.Number
		}
	}
	return branch
}

// tasksOf gives the run that the request names, its tasks, and its version.
func (a *api) tasksOf(ctx context.Context, req *request) (jobs.Run, []engine.Task, *trees.Tree, error) {
	r, err := a.findRun(ctx, req)
	if err != nil {
		return r, nil, nil, err
	}
	records, err := a.services.History.Tasks(ctx, r.ID)
	if err != nil {
		return r, nil, nil, fmt.Errorf("list the tasks of run #%d: %w", r.Number, err)
	}
	return r, records, a.treeOf(ctx, r.Hash), nil
}

func (a *api) listTasks(ctx context.Context, req *request) (any, error) {
	_, records, version, err := a.tasksOf(ctx, req)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tasks": newTasks(records, version, req)}, nil
}

func (a *api) showTask(ctx context.Context, req *request) (any, error) {
	r, records, version, err := a.tasksOf(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, t := range records {
		if strconv.FormatInt(t.Order, 10) == req.Params["task"] {
			return newTask(t, version, req), nil
		}
	}
	return nil, missing("run #%d has no task %s; its tasks are numbered from the first to begin", r.Number, clip(req.Params["task"]))
}
