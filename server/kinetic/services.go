package kinetic

import (
	"context"
	"log/slog"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
)

// Services is what the API answers by. Every member is required.
type Services struct {
	History    jobs.History
	Runner     Runner
	Trees      Trees
	Webhooks   Webhooks
	AccessKeys accounts.AccessKeys
	Catalogue  func() *event.Catalogue // the active one
	Handlers   func() []*engine.Spec   // sorted by name
}

// Config is how the API behaves. Now and Log are required.
type Config struct {
	Version string // of hooktree
	Threads int    // how many pieces of work the worker carries out at a time; told as Max Threads
	Limit   int64  // most bytes of a body of run-tree; zero is DefaultLimit
	Now     func() time.Time
	Log     *slog.Logger
}

// DefaultLimit is how large the body of a run-tree call may be.
const DefaultLimit = server.DefaultEventLimit

// Runner starts runs and does what operators ask; [jobs.Runner] is one.
type Runner interface {
	RunTree(ctx context.Context, title engine.Title, e event.Event) (jobs.Receipt, error)
	RetryJob(ctx context.Context, id string, act jobs.Act) (jobs.Job, error)
	CancelJob(ctx context.Context, id string, act jobs.Act) (jobs.Job, error)
	CancelRun(ctx context.Context, number int64, act jobs.Act) error
	RemoveRun(ctx context.Context, number int64, act jobs.Act) error
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

// Webhooks keeps explicit webhooks.
type Webhooks interface {
	List(ctx context.Context) ([]webhooks.Webhook, error)
	// PutKinetic makes or changes the webhook of edit.Name from a definition
	// in the vendor's form, which may give it another name. It fails with the
	// dialect's Faults, or with jobs.ErrStale when edit.Was is not its hash.
	PutKinetic(ctx context.Context, edit server.WebhookEdit) (webhooks.Webhook, error)
	Delete(ctx context.Context, edit server.WebhookEdit) error
}
