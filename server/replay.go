package server

import (
	"context"
	"net/http"
	"time"

	"hooktree/jobs"
)

// jobsChosen selects the jobs to try again; members that are left out select
// all.
type jobsChosen struct {
	Status       []jobs.JobStatus `json:"status,omitempty" enum:"Held,Failed,Cancelled,Complete" nullable:"false" doc:"Held and Failed when it is left out"`
	Webhook      string           `json:"webhook,omitempty"`
	Subscription string           `json:"subscription,omitempty" doc:"Id of a subscription"`
	Type         string           `json:"type,omitempty" doc:"Of the event"`
	Action       string           `json:"action,omitempty" doc:"Of the event"`
	Kapp         string           `json:"kapp,omitempty"`
	Form         string           `json:"form,omitempty"`
	Submission   string           `json:"submission,omitempty" doc:"Id of what the event happened to"`
	Event        string           `json:"event,omitempty" doc:"Id of the event"`
	From         time.Time        `json:"from,omitzero" doc:"Made at this time or later"`
	To           time.Time        `json:"to,omitzero" doc:"Made before this time"`
	Text         string           `json:"q,omitempty" doc:"In path, webhook, URL, summary, payload and answer"`
	Cursor       string           `json:"cursor,omitempty" doc:"The next of the answer before, to go on with the same filter"`
}

func (c *jobsChosen) filter() jobs.JobFilter {
	return jobs.JobFilter{
		Page: jobs.Page{Cursor: c.Cursor}, Status: c.Status, Webhook: c.Webhook, Subscription: c.Subscription,
		Type: c.Type, Action: c.Action, Kapp: c.Kapp, Form: c.Form, Entity: c.Submission, EventID: c.Event,
		From: c.From, To: c.To, Text: c.Text,
	}
}

type replayAsked struct {
	Body struct {
		IDs    []string    `json:"ids,omitempty" maxItems:"1000" nullable:"false" doc:"Ids of jobs; else give a filter"`
		Filter *jobsChosen `json:"filter,omitempty" doc:"Jobs, at most 1000 of them at a time, the oldest first"`
		Note   string      `json:"note,omitempty" maxLength:"2000" doc:"Why; stands in the audit"`
	}
}

type replayTold struct {
	Body struct {
		Retried []string     `json:"retried" doc:"Ids of the jobs that are tried again"`
		Refused []RefusedJob `json:"refused" doc:"Jobs that are not, and why"`
		Next    string       `json:"next,omitempty" doc:"Put it into the filter's cursor for the jobs beyond these; left out at the end"`
	}
}

// RefusedJob is a job that is not tried again.
type RefusedJob struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

func (s *Server) retryJobs(ctx context.Context, in *replayAsked) (*replayTold, error) {
	replay := jobs.Replay{IDs: in.Body.IDs}
	if (len(replay.IDs) == 0) == (in.Body.Filter == nil) {
		return nil, newProblem(http.StatusUnprocessableEntity, "invalid", "give either ids or filter: which jobs are meant")
	}
	if in.Body.Filter != nil {
		replay.Filter = in.Body.Filter.filter()
	}
	outcomes, next, err := s.services.Desk.RetryJobs(ctx, replay, jobs.Act{By: callerOf(ctx).Name, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	out := &replayTold{}
	out.Body.Retried, out.Body.Refused, out.Body.Next = []string{}, []RefusedJob{}, next
	for _, r := range outcomes {
		if r.Err == nil {
			out.Body.Retried = append(out.Body.Retried, r.ID)
		} else {
			out.Body.Refused = append(out.Body.Refused, RefusedJob{ID: r.ID, Reason: s.problem(ctx, r.Err).Detail})
		}
	}
	return out, nil
}
