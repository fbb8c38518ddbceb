package main

import (
	"context"
	"errors"
	"fmt"

	"hooktree/jobs"
	"hooktree/webhooks/event"
)

// intake takes events in for the server.
type intake struct{ *jobs.Runner }

// Accept stores events with all that follows from them.
func (i intake) Accept(ctx context.Context, events []event.Event) ([]jobs.Receipt, error) {
	for at := range events {
		if err := i.trace(ctx, &events[at]); err != nil {
			return nil, err
		}
	}
	return i.Runner.Accept(ctx, events)
}

// trace finds how long the chain of runs is that an event names as its cause.
// A run that is not known here caused nothing.
func (i intake) trace(ctx context.Context, e *event.Event) error {
	if e.Cause.Run == "" {
		return nil
	}
	loaded, err := i.Ledger.Load(ctx, e.Cause.Run, nil)
	if errors.Is(err, jobs.ErrNotFound) {
		e.Cause = event.Cause{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the cause of an event: %w", err)
	}
	record, err := i.Runner.History.Event(ctx, loaded.Run.EventID)
	if err != nil {
		return fmt.Errorf("find the cause of an event: %w", err)
	}
	e.Cause.Depth = record.Event.Cause.Depth + 1
	return nil
}
