package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// dispatchTime is how long a client waits for the answer to a delivery that it
// asked for.
const dispatchTime = 40 * time.Second

// joinHooks makes the service of REST hooks. What it publishes goes through the
// runner, which is made after it and before the first request.
func (a *app) joinHooks(ctx context.Context) error {
	a.hooks = subscription.NewService(subscription.Config{
		Store: a.store.Subscriptions(), Dialects: a.dialects, Client: a.gate.Client(), Guard: a.gate.Check,
		Accept: a.publishHook, Dispatch: a.dispatchHook, Samples: a.latestEvents, Replay: a.replayHook,
		Code: codeOfHook, Changed: a.hookChanged, Now: time.Now, ID: newID, Random: rand.Reader, Log: a.log,
	})
	return a.hooks.Load(ctx)
}

// publishHook accepts an event that a client asked for, and counts what it sends
// by it.
func (a *app) publishHook(ctx context.Context, e event.Event) (int, error) {
	receipts, err := a.runner.Accept(ctx, []event.Event{e})
	if err != nil {
		return 0, err
	}
	return len(receipts[0].Jobs), nil
}

// dispatchHook accepts an event for one subscription and gives what its endpoint
// answered; zero when it did not, or not in time. An event that was not accepted
// in time is an error: nothing is on its way.
func (a *app) dispatchHook(ctx context.Context, e event.Event) (int, error) {
	waiting, cancel := context.WithTimeout(ctx, dispatchTime)
	defer cancel()
	job, err := a.runner.Dispatch(waiting, e)
	late := job.ID != "" && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil // the delivery goes on
	if err != nil && !late {
		return 0, err
	}
	if len(job.Attempts) == 0 {
		return 0, nil
	}
	return job.Attempts[len(job.Attempts)-1].Status, nil
}

// latestEvents gives stored events, the newest first.
func (a *app) latestEvents(ctx context.Context, q subscription.SampleQuery) ([]event.Event, error) {
	records, _, err := a.store.Events(ctx, jobs.EventFilter{Page: jobs.Page{Limit: q.Limit}, Type: q.Type, Action: q.Action, Entity: q.Entity})
	if err != nil {
		return nil, err
	}
	events := make([]event.Event, len(records))
	for i := range records {
		whole, err := a.store.Event(ctx, records[i].Event.ID) // a list leaves out what an event says
		if err != nil {
			return nil, err
		}
		events[i] = whole.Event
	}
	return events, nil
}

// replayHook tries the held and the failed deliveries of a subscription again,
// and counts those that are on their way.
func (a *app) replayHook(ctx context.Context, order subscription.ReplayOrder) (int, error) {
	queued := 0
	choice := jobs.Replay{Filter: jobs.JobFilter{Subscription: order.Subscription, From: order.From, To: order.To}}
	for {
		outcomes, next, err := a.runner.RetryJobs(ctx, choice, jobs.Act{By: order.By})
		for _, o := range outcomes {
			if o.Err == nil {
				queued++
			}
		}
		if err != nil || next == "" {
			return queued, err
		}
		choice.Filter.Cursor = next
	}
}

// hookChanged tells those who watch, and has the worker look whether something
// of what waits may go now.
func (a *app) hookChanged(s subscription.Subscription) {
	a.runner.Wake()
	a.live.Publish(jobs.Change{Kind: jobs.ChangeSubscription, ID: s.ID, Status: string(s.Status)})
}

// codeOfHook says what a client can do about a failure of the store or the
// runner.
func codeOfHook(err error) subscription.Code {
	switch {
	case errors.Is(err, jobs.ErrBusy):
		return subscription.Busy
	case errors.Is(err, jobs.ErrDiskFull):
		return subscription.NoRoom
	case errors.Is(err, jobs.ErrInvalid):
		return subscription.Invalid
	default:
		return subscription.Failed
	}
}
