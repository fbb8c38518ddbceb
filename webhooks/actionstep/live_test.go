package actionstep_test

import (
	"testing"

	"hooktree/webhooks/dialecttest"
)

func TestDialect_lives(t *testing.T) {
	t.Parallel()

	dialecttest.Live(t, table("number", "jsonapi"), map[int]dialecttest.Fate{
		200: dialecttest.Counts, 201: dialecttest.Disables, 302: dialecttest.Disables, 410: dialecttest.Disables,
		503: dialecttest.Disables, 401: dialecttest.Deletes,
	})
}
