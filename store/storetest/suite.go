package storetest

import (
	"context"
	"testing"

	"hooktree/jobs"
	"hooktree/webhooks/subscription"
)

// Store is what a store offers as a whole.
type Store interface {
	jobs.Ledger
	jobs.History
	jobs.AuditLog
	jobs.Remover
	jobs.Batches
	Subscriptions() subscription.Store
}

// Settler is a store whose text search lags behind; Settle waits until it has
// caught up.
type Settler interface {
	Settle(ctx context.Context) error
}

// Reopener is a store that outlives its process. Reopen abandons the store
// where it stands, as a crash would, and opens what was committed.
type Reopener interface {
	Reopen(t *testing.T) Store
}

// Run runs the suite. Open gives a new, empty store for each test and closes
// it by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	groups := []struct {
		name  string
		tests []test
	}{
		{"Accept", acceptTests},
		{"Keys", keyTests},
		{"Lanes", laneTests},
		{"Record", recordTests},
		{"Jobs", jobTests},
		{"Due", dueTests},
		{"Queues", queueTests},
		{"Batches", batchTests},
		{"Subscriptions", subscriptionTests},
		{"Errors", errorTests},
		{"Lists", listTests},
		{"Search", searchTests},
		{"Purge", purgeTests},
		{"Reopen", reopenTests},
		{"Concurrent", concurrentTests},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, tt := range g.tests {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					tt.run(t, newBench(t, open(t)))
				})
			}
		})
	}
}

// test is one promise of a store.
type test struct {
	name string
	run  func(t *testing.T, b *bench)
}
