package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// each resolves every event to so many firings.
func (h *house) each(n int, firing func(i int) webhooks.Firing) {
	var all resolve.Resolution
	for i := 1; i <= n; i++ {
		f := firing(i)
		f.Verdict, f.Webhook = i-1, fmt.Sprintf("desk %d", i)
		all.Firings = append(all.Firings, f)
		all.Verdicts = append(all.Verdicts, webhooks.Verdict{Webhook: f.Webhook, Outcome: webhooks.Fired, Reason: "it matches"})
	}
	h.resolve = func(event.Event) resolve.Resolution { return all }
}

func deskURL(i int) string { return fmt.Sprintf("https://desk%d.example.com/%d", i, i) }

// toURLs is a crowd of hosts behind URL webhooks.
func toURLs(t *testing.T, n int) *crowd {
	t.Helper()
	c := crowding(t)
	c.working = func(w *jobs.WorkerConfig) { w.Delivery = 30 * time.Second }
	c.each(n, func(i int) webhooks.Firing { return webhooks.Firing{URL: &webhooks.URLFiring{URL: deskURL(i)}} })
	c.start()
	return c
}

// toCalls is a crowd of hosts behind the calls of trees.
func toCalls(t *testing.T, n int) *crowd {
	t.Helper()
	var texts []string
	for i := 1; i <= n; i++ {
		texts = append(texts, fmt.Sprintf("tree: Desks / desk %d\nnodes:\n  - id: order\n    do: http\n    with: {url: %q}\n    timeout: 30s\n    retry: {max: 8, wait: 5s}\n", i, deskURL(i)))
	}
	c := crowding(t, texts...)
	c.working = func(w *jobs.WorkerConfig) { w.Handlers = map[string]jobs.Handler{"http": c.call} }
	c.each(n, func(i int) webhooks.Firing {
		return c.trees.firing(engine.Title{Source: source, Group: "Desks", Name: fmt.Sprintf("desk %d", i)})
	})
	c.start()
	return c
}

// call is a handler that reaches out as the http handler does.
func (c *crowd) call(ctx context.Context, call jobs.HandlerCall) (map[string]any, *engine.Failure) {
	text, _ := call.Params["url"].(string)
	u, err := url.Parse(text)
	if err != nil {
		return nil, &engine.Failure{Code: "invalid", Message: err.Error()}
	}
	if err := c.take(ctx, u.Path); err != nil {
		return nil, &engine.Failure{Code: "timeout", Message: err.Error(), Retryable: true}
	}
	return map[string]any{"status": int64(200)}, nil
}

var crowds = map[string]func(*testing.T, int) *crowd{"URL webhooks": toURLs, "handler calls": toCalls}

// Whether they were well a minute ago, or nobody had heard of them, hosts that
// die at the same moment delay no other.
func TestWorker_Run_deadHostsDelayNoOther(t *testing.T) {
	t.Parallel()
	for name, open := range crowds {
		for _, tt := range []struct{ dead, of int }{{10, 20}, {100, 101}} {
			for _, well := range []bool{true, false} {
				t.Run(fmt.Sprintf("%d of %d %s, well before %t", tt.dead, tt.of, name, well), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						c := open(t, tt.of)
						go c.worker.Run(t.Context())
						if well {
							c.rounds(1, 1)
						}
						c.die(tt.dead)
						c.rounds(1, 20)
						if s := c.sight(); s.worst < tt.dead || s.most["/1"] > 8 {
							t.Errorf("%d requests hung at a time, %d of them to one host; want all %d hosts tried, and 8 each at most", s.worst, s.most["/1"], tt.dead)
						}
						c.rounds(1, 20) // in which those end that were begun as the first timed out
						c.anew()
						c.rounds(2, 20)
						if s := c.sight(); s.worst != min(32, 3*tt.dead) || s.most["/1"] != max(1, 32/tt.dead) {
							t.Errorf("later %d requests hung at a time, %d of them to one host; want half of the slots, shared equally", s.worst, s.most["/1"])
						}
						c.stop()
						c.wantLiving(tt.of, tt.dead)
					})
				})
			}
		}
	}
}

// There is a bound to what nobody can know: where more hosts die at the same
// moment than four times the slots, the others wait for the first time-out,
// once. Hosts that were never heard of have no more than three times the slots,
// so that those who answered lately do not wait for them at all.
func TestWorker_Run_hostsWithoutNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		well      int // so many of 301 hosts answered a minute ago, the last ones
		wantWorst int
		wantLate  time.Duration
	}{
		{"that all were well", 301, 256, 30 * time.Second},
		{"that nobody had heard of", 0, 192, 30 * time.Second},
		{"that nobody had heard of, beside one that was well", 1, 192, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := toURLs(t, 301)
				go c.worker.Run(t.Context())
				if all := c.resolve; tt.well > 0 {
					c.resolve = func(event.Event) resolve.Resolution { return c.last(all, tt.well) }
					c.rounds(1, 1)
					c.resolve = all
				}
				c.die(300)
				c.rounds(1, 1)
				if s := c.sight(); s.worst != tt.wantWorst || s.late["/301"] != tt.wantLate {
					t.Errorf("%d requests hung at a time, and the living host waited %v; want %d and %v", s.worst, s.late["/301"], tt.wantWorst, tt.wantLate)
				}
				c.rounds(1, 1)
				c.anew()
				c.forgive()
				c.rounds(8, 1)
				c.stop()
				if s := c.sight(); s.worst != 32 {
					t.Errorf("later %d requests hung at a time; want half of the slots", s.worst)
				}
				c.wantLiving(301, 300)
			})
		})
	}
}

// last gives the last so many firings of a resolution.
func (c *crowd) last(of func(event.Event) resolve.Resolution, n int) resolve.Resolution {
	all := of(event.Event{})
	r := resolve.Resolution{Verdicts: all.Verdicts[len(all.Verdicts)-n:], Firings: slices.Clone(all.Firings[len(all.Firings)-n:])}
	for i := range r.Firings {
		r.Firings[i].Verdict = i
	}
	return r
}

// A host that answered lately keeps all that it may have at a time, while hosts
// that nobody had heard of hang in every slot.
func TestWorker_Run_theLivingKeepTheirConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := toURLs(t, 11)
		deliver := c.desk.transport
		c.desk.transport = func(req *http.Request) (*http.Response, error) {
			if req.URL.Path != "/11" {
				return deliver(req)
			}
			c.mu.Lock()
			c.under["/11"]++
			c.most["/11"] = max(c.most["/11"], c.under["/11"])
			c.mu.Unlock()
			<-time.After(time.Second)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.under["/11"]--
			c.got["/11"]++
			return answer(200, ""), nil
		}
		go c.worker.Run(t.Context())
		all := c.resolve
		c.resolve = func(event.Event) resolve.Resolution { return c.last(all, 1) }
		c.rounds(1, 1)
		c.resolve = all
		c.die(10)
		go c.rounds(1, 24)
		<-time.After(3500 * time.Millisecond) // three rounds of eight, of a second each, and a little
		c.mu.Lock()
		if c.hung < 64 || c.most["/11"] != 8 || c.got["/11"] != 25 {
			t.Errorf("beside %d requests that hang the living host had %d at a time and took %d of 25; want 64, 8 and all", c.hung, c.most["/11"], c.got["/11"])
		}
		c.mu.Unlock()
		<-time.After(time.Minute)
		c.stop()
	})
}

// Where more hosts are dead than there are seats for them, each has its turn:
// one that has recovered is found, though the others have older work.
func TestWorker_Run_deadHostsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := toURLs(t, 100)
		all := c.resolve
		go c.worker.Run(t.Context())
		c.die(100)
		c.rounds(1, 1)
		c.resolve = func(e event.Event) resolve.Resolution {
			r := all(e)
			return resolve.Resolution{Verdicts: r.Verdicts[:99], Firings: r.Firings[:99]}
		}
		c.rounds(1, 50)
		c.die(99)
		c.resolve = func(event.Event) resolve.Resolution { return c.last(all, 1) }
		c.rounds(4, 1)
		// In turn 100 hosts of 30 s each share 32 seats: a round takes 94 s.
		if s := c.sight(); s.got["/100"] < 4 || s.late["/100"] > 94*time.Second+30*time.Second {
			t.Errorf("the host that recovered took %d deliveries, up to %v late; want those of 4 rounds, within a turn of all", s.got["/100"], s.late["/100"])
		}
		waiting := waits(t, c.worker, deskURL(1))
		if want := "desk1.example.com has not answered since 2000-01-01T00:00:30Z ("; !strings.HasPrefix(waiting, want) ||
			!strings.HasSuffix(waiting, ": it is tried in turn with 98 others that fail, until it does") {
			t.Errorf("work waits since %q; want since when, and with how many others", waiting)
		}
		c.stop()
	})
}

// Timers, and what else goes nowhere, are on time while hosts without number
// hang.
func TestWorker_Run_deadHostsHoldNoTimerUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := toURLs(t, 200)
		c.trees.add(t, "tree: Desks / pause\nnodes:\n  - {id: pause, wait: 5s}\n")
		all := c.resolve(event.Event{})
		all.Firings = append(slices.Clone(all.Firings), c.trees.firing(engine.Title{Source: source, Group: "Desks", Name: "pause"}))
		c.resolve = func(event.Event) resolve.Resolution { return all }
		go c.worker.Run(t.Context())
		c.die(200)
		c.rounds(1, 8)
		c.stop()
		for n := range int64(8) {
			run := c.wantRun(n+1, engine.RunComplete)
			s := c.sight()
			if took := run.Ended.Sub(s.begun); s.worst != 192 || took != 5*time.Second {
				t.Errorf("beside %d requests that hang run #%d ended %v after its event; want 192, and its 5 s", s.worst, run.Number, took)
			}
		}
	})
}

// busiest is a ledger that notes how many hosts a list of work left out.
type busiest struct {
	jobs.Ledger

	mu   sync.Mutex
	most int
}

func (b *busiest) Due(ctx context.Context, q jobs.DueQuery) ([]jobs.Work, time.Time, error) {
	b.mu.Lock()
	b.most = max(b.most, len(q.Busy))
	b.mu.Unlock()
	return b.Ledger.Due(ctx, q)
}

// URLs may be made of what events say: however many hosts there are, so many
// are remembered.
func TestWorker_remembersSoManyHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const hosts = 1100
		c := toURLs(t, hosts)
		config := c.config
		var ledger *busiest
		c.config = func(cfg *jobs.Config) {
			config(cfg)
			ledger = &busiest{Ledger: cfg.Ledger}
			cfg.Ledger = ledger
		}
		c.start()
		go c.worker.Run(t.Context())
		c.die(hosts)
		c.rounds(1, 1)
		<-time.After(5 * time.Minute)
		c.stop()
		tried := len(c.sight().most)
		ledger.mu.Lock()
		defer ledger.mu.Unlock()
		if ledger.most < 900 || ledger.most > 1024+256 || tried != hosts {
			t.Errorf("%d hosts were left out of a list, and %d of %d tried; want all, and about a thousand remembered", ledger.most, tried, hosts)
		}
	})
}

// waits says why a job for a URL would wait.
func waits(t *testing.T, w *jobs.Worker, url string) string {
	t.Helper()
	why, err := w.Waiting(t.Context(), &jobs.Job{ID: "another", Status: jobs.JobQueued, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return why
}

// Any answer is life, even one that says no. What did not get as far as the
// host tells nothing of it.
func TestWorker_Waiting_saysThatAHostDoesNotAnswer(t *testing.T) {
	t.Parallel()
	failed := func(code string) func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
		return func(jobs.HandlerCall) (map[string]any, *engine.Failure) {
			return nil, &engine.Failure{Code: code, Message: "no"}
		}
	}
	const silent = "stock.example.com has not answered since 2026-03-02T09:30:00Z (1 attempt in a row): at most 8 requests at a time until it does"
	tests := []struct {
		name   string
		answer func(jobs.HandlerCall) (map[string]any, *engine.Failure)
		want   string
	}{
		{"a result", nil, ""},
		{"a time-out", failed("timeout"), silent},
		{"no connection", failed("connect"), silent},
		{"no such name", failed("dns"), silent},
		{"no trust", failed("tls"), silent},
		{"a bad status", failed("status"), ""},
		{"a broken body", failed("bad_body"), ""},
		{"refused by the guard", failed("refused"), ""},
		{"a bad parameter", failed("invalid"), ""},
		{"a code of another handler", failed("no_such_row"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := build(t, callTree)
			h.desk.answer = tt.answer
			h.fired()
			h.work()
			if got := waits(t, h.worker, "https://stock.example.com/elsewhere"); got != tt.want {
				t.Errorf("work for the host waits since %q; want %q", got, tt.want)
			}
			for _, other := range []string{"https://other.example.com/", "no URL", ""} {
				if got := waits(t, h.worker, other); got != "" {
					t.Errorf("work for %q waits since %q; want nothing", other, got)
				}
			}
		})
	}
}

func TestWorker_Waiting_endsWithTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.toURL(webhooks.URLFiring{URL: "https://desk.example.com/hook"})
	answers := []func() (*http.Response, error){
		func() (*http.Response, error) { return nil, errors.New("connection refused") },
		func() (*http.Response, error) { return nil, context.DeadlineExceeded },
		func() (*http.Response, error) { return nil, coded{"refused"} },
		func() (*http.Response, error) { return answer(500, ""), nil },
	}
	wants := []string{
		"desk.example.com has not answered since 2026-03-02T09:30:00Z (1 attempt in a row): at most 8 requests at a time until it does",
		"desk.example.com has not answered since 2026-03-02T09:30:00Z (2 attempts in a row): at most 8 requests at a time until it does",
		"desk.example.com has not answered since 2026-03-02T09:30:00Z (2 attempts in a row): at most 8 requests at a time until it does",
		"",
	}
	for i, want := range wants {
		h.desk.transport = func(*http.Request) (*http.Response, error) { return answers[i]() }
		h.fire()
		did, _, err := h.worker.RunOnce(t.Context())
		if got := waits(t, h.worker, "https://desk.example.com/"); !did || err != nil || got != want {
			t.Errorf("after attempt %d (%t, %v) work waits since %q; want %q", i+1, did, err, got, want)
		}
	}
}
