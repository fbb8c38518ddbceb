package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hooktree/engine"
)

// TestStep_keeps_its_promises runs random trees under random reports: repeated,
// late and in any order. What is promised is in world.check.
func TestStep_keeps_its_promises(t *testing.T) {
	t.Parallel()

	rapid.Check(t, promises)
}

func promises(t *rapid.T) {
	lines := growTree(t)
	tree, err := readTree(lines)
	if err != nil {
		t.Fatalf("%s\n%v", strings.Join(lines, "\n"), err)
	}
	flag := rapid.SampledFrom([]any{true, false, int64(3)}).Draw(t, "flag")
	w := &world{
		t: t, lines: lines, issued: map[engine.CommandID]bool{},
		driver: newDriver(tree, map[string]any{"values": map[string]any{"flag": flag}}, nil),
	}
	w.live()
}

// world lets chance happen to one run.
type world struct {
	t      *rapid.T
	lines  []string
	driver *driver
	issued map[engine.CommandID]bool
}

func (w *world) live() {
	w.feed(engine.Started{At: w.driver.now})
	for range rapid.IntRange(0, 40).Draw(w.t, "events") {
		w.feed(w.chance())
	}
	for steps := 0; !w.driver.state.Head.Status.Final(); steps++ {
		if steps > 2000 {
			w.fatal("the run does not end: it waits for %+v", w.driver.state.Head.Pending(w.driver.tree))
		}
		w.feed(w.kindly())
	}
	w.feed(engine.Cancelled{Reason: "too late", At: w.driver.now})
	again, err := w.driver.replay()
	if err != nil {
		w.fatal("replay: %v", err)
	}
	if again.picture() != w.driver.picture() {
		w.fatal("a replay came out differently")
	}
}

func (w *world) fatal(format string, args ...any) {
	w.t.Fatalf("%s\n\n%s\n\n%s", strings.Join(w.lines, "\n"), fmt.Sprintf(format, args...), w.driver.picture())
}

// chance picks the next event: a report, a repeat, an operator's word.
func (w *world) chance() engine.Event {
	d := w.driver
	n := rapid.IntRange(0, 99).Draw(w.t, "what")
	switch {
	case n < 60 && len(d.open) > 0:
		c := d.open[rapid.IntRange(0, len(d.open)-1).Draw(w.t, "command")]
		return w.report(c, n)
	case n < 70 && len(d.tokens()) > 0:
		key := rapid.SampledFrom(d.tokens()).Draw(w.t, "token")
		if n < 65 {
			return engine.Updated{Node: key.Node, Place: key.Place, Results: int64(n), At: d.now}
		}
		return engine.Completed{Node: key.Node, Place: key.Place, Results: map[string]any{"n": int64(n)}, At: d.now}
	case n < 75:
		return d.events[rapid.IntRange(0, len(d.events)-1).Draw(w.t, "repeat")]
	case n < 98:
		if faults := sortedFaults(d.faults); len(faults) > 0 {
			f := rapid.SampledFrom(faults).Draw(w.t, "error")
			actions := f.Kind.Actions()
			action := actions[rapid.IntRange(0, len(actions)-1).Draw(w.t, "action")]
			return engine.Resolved{Node: f.Node, Place: f.Place, Connector: f.Connector, Action: action, At: d.now}
		}
		return engine.Continued{Command: "R/+99", At: d.now}
	default:
		return engine.Cancelled{Reason: "chance", At: d.now}
	}
}

func (w *world) report(c engine.Command, n int) engine.Event {
	d := w.driver
	switch c := c.(type) {
	case engine.Call:
		if n < 15 {
			return engine.Failed{Command: c.ID, At: d.now, Failure: engine.Failure{Code: "gone", Message: "gone", Retryable: n < 8}}
		}
		return engine.Succeeded{Command: c.ID, At: d.now, Results: map[string]any{"n": int64(n)}}
	case engine.CallRoutine:
		switch {
		case n < 10:
			return engine.Failed{Command: c.ID, At: d.now, Failure: engine.Failure{Code: "cancelled", Message: "it was cancelled"}}
		case n < 30 || c.Detach:
			return engine.Began{Command: c.ID, Number: 8, At: d.now}
		}
		return engine.Returned{Command: c.ID, Outputs: int64(n), At: d.now}
	case engine.Timer:
		if c.Due.After(d.now) {
			d.now = c.Due
		}
		return engine.Elapsed{Command: c.ID, At: d.now}
	case engine.Continue:
		return engine.Continued{Command: c.ID, At: d.now}
	case engine.Drop, engine.Answer:
	}
	return engine.Cancelled{}
}

// kindly picks the event that brings the run nearer to its end.
func (w *world) kindly() engine.Event {
	d := w.driver
	if len(d.open) > 0 {
		return w.report(d.open[0], 50)
	}
	if faults := sortedFaults(d.faults); len(faults) > 0 {
		f := faults[0]
		action := engine.ActionSkip
		if f.Kind == engine.FaultConnector {
			action = engine.ActionCancel
		}
		return engine.Resolved{Node: f.Node, Place: f.Place, Connector: f.Connector, Action: action, At: d.now}
	}
	if keys := d.tokens(); len(keys) > 0 {
		return engine.Completed{Node: keys[0].Node, Place: keys[0].Place, At: d.now}
	}
	w.fatal("the run waits for nothing that somebody could report or resolve")
	return nil
}

// feed steps the run and checks every promise.
func (w *world) feed(ev engine.Event) {
	d := w.driver
	before := ""
	final := d.state.Head.Status.Final()
	id, isReport := reported(ev)
	known := isReport && d.awaits(id)
	if final || isReport && !known {
		before = d.picture()
	}
	delta, commands, err := d.feed(ev)
	switch {
	case err != nil:
		w.fatal("%#v: %v", ev, err)
	case before != "" && (delta.Changed || d.picture() != before):
		w.fatal("%#v came late, or after the end, and changed the run", ev)
	case known && !final && !delta.Changed:
		w.fatal("%#v was awaited and changed nothing", ev)
	}
	for _, c := range commands {
		if id := commandID(c); id != "" {
			if _, drop := c.(engine.Drop); !drop && w.issued[id] {
				w.fatal("the command %s was issued twice", id)
			}
			w.issued[id] = true
		}
	}
	w.check()
}

func (d *driver) awaits(id engine.CommandID) bool {
	for _, c := range d.open {
		if commandID(c) == id {
			return true
		}
	}
	return false
}

// check holds what is true of every run after every step.
func (w *world) check() {
	d := w.driver
	head := d.state.Head
	text, err := json.Marshal(head)
	if err != nil || len(text) > 64<<10 {
		w.fatal("the head takes %d bytes (%v)", len(text), err)
	}
	for _, tally := range head.Joins {
		if !d.occupied(tally.Place) {
			w.fatal("the join %s is counted at %q, where nothing can arrive any more", tally.Node, tally.Place)
		}
	}
	pending := head.Pending(d.tree)
	if head.Status.Final() {
		if len(pending) > 0 || len(d.faults) > 0 {
			w.fatal("the run is %s and yet waits", head.Status)
		}
	} else {
		w.checkPending(pending)
	}
	w.checkTasks(pending)
}

// checkPending holds that what a run waits for has a name, and that each thing
// has exactly one command under way, or an error that somebody can resolve.
func (w *world) checkPending(pending []engine.Pending) {
	d := w.driver
	if len(pending) == 0 {
		w.fatal("the run waits for nothing")
	}
	commands, faults := 0, 0
	open := map[string]bool{}
	for i := range d.state.Head.Open {
		e := &d.state.Head.Open[i]
		name := at(e.Node, e.Place) + e.Connector
		if open[name] {
			w.fatal("%s is open twice", name)
		}
		open[name] = true
	}
	for _, p := range pending {
		if p.Reason == "" {
			w.fatal("%s at %q has no reason", p.Node, p.Place)
		}
		n, _ := d.tree.Node(p.Node)
		switch p.Status {
		case engine.TaskError:
			faults++
		case engine.TaskWaiting:
			switch {
			case n.Wait != nil, !p.Due.IsZero(), n.Routine != nil && (n.Loop == nil || isItem(p)):
				commands++
			case n.Defer == nil && n.Loop == nil:
				w.fatal("%s waits for nothing", p.Node)
			}
		case engine.TaskRunning, engine.TaskRetrying:
			commands++
		}
	}
	if d.state.Head.Continue != "" {
		commands++
	}
	if commands != len(d.open) || faults != len(d.faults) {
		w.fatal("%d commands and %d errors are open, but %d and %d are waited for", len(d.open), len(d.faults), commands, faults)
	}
}

func isItem(p engine.Pending) bool {
	mark, ok := p.Place.Last()
	return ok && mark.Kind == engine.MarkItem && mark.Node == p.Node
}

// checkTasks holds that the status of a run is a function of its tasks and open
// errors, and that nothing is left unfinished in a run that is.
func (w *world) checkTasks(pending []engine.Pending) {
	d := w.driver
	status := engine.RunComplete
	for _, t := range d.state.Tasks {
		switch t.Status {
		case engine.TaskRunning, engine.TaskNew:
			status = engine.RunRunning
		case engine.TaskWaiting, engine.TaskRetrying:
			if status == engine.RunComplete {
				status = engine.RunWaiting
			}
		}
	}
	for _, p := range pending {
		if p.Status == engine.TaskNew {
			status = engine.RunRunning
		}
	}
	if len(d.faults) > 0 {
		status = engine.RunError
	}
	got := d.state.Head.Status
	if got != status && !(got == engine.RunCancelled && status == engine.RunComplete) {
		w.fatal("the run is %s, its tasks make it %s", got, status)
	}
}
