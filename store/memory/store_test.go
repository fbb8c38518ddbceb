package memory_test

import (
	"testing"

	"hooktree/store/memory"
	"hooktree/store/storetest"
)

func TestStore_passesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return memory.New() })
}
