package engine

import (
	"slices"
	"time"
)

// walk is one step at work: copies of what it changes, and what it gives.
type walk struct {
	tree *Tree
	ix   *index
	run  *Run
	head Head
	past map[TaskKey]Task // the tasks of the state; never changed
	now  time.Time

	turn  Execution   // being walked
	queue []Execution // to be walked, in order
	next  int         // the first of them that has not been walked
	dirty []Place     // places where something ended since their joins were looked at
	seen  sight

	touched []*Task
	byKey   map[TaskKey]*Task
	space   []Task // where new tasks are put; a full one is left to its tasks
	faults  []Fault
	outputs any

	commands []Command
	walked   int
	written  int
}

func newWalk(tree *Tree, state *State) *walk {
	w := &walk{
		tree: tree, ix: tree.index, run: &state.Run, head: state.Head, past: state.Tasks,
		byKey: make(map[TaskKey]*Task),
	}
	if state.Head.Semantics == 0 { // a first step walks most of a tree without effects
		w.space = make([]Task, 0, min(len(tree.Nodes), 32))
	}
	w.head.Open = slices.Clone(state.Head.Open)
	w.head.Joins = slices.Clone(state.Head.Joins)
	w.seen.walk = w
	return w
}

// walk goes on until nothing can move or a bound is reached, and sees whether
// that was the end of the run.
func (w *walk) walk() {
	for !w.head.Status.Final() {
		for w.next < len(w.queue) && !w.head.Status.Final() {
			if w.walked >= MaxWalked || w.written >= MaxWritten {
				return
			}
			w.turn = w.queue[w.next]
			w.next++
			w.walked++
			w.visit(&w.turn)
		}
		if w.head.Status.Final() {
			return
		}
		if !w.settle() {
			w.finish()
			return
		}
	}
}

// resume takes up what the bound of an earlier step left.
func (w *walk) resume() {
	w.head.Open = slices.DeleteFunc(w.head.Open, func(e Execution) bool {
		if e.Status == TaskNew {
			w.queue = append(w.queue, e)
			return true
		}
		return false
	})
	for i := range w.head.Joins {
		w.stir(w.head.Joins[i].Place)
	}
	for i := range w.head.Open {
		e := &w.head.Open[i]
		if e.Rounds == nil {
			continue
		}
		for _, index := range e.Rounds.Live {
			w.stir(e.Place.Item(e.Node, index))
		}
	}
}

// begin starts a block: the tree, or the body of a loop for one item.
func (w *walk) begin(block NodeID, place Place, cause NodeID) {
	w.await(TaskKey{Node: Start, Place: Place(block)}, place)
	start := &Execution{Node: Start, Place: place, Cause: cause}
	outs := w.ix.starts[block]
	var t *Task
	if slices.ContainsFunc(outs, func(id int) bool { return w.ix.edges[id].When != nil }) {
		t = w.touch(start) // so that people see what the conditions decided
		t.Status = TaskComplete
		w.ended(t)
	}
	w.fire(start, t, outs, OnComplete)
	w.stir(place)
}

// enqueue has a node walked in this step, or in the next when this one is full.
func (w *walk) enqueue(e Execution) {
	e.Status = TaskNew
	if !e.Item { // the loop is what joins wait for
		w.await(TaskKey{Node: e.Node}, e.Place)
	}
	if w.next == len(w.queue) {
		w.queue, w.next = w.queue[:0], 0
	}
	w.queue = append(w.queue, e)
}

// stir marks a place to be looked at once nothing more can be walked.
func (w *walk) stir(place Place) {
	if !slices.Contains(w.dirty, place) {
		w.dirty = append(w.dirty, place)
	}
}

func (w *walk) command(c Command) { w.commands = append(w.commands, c) }

func (w *walk) node(id NodeID) *Node {
	return &w.tree.Nodes[w.ix.byID[id]]
}

// task gives a task as it stands, touched or past.
func (w *walk) task(key TaskKey) (*Task, bool) {
	if t, ok := w.byKey[key]; ok {
		return t, true
	}
	if t, ok := w.past[key]; ok {
		return &t, true
	}
	return nil, false
}

// touch gives the task of an execution to be changed; a new one is ranked.
func (w *walk) touch(e *Execution) *Task {
	key := e.Key()
	if t, ok := w.byKey[key]; ok {
		return t
	}
	t := w.newTask()
	if past, ok := w.past[key]; ok {
		*t = past
		t.Attempts = slices.Clip(t.Attempts)
		t.Fired = slices.Clip(t.Fired)
	} else {
		w.head.Order++
		*t = Task{Node: e.Node, Place: e.Place, Order: w.head.Order, Started: w.now}
	}
	w.byKey[key] = t
	w.touched = append(w.touched, t)
	return t
}

func (w *walk) newTask() *Task {
	if len(w.space) == cap(w.space) {
		w.space = make([]Task, 0, min(2*len(w.touched)+4, 64))
	}
	w.space = append(w.space, Task{})
	return &w.space[len(w.space)-1]
}

// find gives the open execution of a key, connectors that raised left out.
func (w *walk) find(key TaskKey) (int, bool) {
	i := slices.IndexFunc(w.head.Open, func(e Execution) bool {
		return e.Node == key.Node && e.Place == key.Place && e.Connector == ""
	})
	return i, i >= 0
}

// tally gives the count of a join in a place, and adds it when there is none.
func (w *walk) tally(node NodeID, place Place) *Tally {
	for i := range w.head.Joins {
		if t := &w.head.Joins[i]; t.Node == node && t.Place == place {
			return t
		}
	}
	w.head.Joins = append(w.head.Joins, Tally{Node: node, Place: place})
	return &w.head.Joins[len(w.head.Joins)-1]
}

// reopen takes an open execution out of the head, to be changed with its task.
func (w *walk) reopen(i int) (*Execution, *Task) {
	e := w.head.Open[i]
	w.head.Open = slices.Delete(w.head.Open, i, i+1)
	return &e, w.touch(&e)
}

// keep leaves an execution open until something is reported for it.
func (w *walk) keep(e *Execution, t *Task, status TaskStatus) {
	e.Status, t.Status = status, status
	t.Attempt, t.Due = e.Attempt, e.Due
	w.head.Open = append(w.head.Open, *e)
}

// ended stamps a task that moves no more.
func (w *walk) ended(t *Task) {
	w.head.Done++
	t.Done, t.Ended = w.head.Done, w.now
	t.Due = time.Time{}
}

// record takes a value in as a result: secrets become their masks, and it
// counts towards the bound of the step.
func (w *walk) record(value any) any {
	value, _ = w.part(value)
	return value
}

// part is record that also gives the secrets which the masks stand for.
func (w *walk) part(value any) (masked any, seals []Seal) {
	found := w.seen.weigh(value)
	w.written += found.bytes
	if found.alive {
		value = w.seen.release(value)
	}
	if !found.sealed {
		return value, nil
	}
	masked = mask(value, "", &seals)
	return masked, seals
}

func (w *walk) close(status RunStatus, reason string) {
	w.head.Status, w.head.Reason, w.head.Ended = status, reason, w.now
	w.head.Joins, w.head.Continue = nil, ""
}

// stop cancels everything that is open or queued, for a reason that each task
// keeps, and closes the run.
func (w *walk) stop(status RunStatus, reason string, letFinish bool) {
	open := slices.Concat(w.head.Open, w.queue[w.next:])
	w.head.Open, w.next = nil, len(w.queue)
	w.head.Joins, w.dirty = nil, nil
	for i := range open {
		w.abandon(&open[i], reason, letFinish)
	}
	if status == RunComplete && !w.conclude() {
		return
	}
	w.close(status, reason)
}

// abandon cancels one execution.
func (w *walk) abandon(e *Execution, reason string, letFinish bool) {
	if e.Connector != "" {
		w.settleConnector(e, ActionCancel)
		return
	}
	t := w.touch(e)
	if e.Status == TaskError && t.Error != nil {
		w.settleFault(e, *t.Error, ActionCancel)
	}
	if what, ok := w.awaits(e); ok && (e.Status != TaskRunning || !letFinish) {
		w.command(Drop{ID: w.run.command(e, what)})
	}
	t.Status, t.Reason = TaskCancelled, reason
	w.ended(t)
}

// awaits is the command whose outcome an open execution waits for.
func (w *walk) awaits(e *Execution) (errand, bool) {
	switch e.Status {
	case TaskRunning:
		return errandCall, true
	case TaskRetrying:
		return errandRetry, true
	case TaskWaiting:
		if e.Child != 0 {
			return errandCall, true
		}
		if e.Token {
			return errandExpiry, !e.Due.IsZero()
		}
		return errandWait, e.Rounds == nil
	case TaskNew, TaskError, TaskComplete, TaskPassed, TaskFailed, TaskSkipped, TaskCancelled:
	}
	return "", false
}

func (w *walk) cancelled(ev Cancelled) bool {
	w.now = ev.At
	w.stop(RunCancelled, ev.Reason, false)
	return true
}
