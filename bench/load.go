package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// target is where a load goes.
type target struct {
	addr  string // HOST:PORT on loopback
	path  string
	token string // bearer; empty for a floor
	form  string // slug of the form whose events are sent
}

// result is what one load measured.
type result struct {
	events  int
	took    time.Duration
	latency []time.Duration // of each event, sorted
	cpu     time.Duration   // of the server, while it lasted
}

// cpuOfEvent is the processor time that one event took.
func (r result) cpuOfEvent() time.Duration {
	if r.events == 0 {
		return 0
	}
	return r.cpu / time.Duration(r.events)
}

// perSecond is the rate of the load.
func (r result) perSecond() float64 { return float64(r.events) / r.took.Seconds() }

// quantile gives the latency that a share of the events did not pass.
func (r result) quantile(share float64) time.Duration { return quantile(r.latency, share) }

// quantile gives the duration that a share of sorted ones did not pass.
func quantile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// loadProcess is load, with the processor time that the server spent on it.
func loadProcess(ctx context.Context, p *process, t target, connections int, d time.Duration) (result, error) {
	before, err := p.cpu()
	if err != nil {
		return result{}, err
	}
	r, err := load(ctx, t, connections, d)
	if err != nil {
		return r, err
	}
	after, err := p.cpu()
	r.cpu = after - before
	return r, err
}

// load posts events over so many connections for so long. Each connection
// sends its next event when the answer to the last one has come. Any answer
// but 202 ends the load.
func load(ctx context.Context, t target, connections int, d time.Duration) (result, error) {
	client := &fasthttp.HostClient{Addr: t.addr, MaxConns: connections, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	latencies := make([][]time.Duration, connections)
	start := time.Now()
	for i := range connections {
		wg.Go(func() {
			var err error
			if latencies[i], err = post(ctx, client, t); err != nil {
				failed.CompareAndSwap(nil, &err)
				cancel()
			}
		})
	}
	wg.Wait()
	r := result{took: time.Since(start)}
	if err := failed.Load(); err != nil {
		return r, *err
	}
	for _, list := range latencies {
		r.latency = append(r.latency, list...)
	}
	slices.Sort(r.latency)
	r.events = len(r.latency)
	return r, nil
}

// post sends events over one connection until ctx ends.
func post(ctx context.Context, client *fasthttp.HostClient, t target) ([]time.Duration, error) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI("http://" + t.addr + t.path)
	request.Header.SetMethod(fasthttp.MethodPost)
	request.Header.SetContentType("application/json")
	if t.token != "" {
		request.Header.Set("Authorization", "Bearer "+t.token)
	}
	var taken []time.Duration
	for ctx.Err() == nil {
		request.SetBodyRaw(submission(t.form))
		began := time.Now()
		if err := client.Do(request, response); err != nil {
			return nil, fmt.Errorf("post to %s: %w", t.path, err)
		}
		if code := response.StatusCode(); code != fasthttp.StatusAccepted {
			return nil, fmt.Errorf("post to %s: status %d: %s", t.path, code, response.Body())
		}
		taken = append(taken, time.Since(began))
	}
	return taken, nil
}

// filler brings a submission's event to 1 kB.
var filler = strings.Repeat("the quick brown fox jumps over the lazy dog ", 9)

// submission is an event as the platform sends it, about 1 kB, about a
// submission of its own.
func submission(form string) []byte {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return fmt.Appendf(nil, `{"event":{"type":"Submission","action":"Submitted","timestamp":"2026-01-02T03:04:05.678Z"},`+
		`"space":{"slug":"bench","name":"Bench","attributes":{}},`+
		`"kapp":{"slug":"services","name":"Services","attributes":{}},`+
		`"form":{"slug":%q,"name":"A request","type":"Service","status":"Active","attributes":{}},`+
		`"submission":{"id":%q,"handle":"AB12CD","coreState":"Submitted","type":"Service",`+
		`"createdAt":"2026-01-02T03:04:00.000Z","createdBy":"requester@example.com",`+
		`"submittedAt":"2026-01-02T03:04:05.000Z","submittedBy":"requester@example.com"},`+
		`"values":{"Quantity":2,"Cost":1234.5,"Model":"X1","Reason":%q}}`, form, hex.EncodeToString(id[:]), filler)
}
