package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"hooktree/engine"
)

// driver keeps the caller's duties with nothing behind it: the commands that it
// was given wait in a list until a test lets something come of them.
type driver struct {
	tree    *engine.Tree
	state   engine.State
	now     time.Time
	events  []engine.Event
	open    []engine.Command        // commands whose outcome has not been reported
	faults  map[string]engine.Fault // open errors, by who stands in them
	outputs any
	unsaved bool // leave out the way through a store, which takes long in long loops
}

// midnight is when every run of the tests begins.
var midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

func newDriver(tree *engine.Tree, data, inputs map[string]any) *driver {
	return &driver{tree: tree, now: midnight, faults: map[string]engine.Fault{}, state: engine.State{Run: engine.Run{
		ID: "R", Number: 7, Seed: [32]byte{1}, Data: data, Inputs: inputs, Started: midnight,
	}}}
}

// feed steps the run by one event and accepts what comes of it.
func (d *driver) feed(ev engine.Event) (engine.Delta, []engine.Command, error) {
	delta, commands, err := engine.Step(d.tree, d.loaded(), ev)
	if err != nil {
		return delta, nil, err
	}
	d.events = append(d.events, ev)
	if !delta.Changed {
		return delta, commands, nil
	}
	if !d.unsaved {
		if delta.Head, err = saved(delta.Head); err != nil {
			return delta, nil, err
		}
	}
	d.state = d.state.With(delta)
	if delta.Outputs != nil {
		d.outputs = delta.Outputs
	}
	d.settle(ev)
	for _, f := range delta.Faults {
		if d.faults[f.Connector+"|"+at(f.Node, f.Place)] = f; !f.Open {
			delete(d.faults, f.Connector+"|"+at(f.Node, f.Place))
		}
	}
	for _, c := range commands {
		d.issue(c)
	}
	return delta, commands, nil
}

// loaded is the state with the tasks that duty 5 asks for, and no others.
func (d *driver) loaded() engine.State {
	lean := d.state
	if len(lean.Tasks) > 2000 {
		return lean // a long loop: copying it for every step takes long
	}
	lean.Tasks = map[engine.TaskKey]engine.Task{}
	for _, key := range d.state.Head.Keys() {
		lean.Tasks[key] = d.state.Tasks[key]
	}
	reads := d.tree.Reads()
	for key, t := range d.state.Tasks {
		if _, ok := slices.BinarySearch(reads, key.Node); ok && t.Status.Final() {
			lean.Tasks[key] = t
		}
	}
	return lean
}

// saved sends a head through JSON, as a store would.
func saved(h engine.Head) (engine.Head, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	var back engine.Head
	return back, json.Unmarshal(text, &back)
}

// settle strikes the command that an event has reported.
func (d *driver) settle(ev engine.Event) {
	if id, ok := reported(ev); ok {
		d.drop(id)
	}
	if began, ok := ev.(engine.Began); ok { // which ends a detached call only
		d.open = slices.DeleteFunc(d.open, func(c engine.Command) bool {
			call, ok := c.(engine.CallRoutine)
			return ok && call.ID == began.Command && call.Detach
		})
	}
}

func (d *driver) drop(id engine.CommandID) {
	d.open = slices.DeleteFunc(d.open, func(c engine.Command) bool { return commandID(c) == id })
}

func (d *driver) issue(c engine.Command) {
	switch c := c.(type) {
	case engine.Drop:
		d.drop(c.ID)
	case engine.Answer:
	case engine.Call, engine.CallRoutine, engine.Timer, engine.Continue:
		d.open = append(d.open, c)
	}
}

func commandID(c engine.Command) engine.CommandID {
	switch c := c.(type) {
	case engine.Call:
		return c.ID
	case engine.CallRoutine:
		return c.ID
	case engine.Timer:
		return c.ID
	case engine.Continue:
		return c.ID
	case engine.Drop:
		return c.ID
	case engine.Answer:
	}
	return ""
}

func reported(ev engine.Event) (engine.CommandID, bool) {
	switch ev := ev.(type) {
	case engine.Succeeded:
		return ev.Command, true
	case engine.Failed:
		return ev.Command, true
	case engine.Elapsed:
		return ev.Command, true
	case engine.Continued:
		return ev.Command, true
	case engine.Returned:
		return ev.Command, true
	case engine.Started, engine.Resolved, engine.Cancelled, engine.Began, engine.Completed, engine.Updated:
	}
	return "", false
}

// replay feeds the same events to a new run and gives its state.
func (d *driver) replay() (*driver, error) {
	again := newDriver(d.tree, d.state.Run.Data, d.state.Run.Inputs)
	for i, ev := range d.events {
		if _, _, err := again.feed(ev); err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
	}
	return again, nil
}

// picture is everything of a state, as text, so that two can be compared.
func (d *driver) picture() string {
	tasks := slices.SortedFunc(maps.Values(d.state.Tasks), func(a, b engine.Task) int { return int(a.Order - b.Order) })
	text, err := json.MarshalIndent(map[string]any{
		"head": d.state.Head, "tasks": tasks, "open": d.open, "outputs": d.outputs,
	}, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// sortedFaults lists open errors in an order that does not depend on a map.
func sortedFaults(faults map[string]engine.Fault) []engine.Fault {
	list := make([]engine.Fault, 0, len(faults))
	for _, key := range slices.Sorted(maps.Keys(faults)) {
		list = append(list, faults[key])
	}
	return list
}

// tokens lists the deferrals whose token may come.
func (d *driver) tokens() []engine.TaskKey {
	var keys []engine.TaskKey
	for i := range d.state.Head.Open {
		e := &d.state.Head.Open[i]
		n, ok := d.tree.Node(e.Node)
		called := ok && n.Defer != nil && (n.Loop == nil || e.Item) && e.Status == engine.TaskRunning && !e.Early
		if e.Token || called {
			keys = append(keys, e.Key())
		}
	}
	return keys
}

// occupied reports whether something is open in a place, or inside it.
func (d *driver) occupied(place engine.Place) bool {
	return slices.ContainsFunc(d.state.Head.Open, func(e engine.Execution) bool { return e.Place.Within(place) })
}
