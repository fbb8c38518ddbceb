package server

import (
	"context"
	"net/http"

	"hooktree/engine"
	"hooktree/jobs"
)

// Error is an entry of the error desk, as the API shows it.
type Error struct {
	ID        int64            `json:"id"`
	Status    string           `json:"status" enum:"Open,Handled"`
	Run       int64            `json:"run,omitempty" doc:"Number; left out for an event that no webhook could be evaluated for"`
	Tree      *TreeName        `json:"tree,omitempty"`
	Event     string           `json:"event,omitempty" doc:"Id of the event"`
	Webhook   string           `json:"webhook,omitempty" doc:"For a verdict that is an error"`
	Node      engine.NodeID    `json:"node,omitempty"`
	Place     engine.Place     `json:"place,omitempty"`
	Connector string           `json:"connector,omitempty"`
	Kind      engine.FaultKind `json:"kind" enum:"handler,parameter,connector,routine,limit,verdict,application,loop"`
	Error     TaskError        `json:"error"`
	Actions   []engine.Action  `json:"actions" doc:"What may be done about it"`
	Action    engine.Action    `json:"action,omitempty" doc:"How it was handled"`
	Note      string           `json:"note,omitempty"`
	By        string           `json:"by,omitempty" doc:"Who handled it"`
	CreatedAt Time             `json:"createdAt"`
	UpdatedAt Time             `json:"updatedAt,omitzero"`
}

func newError(r jobs.ErrorRecord) Error {
	shown := Error{
		ID: r.ID, Status: "Handled", Run: r.Run, Event: r.EventID, Webhook: r.Webhook,
		Node: r.Fault.Node, Place: r.Fault.Place, Connector: r.Fault.Connector, Kind: r.Fault.Kind,
		Error: *newTaskError(&r.Fault.Failure), Actions: []engine.Action{}, Action: r.Action, Note: r.Note, By: r.By,
		CreatedAt: Time{r.Created}, UpdatedAt: Time{r.Updated},
	}
	if r.Title != (engine.Title{}) {
		name := newTreeName(r.Title)
		shown.Tree = &name
	}
	if r.Open {
		shown.Status, shown.Actions = "Open", r.Actions()
	}
	return shown
}

type errorsAsked struct {
	Paging
	Span

	Status string           `query:"status" enum:"Open,Handled"`
	Run    int64            `query:"run" minimum:"1" doc:"Number of a run"`
	Source string           `query:"source" doc:"Of the tree"`
	Group  string           `query:"group" doc:"Of the tree"`
	Name   string           `query:"name" doc:"Of the tree"`
	Node   string           `query:"node"`
	Kind   engine.FaultKind `query:"kind" enum:"handler,parameter,connector,routine,limit,verdict,application,loop"`
}

type errorsTold struct {
	Body struct {
		Errors []Error `json:"errors"`
		Next   string  `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listErrors(ctx context.Context, in *errorsAsked) (*errorsTold, error) {
	f := jobs.ErrorFilter{
		Page: in.page(), Run: in.Run, Source: in.Source, Group: in.Group, Name: in.Name, Node: in.Node,
		Kind: string(in.Kind), From: in.From, To: in.To,
	}
	if in.Status != "" {
		open := in.Status == "Open"
		f.Open = &open
	}
	found, next, err := s.services.History.Errors(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &errorsTold{}
	out.Body.Errors, out.Body.Next = shown(found, newError), next
	return out, nil
}

// errorsChosen selects the errors to resolve; members that are left out select all.
type errorsChosen struct {
	Run    int64            `json:"run,omitempty" minimum:"1" doc:"Number of a run"`
	Source string           `json:"source,omitempty" doc:"Of the tree"`
	Group  string           `json:"group,omitempty" doc:"Of the tree"`
	Name   string           `json:"name,omitempty" doc:"Of the tree"`
	Node   string           `json:"node,omitempty"`
	Kind   engine.FaultKind `json:"kind,omitempty" enum:"handler,parameter,connector,routine,limit,verdict,application,loop"`
}

type resolveAsked struct {
	Body struct {
		IDs     []int64       `json:"ids,omitempty" maxItems:"1000" nullable:"false" doc:"Ids of open errors; else give a filter"`
		Filter  *errorsChosen `json:"filter,omitempty" doc:"Open errors, at most 1000 of them"`
		Action  engine.Action `json:"action" enum:"retry,skip,continue,cancel,leave"`
		Results any           `json:"results,omitempty" doc:"What nodes.x gives after a skip"`
		Note    string        `json:"note" minLength:"1" maxLength:"2000" doc:"Why; stands in the audit"`
	}
}

type resolveTold struct {
	Body struct {
		Resolved []int64   `json:"resolved" doc:"Ids of the errors that were handled"`
		Refused  []Refused `json:"refused" doc:"Errors that were not, and why"`
	}
}

// Refused is an error that an action was not applied to.
type Refused struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
}

func (s *Server) resolveErrors(ctx context.Context, in *resolveAsked) (*resolveTold, error) {
	chosen := in.Body.Filter
	if (len(in.Body.IDs) == 0) == (chosen == nil) {
		return nil, newProblem(http.StatusUnprocessableEntity, "invalid", "give either ids or filter: which errors are meant")
	}
	out := &resolveTold{}
	out.Body.Resolved, out.Body.Refused = []int64{}, []Refused{}
	ids := in.Body.IDs
	if chosen != nil {
		var err error
		if ids, err = s.chosenErrors(ctx, chosen); err != nil || len(ids) == 0 {
			return out, err
		}
	}
	results, err := s.services.Desk.ResolveErrors(ctx, jobs.Resolution{
		IDs: ids, Action: in.Body.Action, Results: in.Body.Results, Note: in.Body.Note, By: callerOf(ctx).Name,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Err == nil {
			out.Body.Resolved = append(out.Body.Resolved, r.ID)
		} else {
			out.Body.Refused = append(out.Body.Refused, Refused{ID: r.ID, Reason: s.problem(ctx, r.Err).Detail})
		}
	}
	return out, nil
}

// chosenErrors gives the ids of the open errors that a filter means.
func (s *Server) chosenErrors(ctx context.Context, chosen *errorsChosen) ([]int64, error) {
	open := true
	found, _, err := s.services.History.Errors(ctx, jobs.ErrorFilter{
		Page: jobs.Page{Limit: jobs.MaxResolved}, Open: &open, Run: chosen.Run, Source: chosen.Source, Group: chosen.Group,
		Name: chosen.Name, Node: chosen.Node, Kind: string(chosen.Kind),
	})
	return shown(found, func(e jobs.ErrorRecord) int64 { return e.ID }), err
}
