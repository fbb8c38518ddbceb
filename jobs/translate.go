package jobs

import (
	"net/url"
	"time"

	"hooktree/engine"
)

// work gives a command as work for the store. Answers and drops are none; a
// step that calls a routine does not get here.
func work(run *Run, c engine.Command, now time.Time) (Work, bool) {
	switch c := c.(type) {
	case engine.Call:
		return Work{ID: string(c.ID), Kind: WorkCall, RunID: run.ID, Due: now, Host: hostOf(c.Params["url"]), Call: &c}, true
	case engine.Timer:
		return Work{ID: string(c.ID), Kind: WorkTimer, RunID: run.ID, Due: c.Due}, true
	case engine.Continue:
		return Work{ID: string(c.ID), Kind: WorkContinue, RunID: run.ID, Due: now}, true
	case engine.Drop, engine.Answer, engine.CallRoutine:
	}
	return Work{}, false
}

// hostOf gives the host of a URL, for fairness; empty when it is none.
func hostOf(value any) string {
	text, _ := value.(string)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// apply puts a step's outcome into the run and gives what is to be saved.
func (r *Run) apply(d engine.Delta, commands []engine.Command, now time.Time) Step {
	r.Head, r.Status, r.Ended = d.Head, d.Head.Status, d.Head.Ended
	if d.Outputs != nil && r.Outputs == nil {
		r.Outputs = d.Outputs
	}
	s := Step{Delta: d}
	for _, c := range commands {
		switch c := c.(type) {
		case engine.Answer:
			if r.Answer == nil {
				r.Answer = &c
			}
		case engine.Drop:
			s.Drop = append(s.Drop, string(c.ID))
		case engine.Call, engine.Timer, engine.Continue, engine.CallRoutine:
			if w, ok := work(r, c, now); ok {
				s.Add = append(s.Add, w)
			}
		}
	}
	return s
}

// state is the run as the engine sees it, without tasks.
func (r *Run) state(data map[string]any) engine.State {
	return engine.State{
		Run: engine.Run{
			ID: r.ID, Number: r.Number, Seed: r.Seed,
			Data: data, Inputs: r.Inputs, Started: r.Started,
		},
		Head: r.Head,
	}
}

// when gives the time of an event and the command that it reports on.
func when(ev engine.Event) (at time.Time, command engine.CommandID) {
	switch ev := ev.(type) {
	case engine.Started:
		return ev.At, ""
	case engine.Continued:
		return ev.At, ev.Command
	case engine.Succeeded:
		return ev.At, ev.Command
	case engine.Failed:
		return ev.At, ev.Command
	case engine.Elapsed:
		return ev.At, ev.Command
	case engine.Began:
		return ev.At, ev.Command
	case engine.Returned:
		return ev.At, ev.Command
	case engine.Completed:
		return ev.At, ""
	case engine.Updated:
		return ev.At, ""
	case engine.Resolved:
		return ev.At, ""
	case engine.Cancelled:
		return ev.At, ""
	}
	return time.Time{}, ""
}
