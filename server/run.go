package server

import (
	"context"
	"fmt"

	"hooktree/engine"
	"hooktree/jobs"
)

// Run is one execution of a tree version, as the API shows it.
type Run struct {
	Number     int64            `json:"number"`
	ID         string           `json:"id"`
	Tree       TreeName         `json:"tree"`
	Version    string           `json:"version" doc:"Hash of the tree's version"`
	Job        string           `json:"job,omitempty" doc:"Id of the job that started it"`
	Event      string           `json:"event,omitempty" doc:"Id of the event"`
	Parent     string           `json:"parent,omitempty" doc:"Id of the calling run, for a routine"`
	Status     engine.RunStatus `json:"status" enum:"Queued,Running,Waiting,Error,Complete,Cancelled"`
	WaitingFor string           `json:"waitingFor,omitempty" doc:"What it waits for, in a sentence"`
	Pending    []Pending        `json:"pending,omitempty" doc:"Everything that is not finished; not in lists"`
	Reason     string           `json:"reason,omitempty" doc:"Why it was cancelled"`
	Inputs     map[string]any   `json:"inputs,omitempty" doc:"Of a routine; not in lists"`
	Outputs    any              `json:"outputs,omitempty" doc:"First return, or a routine's outputs; not in lists"`
	Dedupe     string           `json:"dedupe,omitempty" doc:"Key that the tree's dedupe gave"`
	Lane       string           `json:"lane,omitempty" doc:"Key that the tree's lane gave"`
	CreatedAt  Time             `json:"createdAt"`
	StartedAt  Time             `json:"startedAt,omitzero"`
	EndedAt    Time             `json:"endedAt,omitzero"`
}

// TreeName names a tree by its parts and its title.
type TreeName struct {
	Source string `json:"source"`
	Group  string `json:"group"`
	Name   string `json:"name"`
	Title  string `json:"title" doc:"Source :: Group :: Name"`
}

// Pending is one thing that a run waits for.
type Pending struct {
	Node    engine.NodeID     `json:"node"`
	Place   engine.Place      `json:"place,omitempty"`
	Status  engine.TaskStatus `json:"status"`
	Attempt int               `json:"attempt,omitempty"`
	Max     int               `json:"max,omitempty" doc:"Attempts in all"`
	DueAt   Time              `json:"dueAt,omitzero"`
	Reason  string            `json:"reason,omitempty"`
}

// newRun shows a run as lists show it; its tree says what it waits for.
func newRun(r jobs.Run, tree *engine.Tree) Run {
	return Run{
		Number: r.Number, ID: r.ID, Tree: newTreeName(r.Title), Version: r.Hash, Job: r.JobID, Event: r.EventID,
		Parent: r.Parent, Status: r.Status, WaitingFor: waitingFor(r, tree), Reason: r.Head.Reason,
		Dedupe: r.Dedupe, Lane: r.Lane,
		CreatedAt: Time{r.Created}, StartedAt: Time{r.Started}, EndedAt: Time{r.Ended},
	}
}

// newRunDetail shows a run whole; its tasks are a call of their own.
func newRunDetail(r jobs.Run, tree *engine.Tree) Run {
	run := newRun(r, tree)
	run.Inputs, run.Outputs = r.Inputs, r.Outputs
	run.Pending = shown(r.Head.Pending(tree), func(p engine.Pending) Pending {
		return Pending{Node: p.Node, Place: p.Place, Status: p.Status, Attempt: p.Attempt, Max: p.Max, DueAt: Time{p.Due}, Reason: p.Reason}
	})
	return run
}

// urgent orders the statuses by what an operator wants to know first.
var urgent = []engine.TaskStatus{
	engine.TaskError, engine.TaskRetrying, engine.TaskWaiting, engine.TaskRunning, engine.TaskNew,
}

// waitingFor says what holds the run up, the most urgent first, and how much
// else there is.
func waitingFor(r jobs.Run, tree *engine.Tree) string {
	if r.Status.Final() {
		return ""
	}
	pending := r.Head.Pending(tree)
	if len(pending) == 0 && r.Status == engine.RunQueued && r.Lane != "" {
		return fmt.Sprintf("the run before it in lane %q", r.Lane)
	}
	for _, status := range urgent {
		for _, p := range pending {
			if p.Status != status || p.Reason == "" {
				continue
			}
			if more := len(pending) - 1; more > 0 {
				return fmt.Sprintf("%s, and %d more", p.Reason, more)
			}
			return p.Reason
		}
	}
	return ""
}

// pinned gives the version that a run is pinned to, for names and conditions.
// One that is no longer kept is an empty tree: the rest is shown all the same.
func (s *Server) pinned(ctx context.Context, hash string) *engine.Tree {
	tree, err := s.services.Trees.Version(ctx, hash)
	if err != nil || tree == nil {
		return &engine.Tree{}
	}
	return tree.Tree
}

func newTreeName(t engine.Title) TreeName {
	return TreeName{Source: t.Source, Group: t.Group, Name: t.Name, Title: t.String()}
}

type runsAsked struct {
	Paging
	Span

	Status []engine.RunStatus `query:"status" enum:"Queued,Running,Waiting,Error,Complete,Cancelled" doc:"One or more, by comma"`
	Source string             `query:"source" doc:"Of the tree"`
	Group  string             `query:"group" doc:"Of the tree"`
	Name   string             `query:"name" doc:"Of the tree"`
	Job    string             `query:"job" doc:"Id of the job"`
	Event  string             `query:"event" doc:"Id of the event"`
	Text   string             `query:"q" doc:"In title, inputs and results"`
}

type runsTold struct {
	Body struct {
		Runs []Run  `json:"runs"`
		Next string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listRuns(ctx context.Context, in *runsAsked) (*runsTold, error) {
	found, next, err := s.services.History.Runs(ctx, jobs.RunFilter{
		Page: in.page(), Status: in.Status, Source: in.Source, Group: in.Group, Name: in.Name,
		JobID: in.Job, EventID: in.Event, From: in.From, To: in.To, Text: in.Text,
	})
	if err != nil {
		return nil, err
	}
	out := &runsTold{}
	out.Body.Next = next
	out.Body.Runs = shown(found, func(r jobs.Run) Run { return newRun(r, s.pinned(ctx, r.Hash)) })
	return out, nil
}

// RunAsked is the path of a call about one run.
type RunAsked struct {
	Number int64 `path:"number" minimum:"1"`
}

type runTold struct{ Body Run }

func (s *Server) showRun(ctx context.Context, in *RunAsked) (*runTold, error) {
	run, err := s.services.History.Run(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return &runTold{Body: newRunDetail(run, s.pinned(ctx, run.Hash))}, nil
}

type runActed struct {
	RunAsked
	Noted
}

func (s *Server) cancelRun(ctx context.Context, in *runActed) (*runTold, error) {
	if err := s.services.Desk.CancelRun(ctx, in.Number, in.act(ctx)); err != nil {
		return nil, err
	}
	return s.showRun(ctx, &in.RunAsked)
}
