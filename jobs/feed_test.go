package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"hooktree/jobs"
)

func publish(f *jobs.Feed, from, to int) {
	for i := from; i <= to; i++ {
		f.Publish(jobs.Change{Kind: jobs.ChangeRun, ID: fmt.Sprint(i)})
	}
}

// streams gives the stream ids of what is there to read.
func streams(t *testing.T, s *jobs.Subscription, limit int) (ids string, reset bool) {
	t.Helper()
	changes, reset, err := s.Next(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		ids += c.Stream + "=" + c.ID + " "
	}
	return ids, reset
}

func TestFeed_givesWhatCameAfterTheLastID(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name      string
		after     string
		published int // after the subscription
		want      string
		wantReset bool
	}{
		{"from now on", "", 1, "e.6=6 ", false},
		{"after a change that is kept", "e.3", 0, "e.4=4 e.5=5 ", false},
		{"after the oldest that is not kept", "e.1", 0, "e.2=2 e.3=3 e.4=4 e.5=5 ", false},
		{"after one too old", "e.0", 0, "", true},
		{"after one of another process", "d.4", 0, "", true},
		{"after one of the future", "e.99", 0, "", true},
		{"after nonsense", "what?", 0, "", true},
		{"a slow reader misses some", "e.5", 5, "", true},
		{"a reader that keeps up misses none", "e.5", 4, "e.6=6 e.7=7 e.8=8 e.9=9 ", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := jobs.NewFeed("e", 4)
			publish(f, 1, 5)
			s := f.Subscribe(tt.after)
			defer s.Close()
			publish(f, 6, 5+tt.published)
			got, reset := streams(t, s, 100)
			if got != tt.want || reset != tt.wantReset {
				t.Errorf("Next gave %q, reset %t; want %q, reset %t", got, reset, tt.want, tt.wantReset)
			}
		})
	}
}

// Whatever a client sends as the last id that it saw, it gets what came after
// it or is told to start over.
func FuzzFeed_Subscribe(f *testing.F) {
	for _, id := range []string{"", "e.1", "e.5", "e.6", "e.", ".", "d.2", "e.18446744073709551615", "e.-1", "e.0x2"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, after string) {
		feed := jobs.NewFeed("e", 4)
		publish(feed, 1, 5)
		s := feed.Subscribe(after)
		defer s.Close()
		publish(feed, 6, 6)
		changes, reset, err := s.Next(t.Context(), 100)
		if err != nil || reset == (len(changes) > 0) || len(changes) > 4 {
			t.Fatalf("Next after %q gave %d changes, reset %t, %v; want changes or a reset", after, len(changes), reset, err)
		}
		if !reset && changes[len(changes)-1].Stream != "e.6" {
			t.Errorf("after %q the last change is %s; want e.6", after, changes[len(changes)-1].Stream)
		}
	})
}

func TestSubscription_goesOnAfterAReset(t *testing.T) {
	t.Parallel()
	f := jobs.NewFeed("e", 2)
	s := f.Subscribe("")
	publish(f, 1, 9)
	if _, reset := streams(t, s, 10); !reset {
		t.Fatal("a reader that missed changes is not reset")
	}
	if got := s.Position(); got != "e.9" {
		t.Errorf("after the reset the position is %s; want e.9", got)
	}
	publish(f, 10, 10)
	if got, reset := streams(t, s, 10); got != "e.10=10 " || reset {
		t.Errorf("Next gave %q, reset %t; want e.10", got, reset)
	}
}

func TestSubscription_Next_waitsForAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := jobs.NewFeed("e", 8)
		s := f.Subscribe("")
		got := make(chan string)
		go func() {
			ids, _ := streams(t, s, 10)
			got <- ids
		}()
		synctest.Wait()
		publish(f, 1, 1)
		if ids := <-got; ids != "e.1=1 " {
			t.Errorf("Next gave %q; want e.1", ids)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Next(ctx, 10); !errors.Is(err, context.Canceled) {
			t.Errorf("Next with a canceled context gave %v; want context.Canceled", err)
		}
	})
}

func TestSubscription_Next_keepsToItsLimit(t *testing.T) {
	t.Parallel()
	f := jobs.NewFeed("e", 8)
	s := f.Subscribe("")
	publish(f, 1, 3)
	for _, want := range []string{"e.1=1 e.2=2 ", "e.3=3 "} {
		if got, _ := streams(t, s, 2); got != want {
			t.Errorf("Next gave %q; want %q", got, want)
		}
	}
}
