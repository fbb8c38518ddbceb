package engine_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"hooktree/engine"
)

// TestStep_writes_as_many_bytes_for_item_10000_as_for_item_10 holds that a loop
// costs the same however far it is, but for the digits of its counters.
func TestStep_writes_as_many_bytes_for_item_10000_as_for_item_10(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		tree string
	}{
		{"one call at a time", "n | call {\"i\": \"=item\"} | each values.items\nall | set {\"n\": \"=nodes.n\"}"},
		{"eight calls at a time", "n | call {\"i\": \"=item\"} | each values.items | parallel 8"},
		{"all at once", "n | call {\"i\": \"=item\"} | each values.items | parallel all"},
		{"a body", "n | each values.items\n  a | call\n  b | after start | call\n  j | after a | after b | join all | set {}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			sizes := loopSizes(t, tt.tree, 10_300)
			if sizes[10_000] > sizes[10] || sizes[10] == 0 {
				t.Errorf("item 10 wrote %d bytes, item 10,000 wrote %d", sizes[10], sizes[10_000])
			}
		})
	}
}

// loopSizes runs a loop with the oldest command answered first, and gives the
// bytes that were written for each of its items.
func loopSizes(t *testing.T, text string, items int) []int {
	t.Helper()
	tree, err := readTree(strings.Split(text, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	list := make([]any, items)
	for i := range list {
		list[i] = int64(i)
	}
	d := newDriver(tree, map[string]any{"values": map[string]any{"items": list}}, nil)
	d.unsaved = true
	if _, _, err := d.feed(engine.Started{At: d.now}); err != nil {
		t.Fatal(err)
	}
	sizes := make([]int, items+1)
	most := 0
	for !d.state.Head.Status.Final() {
		call, ok := d.open[0].(engine.Call)
		if !ok {
			if _, _, err := d.feed(engine.Continued{Command: commandID(d.open[0]), At: d.now}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		delta, commands, err := d.feed(engine.Succeeded{Command: call.ID, At: d.now, Results: map[string]any{"i": int64(7)}})
		if err != nil {
			t.Fatal(err)
		}
		var item int
		if _, err := fmt.Sscanf(string(call.Place), "n[%d]", &item); err != nil {
			t.Fatal(err)
		}
		if item == 10 || item == 10_000 {
			sizes[item] += size(t, delta) + size(t, commands)
		}
		if item%100 != 0 {
			continue
		}
		head, err := json.Marshal(delta.Head)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(head))
	}
	t.Logf("the largest head has %d bytes", most)
	if most > 64<<10 {
		t.Errorf("the head grew to %d bytes", most)
	}
	return sizes
}

var number = regexp.MustCompile(`[0-9]+`)

// size is what a value takes as JSON, every number counted as one digit.
func size(t *testing.T, v any) int {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return len(number.ReplaceAll(text, []byte("0")))
}
