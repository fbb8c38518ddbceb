package server

import "hooktree/engine"

// Task is one execution of a node in a run, as the API shows it.
type Task struct {
	Node       engine.NodeID     `json:"node"`
	Name       string            `json:"name,omitempty" doc:"What people see; the node's id when it has none"`
	Does       string            `json:"does,omitempty" doc:"The handler, or routine, wait, return, reply, loop, waypoint"`
	Place      engine.Place      `json:"place,omitempty" doc:"Loop items, updates and visits that it stands in, such as loop[3]"`
	Status     engine.TaskStatus `json:"status" enum:"New,Running,Retrying,Waiting,Error,Complete,Passed,Failed,Skipped,Cancelled"`
	Attempt    int               `json:"attempt,omitempty" doc:"The latest, counted from one"`
	Inputs     map[string]any    `json:"inputs,omitempty" doc:"Parameters, secrets masked"`
	Results    any               `json:"results,omitempty"`
	Message    string            `json:"message,omitempty"`
	Reason     string            `json:"reason,omitempty" doc:"Why it waits, was passed over or cancelled"`
	Error      *TaskError        `json:"error,omitempty"`
	Attempts   []TaskAttempt     `json:"attempts,omitempty" doc:"The failed ones, the latest 20"`
	Connectors []Connector       `json:"connectors,omitempty" doc:"What became of each way out"`
	Order      int64             `json:"order" doc:"Rank among the run's tasks"`
	DueAt      Time              `json:"dueAt,omitzero" doc:"When a wait, retry or time-out ends"`
	StartedAt  Time              `json:"startedAt,omitzero"`
	EndedAt    Time              `json:"endedAt,omitzero"`
	TookMS     *int64            `json:"tookMs,omitempty" doc:"From start to end"`
}

// TaskError is what went wrong in a task.
type TaskError struct {
	Code      string         `json:"code"`
	Message   string         `json:"message"`
	Retryable bool           `json:"retryable,omitempty"`
	Detail    map[string]any `json:"detail,omitempty"`
}

// TaskAttempt is one failed try of a task.
type TaskAttempt struct {
	Number    int       `json:"number"`
	StartedAt Time      `json:"startedAt,omitzero"`
	EndedAt   Time      `json:"endedAt,omitzero"`
	Error     TaskError `json:"error"`
}

// Connector is what became of one way out of a task.
type Connector struct {
	To    engine.NodeID `json:"to"`
	Label string        `json:"label,omitempty"`
	On    engine.On     `json:"on" enum:"complete,created,updated,failed"`
	When  string        `json:"when,omitempty" doc:"The condition as it was written"`
	Fired bool          `json:"fired"`
	Late  bool          `json:"late,omitempty" doc:"Fired at a join that had run already"`
	Seen  []Seen        `json:"seen,omitempty" doc:"The values that the condition saw"`
}

// newTask shows a task; the tree, which may be nil when its version is no
// longer kept, lends names and conditions.
func newTask(t engine.Task, tree *engine.Tree) Task {
	shown := Task{
		Node: t.Node, Place: t.Place, Status: t.Status, Attempt: t.Attempt, Inputs: t.Inputs, Results: t.Results,
		Message: t.Message, Reason: t.Reason, Error: newTaskError(t.Error), Order: t.Order,
		DueAt: Time{t.Due}, StartedAt: Time{t.Started}, EndedAt: Time{t.Ended},
	}
	if !t.Started.IsZero() && !t.Ended.IsZero() {
		took := t.Ended.Sub(t.Started).Milliseconds()
		shown.TookMS = &took
	}
	for _, a := range t.Attempts {
		shown.Attempts = append(shown.Attempts, TaskAttempt{
			Number: a.Number, StartedAt: Time{a.Started}, EndedAt: Time{a.Ended}, Error: *newTaskError(&a.Error),
		})
	}
	for _, d := range t.Fired {
		shown.Connectors = append(shown.Connectors, newConnector(d, tree))
	}
	if node := nodeOf(tree, t.Node); node != nil {
		shown.Name, shown.Does = node.Name, does(node)
	}
	return shown
}

func newTaskError(f *engine.Failure) *TaskError {
	if f == nil {
		return nil
	}
	return &TaskError{Code: f.Code, Message: f.Message, Retryable: f.Retryable, Detail: f.Detail}
}

func newConnector(d engine.Decision, tree *engine.Tree) Connector {
	shown := Connector{To: d.To, On: d.On, Fired: d.Fired, Late: d.Late}
	node := nodeOf(tree, d.To)
	if node == nil || d.In < 0 || d.In >= len(node.In) {
		return shown
	}
	shown.Label = node.In[d.In].Label
	if when := node.In[d.In].When; when != nil {
		shown.When = when.String()
	}
	return shown
}

func nodeOf(tree *engine.Tree, id engine.NodeID) *engine.Node {
	if tree == nil {
		return nil
	}
	for i := range tree.Nodes {
		if tree.Nodes[i].ID == id {
			return &tree.Nodes[i]
		}
	}
	return nil
}

// does says in one word what a node does.
func does(n *engine.Node) string {
	switch {
	case n.Handler != nil && n.Handler.Spec != nil:
		return n.Handler.Spec.Name
	case n.Routine != nil:
		return "routine"
	case n.Loop != nil:
		return "loop"
	case n.Wait != nil:
		return "wait"
	case n.Return != nil:
		return "return"
	case n.Reply != nil:
		return "reply"
	case n.Defer != nil:
		return "defer"
	default:
		return "waypoint"
	}
}
