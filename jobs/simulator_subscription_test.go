package jobs_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hooktree/jobs"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/subscription"
)

// postman is the part of a simulated life that subscriptions have: endpoints
// that fail, disable themselves and go, and an operator who mends them. It
// looks at every request as it goes out.
type postman struct {
	s    *simulator
	subs *subscribers

	ids    uint64
	bodies map[string]string          // by webhook-id: what was sent under it
	under  map[string]map[string]bool // by subscription and event: the webhook-ids under which it was sent
}

// The subscriptions of a simulated life, by what is special about them.
const (
	plainSub = iota + 1
	orderedSub
	batchedSub
	bothSub    // ordered and batched
	erasingSub // its endpoint may delete it
)

func newPostman(s *simulator) *postman {
	p := &postman{s: s, subs: &subscribers{byID: map[string]subscription.Endpoint{}}, bodies: map[string]string{}, under: map[string]map[string]bool{}}
	for n := plainSub; n <= erasingSub; n++ {
		sub := subscribed(n)
		sub.Ordered = n == orderedSub || n == bothSub
		sub.Traits.Policy.Waits = []time.Duration{30 * time.Second, 5 * time.Minute}
		sub.Traits.Policy.Breaker = delivery.Breaker{Failures: 3, Pauses: []time.Duration{10 * time.Minute}}
		sub.Traits.Policy.Endings = map[int]delivery.Ending{http.StatusForbidden: delivery.Disable}
		sub.Traits.Policy.Failing = delivery.Failing{Attempts: 5, Ending: delivery.Disable}
		if n == erasingSub {
			sub.Traits.Policy.Endings[http.StatusGone] = delivery.Delete
		}
		if n == batchedSub || n == bothSub {
			sub.Traits.Batch = subscription.Batch{Window: time.Minute, Max: 3, Join: func(bodies [][]byte) ([]byte, error) {
				return bytes.Join(bodies, []byte("\n")), nil
			}}
		}
		p.subs.set(sub.ID, func(e *subscription.Endpoint) { *e = sub })
	}
	p.subs.keep(s.house)
	return p
}

// id gives UUIDv7s that rise: what is in order is so by them.
func (p *postman) id() (string, error) {
	p.ids++
	ms := uint64(p.s.clock.Now().UnixMilli())
	return fmt.Sprintf("%08x-%04x-7000-8000-%012x", ms>>16, ms&0xffff, p.ids), nil
}

// deliver is an endpoint.
func (p *postman) deliver(req *http.Request) (*http.Response, error) {
	p.look(req.Header.Get("Webhook-Id"), p.s.desk.bodies[len(p.s.desk.bodies)-1])
	switch {
	case p.s.odds(0.2):
		return nil, errors.New("connection reset")
	case p.s.odds(0.1):
		return answer(http.StatusServiceUnavailable, ""), nil
	case p.s.odds(0.05):
		return answer(http.StatusForbidden, ""), nil
	case p.s.odds(0.02):
		return answer(http.StatusGone, ""), nil
	}
	return answer(http.StatusOK, ""), nil
}

// look holds a request against what must hold of every one.
func (p *postman) look(id, body string) {
	job := p.s.job(id)
	if before, known := p.bodies[id]; known && before != body {
		p.s.t.Errorf("under %s went first %q and then %q", id, before, body)
	}
	p.bodies[id] = body
	for text := range strings.SplitSeq(body, "\n") {
		key := job.Subscription + " " + text
		if p.under[key] == nil {
			p.under[key] = map[string]bool{}
		}
		p.under[key][id] = true
	}
	if job.Batch != "" || job.Status.Final() {
		p.s.t.Errorf("job %s is sent; it is %s, and goes along with %q", id, job.Status, job.Batch)
	}
	sub, _ := p.subs.Endpoint(job.Subscription)
	if sub.Health.Open(p.s.clock.Now()) || sub.Status != subscription.Active {
		p.s.t.Errorf("job %s is sent to a subscription that is %s, with the health %+v", id, sub.Status, sub.Health)
	}
	if !sub.Ordered {
		return
	}
	for _, other := range p.s.jobsOf(job.Subscription) {
		if other.ID < id && !other.Status.Final() && other.Batch != id {
			p.s.t.Errorf("job %s is sent in order while %s before it is %s", id, other.ID, other.Status)
		}
	}
}

// mend lets an operator enable what is disabled and replay what is held, and
// gives how much that was.
func (p *postman) mend() (held int) {
	for n := plainSub; n <= erasingSub; n++ {
		id := subscriberID(n)
		sub, there := p.subs.Endpoint(id)
		if !there {
			continue
		}
		if sub.Status != subscription.Active {
			p.enable(sub.Subscription)
		}
		outcomes, _, err := p.s.runner.RetryJobs(p.s.t.Context(), jobs.Replay{Filter: jobs.JobFilter{
			Subscription: id, Status: []jobs.JobStatus{jobs.JobHeld},
		}}, manager)
		if err != nil {
			p.s.t.Errorf("RetryJobs: %v", err)
		}
		for _, o := range outcomes {
			p.s.trace("replay %s", o.ID)
			if held++; o.Err != nil {
				p.s.t.Errorf("RetryJobs: %s: %v", o.ID, o.Err)
			}
		}
	}
	return held
}

// enable makes a subscription active again, in the store first.
func (p *postman) enable(sub subscription.Subscription) {
	p.s.trace("enable %s", sub.ID)
	sub.Status, sub.Reason, sub.Health = subscription.Active, "", delivery.Health{}
	if err := p.s.store.Subscriptions().Save(p.s.t.Context(), sub, subscription.Audit{}); err != nil {
		p.s.t.Errorf("enable %s: %v", sub.ID, err)
	}
	p.subs.set(sub.ID, func(e *subscription.Endpoint) {
		e.Subscription = sub
		e.Revision++
	})
}

// checks looks at the deliveries of an event, if it has such.
func (p *postman) checks(receipt jobs.Receipt) bool {
	mine := len(receipt.Jobs) == 0
	for _, ref := range receipt.Jobs {
		job := p.s.job(ref.ID)
		if job.Subscription == "" {
			return false
		}
		mine = true
		p.check(&job)
	}
	return mine
}

// check wants a delivery at its end with a reason, and what was delivered sent
// under one ID.
func (p *postman) check(job *jobs.Job) {
	if !job.Status.Final() || job.Status == jobs.JobHeld || job.Summary == "" {
		p.s.t.Errorf("job %s is %s in the end, %q; want it ended with a reason", job.ID, job.Status, job.Summary)
	}
	record, err := p.s.store.Event(p.s.t.Context(), job.EventID)
	if err != nil {
		p.s.t.Fatal(err)
	}
	ids := p.under[job.Subscription+" "+string(record.Event.Body)]
	leader := job.ID
	if job.Batch != "" {
		leader = job.Batch
		if first := p.s.job(leader); first.Batch != "" || first.Status != job.Status {
			p.s.t.Errorf("job %s is %s and went along with %s, which is %s and went along with %q", job.ID, job.Status, leader, first.Status, first.Batch)
		}
	}
	if job.Status == jobs.JobComplete && !ids[leader] || len(ids) > 1 {
		p.s.t.Errorf("job %s is %s; it was sent under %v, and its leader is %s", job.ID, job.Status, ids, leader)
	}
}

// end wants every event counted, and stored so, that was delivered.
func (p *postman) end() {
	p.subs.reload(p.s.house)
	for n := plainSub; n <= erasingSub; n++ {
		sub, there := p.subs.Endpoint(subscriberID(n))
		if !there {
			continue
		}
		var delivered int64
		for _, job := range p.s.jobsOf(sub.ID) {
			if job.Status == jobs.JobComplete {
				delivered++
			}
		}
		if sub.Triggered != delivered {
			p.s.t.Errorf("subscription %d counts %d events, and %d were delivered", n, sub.Triggered, delivered)
		}
	}
}
