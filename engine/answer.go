package engine

import (
	"fmt"
	"maps"
	"slices"
)

// Answer is what a caller that waits on the event gets: the reply, or the
// run's first return. It comes at most once in a run.
type Answer struct {
	Status  int // zero for a return
	Headers map[string]string
	Body    any
}

func (Answer) command() {}

// asAnswer reads what reply: gave.
func asAnswer(value any) (Answer, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return Answer{}, fmt.Errorf("%s is no mapping of status, headers and body", kindOf(value))
	}
	a := Answer{Status: 200, Body: given["body"]}
	var err error
	if status := given["status"]; status != nil {
		if a.Status, err = asStatus(status); err != nil {
			return Answer{}, err
		}
	}
	if headers := given["headers"]; headers != nil {
		a.Headers, err = asHeaders(headers)
	}
	return a, err
}

func asStatus(value any) (int, error) {
	status := 0
	switch v := value.(type) {
	case int64:
		status = int(v)
	case int:
		status = v
	}
	if status < 200 || status > 599 {
		return 0, fmt.Errorf("the status %v is no number from 200 to 599", value)
	}
	return status, nil
}

func asHeaders(value any) (map[string]string, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("headers: %s is no mapping", kindOf(value))
	}
	headers := make(map[string]string, len(given))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch v := given[name].(type) {
		case string:
			headers[name] = v
		case bool, int, int64, float64:
			headers[name] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("the header %s: %s is no text", name, kindOf(v))
		}
	}
	return headers, nil
}

// give is a return: the first one of a run counts.
func (w *walk) give(e *Execution, t *Task, value Expr) {
	outputs, err := w.eval(e, value)
	if err != nil {
		w.raise(e, t, fmt.Errorf("return: %w", err))
		return
	}
	outputs = w.record(outputs)
	if w.head.Returned {
		t.Warning = "the run has returned before: this value is recorded and ignored"
	} else {
		w.head.Returned, w.outputs = true, outputs
		w.answer(Answer{Body: outputs})
	}
	w.complete(e, t, TaskComplete, outputs)
}

// reply answers a caller that waits on the event.
func (w *walk) reply(e *Execution, t *Task, value Expr) {
	given, err := w.eval(e, value)
	if err != nil {
		w.raise(e, t, fmt.Errorf("reply: %w", err))
		return
	}
	given = w.record(given)
	answer, err := asAnswer(given)
	if err != nil {
		w.raise(e, t, fmt.Errorf("reply: %w", err))
		return
	}
	if w.head.Answered {
		t.Warning = "the run has answered before: this reply is recorded and ignored"
	}
	w.answer(answer)
	w.complete(e, t, TaskComplete, given)
}

func (w *walk) answer(a Answer) {
	if w.head.Answered {
		return
	}
	w.head.Answered = true
	w.command(a)
}
