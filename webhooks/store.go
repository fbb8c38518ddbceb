package webhooks

import (
	"context"
	"errors"
	"time"
)

// What a store answers besides success.
var (
	// ErrNotFound says that there is no webhook of this name.
	ErrNotFound = errors.New("there is no such webhook")
	// ErrStale says that the webhook has another hash than the one expected.
	ErrStale = errors.New("the webhook was changed by somebody else")
	// ErrExists says that the name is taken.
	ErrExists = errors.New("a webhook of this name exists already")
)

// Record is a webhook made by the API, as it is kept: its definition is
// compiled again at each start, by the dialect that it is written in.
type Record struct {
	Kapp    string // slug; empty for the space
	Name    string // unique in the space and in each kapp
	Dialect string // empty for our own
	Source  []byte // the definition as it was written
	Hash    string // of the definition
	Author  string // who wrote this version
	Updated time.Time
}

// Store keeps the webhooks made by the API, of which a space has at most
// [MaxWebhooks]. Each change is one transaction with its row in the audit.
type Store interface {
	// Webhooks lists all, by kapp and name.
	Webhooks(ctx context.Context) ([]Record, error)
	// CreateWebhook keeps a new one. It fails with ErrExists.
	CreateWebhook(ctx context.Context, r Record) error
	// ReplaceWebhook keeps another version of the one called (r.Kapp, name), if
	// that still has the hash. A name other than r.Name renames it. It fails
	// with ErrNotFound, ErrStale or ErrExists.
	ReplaceWebhook(ctx context.Context, name, hash string, r Record) error
	// DeleteWebhook removes one, if it still has the hash of r. Of r it reads
	// Kapp, Name, Hash, Author and Updated. It fails with ErrNotFound or ErrStale.
	DeleteWebhook(ctx context.Context, r Record) error
}
