package kinetic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hooktree/engine"
	"hooktree/jobs"
)

// webhookJob is one firing of one webhook, as the API shows it. Contents are
// texts.
type webhookJob struct {
	ID              string  `json:"id"`
	Name            string  `json:"name"`
	Event           string  `json:"event"` // in the long dialect: "Submission Submitted"
	Type            string  `json:"type"`
	Status          string  `json:"status"`
	Summary         *string `json:"summary"`
	URL             string  `json:"url"`
	WebhookID       *string `json:"webhookId"`
	ParentID        *string `json:"parentId"`
	ScopeID         string  `json:"scopeId"`
	ScopeType       string  `json:"scopeType"`
	RetryCount      int     `json:"retryCount"`
	ScheduledAt     stamp   `json:"scheduledAt"`
	RequestContent  *string `json:"requestContent"`
	ResponseContent *string `json:"responseContent"`

	*stamped
}

// newJob shows a job with what it sent: the event as it came, unless the job
// says otherwise.
func (a *api) newJob(ctx context.Context, j jobs.Job, scope jobScope, req *request) (webhookJob, error) {
	e, err := a.services.History.Event(ctx, j.EventID)
	if err != nil {
		return webhookJob{}, fmt.Errorf("load event %s: %w", j.EventID, err)
	}
	shown := webhookJob{
		ID: j.ID, Name: j.Webhook, Event: a.longName(j), Type: j.EventType, Status: string(vendorStatus(j.Status)),
		URL: j.URL, ParentID: text(j.Entity), ScopeID: scope.id, ScopeType: scope.kind,
		RetryCount: j.RetryCount, ScheduledAt: stamp{j.ScheduledAt},
	}
	content := e.Event.Body
	if j.Request != nil && j.Request.Body != nil {
		content = j.Request.Body
	}
	if j.Status != jobs.JobQueued {
		shown.RequestContent = text(strings.ToValidUTF8(string(content), "�"))
		shown.Summary = text(j.Summary)
		shown.ResponseContent = responseContent(&j)
	}
	if j.Tree != (engine.Title{}) {
		shown.URL = runTreePath(j.Tree)
		if j.Status == jobs.JobComplete {
			shown.Summary = text("200 OK")
		}
	}
	if req.includes["details"] {
		shown.stamped = &stamped{CreatedAt: stamp{j.Created}, CreatedBy: text(senderOf(e.Event.Credential)), UpdatedAt: stamp{j.Updated}}
	}
	return shown, nil
}

func (a *api) longName(j jobs.Job) string {
	if kind, fault := a.services.Catalogue().Find(j.EventType, j.EventAction); fault == nil {
		return kind.Full()
	}
	return j.EventType + " " + j.EventAction
}

// runTreePath is the call that a job on a tree stands for.
func runTreePath(t engine.Title) string {
	return v1Prefixes[0] + "/run-tree/" + url.PathEscape(t.Source) + "/" + url.PathEscape(t.Group) + "/" + url.PathEscape(t.Name)
}

// responseContent is what was answered; for a tree, what its call answered.
func responseContent(j *jobs.Job) *string {
	switch {
	case j.Tree == (engine.Title{}):
		if j.Response == nil {
			return nil
		}
		return text(strings.ToValidUTF8(string(j.Response.Body), "�"))
	case j.Run > 0:
		return compact(initiated(j.Run))
	case j.Response != nil:
		return compact(map[string]string{"message": string(j.Response.Body)})
	default:
		return nil
	}
}

// compact is a body as text.
func compact(v any) *string { return text(string(answer(v).Body)) }

// jobScope says where a job's webhook is defined. The trees of the naming
// convention, and those that are started directly, belong to the space.
type jobScope struct{ kind, id string }

// scopes tells the scope of jobs by the webhooks that there are now.
type scopes struct {
	space string             // its slug
	own   map[string]bool    // hashes of the space's webhooks
	kapps map[[2]string]bool // kapp and name of the kapps' webhooks
}

func (a *api) scopes(ctx context.Context) (scopes, error) {
	all, err := a.services.Webhooks.List(ctx)
	if err != nil {
		return scopes{}, fmt.Errorf("list the webhooks: %w", err)
	}
	s := scopes{own: map[string]bool{}, kapps: map[[2]string]bool{}}
	if space := a.services.Trees.Library().Space(); space != nil {
		s.space = space.Slug
	}
	for _, w := range all {
		if w.Kapp == "" {
			s.own[w.Hash] = true
		} else {
			s.kapps[[2]string{w.Kapp, w.Name}] = true
		}
	}
	return s, nil
}

func (s scopes) of(j *jobs.Job) jobScope {
	if s.kapps[[2]string{j.Kapp, j.Webhook}] && !s.own[j.WebhookHash] {
		return jobScope{"Kapp", j.Kapp}
	}
	return jobScope{"Space", s.space}
}

// wantedJobs is what a list of jobs asks for.
type wantedJobs struct {
	filter jobs.JobFilter
	all    bool
	kapp   string
}

// vendorStatus is how the vendor calls a status. It holds no deliveries back:
// one that is held was not delivered, and its summary says why.
func vendorStatus(s jobs.JobStatus) jobs.JobStatus {
	if s == jobs.JobHeld {
		return jobs.JobFailed
	}
	return s
}

// jobStatuses are the words that clients send for a job's status.
var jobStatuses = []string{
	string(jobs.JobQueued), string(jobs.JobInProgress), string(jobs.JobComplete), string(jobs.JobFailed), string(jobs.JobCancelled),
}

func (a *api) wantedJobs(req *request) (wantedJobs, error) {
	w := wantedJobs{kapp: req.Params["kapp"]}
	limit, err := req.number("limit", 25)
	if err != nil {
		return w, err
	}
	if limit == 0 || limit > maxLimit {
		return w, invalid("limit=%d is not between 1 and %d", limit, maxLimit)
	}
	w.filter = jobs.JobFilter{
		Page:    jobs.Page{Limit: int(limit), Cursor: req.Query.Get("pageToken")},
		Webhook: req.Query.Get("webhook"), Kapp: w.kapp,
	}
	if w.all, err = req.flag("all", false); err != nil {
		return w, err
	}
	status, err := req.choice("status", jobStatuses...)
	if err != nil {
		return w, err
	}
	if status != "" {
		w.filter.Status = []jobs.JobStatus{jobs.JobStatus(status)}
	}
	if vendorStatus(jobs.JobHeld) == jobs.JobStatus(status) {
		w.filter.Status = append(w.filter.Status, jobs.JobHeld)
	}
	if w.filter.From, w.filter.To, err = req.span(); err != nil {
		return w, err
	}
	return w, w.parent(req)
}

// parent reads what the jobs' events are to have happened to.
func (w *wantedJobs) parent(req *request) error {
	kind, key := req.Query.Get("parentType"), req.Query.Get("parentKey")
	switch {
	case kind == "" && key == "":
		return nil
	case kind == "" || key == "":
		return invalid("parentType and parentKey belong together; one of them is missing")
	case kind == "Space" && w.kapp == "":
		w.filter.Type = "Space"
	case kind == "User" && w.kapp == "":
		w.filter.Type, w.filter.Entity = "User", key
	case kind == "Form" && w.kapp != "":
		w.filter.Type, w.filter.Form = "Form", key
	case kind == "Submission" && w.kapp != "":
		w.filter.Type, w.filter.Entity = "Submission", key
	default:
		return invalid("parentType=%s is not known here; it is Space or User in the space, Form or Submission in a kapp", clip(kind))
	}
	return nil
}

// maxJobPages bounds how long a list looks for jobs of its scope; what was not
// looked at follows by the pageToken.
const maxJobPages = 20

func (a *api) listJobs(ctx context.Context, req *request) (any, error) {
	w, err := a.wantedJobs(req)
	if err != nil {
		return nil, err
	}
	scopes, err := a.scopes(ctx)
	if err != nil {
		return nil, err
	}
	limit := w.filter.Limit
	shown := []webhookJob{}
	for range maxJobPages {
		w.filter.Limit = limit - len(shown)
		rows, next, err := a.services.History.Jobs(ctx, w.filter)
		if err != nil {
			return nil, fmt.Errorf("list the jobs: %w", err)
		}
		for _, j := range rows {
			scope := scopes.of(&j)
			if !w.all && (scope.kind == "Kapp") != (w.kapp != "") {
				continue
			}
			one, err := a.newJob(ctx, j, scope, req)
			if err != nil {
				return nil, err
			}
			shown = append(shown, one)
		}
		if w.filter.Cursor = next; next == "" || len(shown) == limit {
			break
		}
	}
	return map[string]any{"webhookJobs": shown, "nextPageToken": text(w.filter.Cursor)}, nil
}

// findJob gives the job that the request names, in its scope.
func (a *api) findJob(ctx context.Context, req *request) (jobs.Job, jobScope, error) {
	id, kapp := req.Params["id"], req.Params["kapp"]
	j, err := a.services.History.Job(ctx, id)
	if err != nil {
		return j, jobScope{}, fmt.Errorf("load job %s: %w", id, err)
	}
	scopes, err := a.scopes(ctx)
	if err != nil {
		return j, jobScope{}, err
	}
	scope := scopes.of(&j)
	if kapp != "" && (scope.kind != "Kapp" || scope.id != kapp) {
		return j, scope, missing("there is no job %s in the kapp %s", clip(id), clip(kapp))
	}
	return j, scope, nil
}

func (a *api) showJob(ctx context.Context, req *request) (any, error) {
	j, scope, err := a.findJob(ctx, req)
	if err != nil {
		return nil, err
	}
	shown, err := a.newJob(ctx, j, scope, req)
	if err != nil {
		return nil, err
	}
	return map[string]any{"webhookJob": shown}, nil
}

// changeJob is how clients retry and ignore jobs: by the status they want.
func (a *api) changeJob(ctx context.Context, req *request) (any, error) {
	var sent struct {
		Status string `json:"status"`
	}
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	j, _, err := a.findJob(ctx, req)
	if err != nil {
		return nil, err
	}
	act := jobs.Act{By: req.by(), Note: "set to " + sent.Status + " by the vendor's API"}
	switch jobs.JobStatus(sent.Status) {
	case jobs.JobQueued:
		_, err = a.services.Runner.RetryJob(ctx, j.ID, act)
	case jobs.JobCancelled:
		_, err = a.services.Runner.CancelJob(ctx, j.ID, act)
	case jobs.JobInProgress, jobs.JobComplete, jobs.JobFailed:
		err = invalid("a job cannot be set to %s; set the status to Queued to try it again, or to Cancelled to give it up", sent.Status)
	default:
		err = invalid("the status %q cannot be set; set it to Queued to try the job again, or to Cancelled to give it up", clip(sent.Status))
	}
	if err != nil {
		return nil, err
	}
	return a.showJob(ctx, req)
}

// started is what a call that starts a run answers.
type started struct {
	MessageType string `json:"messageType"`
	Message     string `json:"message"`
	RunID       string `json:"runId"`
}

func initiated(run int64) started {
	number := strconv.FormatInt(run, 10)
	return started{MessageType: "success", Message: "Initiated run #" + number + ".", RunID: number}
}

// absent is a call of the vendor's that hooktree has no counterpart of.
func absent(method, path, why string) route {
	return route{method: method, path: path, call: func(context.Context, *request) (any, error) {
		return nil, &failure{status: http.StatusBadRequest, key: keyUnsupported, message: why}
	}}
}
