package engine

import (
	"fmt"
	"time"
)

// Pending names one thing that a run waits for.
type Pending struct {
	Node    NodeID
	Place   Place
	Status  TaskStatus // New, Running, Retrying, Waiting or Error
	Attempt int
	Max     int // attempts in all, for Retrying
	Due     time.Time
	Reason  string // a sentence: "retry 3 of 5 at 14:05", "token of approval"
}

// Pending lists what the run waits for. A run that is not final always waits
// for something.
func (h Head) Pending(t *Tree) []Pending {
	list := make([]Pending, 0, len(h.Open))
	for i := range h.Open {
		list = append(list, h.Open[i].pending(t))
	}
	return list
}

func (e *Execution) pending(t *Tree) Pending {
	p := Pending{
		Node: e.Node, Place: e.Place, Status: e.Status, Attempt: e.Attempt, Due: e.Due, Reason: e.Reason(),
	}
	if n, ok := t.Node(e.Node); ok {
		p.Max = n.Retry.Max
	}
	return p
}

// Reason says in a sentence what an open execution waits for.
func (e *Execution) Reason() string {
	switch e.Status {
	case TaskNew:
		return fmt.Sprintf("%s is queued", e.Node)
	case TaskRunning:
		return fmt.Sprintf("%s is running", e.Node)
	case TaskRetrying:
		return fmt.Sprintf("retry %d of %d of %s at %s", e.Attempt+1, e.Max, e.Node, clock(e.Due))
	case TaskWaiting:
		if r := e.Rounds; r != nil {
			return fmt.Sprintf("%s has finished %d of %d items", e.Node, r.Done, r.Total)
		}
		if e.Child != 0 {
			return e.childReason()
		}
		if e.Token {
			return e.tokenReason()
		}
		return fmt.Sprintf("%s waits until %s", e.Node, clock(e.Due))
	case TaskError:
		if e.Connector != "" {
			return fmt.Sprintf("an error in the connector %s", e.Connector)
		}
		return fmt.Sprintf("an error in %s", e.Node)
	case TaskComplete, TaskPassed, TaskFailed, TaskSkipped, TaskCancelled:
	}
	return ""
}
