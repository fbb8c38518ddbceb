package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/server"
	"hooktree/server/accounts"
)

func TestQuota_countsWhatItLeavesOut(t *testing.T) {
	t.Parallel()

	var q server.Quota
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	take := func(who string, times int, at time.Time) (written int) {
		for range times {
			q.Tell(log, "tests", at)
			if q.Take(who, at) {
				written++
			}
		}
		return written
	}
	if n := take("a", 100, noon); n != 5 {
		t.Errorf("of one there are %d lines a minute; want 5", n)
	}
	if n := take("b", 3, noon.Add(time.Second)); n != 3 {
		t.Errorf("of another there are %d lines; want all 3", n)
	}
	all := 0
	for i := range 1000 {
		all += take(fmt.Sprint(i), 1, noon.Add(2*time.Second))
	}
	if all != 60-5-3 {
		t.Errorf("of a thousand others there are %d lines; want the rest of 60", all)
	}
	if take("a", 1, noon.Add(59*time.Second)); out.Len() > 0 {
		t.Errorf("within the minute it tells %s", out.String())
	}
	later := noon.Add(time.Minute)
	if n := take("a", 6, later); n != 5 {
		t.Errorf("in the next minute there are %d lines of one; want 5", n)
	}
	// 95 of a, 948 of the others, and one of a.
	if told := out.String(); strings.Count(told, "\n") != 1 || !strings.Contains(told, "of=tests lines=1044 since=2026-") {
		t.Errorf("it tells %s", told)
	}
	out.Reset()
	q.Tell(log, "tests", later.Add(time.Hour))
	q.Tell(log, "tests", later.Add(time.Hour))
	if told := out.String(); strings.Count(told, "\n") != 1 || !strings.Contains(told, "lines=1 ") {
		t.Errorf("an hour later it tells %s", told)
	}
}

func TestQuota_holdsForManyAtOnce(t *testing.T) {
	t.Parallel()

	var q server.Quota
	var mu sync.Mutex
	var all sync.WaitGroup
	written := 0
	for range 8 {
		all.Go(func() {
			for range 100 {
				q.Tell(slog.New(slog.DiscardHandler), "tests", noon)
				if q.Take("a", noon) {
					mu.Lock()
					written++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if written != 5 {
		t.Errorf("%d lines were written; want 5", written)
	}
}

func unready(context.Context, server.Request) server.Response {
	return server.Response{Status: http.StatusServiceUnavailable}
}

// Strangers cannot fill the log, whatever they are answered; what goes well is
// not in their way.
func TestTheLogOfRequests_isNotFlooded(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *server.Config, _ *server.Services, mounts *[]server.Mount) {
		*mounts = append(*mounts, server.Mount{Name: "broken", Prefixes: []string{"/broken"}, Routes: []server.Route{
			{Method: http.MethodPost, Path: "/all", Own: true, Handle: unready},
		}})
	})
	lines := func(status int) int { return strings.Count(h.log.String(), fmt.Sprintf(`"status":%d,`, status)) }
	for range 50 {
		h.do(accounts.Public, http.MethodGet, "/api/v1/jobs", "")
		h.do(accounts.Public, http.MethodPost, "/broken/all", "")
	}
	if refused, failed := lines(http.StatusUnauthorized), lines(http.StatusServiceUnavailable); refused != 5 || failed != 5 {
		t.Errorf("fifty refusals left %d lines, and fifty failures %d; want 5 each", refused, failed)
	}
	if strings.Contains(h.log.String(), "left out") {
		t.Errorf("the minute is not over: %s", h.log.String())
	}
	h.clock.Advance(time.Minute)
	h.do(accounts.Public, http.MethodGet, "/healthz", "")
	for _, want := range []string{`"of":"requests that were refused","lines":45,`, `"of":"requests that failed","lines":45,`} {
		if n := strings.Count(h.log.String(), want); n != 1 {
			t.Errorf("%d lines have %s; want one:\n%s", n, want, h.log.String())
		}
	}
}
