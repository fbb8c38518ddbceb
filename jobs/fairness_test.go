package jobs_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// crowd is a house with many endpoints, of which some never answer, in virtual
// time. Each event goes to all of them.
type crowd struct {
	*house

	mu     sync.Mutex // guards what follows
	dead   int        // the first so many hang
	begun  time.Time
	late   map[string]time.Duration // by endpoint: how long after its event the slowest delivery arrived
	got    map[string]int
	under  map[string]int // by endpoint
	most   map[string]int // by endpoint
	hung   int            // requests that hang now
	worst  int
	events int
}

// crowding is a house whose outside world hangs as far as it is dead.
func crowding(t *testing.T, texts ...string) *crowd {
	t.Helper()
	c := &crowd{
		house: build(t, texts...), late: map[string]time.Duration{}, got: map[string]int{},
		under: map[string]int{}, most: map[string]int{},
	}
	c.desk.transport = func(req *http.Request) (*http.Response, error) {
		if err := c.take(req.Context(), req.URL.Path); err != nil {
			return nil, err
		}
		return answer(200, ""), nil
	}
	c.config = func(cfg *jobs.Config) { cfg.Now = time.Now }
	return c
}

// crowded runs events through endpoints, the first dead of which hang for 30 s,
// in rounds a minute apart, and gives what came of it. A worker is under way
// all the time.
func crowded(t *testing.T, all []subscription.Endpoint, dead, rounds, each int) *crowd {
	t.Helper()
	c := crowding(t)
	c.dead = dead
	c.subscribe(all...)
	go c.worker.Run(t.Context())
	c.rounds(rounds, each)
	c.stop()
	return c
}

// rounds accepts so many events at the beginning of each of so many minutes.
func (c *crowd) rounds(rounds, each int) {
	c.t.Helper()
	for range rounds {
		c.mu.Lock()
		c.begun = time.Now()
		c.mu.Unlock()
		for range each {
			c.events++
			e := c.event()
			e.Received = time.Now()
			if _, err := c.runner.Accept(c.t.Context(), []event.Event{e}); err != nil {
				c.t.Fatal(err)
			}
		}
		<-time.After(time.Minute)
	}
}

// stop ends the worker. What hangs has ended before.
func (c *crowd) stop() {
	c.t.Helper()
	stopping, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	if err := c.worker.Stop(stopping); err != nil {
		c.t.Errorf("Stop: %v", err)
	}
}

// sight is what was seen of a crowd up to a moment.
type sight struct {
	begun     time.Time
	late      map[string]time.Duration
	got, most map[string]int
	worst     int
}

func (c *crowd) sight() sight {
	c.mu.Lock()
	defer c.mu.Unlock()
	return sight{begun: c.begun, late: maps.Clone(c.late), got: maps.Clone(c.got), most: maps.Clone(c.most), worst: c.worst}
}

// anew forgets how much was under way.
func (c *crowd) anew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worst, c.most = 0, map[string]int{}
}

// forgive forgets how late deliveries were.
func (c *crowd) forgive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = map[string]time.Duration{}
}

// die lets the first so many endpoints hang from now on.
func (c *crowd) die(dead int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = dead
}

// take answers at once, or never. The path names the endpoint.
func (c *crowd) take(ctx context.Context, path string) error {
	var n int
	if _, err := fmt.Sscanf(path, "/%d", &n); err != nil {
		return err
	}
	c.mu.Lock()
	if late := time.Since(c.begun); late > c.late[path] {
		c.late[path] = late
	}
	c.under[path]++
	c.most[path] = max(c.most[path], c.under[path])
	hangs := n <= c.dead
	c.mu.Unlock()
	if hangs {
		c.hang(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under[path]--
	if err := ctx.Err(); err != nil {
		return err
	}
	c.got[path]++
	return nil
}

func (c *crowd) hang(ctx context.Context) {
	c.mu.Lock()
	c.hung++
	c.worst = max(c.worst, c.hung)
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.hung--
	c.mu.Unlock()
}

// endpoints makes so many subscriptions, on hosts of their own or all on one.
func endpoints(n int, sameHost bool) []subscription.Endpoint {
	all := make([]subscription.Endpoint, n)
	for i := range all {
		all[i] = subscribed(i + 1)
		all[i].URL = fmt.Sprintf("https://crm%d.example.com/%d", i+1, i+1)
		if sameHost {
			all[i].URL = fmt.Sprintf("https://crm.example.com/%d", i+1)
		}
	}
	return all
}

// wantLiving wants every event at every endpoint that lives, at the moment at
// which it was accepted.
func (c *crowd) wantLiving(n, dead int) {
	c.t.Helper()
	for i := dead + 1; i <= n; i++ {
		path := fmt.Sprintf("/%d", i)
		if c.got[path] != c.events || c.late[path] != 0 {
			c.t.Errorf("endpoint %d got %d of %d events, up to %v late; want all, at once", i, c.got[path], c.events, c.late[path])
		}
	}
}

func TestWorker_Run_oneDeadEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	for name, sameHost := range map[string]bool{"on hosts of their own": false, "all on one host": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := crowded(t, endpoints(10, sameHost), 1, 3, 100)
				c.wantLiving(10, 1)
				if c.most["/1"] != 1 || c.got["/1"] != 0 {
					t.Errorf("the dead endpoint had %d deliveries at a time and took %d; want one and none", c.most["/1"], c.got["/1"])
				}
			})
		})
	}
}

func TestWorker_Run_sixtyDeadEndpointsOfAHundredDelayNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := crowded(t, endpoints(100, true), 60, 4, 10)
		c.wantLiving(100, 60)
		if c.worst != 60 {
			t.Errorf("%d deliveries hung at a time; want 60, those of the first round", c.worst)
		}
	})
}

// More endpoints are dead than there are slots: as soon as that is known, they
// share half of the slots.
func TestWorker_Run_endpointsThatFailShareHalfOfTheSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := endpoints(100, false)
		for i := range 90 {
			all[i].Health.Failures = 1
		}
		c := crowded(t, all, 90, 3, 10)
		c.wantLiving(100, 90)
		if c.worst != 32 {
			t.Errorf("%d deliveries hung at a time; want 32, half of the slots", c.worst)
		}
	})
}

func TestWorker_Run_anEndpointEarnsItsConcurrency(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*subscription.Endpoint)
		want   int
	}{
		{"up to the worker's own bound", func(*subscription.Endpoint) {}, 8},
		{"up to the subscription's", func(e *subscription.Endpoint) { e.Concurrency = 3 }, 3},
		{"not beyond the worker's", func(e *subscription.Endpoint) { e.Concurrency = 50 }, 8},
		{"not in order", func(e *subscription.Endpoint) { e.Ordered = true }, 1},
		{"not while others may join", func(e *subscription.Endpoint) { e.Traits.Batch.Max = 2 }, 1},
		{"not while it fails", func(e *subscription.Endpoint) { e.Health.Failures = 1 }, 8}, // its first success ends that
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := build(t)
				h.ordered()
				ordered := h.config
				h.config = func(c *jobs.Config) {
					ordered(c)
					c.Now = time.Now
				}
				sub := subscribed(1)
				s := h.subscribe(sub)
				var mu sync.Mutex
				var steps []int
				under := 0
				h.desk.transport = func(*http.Request) (*http.Response, error) {
					mu.Lock()
					under++
					steps = append(steps, under)
					mu.Unlock()
					<-time.After(time.Second)
					mu.Lock()
					defer mu.Unlock()
					under--
					return answer(200, ""), nil
				}
				for range 50 {
					h.fire()
				}
				s.set(sub.ID, tt.change) // also for what was accepted before
				go h.worker.Run(t.Context())
				<-time.After(2 * time.Minute)
				if err := h.worker.Stop(t.Context()); err != nil {
					t.Errorf("Stop: %v", err)
				}
				most := 0
				for _, n := range steps {
					most = max(most, n)
				}
				if len(steps) != 50 || steps[0] != 1 || most != tt.want {
					t.Errorf("of 50 deliveries so many were under way as each began: %v; want one at first, and at most %d", steps, tt.want)
				}
			})
		})
	}
}
