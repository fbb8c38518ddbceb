package server_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/server/accounts"
)

// follower reads a live stream, event by event.
type follower struct {
	t     testing.TB
	lines *bufio.Scanner
}

// follow opens the stream after an id, and reads its hello.
func (h *house) follow(after string) (f *follower, hello string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://hooktree.test/api/v1/stream", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.tokens[accounts.Viewer])
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		h.t.Fatalf("follow the stream: %v", err)
	}
	h.t.Cleanup(func() { _ = resp.Body.Close() })
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		h.t.Fatalf("GET /stream = %d %s", resp.StatusCode, kind)
	}
	f = &follower{t: h.t, lines: bufio.NewScanner(resp.Body)}
	return f, f.next()
}

// next gives the next event as one line: id event data. It is empty at the end.
func (f *follower) next() string {
	f.t.Helper()
	var parts []string
	for f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch {
		case f.lines.Text() == "" && len(parts) > 0:
			return strings.Join(parts, " ")
		case name == "id" || name == "event" || name == "data":
			parts = append(parts, value)
		}
	}
	return ""
}

func (f *follower) want(event string) {
	f.t.Helper()
	if got := f.next(); got != event {
		f.t.Errorf("the stream gave %q; want %q", got, event)
	}
}

func TestStream_tellsWhatHappensAndResumes(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.feed.Publish(jobs.Change{Kind: jobs.ChangeEvent, ID: "before"})
	first, hello := h.follow("")
	if hello != "e1.1 hello {}" {
		t.Errorf("the stream began with %q", hello)
	}
	h.feed.Publish(jobs.Change{Kind: jobs.ChangeJob, ID: "j1", Status: "Queued"}, jobs.Change{Kind: jobs.ChangeRun, ID: "r1", Run: 7, Status: "Complete"})
	first.want(`e1.2 job {"kind":"job","id":"j1","status":"Queued"}`)
	first.want(`e1.3 run {"kind":"run","id":"r1","run":7,"status":"Complete"}`)

	again, _ := h.follow("e1.2")
	again.want(`e1.3 run {"kind":"run","id":"r1","run":7,"status":"Complete"}`)
}

func TestStream_tellsAClientThatMissedChangesToStartOver(t *testing.T) {
	t.Parallel()

	for _, after := range []string{"e1.1", "other.3", "e1.99", "nonsense"} {
		h := open(t) // whose feed keeps eight changes
		for range 10 {
			h.feed.Publish(jobs.Change{Kind: jobs.ChangeEvent, ID: "e"})
		}
		f, _ := h.follow(after)
		f.want("e1.10 reset {}")
		h.feed.Publish(jobs.Change{Kind: jobs.ChangeEvent, ID: "later"})
		f.want(`e1.11 event {"kind":"event","id":"later"}`)
	}
}

func TestStream_endsBeforeTheServerStops(t *testing.T) {
	t.Parallel()

	h := open(t)
	f, _ := h.follow("")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown with an open stream = %v", err)
	}
	f.want("")
}

func TestStream_isBoundedInClients(t *testing.T) {
	t.Parallel()

	h := open(t)
	for range 256 {
		h.follow("")
	}
	got := h.do(accounts.Viewer, "GET", "/api/v1/stream", "")
	checkProblem(t, got, 429, "too_many_streams", "close one")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
}
