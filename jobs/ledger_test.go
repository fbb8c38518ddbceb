package jobs_test

import (
	"context"
	"sync"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/store/memory"
)

// refusing is a store that records, or loads, nothing while it has an error.
type refusing struct {
	*memory.Store
	err     error
	loading error
	loads   int
}

func (r *refusing) Record(ctx context.Context, p jobs.Progress) error {
	if r.err != nil {
		return r.err
	}
	return r.Store.Record(ctx, p)
}

func (r *refusing) Load(ctx context.Context, id string, nodes []engine.NodeID) (jobs.Loaded, error) {
	r.loads++
	if r.loading != nil {
		return jobs.Loaded{}, r.loading
	}
	return r.Store.Load(ctx, id, nodes)
}

// listing does something between the reading of due work and its begin.
type listing struct {
	*memory.Store
	then func()
}

func (l *listing) Due(ctx context.Context, q jobs.DueQuery) ([]jobs.Work, time.Time, error) {
	work, next, err := l.Store.Due(ctx, q)
	l.then()
	return work, next, err
}

// watched tells when a run has been loaded.
type watched struct {
	*memory.Store
	once   sync.Once
	loaded chan struct{}
}

func (w *watched) Load(ctx context.Context, id string, nodes []engine.NodeID) (jobs.Loaded, error) {
	defer w.once.Do(func() { close(w.loaded) })
	return w.Store.Load(ctx, id, nodes)
}
