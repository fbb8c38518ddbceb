package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hooktree/jobs"
	"hooktree/webhooks"
)

// metrics counts what the server does, in a registry of its own. Labels are
// routes, statuses and outcomes: never names that a user chose.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	events   prometheus.Counter
	repeats  prometheus.Counter
	verdicts map[webhooks.Outcome]prometheus.Counter
	fired    prometheus.Counter
}

var outcomes = []webhooks.Outcome{
	webhooks.Fired, webhooks.Filtered, webhooks.Errored, webhooks.Inactive, webhooks.Overridden,
	webhooks.Duplicate, webhooks.Loop, webhooks.None,
}

func newMetrics(services Services, mounts []Mount) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hooktree_http_requests_total", Help: "Requests answered, by route and class of status.",
		}, []string{"api", "method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hooktree_http_request_seconds", Help: "Time from a request's arrival to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .1, .5, 1, 5},
		}, []string{"api", "method", "route"}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hooktree_events_accepted_total", Help: "Events stored, repeats not counted.",
		}),
		repeats: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hooktree_events_duplicate_total", Help: "Events that had come before.",
		}),
		fired: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hooktree_jobs_created_total", Help: "Webhook jobs that accepted events made.",
		}),
		verdicts: map[webhooks.Outcome]prometheus.Counter{},
	}
	byOutcome := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hooktree_verdicts_total", Help: "Verdicts on accepted events, by outcome.",
	}, []string{"outcome"})
	for _, o := range outcomes {
		m.verdicts[o] = byOutcome.WithLabelValues(string(o))
	}
	m.registry.MustRegister(m.requests, m.seconds, m.events, m.repeats, m.fired, byOutcome,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		state{services, mounts})
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// accepted counts the events of one request.
func (m *metrics) accepted(receipts []jobs.Receipt) {
	for _, r := range receipts {
		if r.Duplicate {
			m.repeats.Inc()
			continue
		}
		m.events.Inc()
		m.fired.Add(float64(len(r.Jobs)))
		for _, v := range r.Verdicts {
			if counter, ok := m.verdicts[v.Outcome]; ok {
				counter.Inc()
			}
		}
	}
}

// routeMetrics are those of one row. They come to be with its first request:
// most of a vendor's many routes are never called.
type routeMetrics struct {
	made func() (prometheus.Observer, [6]prometheus.Counter)
}

var classes = [...]string{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"}

func (m *metrics) route(r *row) *routeMetrics {
	return &routeMetrics{made: sync.OnceValues(func() (prometheus.Observer, [6]prometheus.Counter) {
		var counters [6]prometheus.Counter
		for i, class := range classes {
			counters[i] = m.requests.WithLabelValues(r.api, r.Method, r.path(), class)
		}
		return m.seconds.WithLabelValues(r.api, r.Method, r.path()), counters
	})}
}

func (m *routeMetrics) observe(status int, took time.Duration) {
	observer, counters := m.made()
	observer.Observe(took.Seconds())
	counters[min(max(status/100, 0), len(counters)-1)].Inc()
}

// state reads the store's counts, and gauges that others measure, when a
// scraper asks.
type state struct {
	services Services
	mounts   []Mount
}

const stateTimeout = 5 * time.Second

var (
	jobsDesc   = prometheus.NewDesc("hooktree_jobs", "Webhook jobs in the store, by status.", []string{"status"}, nil)
	runsDesc   = prometheus.NewDesc("hooktree_runs", "Runs in the store, by status.", []string{"status"}, nil)
	errorsDesc = prometheus.NewDesc("hooktree_errors_open", "Errors that wait for somebody.", nil, nil)
	workDesc   = prometheus.NewDesc("hooktree_work_queue", "Pieces of work that are not done.", nil, nil)
	bytesDesc  = prometheus.NewDesc("hooktree_store_bytes", "Size of the store on disk.", nil, nil)
	lagDesc    = prometheus.NewDesc("hooktree_search_lag_seconds", "How late the text search is.", nil, nil)
)

// Describe says nothing: what others measure is known when it is asked for.
func (state) Describe(chan<- *prometheus.Desc) {}

// Collect reads the counts.
func (s state) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		into <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s.collectMounts(into)
	counts, err := s.services.History.Count(ctx)
	if err != nil {
		into <- prometheus.NewInvalidMetric(jobsDesc, err)
		return
	}
	for status, n := range counts.Jobs {
		gauge(jobsDesc, float64(n), string(status))
	}
	for status, n := range counts.Runs {
		gauge(runsDesc, float64(n), string(status))
	}
	gauge(errorsDesc, float64(counts.OpenErrors))
	gauge(workDesc, float64(counts.Work))
	gauge(bytesDesc, float64(counts.Bytes))
	gauge(lagDesc, counts.SearchLag.Seconds())
	measured := s.services.Health.Gauges(ctx)
	for _, name := range slices.Sorted(maps.Keys(measured)) {
		gauge(prometheus.NewDesc(name, "Measured by the part that its name says.", nil, nil), measured[name])
	}
}

// collectMounts tells what mounted APIs count.
func (s state) collectMounts(into chan<- prometheus.Metric) {
	for _, m := range s.mounts {
		if m.Counts == nil {
			continue
		}
		counts := m.Counts()
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			d := prometheus.NewDesc(name, "Counted by the API "+m.Name+".", nil, nil)
			into <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, counts[name])
		}
	}
}
