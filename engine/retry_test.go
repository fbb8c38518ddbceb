package engine_test

import (
	"math"
	"testing"
	"time"

	"hooktree/engine"
)

func TestRetry_Next(t *testing.T) {
	t.Parallel()

	const s = time.Second
	policy := engine.Retry{Max: 5, Wait: s, Factor: 2, Cap: 3 * s}
	tests := []struct {
		name     string
		policy   engine.Retry
		attempt  int
		wantWait time.Duration
		wantOK   bool
	}{
		{"zero value never retries", engine.Retry{}, 1, 0, false},
		{"first failure waits the wait", policy, 1, s, true},
		{"second failure waits longer", policy, 2, 2 * s, true},
		{"wait stops at cap", policy, 4, 3 * s, true},
		{"last attempt has no next", policy, 5, 0, false},
		{"attempt zero is no failure", policy, 0, 0, false},
		{"no factor keeps the wait", engine.Retry{Max: 9, Wait: s}, 8, s, true},
		{"a factor below one counts as one", engine.Retry{Max: 9, Wait: s, Factor: 0.5}, 8, s, true},
		{"cap holds the first wait too", engine.Retry{Max: 2, Wait: 9 * s, Cap: s}, 1, s, true},
		{"no wait stays none", engine.Retry{Max: 9, Factor: 2}, 8, 0, true},
		{"a wait below zero is none", engine.Retry{Max: 9, Wait: -s}, 8, 0, true},
		{"huge counts do not overflow", engine.Retry{Max: 1e9, Wait: 1, Factor: 10}, 1e8, math.MaxInt64, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			wait, ok := tt.policy.Next(tt.attempt)
			if wait != tt.wantWait || ok != tt.wantOK {
				t.Errorf("Next(%d) = %v, %t; want %v, %t", tt.attempt, wait, ok, tt.wantWait, tt.wantOK)
			}
		})
	}
}
