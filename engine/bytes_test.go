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

// TestStep_keeps_the_head_small_when_everything_goes_wrong runs a loop in which
// every item raises errors: no more are begun than the head may hold.
func TestStep_keeps_the_head_small_when_everything_goes_wrong(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		tree string
	}{
		{"every connector raises", "a_loop_with_a_long_name | each values.items | parallel all\n" +
			"  first | set {}\n  second | after first when raise " + strings.Repeat("x", 1000) + "\n  third | after first when raise no"},
		{"every parameter raises", "a_loop_with_a_long_name | each values.items\n  first | set raise " + strings.Repeat("x", 1000)},
		{"loops in loops", "outer | each values.items | parallel all\n  inner | each values.items | parallel all\n    leaf | call"},
		{"every item waits", "a_loop_with_a_long_name | call | each values.items | parallel all | defer | expires \"5d\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			tree, err := readTree(strings.Split(tt.tree, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			d := newDriver(tree, map[string]any{"values": map[string]any{"items": make([]any, 1000)}}, nil)
			most, ev := 0, engine.Event(engine.Started{At: d.now})
			for range 1500 {
				delta, _, err := d.feed(ev)
				if err != nil {
					t.Fatal(err)
				}
				head, err := json.Marshal(delta.Head)
				if err != nil {
					t.Fatal(err)
				}
				most = max(most, len(head))
				if len(d.open) == 0 {
					break
				}
				switch c := d.open[0].(type) {
				case engine.Continue:
					ev = engine.Continued{Command: c.ID, At: d.now}
				default:
					ev = engine.Succeeded{Command: commandID(c), At: d.now}
				}
				if _, ok := d.open[0].(engine.Timer); ok {
					break
				}
			}
			if most > 64<<10 {
				t.Errorf("the head grew to %d bytes", most)
			}
			if open := len(d.state.Head.Open); open < 50 {
				t.Errorf("only %d are open: the loop does not go on beside its errors", open)
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
		if id := d.state.Head.Continue; id != "" {
			if _, _, err := d.feed(engine.Continued{Command: id, At: d.now}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		call, ok := d.open[0].(engine.Call)
		if !ok {
			t.Fatalf("%#v is open", d.open[0])
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
