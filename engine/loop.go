package engine

import (
	"fmt"
	"slices"
)

// The bounds of loops. They keep the head small however long a list is.
const (
	MaxItems = 256 // items of one loop under way at a time, `parallel: all` too
	MaxOpen  = 320 // open executions at which no loop that has an item under way begins another

	maxQueued = 8 // executions to be walked before the next items begin: what they open is then counted
)

// Rounds is how far a loop is. It does not grow with the number of its items.
type Rounds struct {
	Total  int   `json:"total"`            // items in all; for an until loop the most rounds
	Next   int   `json:"next"`             // the first that has not begun
	Live   []int `json:"live,omitempty"`   // those under way
	Done   int   `json:"done"`             // those that finished
	Failed int   `json:"failed,omitempty"` // one more than the index of the first that failed
}

// each begins a loop, or takes up one that stood in an error.
func (w *walk) each(e *Execution, t *Task, n *Node) {
	switch {
	case e.Rounds != nil:
		w.retake(e, t, n)
		return
	case n.Loop.Each == nil:
		e.Rounds = &Rounds{Total: n.Loop.Max}
	default:
		list, err := w.items(e, n)
		if err != nil {
			w.raise(e, t, err)
			return
		}
		t.Inputs = map[string]any{"each": list}
		e.Rounds = &Rounds{Total: len(list)}
	}
	w.keep(e, t, TaskWaiting)
	w.advance(e.Key())
}

// retake goes on with a loop whose until could not be evaluated, or did not
// hold in as many rounds as it may take: it may take as many again.
func (w *walk) retake(e *Execution, t *Task, n *Node) {
	rounds := *e.Rounds
	if rounds.Next >= rounds.Total {
		rounds.Total += n.Loop.Max
	}
	e.Rounds = &rounds
	w.keep(e, t, TaskWaiting)
	w.again(e.Key(), e.Place.Item(n.ID, rounds.Next-1))
}

func (w *walk) items(e *Execution, n *Node) ([]any, error) {
	value, err := w.eval(e, n.Loop.Each)
	if err != nil {
		return nil, fmt.Errorf("each: %w", err)
	}
	list, ok := asList(w.record(value))
	if !ok {
		return nil, fmt.Errorf("each: %s is no list", kindOf(value))
	}
	return list, nil
}

// advance begins what a loop may begin, or completes it.
func (w *walk) advance(key TaskKey) {
	i, ok := w.find(key)
	if !ok || w.head.Open[i].Rounds == nil || w.head.Open[i].Status != TaskWaiting {
		return
	}
	n := w.node(key.Node)
	rounds := *w.head.Open[i].Rounds
	rounds.Live = slices.Clone(rounds.Live)
	for rounds.Next < rounds.Total && !n.Loop.enough(&rounds) && w.room(key, n, &rounds) {
		item := key.Place.Item(n.ID, rounds.Next)
		rounds.Live = append(rounds.Live, rounds.Next)
		rounds.Next++
		w.beginItem(n, item, w.head.Open[i].Cause)
	}
	w.head.Open[i].Rounds = &rounds
	if len(w.queue)-w.next >= maxQueued && len(rounds.Live) > 0 {
		w.stir(key.Place.Item(n.ID, rounds.Live[0])) // to be asked again
	}
	if n.Loop.enough(&rounds) || len(rounds.Live) == 0 && rounds.Next >= rounds.Total {
		w.endLoop(i)
	}
}

// enough reports whether the items that a loop needs have finished.
func (l *Loop) enough(r *Rounds) bool { return l.Need > 0 && r.Done >= l.Need }

func (w *walk) beginItem(n *Node, item Place, cause NodeID) {
	if len(n.Loop.Body) > 0 {
		w.begin(n.ID, item, cause)
		return
	}
	w.enqueue(Execution{Node: n.ID, Place: item, Cause: cause, Item: true})
}

// room reports whether a loop may begin another item. One that stands in an
// error does not stop the others, but no more than MaxItems are kept open.
func (w *walk) room(key TaskKey, n *Node, r *Rounds) bool {
	live := len(r.Live)
	if live == 0 {
		return true // so that a loop inside a crowded one still moves; rounds follow each other
	}
	queued := len(w.queue) - w.next
	if n.Loop.Each == nil || live >= MaxItems || queued >= maxQueued || len(w.head.Open)+queued >= MaxOpen {
		return false
	}
	most := n.Loop.Parallel
	return most == 0 || live < most || live-w.stuck(key, r) < most
}

// stuck counts the items of a loop that can go on only by somebody's hand.
func (w *walk) stuck(key TaskKey, r *Rounds) int {
	count := 0
	for _, index := range r.Live {
		item := key.Place.Item(key.Node, index)
		stands, moves := false, false
		for i := range w.head.Open {
			e := &w.head.Open[i]
			if !e.Place.Within(item) || e.Rounds != nil && e.Status != TaskError {
				continue // a loop moves by its items
			}
			stands = stands || e.Status == TaskError
			moves = moves || e.Status != TaskError
		}
		queued := slices.ContainsFunc(w.queue[w.next:], func(e Execution) bool { return e.Place.Within(item) })
		if stands && !moves && !queued {
			count++
		}
	}
	return count
}

// settleItem sees whether the item around a place has finished, which it has
// when nothing in it can run any more.
func (w *walk) settleItem(place Place) {
	item, mark, ok := place.item()
	if !ok {
		return
	}
	key := TaskKey{Node: mark.Node, Place: item.Parent()}
	if w.occupied(item) {
		w.advance(key) // what stands in an error has made room
		return
	}
	i, ok := w.find(key)
	if !ok || w.head.Open[i].Rounds == nil || !slices.Contains(w.head.Open[i].Rounds.Live, mark.Number) {
		return
	}
	w.endItem(i, mark.Number, item)
	if w.node(mark.Node).Loop.Each == nil {
		w.again(key, item)
		return
	}
	w.advance(key)
}

func (w *walk) occupied(item Place) bool {
	inside := func(e Execution) bool { return e.Place.Within(item) }
	return slices.ContainsFunc(w.head.Open, inside) || slices.ContainsFunc(w.queue[w.next:], inside)
}

// endItem strikes an item that has finished from its loop.
func (w *walk) endItem(i, index int, item Place) {
	e := &w.head.Open[i]
	rounds := *e.Rounds
	rounds.Live = slices.DeleteFunc(slices.Clone(rounds.Live), func(n int) bool { return n == index })
	if t, ok := w.task(TaskKey{Node: e.Node, Place: item}); ok && t.Status == TaskFailed {
		if rounds.Failed == 0 {
			rounds.Failed = index + 1
		}
	} else {
		rounds.Done++
	}
	e.Rounds = &rounds
}

// clear drops the counts of joins inside a place where nothing is open.
func (w *walk) clear(place Place) {
	w.head.Joins = slices.DeleteFunc(w.head.Joins, func(t Tally) bool { return t.Place.Within(place) })
}

// again asks an until loop, after a round, whether there is another.
func (w *walk) again(key TaskKey, item Place) {
	i, ok := w.find(key)
	if !ok {
		return
	}
	n, rounds := w.node(key.Node), w.head.Open[i].Rounds
	if rounds.Failed > 0 {
		w.endLoop(i)
		return
	}
	stands := Execution{Node: key.Node, Place: item, Attempt: w.head.Open[i].Attempt}
	holds, err := w.holds(&stands, n.Loop.Until, "until")
	switch {
	case err != nil:
		e, t := w.reopen(i)
		w.raise(e, t, err)
	case holds:
		w.endLoop(i)
	case rounds.Next >= rounds.Total:
		e, t := w.reopen(i)
		w.refuse(e, t, Failure{
			Code: CodeLimit, Message: fmt.Sprintf("until: %s did not hold in %d rounds", n.Loop.Until, rounds.Next),
		}, FaultLimit)
	default:
		w.advance(key)
	}
}

// endLoop completes a loop, or fails it when an item of it has failed.
func (w *walk) endLoop(i int) {
	e, t := w.reopen(i)
	n := w.node(e.Node)
	for _, index := range e.Rounds.Live {
		w.abort(e.Place.Item(e.Node, index), fmt.Sprintf("%s has the items that it needs", e.Node))
	}
	if e.Rounds.Failed > 0 {
		item, _ := w.task(TaskKey{Node: e.Node, Place: e.Place.Item(e.Node, e.Rounds.Failed-1)})
		w.refuse(e, t, *item.Error, FaultHandler)
		return
	}
	w.complete(e, t, TaskComplete, w.gather(e, n))
}

// abort cancels all that is open inside a place.
func (w *walk) abort(place Place, reason string) {
	inside := func(e Execution) bool { return e.Place.Within(place) }
	var open []Execution
	for _, e := range slices.Concat(w.head.Open, w.queue[w.next:]) {
		if inside(e) {
			open = append(open, e)
		}
	}
	w.head.Open = slices.DeleteFunc(w.head.Open, inside)
	w.queue = append(w.queue[:w.next:w.next], slices.DeleteFunc(slices.Clone(w.queue[w.next:]), inside)...)
	for i := range open {
		w.abandon(&open[i], reason, false)
	}
	w.clear(place)
}

// gather lists the results of the items that finished, in their order: of a
// loop with a body, one mapping of its nodes' results an item. A loop that no
// expression names is not gathered: its items have their own tasks.
func (w *walk) gather(e *Execution, n *Node) any {
	if !w.ix.gathered[w.ix.byID[n.ID]] {
		return nil
	}
	list := make([]any, 0, e.Rounds.Done)
	for index := range e.Rounds.Next {
		if slices.Contains(e.Rounds.Live, index) {
			continue // cancelled: the loop had enough
		}
		item := e.Place.Item(n.ID, index)
		if len(n.Loop.Body) == 0 {
			list = append(list, w.resultAt(n.ID, item))
			continue
		}
		results := make(map[string]any, len(n.Loop.Body))
		for _, id := range n.Loop.Body {
			results[string(id)] = w.resultAt(id, item)
		}
		list = append(list, results)
	}
	return list
}

// resultAt is what a node gave in exactly one place.
func (w *walk) resultAt(id NodeID, place Place) any {
	if t, ok := w.task(TaskKey{Node: id, Place: place}); ok && (t.Status == TaskComplete || t.Status == TaskSkipped) {
		return t.Results
	}
	return nil
}
