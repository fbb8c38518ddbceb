package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The bounds of the live stream.
const (
	maxStreams      = 256              // clients at a time
	streamBuffer    = 64               // changes that wait for one client
	streamHeartbeat = 15 * time.Second // so that proxies and clients see a dead line
	streamWrite     = 15 * time.Second // a client that takes longer is gone
	streamLife      = 30 * time.Minute // then it connects anew, and its credentials are looked at again
)

// streams counts the clients of the live stream.
type streams struct{ open atomic.Int64 }

// enter takes a place; false when all are taken.
func (s *streams) enter() bool {
	if s.open.Add(1) > maxStreams {
		s.open.Add(-1)
		return false
	}
	return true
}

func (s *streams) leave() { s.open.Add(-1) }

// stream is GET /stream: server-sent events, resumable by Last-Event-ID.
func (s *Server) stream(c *fiber.Ctx, who caller) {
	latest := s.services.Feed.Latest()
	after, problem := lastSeen(c, latest)
	if problem == nil && !s.streams.enter() {
		problem = newProblem(http.StatusTooManyRequests, "too_many_streams", fmt.Sprintf("%d clients follow the stream already; close one and try again", maxStreams)).with("Retry-After", "30")
	}
	if problem != nil {
		s.tell(c, problem)
		return
	}
	c.Response().Header.SetContentType("text/event-stream")
	c.Response().Header.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Response().Header.Set("X-Accel-Buffering", "no")
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.streams.leave()
		ctx, cancel := context.WithTimeout(s.stopping, streamLife)
		defer cancel()
		client := &streamClient{writer: w, conn: conn, now: s.config.Now}
		if err := s.followFor(ctx, client, after); err != nil && ctx.Err() == nil {
			s.config.Log.Debug("a stream ended", "error", err, "by", who.Credential, "request", who.request)
		}
	})
}

// lastSeen gives the change after which a client goes on: the one that it
// names, or the latest. One that is not here yet comes from another life of
// the store: the client is told to load everything again.
func lastSeen(c *fiber.Ctx, latest int64) (int64, *Problem) {
	sent := c.Request().Header.Peek("Last-Event-ID")
	if len(sent) == 0 {
		return latest, nil
	}
	after, err := strconv.ParseInt(string(sent), 10, 64)
	if err != nil || after < 0 {
		return 0, newProblem(http.StatusBadRequest, "malformed_id", fmt.Sprintf("the Last-Event-ID %q is no id of this stream; leave it out to follow from now on", clip(string(sent))))
	}
	if after > latest {
		return unknownChange, nil
	}
	return after, nil
}

const unknownChange = -1

// followFor sends changes until the client is gone, or ctx is done.
func (s *Server) followFor(ctx context.Context, client *streamClient, after int64) error {
	if err := client.send([]byte("retry: 2000\n\n")); err != nil {
		return err
	}
	for {
		err := ErrTooOld
		if after != unknownChange {
			after, err = s.follow(ctx, client, after)
		}
		if !errors.Is(err, ErrTooOld) {
			return err
		}
		after = s.services.Feed.Latest()
		reset := Change{Sequence: after, Kind: "reset", Data: []byte("{}")}
		if err := client.send(reset.append(nil)); err != nil {
			return err
		}
	}
}

// follow sends the changes after one, and gives the last that it sent.
func (s *Server) follow(ctx context.Context, client *streamClient, after int64) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	changes, ended := make(chan Change, streamBuffer), make(chan error, 1)
	go func() {
		ended <- s.services.Feed.Follow(ctx, after, func(ch Change) error {
			select {
			case changes <- ch:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		close(changes)
	}()
	defer func() {
		cancel()
		for range changes { // until the follower has ended
		}
	}()
	beat := time.NewTicker(streamHeartbeat)
	defer beat.Stop()
	for {
		select {
		case ch, ok := <-changes:
			if !ok {
				return after, <-ended
			}
			text := ch.append(nil)
			for more := len(changes); more > 0; more-- { // what waits goes out with it
				ch = <-changes
				text = ch.append(text)
			}
			if err := client.send(text); err != nil {
				return after, err
			}
			after = ch.Sequence
		case <-beat.C:
			if err := client.send([]byte(": still here\n\n")); err != nil {
				return after, err
			}
		case <-ctx.Done():
			return after, ctx.Err()
		}
	}
}

// append writes the change as a server-sent event.
func (ch Change) append(text []byte) []byte {
	text = strconv.AppendInt(append(text, "id: "...), ch.Sequence, 10)
	text = append(append(text, "\nevent: "...), ch.Kind...)
	text = append(append(text, "\ndata: "...), ch.Data...)
	return append(text, "\n\n"...)
}

// streamClient is the other end of one stream.
type streamClient struct {
	writer *bufio.Writer
	conn   net.Conn
	now    func() time.Time
}

// send writes and flushes. The deadline is set anew each time, because
// fasthttp sets one for the whole answer.
func (c *streamClient) send(text []byte) error {
	if err := c.conn.SetWriteDeadline(c.now().Add(streamWrite)); err != nil {
		return fmt.Errorf("renew the deadline of a stream: %w", err)
	}
	if _, err := c.writer.Write(text); err != nil {
		return fmt.Errorf("write to a stream: %w", err)
	}
	if err := c.writer.Flush(); err != nil {
		return fmt.Errorf("flush a stream: %w", err)
	}
	return nil
}
