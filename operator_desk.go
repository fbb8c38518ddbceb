package main

import (
	"context"
	"errors"

	"hooktree/jobs"
	"hooktree/server"
)

// desk is what an operator does, for the server.
type desk struct{ *jobs.Runner }

// RetryJob tries a job again.
func (d desk) RetryJob(ctx context.Context, id string, act server.Act) error {
	_, err := d.Runner.RetryJob(ctx, id, jobs.Act(act))
	return err
}

// CancelJob gives a job up.
func (d desk) CancelJob(ctx context.Context, id string, act server.Act) error {
	_, err := d.Runner.CancelJob(ctx, id, jobs.Act(act))
	return err
}

// CancelRun ends a run.
func (d desk) CancelRun(ctx context.Context, number int64, act server.Act) error {
	return d.Runner.CancelRun(ctx, number, jobs.Act(act))
}

// Resolve handles the open errors that a filter selects. Those that it names
// and that are not open are reported as well.
func (d desk) Resolve(ctx context.Context, f jobs.ErrorFilter, r server.Resolve) ([]server.Resolved, error) {
	ids := f.IDs
	if len(ids) == 0 {
		open := true
		f.Open, f.Limit = &open, jobs.MaxResolved
		found, _, err := d.Runner.History.Errors(ctx, f)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		for i := range found {
			ids = append(ids, found[i].ID)
		}
	}
	done, err := d.ResolveErrors(ctx, jobs.Resolution{IDs: ids, Action: r.Action, Results: r.Results, Note: r.Note, By: r.By})
	if err != nil {
		return nil, err
	}
	resolved := make([]server.Resolved, len(done))
	for i, one := range done {
		resolved[i] = server.Resolved{ID: one.ID, Handled: one.Err == nil}
		if one.Err == nil {
			continue
		}
		if !expected(one.Err) {
			return nil, one.Err
		}
		resolved[i].Reason = one.Err.Error()
	}
	return resolved, nil
}

// expected reports whether an error is an answer and not a breakdown.
func expected(err error) bool {
	for _, known := range []error{jobs.ErrNotFound, jobs.ErrStale, jobs.ErrFinal, jobs.ErrInvalid} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
