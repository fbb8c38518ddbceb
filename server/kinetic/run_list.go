package kinetic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
)

// wantedRuns is what a list of runs asks for: what the store selects, and what
// is selected of its answer.
type wantedRuns struct {
	filter                  jobs.RunFilter
	id, afterID, beforeID   int64
	kind                    string
	groupFragment, fragment string
	parent, originating     string
	treeID                  int64
	subjects                map[string]bool // ids of the events of a sourceId; nil for any
}

func (a *api) wantedRuns(ctx context.Context, req *request) (wantedRuns, error) {
	q := req.Query
	w := wantedRuns{
		filter: jobs.RunFilter{
			Source: req.any("source", "sourceName"), Group: req.any("group", "sourceGroup"), Name: req.any("tree", "name"),
		},
		groupFragment: q.Get("groupFragment"), fragment: q.Get("treeFragment"), originating: q.Get("originatingId"),
	}
	if source := req.Params["source"]; source != "" {
		w.filter.Source = source
	}
	if title, ok := titleOf(w.filter.Name); ok { // some clients send the whole title
		w.filter.Source, w.filter.Group, w.filter.Name = title.Source, title.Group, title.Name
	}
	for _, read := range []func() error{
		func() (err error) { w.filter.From, w.filter.To, err = req.span(); return err },
		func() (err error) { w.filter.Status, err = wantedStatus(req); return err },
		func() (err error) { w.kind, err = req.choice("treeType", treeTypes...); return err },
		func() (err error) { w.id, err = req.number("id", 0); return err },
		func() (err error) { w.treeID, err = req.number("treeId", 0); return err },
		func() error { return w.between(ctx, a, req) },
		func() error { return w.parentOf(ctx, a, req) },
		func() error { return w.about(ctx, a, q.Get("sourceId")) },
	} {
		if err := read(); err != nil {
			return w, err
		}
	}
	return w, nil
}

// wantedStatus reads a status in the vendor's words or in ours.
func wantedStatus(req *request) ([]engine.RunStatus, error) {
	status, err := req.choice("status", runStaged, runStarted, string(engine.RunQueued), string(engine.RunRunning),
		string(engine.RunWaiting), string(engine.RunError), string(engine.RunComplete), string(engine.RunCancelled))
	switch {
	case err != nil || status == "":
		return nil, err
	case status == runStaged:
		return []engine.RunStatus{engine.RunQueued}, nil
	case status == runStarted:
		return []engine.RunStatus{engine.RunRunning, engine.RunWaiting}, nil
	default:
		return []engine.RunStatus{engine.RunStatus(status)}, nil
	}
}

// between reads the numbers that bound a list. Runs are made in the order of
// their numbers, so that the times of those two bound it as well.
func (w *wantedRuns) between(ctx context.Context, a *api, req *request) (err error) {
	if w.afterID, err = req.number("afterId", 0); err != nil {
		return err
	}
	if w.beforeID, err = req.number("beforeId", 0); err != nil {
		return err
	}
	const slack = time.Second // numbers are given out a moment before times are
	after, err := a.made(ctx, w.afterID)
	if err != nil {
		return err
	}
	if !after.IsZero() && after.Add(-slack).After(w.filter.From) {
		w.filter.From = after.Add(-slack)
	}
	before, err := a.made(ctx, w.beforeID)
	if err != nil {
		return err
	}
	if !before.IsZero() && (w.filter.To.IsZero() || before.Add(slack).Before(w.filter.To)) {
		w.filter.To = before.Add(slack)
	}
	return nil
}

// made is when a run was made; the zero time for one that is not there.
func (a *api) made(ctx context.Context, number int64) (time.Time, error) {
	if number == 0 {
		return time.Time{}, nil
	}
	r, err := a.services.History.Run(ctx, number)
	if errors.Is(err, jobs.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("load run #%d: %w", number, err)
	}
	return r.Created, nil
}

// parentOf reads the number of the calling run.
func (w *wantedRuns) parentOf(ctx context.Context, a *api, req *request) error {
	number, err := req.number("parentId", 0)
	if err != nil || number == 0 {
		return err
	}
	r, err := a.services.History.Run(ctx, number)
	if err != nil {
		return fmt.Errorf("load run #%d: %w", number, err)
	}
	w.parent, w.filter.EventID = r.ID, r.EventID
	return nil
}

// about reads a sourceId: the id of what the events happened to, such as a
// submission, or that of one event.
func (w *wantedRuns) about(ctx context.Context, a *api, sourceID string) error {
	if sourceID == "" {
		return nil
	}
	w.subjects = map[string]bool{sourceID: true}
	for cursor := ""; ; {
		found, next, err := a.services.History.Jobs(ctx, jobs.JobFilter{
			Page: jobs.Page{Limit: maxLimit, Cursor: cursor}, Entity: sourceID,
		})
		if err != nil {
			return fmt.Errorf("list the jobs of %s: %w", clip(sourceID), err)
		}
		for _, j := range found {
			w.subjects[j.EventID] = true
		}
		if cursor = next; cursor == "" || len(w.subjects) >= window {
			break
		}
	}
	if len(w.subjects) == 1 {
		w.filter.EventID = sourceID
	}
	return nil
}

func (w *wantedRuns) match(r *jobs.Run) bool {
	return (w.id == 0 || r.Number == w.id) && (w.afterID == 0 || r.Number > w.afterID) && (w.beforeID == 0 || r.Number < w.beforeID) &&
		equals(w.kind, typeOf(r.Title)) && holds(r.Title.Group, w.groupFragment) && holds(r.Title.Name, w.fragment) &&
		equals(w.parent, r.Parent) && equals(w.originating, r.Parent) &&
		(w.treeID == 0 || treeID(r.Title) == w.treeID) && (w.subjects == nil || w.subjects[r.EventID])
}

// plain reports whether all runs are wanted, so that they need not be counted
// one by one.
func (w *wantedRuns) plain() bool {
	f := w.filter
	return f.Source == "" && f.Group == "" && f.Name == "" && f.EventID == "" && f.From.IsZero() && f.To.IsZero() && len(f.Status) == 0 &&
		w.id == 0 && w.afterID == 0 && w.beforeID == 0 && w.kind == "" && w.groupFragment == "" && w.fragment == "" &&
		w.originating == "" && w.treeID == 0 && w.subjects == nil
}

func (a *api) listRuns(ctx context.Context, req *request) (any, error) {
	p, err := req.paging(true)
	if err != nil {
		return nil, err
	}
	if order := req.Query.Get("orderBy"); !slices.Contains([]string{"", "createdAt", "id", "ASC", "DESC"}, order) {
		return nil, unsupported("runs are listed by createdAt or id; orderBy=%s is not kept in order", clip(order))
	}
	p.ascending = p.ascending || req.Query.Get("orderBy") == "ASC"
	w, err := a.wantedRuns(ctx, req)
	if err != nil {
		return nil, err
	}
	quick := w.plain() && p.count && !p.ascending
	part := p
	if quick {
		part.count = false // it is enough to see the part that is shown
	}
	found, err := walk(part, func(cursor string, limit int) ([]jobs.Run, string, error) {
		f := w.filter
		f.Page = jobs.Page{Limit: limit, Cursor: cursor}
		return a.services.History.Runs(ctx, f)
	}, w.match)
	if err != nil {
		return nil, err
	}
	if quick {
		if found.count, err = a.countRuns(ctx); err != nil {
			return nil, err
		}
	}
	shown := []run{}
	for _, r := range found.rows {
		one, err := a.newRun(ctx, r, req)
		if err != nil {
			return nil, err
		}
		shown = append(shown, one)
	}
	return p.listing("runs", shown, found.count, found.more), nil
}

func (a *api) countRuns(ctx context.Context) (int, error) {
	all, err := a.services.History.Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the runs: %w", err)
	}
	count := 0
	for _, n := range all.Runs {
		count += int(n)
	}
	return count, nil
}
