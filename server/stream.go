package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"hooktree/jobs"
)

// The bounds of the live stream.
const (
	maxStreams      = 256              // clients at a time
	streamBatch     = 64               // changes that are sent at a time
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
	if !s.streams.enter() {
		s.tell(c, newProblem(http.StatusTooManyRequests, "too_many_streams", fmt.Sprintf("%d clients follow the stream already; close one and try again", maxStreams)).with("Retry-After", "30"))
		return
	}
	c.Response().Header.SetContentType("text/event-stream")
	c.Response().Header.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Response().Header.Set("X-Accel-Buffering", "no")
	changes := s.services.Feed.Subscribe(string(c.Request().Header.Peek("Last-Event-ID")))
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.streams.leave()
		defer changes.Close()
		ctx, cancel := context.WithTimeout(s.stopping, streamLife)
		defer cancel()
		client := &streamClient{writer: w, conn: conn}
		if err := client.follow(ctx, changes); err != nil && ctx.Err() == nil {
			s.config.Log.Debug("a stream ended", "error", err, "by", who.Credential, "request", who.request)
		}
	})
}

// streamClient is the other end of one stream.
type streamClient struct {
	writer *bufio.Writer
	conn   net.Conn
}

// follow sends changes until the client is gone, or ctx is done. The
// subscription holds nothing: a client that is too slow gets a reset.
func (c *streamClient) follow(ctx context.Context, changes *jobs.Subscription) error {
	// The first event says where the client stands, so that it can come back
	// even when nothing has happened in between.
	if err := c.send(appendFrame([]byte("retry: 2000\n"), changes.Position(), "hello", []byte("{}"))); err != nil {
		return err
	}
	for {
		waiting, cancel := context.WithTimeout(ctx, streamHeartbeat)
		news, reset, err := changes.Next(waiting, streamBatch)
		cancel()
		var text []byte
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			text = []byte(": still here\n\n")
		case err != nil:
			return fmt.Errorf("read the feed: %w", err)
		case reset:
			text = appendFrame(nil, changes.Position(), "reset", []byte("{}"))
		default:
			text = appendChanges(nil, news)
		}
		if err := c.send(text); err != nil {
			return err
		}
	}
}

func appendChanges(text []byte, changes []jobs.Change) []byte {
	for _, change := range changes {
		data, err := json.Marshal(change)
		if err != nil { // strings and numbers always marshal
			continue
		}
		text = appendFrame(text, change.Stream, string(change.Kind), data)
	}
	return text
}

// appendFrame writes one server-sent event.
func appendFrame(text []byte, id, kind string, data []byte) []byte {
	text = append(append(text, "id: "...), id...)
	text = append(append(text, "\nevent: "...), kind...)
	text = append(append(text, "\ndata: "...), data...)
	return append(text, "\n\n"...)
}

// send writes and flushes. The deadline is set anew each time, because
// fasthttp sets one for the whole answer.
func (c *streamClient) send(text []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
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
