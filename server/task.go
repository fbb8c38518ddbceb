package server

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"
	"strconv"

	"hooktree/engine"
)

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
	Warning    string            `json:"warning,omitempty" doc:"A message that could not be evaluated"`
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
	Error string        `json:"error,omitempty" doc:"The condition raised; fired is then what an operator decided"`
	Seen  []Seen        `json:"seen,omitempty" doc:"The values that the condition saw"`
}

// newTask shows a task; its tree lends names and conditions.
func newTask(t engine.Task, tree *engine.Tree) Task {
	shown := Task{
		Node: t.Node, Place: t.Place, Status: t.Status, Attempt: t.Attempt, Inputs: t.Inputs, Results: t.Results,
		Message: t.Message, Warning: t.Warning, Reason: t.Reason, Error: newTaskError(t.Error), Order: t.Order,
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
	if node, ok := tree.Node(t.Node); ok {
		shown.Name, shown.Does = node.Name, node.Does()
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
	shown := Connector{To: d.To, On: d.On, Fired: d.Fired, Late: d.Late, Error: d.Error}
	node, ok := tree.Node(d.To)
	if !ok || d.In < 0 || d.In >= len(node.In) {
		return shown
	}
	shown.Label = node.In[d.In].Label
	if when := node.In[d.In].When; when != nil {
		shown.When = when.String()
	}
	return shown
}

type tasksAsked struct {
	RunAsked

	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"Most tasks of one page"`
	Cursor string `query:"cursor" pattern:"^[0-9]{1,18}$" doc:"The next of the page before"`
}

type tasksTold struct {
	Body struct {
		Tasks []Task `json:"tasks" doc:"In the order in which they were first touched"`
		Next  string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listTasks(ctx context.Context, in *tasksAsked) (*tasksTold, error) {
	run, err := s.services.History.Run(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	tasks, err := s.services.History.Tasks(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	tree := s.pinned(ctx, run.Hash)
	tasks = slices.Clone(tasks)
	slices.SortFunc(tasks, func(a, b engine.Task) int { return cmp.Compare(a.Order, b.Order) })
	out := &tasksTold{}
	page, next := pageOfTasks(tasks, in.Cursor, in.Limit)
	out.Body.Next = next
	out.Body.Tasks = shown(page, func(t engine.Task) Task {
		task := newTask(t, tree)
		for i, d := range t.Fired {
			if when := task.Connectors[i].When; when != "" {
				parts, err := s.services.Explain.Connector(ctx, run, tasks, t, d)
				task.Connectors[i].Seen = seen(when, parts, err)
			}
		}
		return task
	})
	return out, nil
}

// pageOfTasks gives the tasks after the rank that the cursor names.
func pageOfTasks(tasks []engine.Task, cursor string, limit int) (page []engine.Task, next string) {
	after := int64(math.MinInt64)
	if cursor != "" {
		after, _ = strconv.ParseInt(cursor, 10, 64) // its pattern was checked
	}
	start := sort.Search(len(tasks), func(i int) bool { return tasks[i].Order > after })
	page = tasks[start:]
	if len(page) > limit {
		page = page[:limit]
		next = strconv.FormatInt(page[limit-1].Order, 10)
	}
	return page, next
}
