package jobs

import (
	"container/list"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"hooktree/engine"
)

// hotRun is a run as it was last saved, ready for a step.
type hotRun struct {
	run   Run
	state engine.State
	tree  *engine.Tree
	held  []Work
	size  int
}

// hotRuns keeps the runs that were stepped last, up to a number of bytes, and
// serializes the steps of one run.
type hotRuns struct {
	seed  maphash.Seed
	locks [256]sync.Mutex // by run: the steps of one run never overlap

	mu    sync.Mutex // guards what follows
	limit int
	size  int
	byID  map[string]*list.Element
	used  *list.List // of *hotRun, the latest first
}

func newHotRuns(limit int) *hotRuns {
	return &hotRuns{seed: maphash.MakeSeed(), limit: limit, byID: map[string]*list.Element{}, used: list.New()}
}

// lock keeps others from stepping a run until unlock is called.
func (h *hotRuns) lock(id string) (unlock func()) {
	l := h.stripe(id)
	l.Lock()
	return l.Unlock
}

func (h *hotRuns) stripe(id string) *sync.Mutex {
	return &h.locks[maphash.String(h.seed, id)%uint64(len(h.locks))]
}

// take gives a run away: whoever steps it puts it back as it was saved, or
// forgets it.
func (h *hotRuns) take(id string) *hotRun {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.byID[id]
	if e == nil {
		return nil
	}
	hot, _ := h.used.Remove(e).(*hotRun)
	delete(h.byID, id)
	h.size -= hot.size
	return hot
}

// put keeps a run at hand, in place of those that were not used for long.
func (h *hotRuns) put(hot *hotRun) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.byID[hot.run.ID]; e != nil {
		old, _ := h.used.Remove(e).(*hotRun)
		h.size -= old.size
	}
	h.size += hot.size
	h.byID[hot.run.ID] = h.used.PushFront(hot)
	for h.size > h.limit {
		last, _ := h.used.Remove(h.used.Back()).(*hotRun)
		delete(h.byID, last.run.ID)
		h.size -= last.size
	}
}

// admit keeps a run at hand that has just begun, unless somebody steps it
// already.
func (h *hotRuns) admit(hot *hotRun) {
	l := h.stripe(hot.run.ID)
	if !l.TryLock() {
		return // to wait would hold up the sender of the event
	}
	defer l.Unlock()
	if _, known := h.peek(hot.run.ID); !known {
		h.put(hot)
	}
}

// begun gives a run as its first step left it.
func begun(f *Firing, tree *engine.Tree, data map[string]any) *hotRun {
	hot := &hotRun{run: *f.Run, tree: tree, size: weigh(data)}
	hot.state = f.Run.state(data).With(f.First.Delta)
	hot.hold(f.First)
	hot.prune(f.First.Delta.Tasks)
	return hot
}

// load gives a run for a step, from memory or from the store.
func (r *Runner) load(ctx context.Context, id string) (*hotRun, error) {
	if hot := r.hot.take(id); hot != nil {
		return hot, nil
	}
	loaded, err := r.Ledger.Load(ctx, id, nil)
	if err != nil {
		return nil, fmt.Errorf("load run %s: %w", id, err)
	}
	hot := &hotRun{run: loaded.Run, held: loaded.Held, size: weigh(loaded.Data)}
	if loaded.Run.Status.Final() {
		hot.state = loaded.Run.state(loaded.Data)
		return hot, nil
	}
	// A tree that cannot be read is found out by the step, which says so.
	if hot.tree, err = r.Trees.Tree(ctx, loaded.Run.Hash); err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if hot.tree != nil {
		if nodes := hot.tree.Reads(); len(nodes) > 0 {
			if loaded, err = r.Ledger.Load(ctx, id, nodes); err != nil {
				return nil, fmt.Errorf("load run %s: %w", id, err)
			}
			hot.run, hot.held = loaded.Run, loaded.Held
		}
	}
	hot.state = hot.run.state(loaded.Data)
	hot.state.Tasks = make(map[engine.TaskKey]engine.Task, len(loaded.Tasks))
	for _, t := range loaded.Tasks {
		hot.state.Tasks[t.Key()] = t
		hot.size += weighTask(&t)
	}
	return hot, nil
}

// saved brings a run up to a step that has been committed.
func (h *hotRun) saved(p *Progress) {
	h.run = p.Run
	h.run.Revision++
	h.state.Run.Started = h.run.Started
	h.state = h.state.With(p.Step.Delta)
	h.hold(p.Step)
	h.prune(p.Step.Delta.Tasks)
}

// hold follows which work is held back.
func (h *hotRun) hold(s Step) {
	for _, w := range s.Add {
		h.held = slices.DeleteFunc(slices.Clone(h.held), func(old Work) bool { return old.ID == w.ID })
		if w.Due.IsZero() {
			h.held = append(h.held, w)
		}
	}
}

// prune lets go of finished tasks that no expression reads, so that a loop of
// ten thousand items does not stay in memory.
func (h *hotRun) prune(touched []engine.Task) {
	if h.tree == nil {
		return
	}
	reads := h.tree.Reads()
	for i := range touched {
		t := &touched[i]
		if _, read := slices.BinarySearch(reads, t.Node); t.Status.Final() && !read {
			delete(h.state.Tasks, t.Key())
			continue
		}
		h.size += weighTask(t)
	}
}

// weighTask gives the rough size of a task in bytes.
func weighTask(t *engine.Task) int {
	return 256 + weigh(t.Results) + weigh(t.Inputs)
}

// weigh gives the rough size of a value in bytes.
func weigh(value any) int {
	const header = 32
	switch v := value.(type) {
	case string:
		return header + len(v)
	case []any:
		size := header
		for _, item := range v {
			size += weigh(item)
		}
		return size
	case map[string]any:
		size := header
		for name, member := range v {
			size += header + len(name) + weigh(member)
		}
		return size
	default:
		return header
	}
}

// peek gives what never changes in a run that is at hand.
func (h *hotRuns) peek(id string) (engine.Run, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.byID[id]
	if e == nil {
		return engine.Run{}, false
	}
	hot, _ := e.Value.(*hotRun)
	return hot.state.Run, true
}
