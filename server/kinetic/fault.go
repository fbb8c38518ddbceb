package kinetic

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
)

func (a *api) errorRoutes() []server.Route {
	const why = "an error is kept with its run until retention removes both; resolve it"
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/errors", a.listErrors),
			get("/errors/:id", a.showError),
			get("/systemErrors", noSystemErrors),
			get("/systemErrors/:id", noSystemError),
		),
		a.routes(accounts.Operator,
			post("/errors/resolve", a.resolveErrors),
			post("/systemErrors/resolve", noSystemError),
			absent("DELETE", "/errors/:id", why),
			absent("DELETE", "/systemErrors/:id", why),
		),
	)
}

// noSystemErrors is always empty: what breaks outside of runs stands on the
// error desk as well, as an error of the type Source Error.
func noSystemErrors(_ context.Context, req *request) (any, error) {
	p, err := req.paging(true)
	if err != nil {
		return nil, err
	}
	return listed(p, "errors", []fault{}), nil
}

func noSystemError(context.Context, *request) (any, error) {
	return nil, missing("there are no system errors here; errors are listed by /errors")
}

// fault is an error of a run, as the API shows it.
type fault struct {
	ID                   *int64         `json:"id,omitempty"`
	Status               string         `json:"status"`
	Type                 string         `json:"type"`
	Summary              string         `json:"summary"`
	Text                 string         `json:"text"`
	Messages             []faultMessage `json:"messages"`
	EngineIdentification string         `json:"engineIdentification"`
	RelatedItem1ID       string         `json:"relatedItem1Id"`
	RelatedItem1Type     string         `json:"relatedItem1Type"`
	RelatedItem2ID       string         `json:"relatedItem2Id"`
	RelatedItem2Type     string         `json:"relatedItem2Type"`

	*stamped

	Run *faultRun `json:"run,omitempty"`
}

type faultMessage struct {
	Text string `json:"text"`
}

// faultRun is the run that an error stopped; for an event that no webhook could
// be evaluated for there is none.
type faultRun struct {
	ID         *int64    `json:"id,omitempty"`
	Status     string    `json:"status"`
	SourceID   string    `json:"sourceId"`
	SourceData *string   `json:"sourceData"`
	Source     sourceRef `json:"source"`
	Tree       tree      `json:"tree"`
}

// The statuses of errors, and what they are related to.
const (
	errorActive  = "Active"
	errorHandled = "Handled"

	relatedTrigger = "KineticTask::Models::ManagementTrigger"
	relatedNode    = "KineticTask::Models::Tree::Node"
)

// newFault shows an error. With include=run the run is looked up.
func (a *api) newFault(ctx context.Context, r jobs.ErrorRecord, req *request) (fault, error) {
	shown := fault{
		Status: errorHandled, Type: errorType(&r), Summary: summary(&r), Text: r.Fault.Failure.Message,
		Messages: []faultMessage{{r.Fault.Failure.Message}}, EngineIdentification: engineName,
		RelatedItem1ID: rootID(r.Run), RelatedItem1Type: relatedTrigger,
		RelatedItem2ID: string(r.Fault.Node), RelatedItem2Type: relatedNode,
	}
	if r.Open {
		shown.Status = errorActive
	}
	if r.Note != "" {
		shown.Messages = append(shown.Messages, faultMessage{r.Note})
	}
	if req.includes["details"] {
		shown.ID = &r.ID
		shown.stamped = &stamped{CreatedAt: stamp{r.Created}, CreatedBy: text("SYSTEM"), UpdatedAt: stamp{r.Updated}, UpdatedBy: text(cmp.Or(r.By, "SYSTEM"))}
	}
	if !req.includes["run"] || r.Run == 0 {
		return shown, nil
	}
	stopped, err := a.services.History.Run(ctx, r.Run)
	if err != nil {
		return shown, fmt.Errorf("load run #%d: %w", r.Run, err)
	}
	of, err := a.newRun(ctx, stopped, &request{includes: map[string]bool{"sourceData": true}})
	if err != nil {
		return shown, err
	}
	shown.Run = &faultRun{Status: of.Status, SourceID: of.SourceID, SourceData: of.SourceData, Source: of.Source, Tree: of.Tree}
	if req.includes["details"] {
		shown.Run.ID = &stopped.Number
	}
	return shown, nil
}

// summary says in a line where the error is.
func summary(r *jobs.ErrorRecord) string {
	switch {
	case r.Webhook != "":
		return fmt.Sprintf("webhook %s could not be evaluated", r.Webhook)
	case r.Fault.Connector != "":
		return fmt.Sprintf("connector %s of %s", r.Fault.Connector, r.Title)
	default:
		return fmt.Sprintf("node %s of %s", r.Fault.Node, r.Title)
	}
}

// The types of errors that hooktree has, in the vendor's words. A routine that
// failed, and a bound that was passed, may be resolved as a handler's error may.
const (
	connectorError = "Connector Error"
	handlerError   = "Handler Error"
	missingHandler = "Missing Handler Error"
	parameterError = "Node Parameter Error"
	sourceError    = "Source Error" // nothing but trying again helps
)

// codeMissing is the code of a failure for want of the handler.
const codeMissing = "missing_handler"

func errorType(r *jobs.ErrorRecord) string {
	if slices.Equal(r.Actions(), []engine.Action{engine.ActionRetry, engine.ActionLeave}) {
		return sourceError
	}
	switch r.Fault.Kind {
	case engine.FaultConnector:
		return connectorError
	case engine.FaultParameter:
		return parameterError
	default:
		if r.Fault.Failure.Code == codeMissing {
			return missingHandler
		}
		return handlerError
	}
}

// The management actions.
const (
	doNothing      = "Do Nothing"
	retry          = "Retry"
	retryTask      = "Retry Task"
	skipTask       = "Skip Task"
	continueBranch = "Continue Branch"
	cancelBranch   = "Cancel Branch"
)

// allowed is the vendor's table of what may be done about an error. Types that
// hooktree does not have are told too.
var allowed = map[string][]string{
	connectorError:           {continueBranch, cancelBranch},
	handlerError:             {doNothing, retryTask, skipTask},
	"Invalid Trigger Error":  {doNothing},
	missingHandler:           {doNothing, retryTask, skipTask},
	"Missing Routine Error":  {doNothing, retryTask, skipTask},
	"Node Message Error":     {doNothing},
	parameterError:           {doNothing, retryTask, skipTask},
	sourceError:              {doNothing, retry},
	"Tree Error":             {doNothing},
	"Unidentified Error":     {doNothing},
	"Unknown Variable Error": {doNothing},
}

// actions are the engine's actions by the vendor's words.
var actions = map[string]engine.Action{
	doNothing: engine.ActionLeave, retry: engine.ActionRetry, retryTask: engine.ActionRetry,
	skipTask: engine.ActionSkip, continueBranch: engine.ActionContinue, cancelBranch: engine.ActionCancel,
}

// wantedErrors is what a list of errors asks for.
type wantedErrors struct {
	filter                  jobs.ErrorFilter
	kind, handler           string
	groupFragment, fragment string
	subject, related        string
}

func wantErrors(req *request) (wantedErrors, error) {
	q := req.Query
	w := wantedErrors{
		filter:        jobs.ErrorFilter{Source: q.Get("source"), Group: q.Get("group"), Name: q.Get("tree"), Node: q.Get("nodeId")},
		groupFragment: q.Get("groupFragment"), fragment: q.Get("treeFragment"), handler: q.Get("handlerId"), related: q.Get("relatedItem1Id"),
	}
	if title, ok := titleOf(w.filter.Name); ok {
		w.filter.Source, w.filter.Group, w.filter.Name = title.Source, title.Group, title.Name
	}
	status, err := req.choice("status", errorActive, errorHandled)
	if err != nil {
		return w, err
	}
	open := status != errorHandled // Active, unless the request says otherwise
	w.filter.Open = &open
	if w.kind, err = req.choice("type", errorTypes()...); err != nil {
		return w, err
	}
	if w.filter.From, w.filter.To, err = req.span(); err != nil {
		return w, err
	}
	id, err := req.number("id", 0)
	if err != nil {
		return w, err
	}
	if id > 0 {
		w.filter.IDs = []int64{id}
	}
	w.filter.Run, err = req.number("runId", 0)
	w.subject = q.Get("sourceId")
	return w, err
}

func errorTypes() []string {
	types := make([]string, 0, len(allowed))
	for kind := range allowed {
		types = append(types, kind)
	}
	slices.Sort(types)
	return types
}

// match selects what the store does not. Handlers and subjects are looked up,
// and only where they are asked for.
func (a *api) match(ctx context.Context, w *wantedErrors, r *jobs.ErrorRecord) bool {
	return equals(w.kind, errorType(r)) && holds(r.Title.Group, w.groupFragment) && holds(r.Title.Name, w.fragment) &&
		equals(w.related, rootID(r.Run)) && (w.handler == "" || a.handlerOf(ctx, r) == w.handler) &&
		(w.subject == "" || a.isAbout(ctx, r, w.subject))
}

// handlerOf gives the definition id of the node in which an error stands.
func (a *api) handlerOf(ctx context.Context, r *jobs.ErrorRecord) string {
	if r.Run == 0 {
		return ""
	}
	stopped, err := a.services.History.Run(ctx, r.Run)
	if err != nil {
		return ""
	}
	if n := nodeOf(a.treeOf(ctx, stopped.Hash), r.Fault.Node); n != nil {
		return definitionID(n)
	}
	return ""
}

// isAbout reports whether an error's event happened to something.
func (a *api) isAbout(ctx context.Context, r *jobs.ErrorRecord, subject string) bool {
	if r.EventID == subject {
		return true
	}
	e, err := a.services.History.Event(ctx, r.EventID)
	return err == nil && e.Event.Entity == subject
}

func (a *api) listErrors(ctx context.Context, req *request) (any, error) {
	p, err := req.paging(true)
	if err != nil {
		return nil, err
	}
	w, err := wantErrors(req)
	if err != nil {
		return nil, err
	}
	found, err := walk(p, func(cursor string, limit int) ([]jobs.ErrorRecord, string, error) {
		f := w.filter
		f.Page = jobs.Page{Limit: limit, Cursor: cursor}
		return a.services.History.Errors(ctx, f)
	}, func(r *jobs.ErrorRecord) bool { return a.match(ctx, &w, r) })
	if err != nil {
		return nil, err
	}
	shown, err := a.newFaults(ctx, found.rows, req)
	if err != nil {
		return nil, err
	}
	return p.listing("errors", shown, found.count, found.more), nil
}

func (a *api) newFaults(ctx context.Context, records []jobs.ErrorRecord, req *request) ([]fault, error) {
	shown := make([]fault, len(records))
	for i, r := range records {
		var err error
		if shown[i], err = a.newFault(ctx, r, req); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// faultsOf lists the errors of a run.
func (a *api) faultsOf(ctx context.Context, r *jobs.Run, req *request) ([]fault, error) {
	records, _, err := a.services.History.Errors(ctx, jobs.ErrorFilter{Page: jobs.Page{Limit: maxLimit}, Run: r.Number})
	if err != nil {
		return nil, fmt.Errorf("list the errors of run #%d: %w", r.Number, err)
	}
	plain := *req
	plain.includes = map[string]bool{"details": req.includes["details"]}
	return a.newFaults(ctx, records, &plain)
}

// findErrors gives the errors of some ids, each of which must be there.
func (a *api) findErrors(ctx context.Context, ids []int64) ([]jobs.ErrorRecord, error) {
	found, _, err := a.services.History.Errors(ctx, jobs.ErrorFilter{Page: jobs.Page{Limit: len(ids)}, IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("load errors: %w", err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(r jobs.ErrorRecord) bool { return r.ID == id }) {
			return nil, missing("there is no error #%d", id)
		}
	}
	return found, nil
}

func (a *api) showError(ctx context.Context, req *request) (any, error) {
	id, err := strconv.ParseInt(req.Params["id"], 10, 64)
	if err != nil {
		return nil, missing("there is no error %q; an error is named by its number", clip(req.Params["id"]))
	}
	found, err := a.findErrors(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	return a.newFault(ctx, found[0], req)
}

// resolveErrors carries out one action for several errors: for all, or, when
// one of them does not allow it, for none.
func (a *api) resolveErrors(ctx context.Context, req *request) (any, error) {
	var sent struct {
		IDs        []int64 `json:"ids"`
		Action     string  `json:"action"`
		Resolution string  `json:"resolution"`
	}
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	slices.Sort(sent.IDs)
	sent.IDs = slices.Compact(sent.IDs)
	switch {
	case len(sent.IDs) == 0:
		return nil, invalid("no error is named; send its number in ids")
	case len(sent.IDs) > jobs.MaxResolved:
		return nil, invalid("%d errors are too many at a time; name at most %d", len(sent.IDs), jobs.MaxResolved)
	case strings.TrimSpace(sent.Resolution) == "":
		return nil, invalid("the resolution is missing; say in it why the errors are resolved so")
	}
	found, err := a.findErrors(ctx, sent.IDs)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := resolvable(&found[i], sent.Action); err != nil {
			return nil, err
		}
	}
	outcomes, err := a.services.Runner.ResolveErrors(ctx, jobs.Resolution{
		IDs: sent.IDs, Action: actions[sent.Action], Note: sent.Resolution, By: req.by(),
	})
	if err != nil {
		return nil, err
	}
	return resolved(outcomes)
}

// resolvable refuses an action that the vendor's table does not allow, in the
// vendor's words.
func resolvable(r *jobs.ErrorRecord, action string) error {
	kind := errorType(r)
	switch {
	case !slices.Contains(allowed[kind], action):
		return invalid("Invalid management action %q for error #%d with type %q", clip(action), r.ID, kind)
	case !r.Open:
		return invalid("Error #%d was handled already", r.ID)
	default:
		return nil
	}
}

// resolved tells of what became of each error: one may have moved since it was
// looked at.
func resolved(outcomes []jobs.Resolved) (any, error) {
	var handled, left []string
	for _, o := range outcomes {
		id := strconv.FormatInt(o.ID, 10)
		if o.Err != nil {
			left = append(left, "#"+id+": "+o.Err.Error())
		} else {
			handled = append(handled, id)
		}
	}
	if left != nil {
		return nil, invalid("Resolved task errors [%s], but not %s", strings.Join(handled, ", "), strings.Join(left, "; "))
	}
	return success("Resolved task errors [" + strings.Join(handled, ", ") + "]"), nil
}
