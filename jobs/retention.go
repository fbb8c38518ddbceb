package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// portion is how many events one purge takes: few, so that the writer is soon
// free for others.
const portion = 100

// Keeper removes history that is no longer kept.
type Keeper struct {
	Ledger Ledger
	Keep   Retention
	Now    func() time.Time
	Every  time.Duration // time between two looks; an hour when zero
	Log    *slog.Logger  // nil is silent
}

// RunOnce removes one portion, and reports how many events went.
func (k *Keeper) RunOnce(ctx context.Context) (int, error) {
	n, err := k.Ledger.Purge(ctx, k.Keep, k.Now(), portion)
	if err != nil {
		return n, fmt.Errorf("remove old history: %w", err)
	}
	return n, nil
}

// Run removes history until the context ends, portion by portion.
func (k *Keeper) Run(ctx context.Context) {
	every := k.Every
	if every == 0 {
		every = time.Hour
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		n, err := k.RunOnce(ctx)
		if err != nil && ctx.Err() == nil && k.Log != nil {
			k.Log.Error("retention stopped early", "error", err)
		}
		if n == portion {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
