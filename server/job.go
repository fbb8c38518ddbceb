package server

import (
	"context"
	"errors"
	"net/http"

	"hooktree/engine"
	"hooktree/jobs"
)

// Job is one firing of one webhook, as the API shows it.
type Job struct {
	ID          string         `json:"id"`
	Event       string         `json:"event" doc:"Id of the event"`
	Type        string         `json:"type" doc:"Type of the event"`
	Action      string         `json:"action" doc:"Action of the event"`
	Path        string         `json:"path" doc:"Path of the event"`
	Kapp        string         `json:"kapp,omitempty"`
	Form        string         `json:"form,omitempty"`
	Submission  string         `json:"submission,omitempty" doc:"Id of what the event happened to"`
	Webhook     string         `json:"webhook"`
	WebhookHash string         `json:"webhookHash,omitempty" doc:"Of the definition that fired"`
	Target      Target         `json:"target"`
	Status      jobs.JobStatus `json:"status" enum:"Queued,In Progress,Complete,Failed,Cancelled,Held"`
	Summary     string         `json:"summary,omitempty"`
	WaitingFor  string         `json:"waitingFor,omitempty" doc:"Why a job that is to be sent somewhere waits, or may have to, in a sentence; not in lists"`
	URL         string         `json:"url,omitempty" doc:"Of a URL job, secrets masked"`

	Subscription string `json:"subscription,omitempty" doc:"Id of the subscription that it is a delivery to"`
	Batch        string `json:"batch,omitempty" doc:"Id of the job whose delivery took this one along, and which has the request and the answer"`

	Request     *JobRequest  `json:"request,omitempty" doc:"What was sent, secrets masked; not in lists"`
	Response    *JobResponse `json:"response,omitempty" doc:"What was answered; not in lists"`
	Attempts    []JobAttempt `json:"attempts,omitempty" doc:"The latest 20, oldest first; not in lists"`
	RetryCount  int          `json:"retryCount" doc:"Attempts after the first"`
	Run         int64        `json:"run,omitempty" doc:"Number of the latest run"`
	ScheduledAt Time         `json:"scheduledAt,omitzero" doc:"When the next attempt is due, or was"`
	CreatedAt   Time         `json:"createdAt"`
	UpdatedAt   Time         `json:"updatedAt,omitzero"`
	EndedAt     Time         `json:"endedAt,omitzero"`
}

// Target is where a webhook goes: a tree or a URL.
type Target struct {
	Tree string `json:"tree,omitempty" doc:"Title: Source :: Group :: Name"`
	URL  string `json:"url,omitempty"`
}

// JobRequest is what a job sent or will send.
type JobRequest struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers http.Header `json:"headers,omitempty"`
	Body    *Body       `json:"body,omitempty"`
	SHA256  string      `json:"sha256,omitempty" doc:"Of the true body as sent, in hex"`
}

// JobResponse is what the other side answered.
type JobResponse struct {
	Status  int         `json:"status"`
	Headers http.Header `json:"headers,omitempty"`
	Body    *Body       `json:"body,omitempty"`
}

// JobAttempt is one try of a job.
type JobAttempt struct {
	Number   int          `json:"number"`
	At       Time         `json:"at"`
	TookMS   int64        `json:"tookMs"`
	Status   int          `json:"status,omitempty" doc:"HTTP status; left out when there was no answer"`
	Error    string       `json:"error,omitempty"`
	Run      int64        `json:"run,omitempty" doc:"Number of the run that it started"`
	Response *JobResponse `json:"response,omitempty"`
}

// newJob shows a job as lists show it.
func newJob(j jobs.Job) Job {
	return Job{
		ID: j.ID, Event: j.EventID, Type: j.EventType, Action: j.EventAction, Path: j.Path,
		Kapp: j.Kapp, Form: j.Form, Submission: j.Entity, Webhook: j.Webhook, WebhookHash: j.WebhookHash,
		Target: newTarget(j.Tree, j.URL), Status: j.Status, Summary: j.Summary, URL: j.URL, Subscription: j.Subscription, Batch: j.Batch,
		RetryCount: j.RetryCount, Run: j.Run,
		ScheduledAt: Time{j.ScheduledAt}, CreatedAt: Time{j.Created}, UpdatedAt: Time{j.Updated}, EndedAt: Time{j.Ended},
	}
}

// newJobDetail shows a job whole. The payload stands in for a body that the
// job did not keep, because it sends the event as it came.
func newJobDetail(j jobs.Job, payload []byte) Job {
	job := newJob(j)
	job.Response = newJobResponse(j.Response)
	if j.Request != nil {
		body := j.Request.Body
		if body == nil {
			body = payload
		}
		headers := j.Request.Sent
		if headers == nil { // not sent yet: those that the webhook gives
			headers = j.Request.Headers
		}
		job.Request = &JobRequest{
			Method: j.Request.Method, URL: j.Request.URL, Headers: headers,
			Body: newBody(body, false), SHA256: j.Request.SHA256,
		}
	}
	for _, a := range j.Attempts {
		job.Attempts = append(job.Attempts, JobAttempt{
			Number: a.Number, At: Time{a.At}, TookMS: a.Took.Milliseconds(), Status: a.Status,
			Error: a.Error, Run: a.Run, Response: newJobResponse(a.Response),
		})
	}
	return job
}

func newJobResponse(r *jobs.Response) *JobResponse {
	if r == nil {
		return nil
	}
	return &JobResponse{Status: r.Status, Headers: r.Headers, Body: newBody(r.Body, r.Cut)}
}

func newTarget(tree engine.Title, url string) Target {
	if tree == (engine.Title{}) {
		return Target{URL: url}
	}
	return Target{Tree: tree.String()}
}

type jobsAsked struct {
	Paging
	Span

	Status     []jobs.JobStatus `query:"status" enum:"Queued,In Progress,Complete,Failed,Cancelled,Held" doc:"One or more, by comma"`
	Webhook    string           `query:"webhook"`
	Type       string           `query:"type"`
	Action     string           `query:"action"`
	Kapp       string           `query:"kapp"`
	Form       string           `query:"form"`
	Submission string           `query:"submission" doc:"Id of what the event happened to"`
	Event      string           `query:"event" doc:"Id of the event"`
	Run        int64            `query:"run" minimum:"1" doc:"Number of a run"`
	Text       string           `query:"q" doc:"In path, webhook, URL, summary, payload and answer"`

	Subscription string `query:"subscription" doc:"Id of a subscription"`
}

type jobsTold struct {
	Body struct {
		Jobs []Job  `json:"jobs"`
		Next string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listJobs(ctx context.Context, in *jobsAsked) (*jobsTold, error) {
	found, next, err := s.services.History.Jobs(ctx, jobs.JobFilter{
		Page: in.page(), Status: in.Status, Webhook: in.Webhook, Type: in.Type, Action: in.Action, Kapp: in.Kapp,
		Form: in.Form, Entity: in.Submission, EventID: in.Event, Run: in.Run, From: in.From, To: in.To, Text: in.Text,
		Subscription: in.Subscription,
	})
	if err != nil {
		return nil, err
	}
	out := &jobsTold{}
	out.Body.Jobs, out.Body.Next = shown(found, newJob), next
	return out, nil
}

type jobTold struct{ Body Job }

func (s *Server) showJob(ctx context.Context, in *IDAsked) (*jobTold, error) {
	job, err := s.services.History.Job(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	payload, err := s.payloadOf(ctx, job)
	if err != nil {
		return nil, err
	}
	told := newJobDetail(job, payload)
	if told.WaitingFor, err = s.services.Waiting(ctx, &job); err != nil {
		return nil, err
	}
	return &jobTold{Body: told}, nil
}

// payloadOf gives what a job sends that keeps no body of its own; nil when the
// event is gone.
func (s *Server) payloadOf(ctx context.Context, job jobs.Job) ([]byte, error) {
	if job.Request == nil || job.Request.Body != nil {
		return nil, nil
	}
	record, err := s.services.History.Event(ctx, job.EventID)
	if errors.Is(err, jobs.ErrNotFound) {
		return nil, nil
	}
	return record.Event.Body, err
}

// Noted is what an operator may send with an act.
type Noted struct {
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"2000" doc:"Why; stands in the audit"`
	}
}

// act says who acts, and why.
func (n Noted) act(ctx context.Context) jobs.Act {
	act := jobs.Act{By: callerOf(ctx).Name}
	if n.Body != nil {
		act.Note = n.Body.Note
	}
	return act
}

type jobActed struct {
	IDAsked
	Noted
}

func (s *Server) retryJob(ctx context.Context, in *jobActed) (*jobTold, error) {
	if _, err := s.services.Desk.RetryJob(ctx, in.ID, in.act(ctx)); err != nil {
		return nil, err
	}
	return s.showJob(ctx, &in.IDAsked)
}

func (s *Server) cancelJob(ctx context.Context, in *jobActed) (*jobTold, error) {
	if _, err := s.services.Desk.CancelJob(ctx, in.ID, in.act(ctx)); err != nil {
		return nil, err
	}
	return s.showJob(ctx, &in.IDAsked)
}
