package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// delivered is one line: how long events took to reach ten subscribers, with
// all of them alive and with one that hangs.
type delivered struct {
	Measure   string  `json:"measure"`
	Endpoints int     `json:"endpoints"`
	Dead      int     `json:"dead"`
	Events    int     `json:"events"`
	Delivered int     `json:"delivered"` // to those alive
	P50       float64 `json:"p50_ms"`    // from the event's post to its arrival
	P99       float64 `json:"p99_ms"`
	P99Ratio  float64 `json:"p99_of_all_alive,omitempty"`
}

// deliveries is the name of the measurement, as a workload's is.
const deliveries = "deliveries"

// The load: slow enough that a queue would be somebody's fault.
const (
	endpoints = 10
	pace      = 25 * time.Millisecond // between events; each goes to all endpoints
	rounds    = 3                     // of each, in turn: the median counts
	hang      = 30 * time.Second
)

// measureDeliveries compares deliveries to ten living endpoints with those to
// nine beside a dead one.
func measureDeliveries(ctx context.Context, o options) error {
	var alive, beside []delivered
	for range rounds {
		for dead := range 2 {
			line, err := deliveriesOnce(ctx, o, dead)
			if err != nil {
				return fmt.Errorf("deliveries with %d dead: %w", dead, err)
			}
			if dead == 0 {
				alive = append(alive, line)
			} else {
				beside = append(beside, line)
			}
		}
	}
	all, nine := median(alive), median(beside)
	nine.P99Ratio = nine.P99 / all.P99
	if err := tell(all); err != nil {
		return err
	}
	return tell(nine)
}

// median is the round whose p99 is in the middle.
func median(lines []delivered) delivered {
	slices.SortFunc(lines, func(a, b delivered) int { return int(1e6 * (a.P99 - b.P99)) })
	return lines[len(lines)/2]
}

func deliveriesOnce(ctx context.Context, o options, dead int) (delivered, error) {
	line := delivered{Measure: deliveries, Endpoints: endpoints, Dead: dead}
	dir, err := os.MkdirTemp("", "hooktree-bench-")
	if err != nil {
		return line, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // at worst the system does it
	s, err := startHooktree(ctx, o, filepath.Join(dir, "data"), "--egress-allow", "127.0.0.1/32")
	if err != nil {
		return line, err
	}
	defer s.process.command.Process.Kill() //nolint:errcheck // it has ended unless something failed
	var arrived arrivals
	for i := range endpoints {
		e := arrived.endpoint(i < dead)
		defer e.Close()
		defer e.CloseClientConnections() // one of them hangs
		hook := fmt.Sprintf(`{"event":"submission.submitted","target_url":%q}`, e.URL)
		if err := s.call(ctx, http.MethodPost, "/api/v1/hooks", hook, new(map[string]any)); err != nil {
			return line, err
		}
	}
	// It ends before its endpoints do, which would wait for it otherwise.
	defer func() {
		_ = s.process.command.Process.Kill()
		<-s.process.ended //nolint:errcheck // it was killed
	}()
	if line.Events, err = s.publish(ctx, o.duration); err != nil {
		return line, err
	}
	latencies, err := arrived.await(ctx, line.Events*(endpoints-dead))
	if err != nil {
		return line, err
	}
	line.Delivered = len(latencies)
	line.P50, line.P99 = milliseconds(quantile(latencies, 0.5)), milliseconds(quantile(latencies, 0.99))
	return line, nil
}

// publish posts events at a steady pace, each with the time of its post.
func (s *served) publish(ctx context.Context, d time.Duration) (events int, err error) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for end := time.Now().Add(d); time.Now().Before(end); events++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return events, ctx.Err()
		}
		body := fmt.Sprintf(`{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"nobody-runs-this"},`+
			`"submission":{"id":"%d"},"values":{"Posted":"%d","Reason":%q}}`, events, time.Now().UnixNano(), filler)
		if err := s.call(ctx, http.MethodPost, "/api/v1/events", body, new(map[string]any)); err != nil {
			return events, err
		}
	}
	return events, nil
}

// arrivals collects how long deliveries took.
type arrivals struct {
	mu   sync.Mutex
	took []time.Duration
}

// endpoint serves a subscriber on loopback; a dead one takes connections and
// answers nothing.
func (a *arrivals) endpoint(dead bool) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if dead {
			_, _ = io.Copy(io.Discard, r.Body) // only then is a closed connection seen
			select {
			case <-time.After(hang):
			case <-r.Context().Done():
			}
			return
		}
		now := time.Now()
		var body struct {
			Data struct {
				Values struct{ Posted string } `json:"values"`
			} `json:"data"`
		}
		text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || json.Unmarshal(text, &body) != nil {
			return // what is not counted fails the measurement
		}
		posted, err := strconv.ParseInt(body.Data.Values.Posted, 10, 64)
		if err != nil {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.took = append(a.took, now.Sub(time.Unix(0, posted)))
	}))
}

// await waits until so many deliveries have arrived, and gives them sorted.
func (a *arrivals) await(ctx context.Context, count int) ([]time.Duration, error) {
	deadline := time.Now().Add(time.Minute)
	for {
		a.mu.Lock()
		took := slices.Clone(a.took)
		a.mu.Unlock()
		switch {
		case len(took) == count:
			slices.Sort(took)
			return took, nil
		case len(took) > count || time.Now().After(deadline):
			return nil, fmt.Errorf("%d deliveries arrived; %d were due", len(took), count)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
