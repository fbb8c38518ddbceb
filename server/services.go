package server

import (
	"context"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/trees/expression"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
	"hooktree/webhooks/subscription"
)

// Services is what the server answers by. Every member is required.
type Services struct {
	Accounts *accounts.Service
	Intake   Intake
	Resolve  func(event.Event) resolve.Resolution // what an event would fire; asked for `wait` alone
	History  jobs.History
	Audit    jobs.AuditLog
	Desk     Desk
	// Waiting says why a job waits that is to be sent somewhere, a sentence; empty where there is no reason.
	Waiting  func(ctx context.Context, j *jobs.Job) (string, error)
	Trees    Trees
	Versions Versions
	Webhooks Webhooks
	// Subscriptions are those of outside applications.
	Subscriptions Subscriptions
	Dialects      []subscription.Dialect  // in which they subscribe
	Catalogue     func() *event.Catalogue // the active one
	Handlers      func() []*engine.Spec   // sorted by name
	Explain       Explainer
	Feed          *jobs.Feed
	Health        Health
}

// Intake takes events in; [jobs.Runner] is one.
type Intake interface {
	Accept(ctx context.Context, events []event.Event) ([]jobs.Receipt, error)
	Await(ctx context.Context, runID string) (jobs.Reply, error)
}

// Desk is what an operator does to jobs, runs and errors; [jobs.Runner] is one.
type Desk interface {
	RetryJob(ctx context.Context, id string, act jobs.Act) (jobs.Job, error)
	RetryJobs(ctx context.Context, r jobs.Replay, act jobs.Act) ([]jobs.Retried, string, error)
	CancelJob(ctx context.Context, id string, act jobs.Act) (jobs.Job, error)
	CancelRun(ctx context.Context, number int64, act jobs.Act) error
	ResolveErrors(ctx context.Context, r jobs.Resolution) ([]jobs.Resolved, error)
}

// Trees is the library of trees; [trees.Shelf] is one.
type Trees interface {
	Library() *trees.Library
	Version(ctx context.Context, hash string) (*trees.Tree, error)
	Put(ctx context.Context, e trees.Edit) (*trees.Tree, error)
	Delete(ctx context.Context, e trees.Edit) error
	Try(yaml []byte) (*trees.Tree, trees.Faults)
}

// Versions is the past of trees; a [trees.Versions] is one.
type Versions interface {
	History(ctx context.Context, name string, limit int) ([]trees.Version, error)
}

// Webhooks keeps explicit webhooks: those of the space's file, which only the
// file changes, and those that were made here.
type Webhooks interface {
	List(ctx context.Context) ([]webhooks.Webhook, error)
	// Put makes or changes a webhook from its definition. It fails with
	// [trees.Faults], or with webhooks.ErrStale when edit.Was is not its hash.
	Put(ctx context.Context, edit WebhookEdit) (webhooks.Webhook, error)
	Delete(ctx context.Context, edit WebhookEdit) error
}

// Subscriptions keeps the webhooks that outside applications made;
// [subscription.Service] is one. The refusals that it gives are for clients.
type Subscriptions interface {
	// All lists them in the order in which they were made.
	All() []subscription.Subscription
	Find(id string) (subscription.Subscription, bool)
	Enable(ctx context.Context, id, who, why string) (subscription.Subscription, *subscription.Refusal)
	Disable(ctx context.Context, id, who, why string) (subscription.Subscription, *subscription.Refusal)
	Remove(ctx context.Context, id, who string) *subscription.Refusal
	Do(ctx context.Context, who subscription.Caller, op subscription.Operation) subscription.Outcome
}

// WebhookEdit is a change of one webhook.
type WebhookEdit struct {
	Name       string
	Kapp       string
	Definition []byte // JSON, in the form of an entry of webhooks.yaml
	Was        string // hash that it must have; empty: there must be none
	By         string
}

// Explainer recomputes what expressions saw: values are not stored. The error
// is the one that the evaluation ended with; what was seen before is given too.
type Explainer interface {
	// Verdict gives the sub-expressions of a verdict's filter.
	Verdict(ctx context.Context, e jobs.EventRecord, v webhooks.Verdict) ([]expression.Seen, error)
	// Connector gives the sub-expressions of a connector's condition.
	Connector(ctx context.Context, run jobs.Run, tasks []engine.Task, t engine.Task, d engine.Decision) ([]expression.Seen, error)
}

// Health is what probes and metrics read.
type Health interface {
	// Ready gives a sentence for each thing that keeps the server from its
	// work; warnings are for people and do not.
	Ready(ctx context.Context) (troubles, warnings []string)
	// Gauges gives what is measured elsewhere, by the names of metrics:
	// hooktree_...
	Gauges(ctx context.Context) map[string]float64
}
