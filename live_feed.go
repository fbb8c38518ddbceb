package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hooktree/jobs"
	"hooktree/server"
)

// feed is the live stream of changes, for the server. Its sequences begin at a
// number that rises with the time of the start, so that one of an earlier
// process is older than all that are held.
type feed struct {
	*jobs.Feed

	epoch string
	base  int64
}

// feedHeld is how many changes a client that comes back can still be told.
const feedHeld = 8192

func newFeed(start time.Time) feed {
	base := start.UnixMilli() << 20 // room for a million changes in each millisecond between two starts
	epoch := strconv.FormatInt(base, 36)
	return feed{Feed: jobs.NewFeed(epoch, feedHeld), epoch: epoch, base: base}
}

// Latest is the sequence of the newest change.
func (f feed) Latest() int64 {
	s := f.Subscribe("")
	defer s.Close()
	return f.sequence(s.Position())
}

func (f feed) sequence(stream string) int64 {
	_, number, _ := strings.Cut(stream, ".")
	n, _ := strconv.ParseInt(number, 10, 64) // the feed made it
	return f.base + n
}

// followPortion is how many changes are taken at a time.
const followPortion = 64

// Follow tells every change after a sequence.
func (f feed) Follow(ctx context.Context, after int64, tell func(server.Change) error) error {
	if after < f.base {
		return server.ErrTooOld
	}
	s := f.Subscribe(fmt.Sprintf("%s.%d", f.epoch, after-f.base))
	defer s.Close()
	for {
		changes, reset, err := s.Next(ctx, followPortion)
		if err != nil {
			return err
		}
		if reset {
			return server.ErrTooOld
		}
		for i := range changes {
			data, err := json.Marshal(changes[i])
			if err != nil {
				return err
			}
			change := server.Change{Sequence: f.sequence(changes[i].Stream), Kind: string(changes[i].Kind), Data: data}
			if err := tell(change); err != nil {
				return err
			}
		}
	}
}
