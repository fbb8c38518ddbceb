package server

import (
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
	DueAt   Time              `json:"dueAt,omitzero"`
	Reason  string            `json:"reason,omitempty"`
}

// newRun shows a run as lists show it.
func newRun(r jobs.Run) Run {
	return Run{
		Number: r.Number, ID: r.ID, Tree: newTreeName(r.Title), Version: r.Hash, Job: r.JobID, Event: r.EventID,
		Parent: r.Parent, Status: r.Status, WaitingFor: waitingFor(r), Reason: r.Head.Reason,
		Dedupe: r.Dedupe, Lane: r.Lane,
		CreatedAt: Time{r.Created}, StartedAt: Time{r.Started}, EndedAt: Time{r.Ended},
	}
}

// newRunDetail shows a run whole; its tasks are a call of their own.
func newRunDetail(r jobs.Run) Run {
	run := newRun(r)
	run.Inputs, run.Outputs = r.Inputs, r.Outputs
	for _, e := range r.Head.Open {
		run.Pending = append(run.Pending, Pending{
			Node: e.Node, Place: e.Place, Status: e.Status, Attempt: e.Attempt, DueAt: Time{e.Due}, Reason: e.Reason(),
		})
	}
	return run
}

// waitingFor says what holds the run up: the first open execution that gives a
// reason, the worst status first.
func waitingFor(r jobs.Run) string {
	if r.Status == engine.RunQueued {
		return "its lane " + r.Lane
	}
	for _, status := range []engine.TaskStatus{engine.TaskError, engine.TaskRetrying, engine.TaskWaiting, engine.TaskRunning} {
		for _, e := range r.Head.Open {
			if reason := e.Reason(); e.Status == status && reason != "" {
				return reason
			}
		}
	}
	return ""
}

func newTreeName(t engine.Title) TreeName {
	return TreeName{Source: t.Source, Group: t.Group, Name: t.Name, Title: t.String()}
}
