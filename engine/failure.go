package engine

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// The bounds of texts, in bytes.
const (
	maxReason  = 500  // of an error that the head keeps
	maxMessage = 4096 // of a message that comes with a token
)

// raise is an expression of a node that could not be evaluated. Trying again
// gives the same, so it is never retried by itself.
func (w *walk) raise(e *Execution, t *Task, err error) {
	w.refuse(e, t, Failure{Code: CodeExpression, Message: err.Error()}, FaultParameter)
}

// fail is an attempt that failed: it is tried again as its policy says.
func (w *walk) fail(e *Execution, t *Task, failure Failure, kind FaultKind) {
	if e.Early {
		w.yield(e, t, t.Results) // what it was called for has come
		return
	}
	n := w.node(e.Node)
	again, err := w.retryable(e, t, n, failure)
	if err != nil {
		failure.Message += fmt.Sprintf(" (and whether to retry could not be evaluated: %v)", err)
	}
	wait, left := n.Retry.Next(e.Attempt)
	if !again || !left {
		w.refuse(e, t, failure, kind)
		return
	}
	t.tried(e.Attempt, w.now, failure)
	t.Error = &failure
	e.Due, e.Max = w.now.Add(max(wait, failure.Wait)), n.Retry.Max
	t.Reason = fmt.Sprintf("retry %d of %d at %s", e.Attempt+1, n.Retry.Max, clock(e.Due))
	w.command(Timer{ID: w.run.command(e, errandRetry), Due: e.Due})
	w.keep(e, t, TaskRetrying)
}

func (w *walk) retryable(e *Execution, t *Task, n *Node, failure Failure) (bool, error) {
	if n.Retry.When == nil {
		return failure.Retryable, nil
	}
	t.Error = &failure
	asked := *e
	asked.Cause = e.Node
	return w.holds(&asked, n.Retry.When, "retry.when")
}

// refuse gives a node up: its failed connectors fire, or somebody must resolve it.
func (w *walk) refuse(e *Execution, t *Task, failure Failure, kind FaultKind) {
	t.tried(e.Attempt, w.now, failure)
	t.Error = &failure
	outs := w.ix.outs[w.ix.byID[e.Node]]
	if slices.ContainsFunc(outs, func(id int) bool { return w.ix.edges[id].On == OnFailed }) {
		t.Status, t.Reason = TaskFailed, ""
		w.leave(e, t)
		if !e.Item {
			w.fire(e, t, outs, OnFailed)
		}
		return
	}
	t.Reason = clip(failure.Message, maxReason)
	w.faults = append(w.faults, Fault{
		Node: e.Node, Place: e.Place, Kind: kind, Failure: failure, Open: true, At: w.now,
	})
	e.Kind = kind
	w.keep(e, t, TaskError)
	w.stir(e.Place)
}

// tried adds a failed attempt to the task's record.
func (t *Task) tried(number int, at time.Time, failure Failure) {
	t.Attempts = append(t.Attempts, Attempt{Number: number, Started: t.Tried, Ended: at, Error: failure})
	if over := len(t.Attempts) - MaxAttempts; over > 0 {
		t.Attempts = slices.Clone(t.Attempts[over:])
	}
}

// resolved is an operator's answer to an open error.
func (w *walk) resolved(ev Resolved) (bool, error) {
	i := slices.IndexFunc(w.head.Open, func(e Execution) bool {
		return e.Node == ev.Node && e.Place == ev.Place && e.Connector == ev.Connector && e.Status == TaskError
	})
	if i < 0 || ev.Action == ActionLeave {
		return false, nil
	}
	kind := w.head.Open[i].Kind
	if !slices.Contains(kind.Actions(), ev.Action) {
		return false, fmt.Errorf("the %s error of node %q cannot be resolved by %q", kind, ev.Node, ev.Action)
	}
	w.now = ev.At
	if kind == FaultConnector {
		w.decide(i, ev.Action)
		return true, nil
	}
	e, t := w.reopen(i)
	w.settleFault(e, *t.Error, ev.Action)
	t.Reason = ""
	if e.Node == Start {
		w.resolveStart(t, ev)
		return true, nil
	}
	if ev.Action == ActionSkip {
		w.complete(e, t, TaskSkipped, ev.Results)
		return true, nil
	}
	w.enqueue(*e)
	return true, nil
}

// settleFault records how an open error was resolved.
func (w *walk) settleFault(e *Execution, failure Failure, action Action) {
	w.faults = append(w.faults, Fault{
		Node: e.Node, Place: e.Place, Connector: e.Connector,
		Kind: e.Kind, Failure: failure, Action: action, At: w.now,
	})
}

// clip shortens text to a number of bytes without breaking a character.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	most -= len("…")
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// clock writes a time for people.
func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 MST") }
