package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// workload is a tree and the form whose submissions run it.
type workload struct {
	name string
	form string
}

var workloads = []workload{
	{"W1", "laptop-request"}, // five nodes: a condition, two sets, a waypoint, a return
	{"W2", "long-request"},   // twenty nodes in line
}

// measured is one line of the benchmark: a workload at a number of connections
// beside its floors.
type measured struct {
	Workload    string  `json:"workload"`
	Connections int     `json:"connections"`
	Events      int     `json:"events"`
	Accepted    float64 `json:"accepted_per_s"`
	Completed   float64 `json:"completed_runs_per_s"` // the drain counted
	P50         float64 `json:"p50_ms"`               // from the request to the run's completion
	P99         float64 `json:"p99_ms"`
	Peak        float64 `json:"peak_mb"`
	CPU         float64 `json:"cpu_us"` // of the server, for one event

	StoreFloorCPU float64 `json:"store_floor_cpu_us"`
	StoreFloor    float64 `json:"store_floor_per_s"`
	StoreFloorP50 float64 `json:"store_floor_p50_ms"`
	BareFloor     float64 `json:"bare_floor_per_s"`
	OfStoreFloor  float64 `json:"of_store_floor"` // completed runs to the floor's events
	P50OfFloor    float64 `json:"p50_of_floor"`
}

// machine is the first line: where the figures come from.
type machine struct {
	Measure string  `json:"measure"`
	CPUs    int     `json:"cpus"`
	Go      string  `json:"go"`
	Ready   float64 `json:"ready_ms"` // from start to ready, with an empty store
}

// measureWorkloads runs each workload at each number of connections, each on a
// server and a store of its own.
func measureWorkloads(ctx context.Context, o options) (machine, error) {
	m := machine{Measure: "start", CPUs: runtime.NumCPU(), Go: runtime.Version()}
	for _, w := range workloads {
		if o.only != "" && w.name != o.only {
			continue
		}
		for _, n := range o.connections {
			line, ready, err := measureOne(ctx, o, w, n)
			if err != nil {
				return m, fmt.Errorf("%s at %d connections: %w", w.name, n, err)
			}
			if err := tell(line); err != nil {
				return m, err
			}
			m.Ready = milliseconds(ready)
		}
	}
	return m, nil
}

func measureOne(ctx context.Context, o options, w workload, connections int) (measured, time.Duration, error) {
	line := measured{Workload: w.name, Connections: connections}
	dir, err := os.MkdirTemp("", "hooktree-bench-")
	if err != nil {
		return line, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // at worst the system does it
	ready, written, err := line.hooktree(ctx, o, w, dir)
	if err != nil {
		return line, 0, err
	}
	store, err := floor(ctx, o, w, connections, written)
	if err != nil {
		return line, 0, fmt.Errorf("store floor: %w", err)
	}
	bare, err := floor(ctx, o, w, connections, shape{})
	if err != nil {
		return line, 0, fmt.Errorf("bare floor: %w", err)
	}
	line.StoreFloorCPU = float64(store.cpuOfEvent().Nanoseconds()) / 1000
	line.StoreFloor, line.StoreFloorP50, line.BareFloor = store.perSecond(), milliseconds(store.quantile(0.5)), bare.perSecond()
	line.OfStoreFloor = line.Completed / line.StoreFloor
	line.P50OfFloor = line.P50 / line.StoreFloorP50
	return line, ready, nil
}

// floor measures a floor as hooktree is measured.
func floor(ctx context.Context, o options, w workload, connections int, s shape) (result, error) {
	p, err := startFloor(ctx, s)
	if err != nil {
		return result{}, err
	}
	r, err := loadProcess(ctx, p, target{addr: p.addr, path: "/event", form: w.form}, connections, o.duration)
	if stopped := p.stop(); err == nil {
		err = stopped
	}
	return r, err
}

// hooktree measures the binary, and tells how long it took to be ready and
// what it wrote.
func (line *measured) hooktree(ctx context.Context, o options, w workload, dir string) (time.Duration, shape, error) {
	s, err := startHooktree(ctx, o, filepath.Join(dir, "data"))
	if err != nil {
		return 0, shape{}, err
	}
	defer s.process.command.Process.Kill() //nolint:errcheck // it has ended unless something failed
	r, err := loadProcess(ctx, s.process, target{addr: s.process.addr, path: "/api/v1/events", token: s.token, form: w.form}, line.Connections, o.duration)
	if err != nil {
		return 0, shape{}, err
	}
	began := time.Now()
	if err := s.drain(ctx, r.events); err != nil {
		return 0, shape{}, err
	}
	peak, err := s.process.peakMemory()
	if err != nil {
		return 0, shape{}, err
	}
	if err := s.process.stop(); err != nil {
		return 0, shape{}, err
	}
	line.Events, line.Accepted = r.events, r.perSecond()
	line.CPU = float64(r.cpuOfEvent().Nanoseconds()) / 1000
	line.Completed = float64(r.events) / (r.took + time.Since(began)).Seconds()
	line.P50, line.P99, line.Peak = milliseconds(r.quantile(0.5)), milliseconds(r.quantile(0.99)), float64(peak)/1e6
	written, err := writtenShape(ctx, filepath.Join(dir, "data", "hooktree.db"), dir, r.events)
	return s.process.ready, written, err
}

// served is a hooktree that the benchmark started.
type served struct {
	process   *process
	token     string
	authorize func(*http.Request) // puts credentials on a call
}

// startHooktree starts the binary on a store and gets a token from it.
func startHooktree(ctx context.Context, o options, data string, flags ...string) (*served, error) {
	var secret [16]byte
	_, _ = rand.Read(secret[:]) // never fails
	password := hex.EncodeToString(secret[:])
	p, err := startProcess(ctx, "/readyz", []string{"HOOKTREE_ADMIN_PASSWORD=" + password}, func(addr string) []string {
		return append([]string{o.binary, "serve", "--space", o.space, "--data", data, "--listen", addr, "--log-level", "warn", "--retention-age", "0"}, flags...)
	})
	if err != nil {
		return nil, err
	}
	s := &served{process: p, authorize: func(r *http.Request) { r.SetBasicAuth("admin", password) }}
	var made struct {
		Secret string `json:"secret"`
	}
	if err := s.call(ctx, http.MethodPost, "/api/v1/tokens", `{"name":"bench","role":"operator"}`, &made); err != nil {
		_ = p.command.Process.Kill()
		return nil, err
	}
	s.token, s.authorize = made.Secret, s.bearer
	return s, nil
}

// call makes one request of the API and reads its answer.
func (s *served) call(ctx context.Context, method, path, body string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.process.addr+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	s.authorize(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	return json.Unmarshal(answer, into)
}

func (s *served) bearer(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token) }

// drain waits until every run is complete, and sees that there are as many as
// events were accepted.
func (s *served) drain(ctx context.Context, events int) error {
	deadline := time.Now().Add(time.Minute)
	for {
		complete, open, err := s.runs(ctx)
		if err != nil {
			return err
		}
		if open == 0 && complete == events {
			return nil
		}
		if time.Now().After(deadline) || (open == 0 && complete > events) {
			return fmt.Errorf("%d events were accepted; %d runs are complete and %d open", events, complete, open)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// runs reads from the metrics how many runs are complete, and how many are not.
func (s *served) runs(ctx context.Context) (complete, open int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.process.addr+"/metrics", nil)
	if err != nil {
		return 0, 0, err
	}
	s.authorize(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		var status string
		var n float64
		rest, ok := strings.CutPrefix(line, `hooktree_runs{status="`)
		if !ok {
			continue
		}
		status, rest, _ = strings.Cut(rest, `"}`)
		if _, err := fmt.Sscan(rest, &n); err != nil {
			return 0, 0, fmt.Errorf("metrics: %q: %w", line, err)
		}
		if status == "Complete" {
			complete = int(n)
		} else {
			open += int(n)
		}
	}
	return complete, open, nil
}
