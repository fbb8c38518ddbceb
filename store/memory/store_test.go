package memory_test

import (
	"errors"
	"testing"

	"hooktree/jobs"
	"hooktree/store/memory"
	"hooktree/store/storetest"
)

func TestStore_passesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return memory.New() })
}

// Whatever a client sends as a cursor and a text, a list answers with rows or
// says that the cursor is none of its own.
func FuzzStore_Jobs(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"1", "x"}, {"zz", "a b"}, {"-1", `"`}, {"9999999999999999", "(*)"}} {
		f.Add(seed[0], seed[1])
	}
	s := memory.New()
	f.Fuzz(func(t *testing.T, cursor, text string) {
		_, next, err := s.Jobs(t.Context(), jobs.JobFilter{Page: jobs.Page{Cursor: cursor}, Text: text})
		if err != nil && !errors.Is(err, jobs.ErrCursor) || next != "" {
			t.Errorf("Jobs(%q, %q) gave %q, %v; want the end, or ErrCursor", cursor, text, next, err)
		}
	})
}
