package event_test

import (
	"testing"

	"hooktree/webhooks/event"
)

func TestEncode_leavesAddressesAsTheyAre(t *testing.T) {
	t.Parallel()

	value := map[string]any{"url": "https://example.com/?a=1&b=<2>", "n": int64(9007199254740993), "none": nil}
	const want = `{"n":9007199254740993,"none":null,"url":"https://example.com/?a=1&b=<2>"}`
	if got, err := event.Encode(value); err != nil || string(got) != want {
		t.Errorf("it is written as %s, %v; want %s", got, err, want)
	}
	if got, err := event.Encode(func() {}); err == nil {
		t.Errorf("a function is written as %s", got)
	}
}
