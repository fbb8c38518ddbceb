package jobs

import (
	"context"
	"fmt"

	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/subscription"
)

// noticeData is what a notice about a subscription says. It holds no secret.
type noticeData struct {
	ID       string             `json:"id"`
	Dialect  string             `json:"dialect"`
	External string             `json:"external"`
	Event    string             `json:"event"`
	URL      string             `json:"url"`
	Owner    subscription.Owner `json:"owner"`
	Reason   string             `json:"reason"`
	Job      string             `json:"job"`
	Status   string             `json:"status"`
}

// deleted is the status of a subscription that is gone, to those who are told.
const deleted = "deleted"

// standingOf is the status that an update leaves a subscription with.
func standingOf(u *subscription.Update) string {
	if u.Delete {
		return deleted
	}
	return string(u.Status)
}

// announce adds to what is saved of a delivery the event that tells of its
// subscription's end, if it came to one.
func (r *Runner) announce(ctx context.Context, p *JobProgress, e *subscription.Endpoint) error {
	u := p.Endpoint
	name := event.SubscriptionDisabled
	switch {
	case u.Delete:
		name = event.SubscriptionDeleted
	case u.Status != subscription.Disabled:
		return nil
	}
	id, err := r.ID()
	if err != nil {
		return err
	}
	notice, err := event.Notice{Name: name, ID: id, At: u.At, Data: noticeData{
		ID: e.ID, Dialect: e.Dialect, External: e.External, Event: e.Event, URL: e.Address(), Owner: e.Owner,
		Reason: u.Reason, Job: p.Job.ID, Status: standingOf(u),
	}}.Event()
	if err != nil {
		return err
	}
	res := r.Resolve(notice)
	heard(&res, e, p.Job.EventType == event.Hooktree)
	a, err := r.acceptance(ctx, notice, res)
	if err != nil {
		return fmt.Errorf("accept the notice that %s is %s: %w", e.Name(), standingOf(u), err)
	}
	p.Notice = &a
	return nil
}

// heard keeps notices from going round: one does not reach the subscription
// that it is about, and one that follows from a notice which could not be
// delivered reaches no subscription at all. Trees and webhooks get every one;
// an operator can release the rest.
func heard(res *resolve.Resolution, e *subscription.Endpoint, again bool) {
	var kept []webhooks.Firing
	for _, f := range res.Firings {
		if f.URL == nil || f.URL.Subscription == "" || !again && f.URL.Subscription != e.ID {
			kept = append(kept, f)
			continue
		}
		v := &res.Verdicts[f.Verdict]
		v.Outcome, v.Reason = webhooks.Inactive, "the notice is about this very subscription"
		if f.URL.Subscription != e.ID {
			v.Outcome, v.Reason = webhooks.Loop, "held: the notice follows from another that could not be delivered"
		}
	}
	res.Firings = kept
}
