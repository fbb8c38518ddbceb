package main

import (
	"context"
	"errors"
	"fmt"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// intake takes events in for the server.
type intake struct {
	*jobs.Runner

	rules *rules
}

// Accept stores events with all that follows from them.
func (i intake) Accept(ctx context.Context, events []event.Event, want server.Want) ([]jobs.Receipt, error) {
	for at := range events {
		if err := i.trace(ctx, &events[at]); err != nil {
			return nil, err
		}
	}
	if want.Exactly {
		if err := i.exactly(events[0], want.Webhook); err != nil {
			return nil, err
		}
	}
	return i.Runner.Accept(ctx, events)
}

// exactly refuses an event that would not start the one run that its sender
// wants to wait for.
func (i intake) exactly(e event.Event, webhook string) error {
	var fired []string
	for _, f := range resolve.Resolve(e, *i.rules.active.Load()).Firings {
		if f.Tree != nil && f.Tree.Hash != "" && (webhook == "" || f.Webhook == webhook) {
			fired = append(fired, f.Webhook)
		}
	}
	if len(fired) == 1 {
		return nil
	}
	return &server.NotOneRun{Fired: fired}
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

// Await waits until a run has answered or moves no more.
func (i intake) Await(ctx context.Context, runID string) (jobs.Run, error) {
	if _, err := i.Runner.Await(ctx, runID); err != nil {
		return jobs.Run{}, err
	}
	loaded, err := i.Ledger.Load(ctx, runID, nil)
	return loaded.Run, err
}
