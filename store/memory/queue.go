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
	rank  int64
}

type entry struct {
	rank int64
	work jobs.Work
}

func newQueue() queue {
	return queue{byID: map[string]entry{}, byRun: map[string]map[string]struct{}{}}
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

func (q *queue) list(d jobs.DueQuery) (work []jobs.Work, next time.Time) {
	for _, e := range q.due {
		if e.work.Due.After(d.Now) {
			return work, e.work.Due
		}
		if len(work) < d.Limit && !slices.Contains(d.Busy, e.work.Host) {
			work = append(work, e.work)
		}
	}
	return work, time.Time{}
}
