package jobs_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/store/memory"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/resolve"
)

// The simulator runs a house through a life of faults: the process dies before
// and after commits, calls fail, panic and are slow to be reported, reports
// come twice and late, senders repeat themselves, operators interfere. One seed
// is one life. Everything is single-threaded, so that a seed gives the same
// trace every time.

// lives is how many seeds the test runs through.
const lives = 300

func TestSimulator_everythingAcceptedComesToItsEnd(t *testing.T) {
	t.Parallel()
	for seed := range uint64(lives) {
		s := newSimulator(t, seed)
		s.live(80)
		s.end()
		if t.Failed() {
			t.Fatalf("life %d went wrong; its trace:\n%s", seed, s.text)
		}
	}
}

func TestSimulator_sameSeedSameTrace(t *testing.T) {
	t.Parallel()
	seen := map[string]uint64{}
	for seed := range uint64(30) {
		var sums [2]string
		for i := range sums {
			s := newSimulator(t, seed)
			s.live(80)
			s.end()
			sums[i] = fmt.Sprintf("%x", s.hash.Sum(nil))
		}
		if sums[0] != sums[1] {
			t.Errorf("seed %d gave the traces %s and %s", seed, sums[0], sums[1])
		}
		if other, known := seen[sums[0]]; known {
			t.Errorf("seeds %d and %d gave one trace: nothing depends on the seed", seed, other)
		}
		seen[sums[0]] = seed
	}
}

// simulator is one life of a house.
type simulator struct {
	*house
	ledger *mortal
	hash   hash.Hash
	text   []byte

	calm     bool                    // nothing goes wrong any more
	sent     int                     // events that senders have thought of
	unsure   []event.Event           // sent, and not acknowledged
	receipts map[string]jobs.Receipt // acknowledged, by external id
	effects  map[string][]string     // run and node to the keys of its calls
	outcomes []outcome               // of calls that were made
	canceled map[string]bool         // runs that an operator ended
	posts    *postman                // of deliveries to subscriptions
}

type outcome struct {
	run string
	ev  engine.Event
}

// death is what a process dies of.
type death struct{}

// mortal is a store whose process may die around a commit.
type mortal struct {
	*memory.Store
	dies func() bool
}

func (m *mortal) around(commit func() error) error {
	if m.dies() {
		panic(death{})
	}
	err := commit()
	if m.dies() {
		panic(death{})
	}
	return err
}

func (m *mortal) Accept(ctx context.Context, batch []jobs.Acceptance) (receipts []jobs.Receipt, err error) {
	err = m.around(func() error { receipts, err = m.Store.Accept(ctx, batch); return err })
	return receipts, err
}

func (m *mortal) Record(ctx context.Context, p jobs.Progress) error {
	return m.around(func() error { return m.Store.Record(ctx, p) })
}

func (m *mortal) RecordJob(ctx context.Context, p jobs.JobProgress) error {
	return m.around(func() error { return m.Store.RecordJob(ctx, p) })
}

func (m *mortal) RecordError(ctx context.Context, p jobs.ErrorProgress) error {
	return m.around(func() error { return m.Store.RecordError(ctx, p) })
}

// simulated are the trees of a simulated house, by the form that fires them.
var simulated = []string{
	`tree: Submissions > services > pure / Submitted
nodes:
  - {id: price, do: set, with: {cost: "${ values.Cost }"}}
  - {id: out, return: "${ nodes.price.cost }"}
`,
	`tree: Submissions > services > call / Submitted
nodes:
  - {id: order, do: http, with: {url: "https://a.example.com/"}, retry: {max: 3, wait: 10s}}
  - {id: pause, wait: 1h}
  - {id: tell, do: http, with: {url: "https://b.example.com/"}}
  - {id: out, return: done}
`,
	`tree: Submissions > services > fork / Submitted
nodes:
  - {id: a, after: start, do: http, with: {url: "https://a.example.com/"}, retry: {max: 2, wait: 1m}}
  - {id: b, after: start, do: http, with: {url: "https://b.example.com/"}}
  - {id: c, after: start, wait: 10m}
  - {id: mend, after: b.failed, do: http, with: {url: "https://c.example.com/"}}
  - {id: join, after: [a, b, c, mend], join: settled, do: http, with: {url: "https://d.example.com/"}}
`,
}

var forms = []string{"pure", "call", "fork", "url", "subscribed"}

func newSimulator(t *testing.T, seed uint64) *simulator {
	t.Helper()
	s := &simulator{
		house: build(t, simulated...), hash: sha256.New(),
		receipts: map[string]jobs.Receipt{}, effects: map[string][]string{}, canceled: map[string]bool{},
	}
	s.seed(seed)
	s.posts = newPostman(s)
	s.ledger = &mortal{Store: s.store, dies: func() bool { return s.odds(0.04) }}
	s.config = func(c *jobs.Config) {
		s.posts.subs.reload(s.house)
		c.Ledger, c.Endpoints, c.Batches, c.ID = s.ledger, s.posts.subs, s.store, s.posts.id
		if s.odds(0.3) {
			c.Memory = 1 // nothing is kept at hand
		}
	}
	s.working = func(c *jobs.WorkerConfig) {
		c.Handlers["http"] = s.call
		c.Jitter = s.chance.Float64
	}
	s.resolve = s.decide
	s.desk.transport = s.transport
	s.trees.lane = map[engine.Title]string{{Source: source, Group: "Submissions > services > call", Name: "Submitted"}: "lane"}
	s.start()
	return s
}

// odds is true as often as p says, and never in calm.
func (s *simulator) odds(p float64) bool { return !s.calm && s.chance.Float64() < p }

func (s *simulator) trace(format string, args ...any) {
	line := s.clock.Now().Format(time.DateTime) + " " + fmt.Sprintf(format, args...) + "\n"
	s.hash.Write([]byte(line))
	s.text = append(s.text, line...)
}

// decide fires the tree of the event's form, or a URL.
func (s *simulator) decide(e event.Event) resolve.Resolution {
	switch {
	case e.Platform == event.Hooktree:
		return resolve.Resolution{Verdicts: []webhooks.Verdict{{Webhook: e.Path, Outcome: webhooks.None, Reason: "nobody wants notices"}}}
	case e.Scope.Form == "subscribed":
		return s.posts.subs.resolution(e)
	case e.Scope.Form == "url":
		return fires("notify", webhooks.Firing{URL: &webhooks.URLFiring{URL: "https://desk.example.com/hook"}})
	}
	return fires("convention", s.trees.firing(engine.Title{
		Source: source, Group: "Submissions > services > " + e.Scope.Form, Name: "Submitted",
	}))
}

// call is an effect at a receiver, whose outcome may be lost or repeated.
func (s *simulator) call(_ context.Context, c jobs.HandlerCall) (map[string]any, *engine.Failure) {
	place := c.Run + "/" + string(c.Node)
	s.effects[place] = append(s.effects[place], c.Key)
	s.trace("call %s of run %d", c.Node, c.Number)
	attempt := engine.CommandID(fmt.Sprintf("%s/%d", c.Key, 1))
	s.outcomes = append(s.outcomes, outcome{c.Run, engine.Succeeded{Command: attempt, At: s.clock.Now()}})
	switch {
	case s.odds(0.2):
		return nil, &engine.Failure{Code: "status", Message: "the answer was 503", Retryable: true}
	case s.odds(0.1):
		return nil, &engine.Failure{Code: "status", Message: "the answer was 400"}
	case s.odds(0.05):
		panic("a handler is broken")
	}
	return map[string]any{"status": int64(200)}, nil
}

func (s *simulator) transport(req *http.Request) (*http.Response, error) {
	s.trace("request %s", req.Header.Get("Webhook-Id"))
	if req.URL.Host != "desk.example.com" {
		return s.posts.deliver(req)
	}
	switch {
	case s.odds(0.3):
		return nil, errors.New("connection reset")
	case s.odds(0.2):
		return answer(http.StatusServiceUnavailable, ""), nil
	}
	return answer(http.StatusOK, ""), nil
}

// survive does something that the process may die of, and starts it again.
func (s *simulator) survive(f func()) {
	defer func() {
		if p := recover(); p != nil {
			if _, died := p.(death); !died {
				panic(p)
			}
			s.trace("the process dies")
			s.start()
		}
	}()
	f()
}

// live lets so many things happen.
func (s *simulator) live(n int) {
	for range n {
		switch x := s.chance.Float64(); {
		case x < 0.20:
			s.send()
		case x < 0.65:
			s.survive(s.once)
		case x < 0.75:
			s.survive(s.repeat)
		case x < 0.85:
			s.survive(s.operate)
		case x < 0.88:
			s.trace("the process is stopped")
			s.start()
		default:
			s.clock.move(time.Duration(s.chance.IntN(1200)) * time.Second)
		}
		s.check()
	}
}

// send posts a batch: new events, and ones whose sender heard nothing or is
// not sure.
func (s *simulator) send() {
	for range s.chance.IntN(3) {
		e := s.event()
		e.ExternalID = fmt.Sprintf("event-%d", s.sent)
		e.Scope.Form = forms[s.chance.IntN(len(forms))]
		e.Body = fmt.Appendf(nil, `{"n":%d}`, s.sent)
		s.sent++
		s.unsure = append(s.unsure, e)
	}
	s.post()
}

func (s *simulator) post() {
	batch := slices.Clone(s.unsure)
	if len(batch) == 0 {
		return
	}
	s.survive(func() {
		receipts, err := s.runner.Accept(s.t.Context(), batch)
		if err != nil {
			s.t.Errorf("Accept: %v", err)
			return
		}
		for i, r := range receipts {
			s.trace("event %s accepted, duplicate %t", batch[i].ExternalID, r.Duplicate)
			s.receipts[batch[i].ExternalID] = r
		}
		s.unsure = nil
		if s.odds(0.2) { // the answer never reached the sender
			s.unsure = batch
		}
	})
}

// once does one piece of work.
func (s *simulator) once() {
	did, _, err := s.worker.RunOnce(s.t.Context())
	if err != nil {
		s.t.Errorf("RunOnce: %v", err)
	}
	s.trace("work %t", did)
}

// repeat reports an outcome that was reported, or is about to be.
func (s *simulator) repeat() {
	if len(s.outcomes) == 0 {
		return
	}
	o := s.outcomes[s.chance.IntN(len(s.outcomes))]
	s.trace("repeat %v", o.ev)
	if err := s.runner.Handle(s.t.Context(), o.run, o.ev); err != nil {
		s.t.Errorf("Handle: %v", err)
	}
}

// operate lets an operator see to an error, or end a run.
func (s *simulator) operate() {
	switch s.chance.IntN(8) {
	case 0:
		s.cancelOne()
		return
	case 1, 2:
		s.posts.mend()
	}
	for _, e := range s.openErrors() {
		s.see(e)
	}
}

func (s *simulator) cancelOne() {
	open, _, err := s.store.Runs(s.t.Context(), jobs.RunFilter{Status: []engine.RunStatus{
		engine.RunRunning, engine.RunWaiting, engine.RunQueued, engine.RunError,
	}})
	if err != nil || len(open) == 0 {
		return
	}
	run := open[s.chance.IntN(len(open))]
	s.canceled[run.ID] = true
	s.trace("cancel run %d", run.Number)
	if err := s.runner.CancelRun(s.t.Context(), run.Number, jobs.Act{By: "manager"}); err != nil {
		s.t.Errorf("CancelRun: %v", err)
	}
}

func (s *simulator) see(e jobs.ErrorRecord) {
	action := engine.ActionRetry
	if e.Fault.Kind == engine.FaultConnector {
		action = engine.ActionCancel
	}
	s.trace("%s error %d", action, e.ID)
	outcomes, err := s.runner.ResolveErrors(s.t.Context(), jobs.Resolution{IDs: []int64{e.ID}, Action: action, Note: "n", By: "manager"})
	if err != nil || outcomes[0].Err != nil {
		s.t.Errorf("ResolveErrors = %+v, %v", outcomes, err)
	}
}

// check looks at what must hold at every moment.
func (s *simulator) check() {
	runs, _, err := s.store.Runs(s.t.Context(), jobs.RunFilter{Page: jobs.Page{Limit: 1000}})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range runs {
		r := &runs[i]
		if r.Status.Final() || r.Status == engine.RunQueued {
			continue
		}
		if tree := s.trees.byHash[r.Hash]; len(r.Head.Pending(tree)) == 0 {
			s.t.Errorf("run #%d is %s and waits for nothing that it can name", r.Number, r.Status)
		}
	}
}

// end lets calm return, and looks at what must hold then.
func (s *simulator) end() {
	s.calm = true
	s.trace("calm")
	s.start()
	s.post()
	for range 20 {
		s.drain()
		errs := s.openErrors()
		if held := s.posts.mend(); len(errs) == 0 && held == 0 {
			break
		}
		for _, e := range errs {
			s.see(e)
		}
	}
	numbers := map[int64]bool{}
	for id, receipt := range s.receipts {
		s.checkEvent(id, receipt, numbers)
	}
	s.posts.end()
	events, _, err := s.store.Events(s.t.Context(), jobs.EventFilter{Page: jobs.Page{Limit: 1000}, Type: "Submission"})
	if err != nil || len(events) != s.sent {
		s.t.Errorf("%d events are stored, %v; want %d, each once", len(events), err, s.sent)
	}
	counts, err := s.store.Count(s.t.Context())
	if err != nil || counts.Work != 0 || counts.OpenErrors != 0 {
		s.t.Errorf("left are %d pieces of work and %d errors, %v; want none", counts.Work, counts.OpenErrors, err)
	}
}

func (s *simulator) checkEvent(id string, receipt jobs.Receipt, numbers map[int64]bool) {
	if s.posts.checks(receipt) {
		return
	}
	if len(receipt.Jobs) != 1 {
		s.t.Errorf("%s has the jobs %+v; want one", id, receipt.Jobs)
		return
	}
	ref := receipt.Jobs[0]
	job := s.job(ref.ID)
	if ref.Run == 0 {
		s.checkDelivery(job)
		return
	}
	if numbers[ref.Run] {
		s.t.Errorf("run #%d is that of two events", ref.Run)
	}
	numbers[ref.Run] = true
	run := s.run(ref.Run)
	want := engine.RunComplete
	if s.canceled[run.ID] && run.Status == engine.RunCancelled {
		want = engine.RunCancelled
	}
	if run.Status != want {
		s.t.Errorf("run #%d of %s is %s in the end; want %s", run.Number, id, run.Status, want)
	}
	s.checkEffects(run, want == engine.RunComplete)
}

// checkEffects wants each call of a run made, always under the same key.
func (s *simulator) checkEffects(run jobs.Run, complete bool) {
	for node, status := range s.tasks(run) {
		n, ok := s.trees.byHash[run.Hash].Node(node)
		if !ok || n.Handler == nil || n.Handler.Spec.Pure != nil {
			continue
		}
		keys := s.effects[run.ID+"/"+string(node)]
		if complete && status == engine.TaskComplete && len(keys) == 0 {
			s.t.Errorf("the call of %s in run #%d never reached its receiver", node, run.Number)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(keys))); len(distinct) > 1 {
			s.t.Errorf("the calls of %s in run #%d have the keys %v; want one", node, run.Number, distinct)
		}
	}
}

func (s *simulator) checkDelivery(job jobs.Job) {
	got := 0
	for _, req := range s.desk.requests {
		if req.Header.Get("Webhook-Id") == job.ID {
			got++
		}
	}
	if !job.Status.Final() || job.Status == jobs.JobComplete && got == 0 || got < len(job.Attempts) {
		s.t.Errorf("job %s is %s after %d attempts and %d requests; want it ended and sent", job.ID, job.Status, len(job.Attempts), got)
	}
}
