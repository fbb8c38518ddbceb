package memory

import (
	"slices"
	"time"

	"hooktree/jobs"
)

// queue holds work in the order in which it falls due.
type queue struct {
	byID  map[string]entry
	byRun map[string]map[string]struct{} // run to the IDs of its work
	due   []entry                        // sorted by compare
	lines map[string][]entry             // work by its queue, sorted by byWork
	rank  int64
}

type entry struct {
	rank int64
	work jobs.Work
}

func newQueue() queue {
	return queue{byID: map[string]entry{}, byRun: map[string]map[string]struct{}{}, lines: map[string][]entry{}}
}

func compare(a, b entry) int {
	if c := a.work.Due.Compare(b.work.Due); c != 0 {
		return c
	}
	return int(a.rank - b.rank)
}

// put adds work, in place of what has the same ID. Held work is left out.
func (q *queue) put(w jobs.Work) {
	q.drop(w.ID)
	q.rank++
	e := entry{q.rank, w}
	q.byID[w.ID] = e
	if w.RunID != "" {
		if q.byRun[w.RunID] == nil {
			q.byRun[w.RunID] = map[string]struct{}{}
		}
		q.byRun[w.RunID][w.ID] = struct{}{}
	}
	i, _ := slices.BinarySearchFunc(q.due, e, compare)
	q.due = slices.Insert(q.due, i, e)
	if w.Queue != "" {
		line := q.lines[w.Queue]
		i, _ := slices.BinarySearchFunc(line, e, byWork)
		q.lines[w.Queue] = slices.Insert(line, i, e)
	}
}

func (q *queue) drop(id string) {
	e, ok := q.byID[id]
	if !ok {
		return
	}
	delete(q.byID, id)
	if i, ok := slices.BinarySearchFunc(q.due, e, compare); ok {
		q.due = slices.Delete(q.due, i, i+1)
	}
	q.leave(e)
	if of := q.byRun[e.work.RunID]; of != nil {
		delete(of, id)
		if len(of) == 0 {
			delete(q.byRun, e.work.RunID)
		}
	}
}

func (q *queue) dropRun(run string) {
	for id := range q.byRun[run] {
		q.drop(id)
	}
}

// leave takes work out of its queue.
func (q *queue) leave(e entry) {
	line := q.lines[e.work.Queue]
	i, ok := slices.BinarySearchFunc(line, e, byWork)
	if !ok {
		return
	}
	if line = slices.Delete(line, i, i+1); len(line) == 0 {
		delete(q.lines, e.work.Queue)
		return
	}
	q.lines[e.work.Queue] = line
}

// order says anew of the work of a queue whether it goes in order.
func (q *queue) order(name string, ordered bool) {
	line := q.lines[name]
	for i := range line {
		line[i].work.Ordered = ordered
		q.byID[line[i].work.ID] = line[i]
		if at, ok := slices.BinarySearchFunc(q.due, line[i], compare); ok {
			q.due[at] = line[i]
		}
	}
}

func (q *queue) list(d jobs.DueQuery) (work []jobs.Work, next time.Time) {
	busy, resting := setOf(d.Busy), setOf(d.Resting)
	for _, e := range q.due {
		if !q.ready(&e.work, busy, resting) {
			continue
		}
		if e.work.Due.After(d.Now) || len(work) == d.Limit {
			return work, e.work.Due
		}
		work = append(work, e.work)
	}
	return work, time.Time{}
}

// ready reports whether work may be done when its time has come.
func (q *queue) ready(w *jobs.Work, busy, resting map[string]bool) bool {
	if w.Queue == "" {
		return !busy[w.Host]
	}
	return !resting[w.Queue] && (!w.Ordered || q.lines[w.Queue][0].work.ID == w.ID)
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}
