package expression_test

import (
	"testing"
	"time"

	"hooktree/trees/expression"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()

	tests := []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"5d", 120 * time.Hour, true},
		{"2w", 336 * time.Hour, true},
		{"1h30m", 90 * time.Minute, true},
		{"1.5s", 1500 * time.Millisecond, true},
		{"250ms", 250 * time.Millisecond, true},
		{"-2m", -2 * time.Minute, true},
		{" 3s ", 3 * time.Second, true},
		{"0", 0, true},
		{"7306d", 7306 * 24 * time.Hour, true},
		{"", 0, false},
		{"-", 0, false},
		{"5", 0, false},
		{"d", 0, false},
		{"5x", 0, false},
		{"5 d", 0, false},
		{"1.2.3s", 0, false},
		{"--5s", 0, false},
		{"9999999999999999999999w", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()

			got, err := expression.ParseDuration(tt.text)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("ParseDuration(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
			}
		})
	}
}
