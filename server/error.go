package server

import (
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
	Kind      engine.FaultKind `json:"kind" enum:"handler,parameter,connector,routine,limit,verdict"`
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
		shown.Status, shown.Actions = "Open", allowed(r.Fault.Kind)
	}
	return shown
}

// allowed lists what may be done about an open error.
func allowed(kind engine.FaultKind) []engine.Action {
	if kind == jobs.FaultVerdict {
		return []engine.Action{engine.ActionRetry, engine.ActionLeave}
	}
	return kind.Actions()
}
